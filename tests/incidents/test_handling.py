"""Handling over HTTP: the in-tray, search, bad input, contacts, messages, tracking."""

import json
from datetime import timedelta

import pytest

from core.errors import Conflict, Invalid, NotAllowed
from geo_grid.models import Department
from incidents import queries, services
from incidents.models import (
    Category,
    DepartmentDuty,
    Incident,
    IncidentEvent,
    Message,
    ServiceItem,
)
from incidents.services import messages, senders
from tests.conftest import COMMUNITY, CORNER

URL = "/api/v1/incidents/"


@pytest.mark.parametrize(
    ("move", "told", "status", "field"),
    [
        ("fly", {}, 400, "move"),
        ("accept", {"part": 0}, 400, "part"),
        ("accept", {"unknown": 1}, 400, "unknown"),
        ("accept", {"note": "x" * 2001}, 400, "note"),
        ("resolve", {"note": "好"}, 409, "move"),
        ("refuse", {"answer": "不属受理范围"}, 400, "note"),
        ("refuse", {"note": "不属受理范围"}, 400, "answer"),
        ("refuse", {"note": "无", "unanswered": "MERGED"}, 400, "unanswered"),
        ("dispatch", {"to": COMMUNITY}, 403, "move"),
        ("copy", {}, 400, "to"),
        ("copy", {"to": "999999"}, 400, "to"),
        ("copy", {"to": COMMUNITY}, 400, "to"),
        ("link", {"other": "2609290000000"}, 400, "other"),
        ("merge", {"other": ""}, 400, "other"),
    ],
)
def test_a_wrong_move_is_refused_and_the_field_named(send, case, wang, move, told, status, field):
    answer = send(wang, f"{case.number}/moves/", {"move": move, **told})
    assert answer.status_code == status, answer.json()
    assert answer.json()["errors"][0]["field"] == field
    assert answer["Content-Type"] == "application/problem+json"
    assert [event.kind for event in case.events.all()] == ["REPORTED"]


@pytest.mark.parametrize(
    ("move", "told", "field"),
    [
        ("ask_extension", {"note": "人手不足", "workdays": 90}, "workdays"),
        ("ask_extension", {"note": "人手不足"}, "workdays"),
        ("ask_extension", {"workdays": 3}, "note"),
        ("escalate", {"note": "  "}, "note"),
        ("close", {"note": "误报", "answer": "误报", "closing": "NORMAL"}, "closing"),
    ],
)
def test_a_wrong_move_in_handling_is_named(send, case, wang, move, told, field):
    assert send(wang, f"{case.number}/moves/", {"move": "accept"}).status_code == 200
    answer = send(wang, f"{case.number}/moves/", {"move": move, **told})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_a_refusal_says_what_is_allowed_and_who_was_here(send, case, wang, zhao, qian):
    send(wang, f"{case.number}/moves/", {"move": "accept"})
    again = send(wang, f"{case.number}/moves/", {"move": "accept"})
    assert again.status_code == 409
    assert again.json()["last"]["by"] == "王建国"
    assert "escalate" in again.json()["allowed"]
    below = send(zhao, f"{case.number}/moves/", {"move": "resolve", "note": "好"})
    assert below.status_code == 403
    assert "instruct" in below.json()["allowed"]
    assert send(qian, f"{case.number}/moves/", {"move": "accept"}).status_code == 404


def test_the_in_tray_counts_what_it_lists_and_its_pages_hold_each_once(
    as_user, report, wang, today
):
    for age in (0, 1, 6, 20, 40):
        report(today - timedelta(days=age), "0102")
    tray = as_user(wang).get(f"{URL}tray/").json()
    assert tray["offices"][0]["code"] == COMMUNITY
    assert tray["figures"]["total"] == len(tray["rows"]) == 5
    for lamp in ("red", "yellow", "green"):
        found = as_user(wang).get(f"{URL}tray/?lamp={lamp}").json()
        assert len(found["rows"]) == tray["figures"][lamp]
        assert found["figures"] == tray["figures"]
    due = [row["due_at"] for row in tray["rows"]]
    assert due == sorted(due)
    url, seen = f"{URL}tray/?limit=2", []
    while url:
        page = as_user(wang).get(url).json()
        seen += [row["part"] for row in page["rows"]]
        url = page["next"]
    assert seen == [row["part"] for row in tray["rows"]]
    empty = as_user(wang).get(f"{URL}tray/?state=REWORK").json()
    assert (empty["rows"], empty["figures"]["total"]) == ([], 5)


def test_a_higher_office_looks_into_the_tray_below_and_not_the_other_way(
    as_user, case, wang, tang, qian
):
    assert len(as_user(tang).get(f"{URL}tray/?office={COMMUNITY}").json()["rows"]) == 1
    assert as_user(tang).get(f"{URL}tray/").json()["rows"] == []
    assert as_user(wang).get(f"{URL}tray/?office=610403001").status_code == 403
    assert as_user(wang).get(f"{URL}tray/?office=1").status_code == 400
    assert as_user(wang).get(f"{URL}tray/?after=x").status_code == 400
    assert as_user(qian).get(f"{URL}tray/").json()["figures"]["total"] == 0


def test_the_tray_takes_the_same_queries_however_full(
    as_user, report, wang, today, django_assert_num_queries
):
    for _number in range(4):
        report(today)
    client = as_user(wang)
    with django_assert_num_queries(2):  # the seats, then list and figures at once
        client.get(f"{URL}tray/")


def test_many_are_accepted_at_once_and_each_refusal_stands_alone(send, report, wang, today):
    cases = [report(today) for _number in range(3)]
    send(wang, f"{cases[0].number}/moves/", {"move": "accept"})
    numbers = [one.number for one in cases] + ["2609299999999"]
    told = send(wang, "accept/", {"numbers": numbers}).json()
    assert set(told["accepted"]) == {cases[1].number, cases[2].number}
    assert set(told["refused"]) == {cases[0].number, "2609299999999"}
    assert send(wang, "accept/", {"numbers": ["x"]}).status_code == 400


def test_cases_are_found_by_number_words_and_the_phone_for_desks_only(
    send, report, lin, wang, qian, today
):
    mine = report(today, "0102", description="楼上漏水协商不成")
    report(today, "0102", description="邻居噪声", reporter_phone="13700000000")

    def found(user, words):
        return [one["number"] for one in send(user, "search/", {"q": words}).json()["found"]]

    assert found(wang, "漏水") == [mine.number]
    assert found(wang, mine.number) == [mine.number]
    assert found(wang, "+86 139-0000-0000") == [mine.number]
    assert found(lin, "13900000000") == []
    assert found(qian, "漏水") == []
    assert send(wang, "search/", {"q": "a"}).status_code == 400


def test_a_possible_duplicate_is_hinted_at_intake(as_user, report, wang, today):
    spot = services.Location(lon=CORNER[0] - 0.005, lat=CORNER[1] + 0.005)
    there = report(today - timedelta(days=2), "0501", location=spot, description="路边垃圾成堆")
    query = f"category=0503&lon={CORNER[0] - 0.0052}&lat={CORNER[1] + 0.005}&description=垃圾成堆"
    (hint,) = as_user(wang).get(f"{URL}duplicates/?{query}").json()["found"]
    assert hint["number"] == there.number
    assert 0.3 < hint["score"] <= 1
    assert 10 < hint["distance"] < 30
    far = query.replace(f"{CORNER[0] - 0.0052}", f"{CORNER[0] - 0.009}")
    assert as_user(wang).get(f"{URL}duplicates/?{far}").json()["found"] == []
    assert as_user(wang).get(f"{URL}duplicates/?category=0501").status_code == 400


def test_a_contact_is_masked_and_opened_only_with_a_reason_that_is_kept(
    as_user, send, case, lin, wang
):
    assert as_user(wang).get(f"{URL}{case.number}/").json()["contacts"][0]["phone"] == "139****0000"
    assert send(wang, f"{case.number}/contact/", {}).status_code == 400
    assert send(lin, f"{case.number}/contact/", {"reason": "想看看"}).status_code == 400
    assert send(lin, f"{case.number}/contact/", {"reason": "我想看看"}).status_code == 403
    opened = send(wang, f"{case.number}/contact/", {"reason": "回访核实情况"})
    assert opened.json()["phone"] == "13900000000"
    assert opened["Cache-Control"] == "no-store"
    kept = IncidentEvent.objects.get(kind="REVEALED")
    assert (kept.actor, kept.note) == (wang, "回访核实情况")
    for _number in range(19):
        assert send(wang, f"{case.number}/contact/", {"reason": "回访核实情况"}).status_code == 200
    assert send(wang, f"{case.number}/contact/", {"reason": "回访核实情况"}).status_code == 429


def test_no_live_message_holds_a_word_or_a_number_of_anybody(send, case, wang):
    send(wang, f"{case.number}/moves/", {"move": "accept", "note": "已联系王大爷13900000000"})
    told = json.dumps([event.payload for event in IncidentEvent.objects.all()])
    assert "1390000" not in told
    assert "\\u738b" not in told


def test_messages_go_out_once_and_come_again_after_a_failure(
    send, case, wang, settings, tmp_path, monkeypatch, today
):
    settings.OUTBOX = tmp_path / "outbox.jsonl"
    send(wang, f"{case.number}/moves/", {"move": "accept"})
    later = today + timedelta(minutes=1)
    calls = []

    def fails(key, to, text):
        calls.append(key)
        raise senders.CannotSend("HTTP 503")

    monkeypatch.setitem(messages.SENDERS, "SMS", fails)
    assert services.send_messages(now=later) == 0
    waiting = Message.objects.get()
    assert (waiting.state, waiting.attempts, waiting.last_error) == ("WAITING", 1, "HTTP 503")
    assert services.send_messages(now=later) == 0
    assert len(calls) == 1
    monkeypatch.undo()
    assert services.send_messages(now=later + timedelta(hours=1)) == 1
    assert services.send_messages(now=later + timedelta(hours=2)) == 0
    (line,) = settings.OUTBOX.read_text().splitlines()
    assert json.loads(line)["to"] == "13900000000"
    assert case.number in json.loads(line)["text"]
    assert settings.OUTBOX.stat().st_mode & 0o077 == 0


def test_a_message_that_never_goes_out_is_given_up_and_said(send, case, wang, monkeypatch, today):
    send(wang, f"{case.number}/moves/", {"move": "accept"})

    def fails(key, to, text):
        raise senders.CannotSend("TimeoutError")

    monkeypatch.setitem(messages.SENDERS, "SMS", fails)
    for hours in range(1, 60):
        services.send_messages(now=today + timedelta(hours=hours))
    gone = Message.objects.get()
    assert (gone.state, gone.attempts) == ("DEAD", messages.MOST_ATTEMPTS)


def test_anybody_tracks_a_report_by_its_number_and_learns_nothing_personal(client, case):
    told = client.get(f"/api/v1/track/{case.number}/").json()
    assert told["status"] == "REPORTED"
    assert [step["step"] for step in told["steps"]] == ["reported"]
    assert told["office"] == "永安社区"
    assert not {"description", "reporter", "address", "worker"} & set(told)
    assert client.get("/api/v1/track/2609290000000/").status_code == 404


def test_a_matter_must_be_admitted_and_expires(report, zhao, he, now):
    later = now + timedelta(days=10)
    item = services.ask_admission(
        owner="610403-D07", name="夜市整治", actor=he, now=now, temporary=True, valid_until=later
    )
    Category.objects.filter(code="0504").update(service_item=item)
    with pytest.raises(Invalid) as refused:
        report(now, "0504")
    assert refused.value.field == "category"
    with pytest.raises(NotAllowed):
        services.decide_admission(key=item.pk, admit=True, opinion="同意", actor=he, now=now)
    services.decide_admission(key=item.pk, admit=True, opinion="同意", actor=zhao, now=now)
    assert report(now, "0504").pk
    with pytest.raises(Invalid):
        report(later, "0504")
    with pytest.raises(Conflict):
        services.decide_admission(key=item.pk, admit=False, opinion="再议", actor=zhao, now=now)
    assert ServiceItem.objects.get().decided_by == zhao


def test_the_directory_names_members_and_proposes_the_nearest_duty(
    as_user, report, departments, zhao, he, now
):
    water, city = departments["610403-D14"], departments["610403-D07"]
    bins, below = Category.objects.get(code="0501"), Category.objects.get(code="05")
    DepartmentDuty.objects.create(department=city, category=below)
    case = report(now, "0501")
    DepartmentDuty.objects.create(department=water, category=bins, area=case.community)
    assert queries.proposed_offices(case) == [water, city]
    told = {
        one["code"]: one for one in as_user(zhao).get("/api/v1/departments/").json()["departments"]
    }
    assert told["610403-D07"]["members"] == [{"name": "何刚", "phone": "19900000001"}]
    assert told["610403-D14"]["duties"][0]["area"] == "永安社区"


def test_the_directory_is_of_the_own_districts(as_user, departments, zhao, he, qian):
    Department.objects.create(code="610404-D07", name="x", name_en="x", district="610404")
    for who, number in ((zhao, len(departments)), (he, len(departments)), (qian, 0)):
        told = as_user(who).get("/api/v1/departments/").json()["departments"]
        assert {one["code"][:6] for one in told} <= {"610403"}
        assert len(told) == number, who


SQUARE = [[108.041, 34.251], [108.044, 34.251], [108.044, 34.253], [108.041, 34.251]]
PLACE = {"category": "0501", "description": "渣土带"}


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "LineString", "coordinates": SQUARE[:2]},
        {"type": "Polygon", "coordinates": [SQUARE]},
    ],
)
def test_a_case_may_be_a_line_or_a_polygon(as_user, ground, rules, lin, shape):
    body = PLACE | {"location": {"shape": shape}}
    answer = as_user(lin).post(URL, body, format="json")
    assert answer.json()["cell"]["code"] == f"{COMMUNITY}001"
    kept = Incident.objects.get()
    assert as_user(lin).get(f"{URL}{kept.number}/").json()["geometry"]["type"] == shape["type"]


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "Polygon", "coordinates": [SQUARE[:3]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [2, 2]]]},
        {"type": "LineString", "coordinates": [[0, 0]] * 501},
        {"type": "LineString", "coordinates": [[0, 0], [500, 95]]},
        {"type": "LineString", "coordinates": [[0, 0], "x"]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        "LINESTRING(0 0, 1 1)",
        {"type": "Polygon", "coordinates": []},
    ],
)
def test_a_wrong_shape_is_named_and_nothing_stored(as_user, ground, rules, lin, shape):
    answer = as_user(lin).post(URL, PLACE | {"location": {"shape": shape}}, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "location.shape"
    assert not Incident.objects.exists()
