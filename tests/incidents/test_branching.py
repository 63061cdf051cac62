"""A merge is undone, a case with two matters is split: nobody's report, clock or step is lost."""

from datetime import date, timedelta

import pytest

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from incidents import queries, services
from incidents.indicators import Period
from incidents.models import Clock, Incident, IncidentLink, Message, Reporter, Supervision
from tests.conftest import COMMUNITY
from tests.incidents.conftest import photo_of
from tests.incidents.test_routing import check

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
DAY = timedelta(days=1)
FAR_CELL, DEPARTMENT = f"{COMMUNITY}003", "610403-D07"


def picture(case):
    """Steps and clocks as they stand."""
    parts = case.parts.order_by("id").values("state", "outcome", "accepted_at", "ended_at")
    names = [field.name for field in Clock._meta.concrete_fields]
    clocks = Clock.objects.filter(incident=case).order_by("id").values(*names)
    spans = case.suspensions.order_by("id").values("since", "until", "reason")
    told = Incident.objects.values("status", "due_at", "closed_at", "unanswered", "merged_into")
    return [*parts, *clocks, *spans, told.get(pk=case.pk)]


def raise_to_district(move, case, wang, tang, zhao, now):
    for who, name, told in [
        (wang, "accept", {}),
        (wang, "escalate", {"note": "超出能力"}),
        (tang, "accept", {}),
        (tang, "escalate", {"note": "需部门"}),
        (zhao, "accept", {}),
    ]:
        move(case, name, who, now, **told)


@pytest.mark.parametrize("state", ["WAITING", "HANDLING", "SUSPENDED", "TO_VERIFY", "TO_CLOSE"])
def test_what_was_merged_comes_back_as_it_was(report, move, wang, tang, zhao, now, state):
    main, again = report(now, "10"), report(now, "10", reporter_phone="13900000002")
    steps = {
        "WAITING": [],
        "HANDLING": [(wang, "accept", {})],
        "SUSPENDED": [
            (wang, "accept", {}),
            (tang, "suspend", {"note": "等", "until": date(2027, 1, 4)}),
        ],
        "TO_VERIFY": [(wang, "accept", {}), (wang, "resolve", {"note": "已处置"})],
    }
    steps["TO_CLOSE"] = [*steps["TO_VERIFY"], (tang, "verify", {"note": "合格"})]
    for who, name, told in steps[state]:
        move(again, name, who, now, **told)
    before = picture(again)
    move(again, "merge", wang, now + DAY, other=main.number)
    services.supervise_due(now=now + 60 * DAY)
    assert not again.events.filter(kind__endswith="_CARD").exists()  # none while it is merged
    with pytest.raises(Invalid) as silent:
        move(again, "unmerge", wang, now + 2 * DAY)
    assert silent.value.field == "note"
    move(again, "unmerge", wang, now + 2 * DAY, note="不是同一件事")
    assert picture(again) == before
    check(again)
    with pytest.raises(Conflict):
        move(again, "unmerge", wang, now + 2 * DAY, note="再来")
    assert again.events.order_by("id").last().details == {"other": main.number}
    assert main.events.order_by("id").last().kind == "GAVE_BACK"
    if state == "HANDLING":
        services.supervise_due(now=now + 60 * DAY)
        assert again.events.filter(kind="RED_CARD").count() == 1  # its old clock runs on


def test_support_that_ended_with_a_merge_lives_again(report, move, wang, tang, zhao, he, gao, now):
    main, again = report(now, "0102"), report(now, "0102")
    raise_to_district(move, again, wang, tang, zhao, now)
    for who, name, told in [
        (zhao, "involve", {"to": "610403-D14"}),
        (zhao, "involve", {"to": "610403-D07"}),
        (gao, "accept", {}),
        (he, "send_back", {"note": "无关"}),
    ]:
        move(again, name, who, now, **told)
    before = picture(again)
    move(again, "merge", zhao, now, other=main.number)
    move(again, "unmerge", zhao, now, note="不是同一件事")
    assert picture(again) == before
    move(again, "resolve", gao, now, note="已支援")


def test_each_reporter_is_answered_with_the_own_case_again(report, move, wang, now):
    main, again = report(now, "0102"), report(now, "0102", reporter_phone="13900000002")
    move(again, "merge", wang, now, other=main.number)
    move(again, "unmerge", wang, now, note="两件事")
    for case in (main, again):
        move(case, "accept", wang, now)
        move(case, "resolve", wang, now, note="已调解")
        move(case, "close", wang, now, answer="已调解")
    told = Message.objects.filter(event__kind="CLOSED")
    pairs = {(message.event.incident, message.reporter.incident) for message in told}
    assert pairs == {(main, main), (again, again)}
    assert [step["step"] for step in queries.track(again.number)["steps"]].count("reopened") == 1


def test_a_merged_report_leads_to_its_main_case_and_rests(report, move, wang, qian, now):
    main = report(now, "0102", reporter_phone="13900000001")
    again = report(now, "0102", reporter_phone="13900000002")
    told = {"name": "前.jpg", "content": photo_of(), "actor": wang, "now": now}
    photo = services.attach_file(number=again.number, **told)
    move(again, "merge", wang, now, other=main.number)
    seen = queries.track(again.number)
    state = {"number": main.number, "status": "REPORTED", "closed_at": None, "answered": False}
    assert (seen["merged"], seen["main"]) == (True, state)
    assert queries.track(main.number)["main"] is None
    assert "1390000" not in str(seen)
    assert queries.sheet(wang, main.number, now).attachments == [photo]
    assert queries.attachment(wang, photo.pk, now) == photo
    with pytest.raises(NotFound):
        queries.attachment(qian, photo.pk, now)
    late = again.due_at + 60 * DAY
    services.supervise_due(now=late)
    assert not Supervision.objects.filter(incident=again).exists()
    assert Supervision.objects.filter(incident=main).exists()
    assert not again.events.exclude(kind__in=["REPORTED", "ATTACHED", "MERGED"]).exists()
    move(main, "accept", wang, late)
    move(main, "resolve", wang, late, note="已调解")
    move(main, "close", wang, late, answer="已调解")
    assert queries.track(again.number)["main"]["status"] == "CLOSED"
    told = Message.objects.filter(event__incident=main, event__kind="CLOSED")
    assert {message.reporter.incident for message in told} == {main, again}


def test_what_lay_in_a_case_goes_back_with_it(report, move, wang, now):
    first, second, third, main = (report(now, "0102") for _ in range(4))
    move(first, "merge", wang, now, other=second.number)
    move(second, "merge", wang, now, other=third.number)
    move(third, "merge", wang, now, other=main.number)
    assert main.duplicates.count() == 3
    move(second, "unmerge", wang, now, note="另一件事")
    lies_in = {case: case.merged_into for case in Incident.objects.select_related("merged_into")}
    assert lies_in == {first: second, second: None, third: main, main: None}


def test_who_may_not_merge_may_not_undo_it(report, move, wang, lin, tang, now):
    main, again = report(now), report(now)
    move(again, "merge", wang, now, other=main.number)
    with pytest.raises(NotAllowed):
        move(again, "unmerge", lin, now, note="x")
    move(again, "unmerge", tang, now, note="上级发现不是同一件事")
    check(again)


SECOND = {"category": "0102", "description": "邻里因垃圾争吵"}


def test_a_case_with_two_matters_becomes_two(report, move, wang, zhao, now):
    case = report(now, reporter_name="孙大娘", reporter_mail="s@example.cn")
    move(case, "accept", wang, now)
    before = picture(case)
    later = now + DAY
    move(case, "split", wang, later, **SECOND)
    new = Incident.objects.latest("id")
    assert picture(case) == before
    assert (new.category.code, new.description) == ("0102", SECOND["description"])
    assert (new.point, new.cell, new.reported_at) == (case.point, case.cell, later)
    assert new.worker == case.worker
    clock = Clock.objects.get(incident=new)
    assert (clock.started_at, clock.stage, clock.part.office.code) == (later, "ACCEPT", COMMUNITY)
    check(new)
    contacts = [
        {name: queries.contact_of(one, name) for name in ("name", "phone", "mail")}
        for one in Reporter.objects.order_by("id")
    ]
    assert contacts[0] == contacts[1]
    assert queries.search(zhao, "13900000000", later, 10)
    link = IncidentLink.objects.get()
    assert (link.first, link.second) == (case, new)
    old_line, new_line = (one.events.order_by("id").last() for one in (case, new))
    assert (old_line.kind, old_line.details) == ("SPLIT", {"other": new.number})
    assert (new_line.kind, new_line.details) == ("REPORTED", {"other": case.number})


def test_the_second_matter_may_lie_in_another_cell(report, move, wang, now):
    case = report(now)
    move(case, "split", wang, now, cell=f"{COMMUNITY}003", **SECOND)
    new = Incident.objects.latest("id")
    assert (new.cell.code, new.reason) == (f"{COMMUNITY}003", "BY_HAND")
    check(new)


def test_the_second_case_shows_the_same_photos_and_each_case_its_own_later_ones(
    report, move, wang, lin, departments, he, zhao, now
):
    case = report(now)
    move(case, "accept", wang, now)
    told = {"number": case.number, "actor": wang}
    first = services.attach_file(name="前.jpg", content=photo_of(), now=now, **told)
    move(case, "split", wang, now + DAY, category="0501", description="另一堆", cell=FAR_CELL)
    new = Incident.objects.latest("id")
    services.attach_file(name="后.jpg", content=photo_of((9, 9, 9)), now=now + DAY, **told)
    (shown,) = queries.sheet(wang, new.number, now + DAY).attachments
    assert (shown.name, shown.added_by, shown.added_at) == ("前.jpg", wang, now)
    assert (shown.incident, shown.file) == (new, first.file)
    assert [one.name for one in queries.sheet(wang, case.number, now).attachments] == [
        "前.jpg",
        "后.jpg",
    ]
    move(new, "copy", wang, now + DAY, to=DEPARTMENT)  # it has to do with the new case only
    assert queries.attachment(he, shown.pk, now + DAY) == shown
    for viewer, key in ((he, first.pk), (lin, shown.pk)):
        with pytest.raises(NotFound):
            queries.attachment(viewer, key, now + DAY)
    move(new, "accept", wang, now + DAY)
    with pytest.raises(Invalid) as bare:  # nobody has seen the result yet
        move(new, "resolve", wang, now + DAY, note="已清运")
    assert bare.value.field == "photo"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"category": ""}, "category"),
        ({"category": "7777"}, "category"),
        ({"description": ""}, "description"),
        ({"cell": "nowhere"}, "cell"),
    ],
)
def test_a_split_says_what_is_wrong_and_stores_nothing(report, move, wang, now, changed, field):
    case = report(now)
    with pytest.raises(Invalid) as refused:
        move(case, "split", wang, now, **(SECOND | changed))
    assert refused.value.field == field
    assert Incident.objects.count() == 1


def test_every_case_is_counted_once_through_merge_undoing_and_split(report, move, wang, zhao, now):
    main, again = report(now, "0102"), report(now, "0102")

    def counted():
        total = queries.statistics(zhao, now + 2 * DAY, YEAR, "area").total.now
        assert total.balances
        return total.reported, total.closed, total.open, total.void

    assert counted() == (2, 0, 2, 0)
    move(again, "merge", wang, now, other=main.number)
    assert counted() == (2, 0, 1, 1)
    move(again, "unmerge", wang, now, note="两件事")
    assert counted() == (2, 0, 2, 0)
    move(again, "split", wang, now, **SECOND)
    assert counted() == (3, 0, 3, 0)
    move(again, "accept", wang, now)
    move(again, "resolve", wang, now, note="已清运")
    move(again, "close", wang, now, answer="已清运")
    assert counted() == (3, 1, 2, 0)
