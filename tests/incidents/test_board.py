"""The board: figures, rows, a past day, two periods, search; as far as the viewer reaches."""

from datetime import timedelta

import pytest
import time_machine
from rest_framework.test import APIClient

from core import frames
from geo_grid.models import Department
from geo_grid.scope import reach
from gridmaps import catalogue
from incidents import queries, services
from incidents.models import Incident, Part
from tests.conftest import COMMUNITY, CORNER


@pytest.fixture
def report(categories, ground):
    """`report(east, north, **changes)` at an offset from the shared corner."""

    def make(east=-0.005, north=0.005, category="0601", when=None, **changes):
        place = services.Location(lon=CORNER[0] + east, lat=CORNER[1] + north, datum="wgs84")
        told = services.Report(category=category, description="", occurred_at=when, location=place)
        incident = services.report_incident(report=told, actor=None, now=when)
        Incident.objects.filter(pk=incident.pk).update(**changes)
        return incident

    return make


@pytest.fixture
def ask(settings):
    """`ask(viewer, address)` -> (status, JSON)."""
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_CLASSES": []}

    def get(viewer, address):
        client = APIClient()
        if viewer:
            client.force_authenticate(viewer)
        answer = client.get(f"/api/v1/board/{address}")
        return answer.status_code, answer.json()

    return get


@pytest.fixture
def at_ten(now):
    """The clock stands at ten in the morning."""
    with time_machine.travel(now, tick=False):
        yield now


def test_figures_count_by_lamp_place_and_category(report, ask, zhao, at_ten):
    report(when=at_ten - timedelta(minutes=5))
    report(0.005, 0.005, category="0501", when=at_ten - timedelta(days=30))
    closed = {
        "status": "CLOSED",
        "closing": "NORMAL",
        "unanswered": "ANONYMOUS",
        "closed_at": at_ten,
    }
    report(when=at_ten - timedelta(days=2), **closed)
    status, told = ask(zhao, "figures/")
    assert status == 200
    counts = {name: told[name] for name in ("open", "red", "green", "reported", "closed")}
    assert counts == {"open": 2, "red": 1, "green": 1, "reported": 1, "closed": 1}
    assert {one["code"]: one["open"] for one in told["categories"]} == {"05": 1, "06": 1}
    assert told["hours"] == {"9": 1}
    cells = ask(zhao, f"figures/?area={COMMUNITY}")[1]["places"]
    assert {one["name"]: one["open"] for one in cells} == {
        "永安第1网格": 1,
        "永安第2网格": 1,
        "永安第3网格": 0,
        "永安第4网格": 0,
    }


def test_a_suspended_case_is_red_nowhere(report, ask, zhao, at_ten):
    """One rule for lists, figures, maps and messages; what is late again is red again."""
    late = report(when=at_ten - timedelta(days=40))
    part = Part.objects.get(incident=late)

    def red():
        layer, seen = catalogue.layers()["incidents"], reach(zhao, at_ten).parameters()
        shown = frames.frame(layer, layer.parameters({"lamp": "red"}, at=at_ten, reach=seen))
        return (
            ask(zhao, "figures/")[1]["red"],
            len(ask(zhao, "open/?lamp=red")[1]["rows"]),
            queries.counts(zhao, at_ten)["overdue"],
            queries.incidents(zhao, at_ten, overdue=True).count(),
            len(shown),
        )

    assert red() == (1, 1, 1, 1, 1)
    services.suspend_clock(part=part, now=at_ten)
    assert red() == (0, 0, 0, 0, 0)
    (row,) = ask(zhao, "open/")[1]["rows"]
    assert row[13] == 1
    told = services.timeline.payloads([late], at_ten)[late.pk]
    assert (told["lamp"], told["suspended"]) == ("green", True)


def test_one_sees_as_far_as_one_reaches(report, ask, lin, wang, zhao, qian, at_ten):
    report(when=at_ten)
    report(0.005, 0.005, when=at_ten)
    seen = {who.username: ask(who, "figures/")[1]["open"] for who in (lin, wang, zhao, qian)}
    assert seen == {"lin": 1, "wang": 2, "zhao": 2, "qian": 0}
    rows = {who.username: len(ask(who, "open/")[1]["rows"]) for who in (lin, wang, zhao, qian)}
    assert rows == seen
    assert ask(None, "open/")[0] in (401, 403)


def test_rows_and_the_stream_after_their_position_miss_nothing(report, ask, zhao, at_ten):
    first = report(when=at_ten)
    told = ask(zhao, "open/")[1]
    assert told["whole"] is True
    assert [row[0] for row in told["rows"]] == [first.number]
    second = report(when=at_ten)
    after = queries.events_after(int(told["position"]))
    assert [event["payload"]["number"] for event in after] == [second.number]


def test_the_board_of_one_department(report, ask, zhao, at_ten):
    mine, other = report(when=at_ten), report(when=at_ten)
    code = "D14"
    water = Department.objects.create(code=code, name="水务局", name_en="Water", district="610403")
    Part.objects.filter(incident=mine).update(area=None, department=water)
    rows = ask(zhao, f"open/?department={code}")[1]["rows"]
    assert [(row[0], row[12]) for row in rows] == [(mine.number, [code])]
    assert ask(zhao, f"figures/?department={code}")[1]["open"] == 1
    assert {row[0]: row[12] for row in ask(zhao, "open/")[1]["rows"]}[other.number] == []
    assert ask(zhao, "open/?department=D99")[1]["rows"] == []
    days = "&".join(f"{s}_{e}={at_ten.date()}" for s in ("first", "second") for e in ("from", "to"))
    told = ask(zhao, f"comparison/?{days}&department={code}")[1]
    (whole,) = [line for line in told if line["kind"] == "all"]
    assert whole["first"]["reported"] == 1
    assert code in {one["code"] for one in ask(zhao, "words/")[1]["departments"]}


def test_more_than_a_screen_holds_are_told_as_the_newest(report, ask, zhao, at_ten, monkeypatch):
    for _ in range(4):
        report(when=at_ten)
    monkeypatch.setattr("incidents.board.MOST", 3)
    monkeypatch.setattr("incidents.board.PAGE", 2)
    told = ask(zhao, "open/")[1]
    assert told["whole"] is False
    assert len(told["rows"]) == 2
    late = report(when=at_ten - timedelta(days=40))
    later = report(when=at_ten - timedelta(days=41))
    told = ask(zhao, "open/?lamp=red&order=due")[1]
    assert [row[0] for row in told["rows"]] == [later.number, late.number]
    assert [row[0] for row in ask(zhao, "open/?order=due")[1]["rows"]] == [
        later.number,
        late.number,
    ]


def test_a_past_day_tells_what_was_open_then(report, ask, zhao, at_ten):
    gone = {
        "status": "CLOSED",
        "closing": "NORMAL",
        "unanswered": "ANONYMOUS",
        "closed_at": at_ten - timedelta(days=5),
    }
    report(when=at_ten - timedelta(days=9), **gone)
    there = report(when=at_ten - timedelta(days=3, hours=2))
    day = (at_ten - timedelta(days=3)).date()
    assert [row[0] for row in ask(zhao, f"day/?date={day}")[1]["rows"]] == [there.number]
    assert ask(zhao, f"day/?date={day - timedelta(days=1)}")[1]["rows"] == []


def test_a_past_day_tells_what_was_known_of_each(report, ask, zhao, at_ten):
    """Not what has become of it since: its state, its deadline, whether its time stood still."""
    begun = at_ten - timedelta(days=3, hours=2)
    case = report(when=begun)
    due = case.due_at

    def change(hours, **changes):
        for name, value in changes.items():
            setattr(case, name, value)
        case.save()
        services.timeline.record_event(
            incident=case, kind="NOTED", actor=None, now=begun + timedelta(hours=hours)
        )

    change(1, status="HANDLING")
    change(30, due_at=due + timedelta(days=9))
    part = Part.objects.get(incident=case)
    services.suspend_clock(part=part, now=begun + timedelta(hours=31))
    change(31)
    change(60, status="REWORK")
    second = (begun + timedelta(hours=30)).date()

    def told(day):
        ((*_row, changes),) = ask(zhao, f"day/?date={day}")[1]["rows"]
        return [(status, at, still) for _when, status, at, still in changes]

    first, later = int(due.timestamp()), int((due + timedelta(days=9)).timestamp())
    assert told(begun.date()) == [("REPORTED", first, 0), ("HANDLING", first, 0)]
    assert told(second) == [("HANDLING", first, 0), ("HANDLING", later, 0), ("HANDLING", later, 1)]
    assert ask(zhao, "open/")[1]["rows"][0][14] is None


def test_two_periods_side_by_side(report, ask, zhao, at_ten):
    for back in (1, 2, 3, 40):
        report(when=at_ten - timedelta(days=back))
    first = "first_from=2026-08-01&first_to=2026-08-31"
    told = ask(zhao, f"comparison/?{first}&second_from=2026-09-01&second_to=2026-09-29")[1]
    (whole,) = [row for row in told if row["kind"] == "all"]
    assert (whole["first"]["reported"], whole["second"]["reported"]) == (1, 3)
    gone = {"status": "VOID", "unanswered": "VOIDED", "closed_at": at_ten}
    report(when=at_ten - timedelta(days=2), **gone)
    told = ask(zhao, f"comparison/?{first}&second_from=2026-09-01&second_to=2026-09-29")[1]
    (whole,) = [row for row in told if row["kind"] == "all"]
    assert whole["second"]["reported"] == 3


def test_search_finds_numbers_and_people(report, ask, lin, zhao, qian, at_ten):
    incident = report(when=at_ten)
    assert ask(zhao, f"search/?q={incident.number}")[1]["incidents"][0]["number"] == incident.number
    assert ask(zhao, "search/?q=林小")[1]["workers"][0]["phone"] == "19900000001"
    assert ask(qian, "search/?q=林小")[1] == {"incidents": [], "workers": []}
    assert ask(zhao, f"search/?q={'永安路' * 33}")[0] == 200


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("figures/?lamp=blue", "lamp"),
        ("figures/?area=61%27--", "area"),
        ("open/?bbox=1,2,3", "bbox"),
        ("open/?department=%27", "department"),
        ("open/?since=yesterday", "since"),
        ("day/", "date"),
        ("day/?date=2026-13-40", "date"),
        ("comparison/?first_from=2026-01-01", "first_to"),
        ("search/?q=a", "q"),
    ],
)
def test_bad_questions_are_refused_by_name(ask, zhao, address, field):
    status, told = ask(zhao, address)
    assert status == 400
    assert field in {error["field"] for error in told["errors"]}


def test_words_tell_where_areas_lie(ask, zhao, categories):
    told = ask(zhao, "words/")[1]
    (community,) = [one for one in told["areas"] if one["code"] == COMMUNITY]
    west, south, east, north = community["box"]
    assert west < CORNER[0] < east and south < CORNER[1] < north
