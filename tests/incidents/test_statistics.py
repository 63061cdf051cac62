"""Statistics say what the timeline says, to each what he may see."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from incidents import queries, services
from incidents.indicators import Counts, OfficeCounts, Period
from incidents.models import Category, Clock, Incident, IncidentEvent, Part, Suspension
from tests.conftest import COMMUNITY

NOW = datetime(2026, 9, 29, 2, tzinfo=UTC)  # 10:00 in Yangling
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 9, 30))
DAY = timedelta(days=1)

cases = st.lists(
    st.fixed_dictionaries(
        {
            "age": st.integers(0, 900),  # half days before NOW
            "end": st.sampled_from(["", "CLOSED", "CLOSED", "VOID", "REFUSED"]),
            "took": st.integers(0, 250),
            "limit": st.integers(1, 60),
            "category": st.sampled_from(["0501", "0502", "0102"]),
            "cell": st.sampled_from(["A1", "A2", ""]),
            "legacy": st.sampled_from([False, False, False, True]),
            "still": st.sampled_from([0, 0, 3, 40]),
            "extended": st.booleans(),
            "reworks": st.sampled_from([0, 0, 2]),
        }
    ),
    max_size=14,
)

ENDS = {
    "CLOSED": {"answer": "done", "answered_at": NOW, "closing": "NORMAL"},
    "VOID": {"unanswered": "VOIDED"},
    "REFUSED": {"unanswered": "ANONYMOUS"},
}


def store(told, ground):
    """Cases with their timelines, as bulk rows."""
    for number, one in enumerate(told):
        reported = NOW - one["age"] * DAY / 2
        ended = reported + one["took"] * DAY / 2
        over = one["end"] and ended < NOW
        cell = ground.get(one["cell"])
        case = Incident.objects.create(
            number=f"{number:013d}",
            category=Category.objects.get(code=one["category"]),
            status=one["end"] if over else "HANDLING",
            occurred_at=reported,
            reported_at=reported,
            closed_at=ended if over else None,
            due_at=reported + one["limit"] * DAY / 2,
            district="610403",
            cell=cell,
            community_id=cell and cell.boundaries.get().community_id,
            reason="INSIDE" if cell else "UNASSIGNED",
            legacy=one["legacy"],
            reworks=one["reworks"],
            **(ENDS[one["end"]] if over else {}),
        )
        IncidentEvent.objects.create(incident=case, kind="REPORTED", at=reported)
        if over:
            IncidentEvent.objects.create(incident=case, kind=one["end"], at=ended)
        part = Part.objects.create(
            incident=case,
            role="LEAD",
            area_id=ground["A1"].boundaries.get().community_id,
            state="CLOSED" if over else "HANDLING",
            outcome="CLOSED" if over else "",
            opened_at=reported,
            accepted_at=reported,
            ended_at=ended if over else None,
        )
        clock = Clock.objects.create(
            part=part,
            incident=case,
            stage="HANDLE",
            started_at=reported,
            stopped_at=ended if over else None,
            unit="workday",
            yellow=1,
            due_at=case.due_at,
            extension=int(one["extended"]),
        )
        if one["still"]:
            since = reported + one["still"] * DAY / 2
            if since < (ended if over else NOW):
                Suspension.objects.create(
                    clock=clock, incident=case, since=since, until=ended if over else None
                )


def recount(period, by):
    """The same counts, case by case in Python from the timeline."""
    since = timezone.make_aware(datetime.combine(period.first, datetime.min.time()))
    until = timezone.make_aware(datetime.combine(period.last + DAY, datetime.min.time()))
    until = min(until, NOW)
    found = {}
    for case in Incident.objects.filter(legacy=False).prefetch_related("events", "clocks"):
        events = {event.kind: event.at for event in case.events.all()}
        ended = next((at for kind, at in events.items() if kind != "REPORTED"), None)
        counts = found.setdefault(getattr(case, by), Counts())
        still_open = ended is None or ended >= until
        reported = since <= events["REPORTED"] < until
        void = not still_open and case.status in ("VOID", "REFUSED")
        carried = case.due_at < since and (ended is None or ended >= since)
        due = events["REPORTED"] < until and case.due_at < until and not void
        due = due and (case.due_at >= since or carried)
        still = any(
            one.since < until and (one.until is None or one.until >= until)
            for one in case.suspensions.all()
        )
        counts.reported += reported
        counts.accepted += reported and case.status in ("HANDLING", "CLOSED")
        counts.closed += reported and not still_open and not void
        counts.open += reported and still_open
        counts.void += reported and void
        counts.due += due
        counts.suspended += due and still_open and still
        counts.due_closed += due and not still_open
        counts.due_on_time += due and not still_open and ended <= case.due_at
        counts.overdue += due and still_open and not still
        counts.reworked += due and case.reworks > 0
        counts.extended += due and any(clock.extension for clock in case.clocks.all())
    return {key: counts for key, counts in found.items() if counts != Counts()}


def recount_parts(period):
    """What offices had to handle, part by part in Python; each part here is a handling one."""
    since = timezone.make_aware(datetime.combine(period.first, datetime.min.time()))
    until = timezone.make_aware(datetime.combine(period.last + DAY, datetime.min.time()))
    until, counts = min(until, NOW), OfficeCounts()
    for case in Incident.objects.filter(legacy=False, reported_at__lt=until):
        clock = case.clocks.get()
        ended = case.events.exclude(kind="REPORTED").values_list("at", flat=True).first()
        running = ended is None or ended >= until
        due = clock.due_at < until and (clock.due_at >= since or ended is None or ended >= since)
        still = any(
            one.since < until and (one.until is None or one.until >= until)
            for one in case.suspensions.all()
        )
        counts.due += due
        counts.suspended += due and running and still
        counts.overdue += due and running and not still
        counts.handled += due and not running
        counts.handled_on_time += due and not running and ended <= clock.due_at
        counts.extended += due and clock.extension > 0
    return counts


periods = st.sampled_from(
    [
        SEPTEMBER,
        Period(date(2026, 7, 1), date(2026, 12, 31)),
        Period(date(2025, 9, 1), date(2026, 8, 31)),
    ]
)


@given(told=cases, period=periods)
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # each example is many rows: shrinking takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_statistics_equal_a_plain_recount_of_the_timeline(ground, categories, zhao, told, period):
    with transaction.atomic():
        store(told, ground)
        by_cell = queries.statistics(zhao, NOW, period, "cell")
        names = {row.code: row.now for row in by_cell.rows if row.now != Counts()}
        plain = recount(period, "cell_id")
        codes = {cell.pk: cell.code for cell in ground.values()}
        assert names == {codes.get(key, ""): counts for key, counts in plain.items()}
        for by in ("area", "category", "worker", "month"):
            table = queries.statistics(zhao, NOW, period, by)
            assert table.total.now.balances
            assert table.total.now.reported == by_cell.total.now.reported
            assert table.total.now.closed == by_cell.total.now.closed
            if by != "month":
                assert table.total.now == by_cell.total.now
        assert queries.statistics(zhao, NOW, period, "office").total.now == recount_parts(period)
        transaction.set_rollback(True)


@pytest.fixture
def three(ground, rules, report, now):
    """Two cases in cell A1 and one in A2; one is void."""
    told = [report(now), report(now, category="0102"), report(now, cell="610403001001002")]
    Incident.objects.filter(pk=told[0].pk).update(
        status="VOID", closed_at=now + DAY, unanswered="VOIDED"
    )
    return told


def counted(viewer, by="cell", **wanted):
    later = NOW + 3 * DAY
    return queries.statistics(
        viewer, later, Period(date(2026, 9, 1), date(2026, 10, 31)), by, **wanted
    )


def test_a_worker_counts_the_own_cell_only(three, lin, wang, qian):
    assert counted(wang).total.now.reported == 3
    assert counted(lin).total.now.reported == 2
    assert counted(qian).total.now == Counts()
    assert counted(wang).total.now.void == 1


def test_filters_take_all_below_a_code(three, zhao):
    assert counted(zhao, category="01").total.now.reported == 1
    assert counted(zhao, area="610403001").total.now.reported == 3
    assert counted(zhao, area="610403002").total.now.reported == 0
    depths = [(row.depth, row.code, row.now.reported) for row in counted(zhao, "category").rows]
    assert depths == [(0, "01", 1), (1, "0102", 1), (0, "05", 2), (1, "0501", 2)]


def test_legacy_cases_are_left_out(three, zhao):
    Incident.objects.filter(pk=three[1].pk).update(legacy=True)
    assert counted(zhao).total.now.reported == 2
    assert counted(zhao, "office").total.now.received == 2


def test_the_same_days_of_last_year_stand_beside(three, zhao):
    Incident.objects.filter(pk=three[2].pk).update(reported_at=NOW - 365 * DAY)
    table = counted(zhao, "month")
    assert [(row.code, row.now.reported, row.before.reported) for row in table.rows] == [
        ("2026-09", 2, 1)
    ]
    assert Period(date(2024, 2, 29), date(2024, 2, 29)).year_before().first == date(2023, 2, 28)


def test_a_body_is_counted_by_its_clocks(three, zhao, wang, move, now):
    case = three[1]
    move(case, "accept", wang, now + timedelta(hours=1))
    (row,) = counted(zhao, "office").rows
    assert (row.code, row.now.received, row.now.accepted, row.now.accepted_on_time) == (
        "610403001001",
        3,
        1,
        1,
    )
    services.supervise_due(now=now + 20 * DAY)
    assert counted(zhao, "office").rows[0].now.red == 3


def test_who_passes_it_on_has_not_handled_it(report, move, wang, tang, zhao, he, departments, now):
    """Sent up, sent down, sent back: each counts as what it is, and only the closing as handling."""
    case = report(now, "0102")
    for who, name, told in [
        (wang, "accept", {}),
        (wang, "escalate", {"note": "超出能力"}),
        (tang, "send_back", {"note": "社区可办"}),
        (wang, "escalate", {"note": "确实不能"}),
        (tang, "accept", {}),
        (tang, "dispatch", {"to": COMMUNITY}),
        (wang, "accept", {}),
        (wang, "resolve", {"note": "已处置"}),
        (tang, "close", {"answer": "已清理"}),
    ]:
        move(case, name, who, now + timedelta(hours=1), **told)
    rows = {row.code: row.now for row in counted(zhao, "office").rows}
    town, community = rows["610403001"], rows[COMMUNITY]
    assert (town.received, town.accepted, town.returned, town.passed_on) == (2, 1, 1, 1)
    assert (town.due, town.handled) == (0, 0)
    assert (community.received, community.accepted, community.passed_on) == (2, 2, 2)
    assert (community.due, community.handled, community.handled_on_time) == (1, 1, 1)
    assert community.rates()["handle_rate"] == 1


def test_a_month_that_is_not_over_is_compared_with_as_much_of_the_last_one(three, zhao):
    year = NOW - 365 * DAY
    Incident.objects.filter(pk=three[0].pk).update(reported_at=year)
    Incident.objects.filter(pk=three[1].pk).update(reported_at=year + timedelta(hours=1))
    table = queries.statistics(zhao, NOW + timedelta(minutes=5), SEPTEMBER, "cell")
    assert table.total.before.reported == 1


@pytest.mark.parametrize(
    ("period", "by", "field"),
    [
        (Period(date(2026, 9, 2), date(2026, 9, 1)), "cell", "last"),
        (Period(date(2020, 9, 2), date(2026, 9, 1)), "cell", "last"),
        (SEPTEMBER, "weather", "by"),
    ],
)
def test_a_wrong_question_names_the_field(zhao, period, by, field):
    with pytest.raises(Invalid) as refused:
        queries.statistics(zhao, NOW, period, by)
    assert refused.value.field == field
