"""Clocks of parts: what a move starts, holds, extends and stops."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import Conflict, Invalid
from incidents import services, worktime
from incidents.models import (
    Category,
    Clock,
    Incident,
    LimitRule,
    OfficeCalendar,
    Part,
    WorkCalendar,
    WorkCalendarDay,
)

FIXTURES = Path(__file__).parents[2] / "incidents" / "fixtures"


def local(text):
    return timezone.make_aware(datetime.fromisoformat(text))


def shown(moment):
    return f"{timezone.localtime(moment):%m-%d %H:%M}"


@pytest.fixture
def part(lead_part):
    return lead_part


def test_a_community_has_a_workday_to_accept(part, now):
    clock = services.start_clock(part=part, stage="ACCEPT", now=now)
    assert [shown(moment) for moment in (clock.warn_at, clock.due_at, clock.red_at)] == [
        "09-30 08:30",
        "09-30 18:00",
        "10-08 18:00",
    ]
    assert clock.next_at == clock.warn_at


def test_a_department_has_five_workdays_to_handle(department_part, now):
    clock = services.start_clock(part=department_part, stage="HANDLE", now=now)
    assert shown(clock.due_at) == "10-12 18:00"
    assert shown(clock.remind_at) == "10-10 18:00"
    assert shown(clock.red_at) == "10-19 18:00"


def test_verification_has_no_limit_by_default(part, now):
    clock = services.start_clock(part=part, stage="VERIFY", now=now)
    assert (clock.unit, clock.due_at, clock.next_at) == ("", None, None)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ([{}, {"body": "DEPARTMENT"}], 1),
        ([{"body": "DEPARTMENT"}, {"body": "DEPARTMENT", "category": "01"}], 1),
        ([{"body": "DEPARTMENT", "category": "0102"}, {"body": "DEPARTMENT", "department": 1}], 1),
        ([{"category": "01"}, {"category": "0102"}, {}], 1),
        ([{"body": "TOWN"}, {"category": "0501"}, {}], 2),
    ],
)
def test_the_most_specific_rule_holds(department_part, told, wanted):
    LimitRule.objects.all().delete()
    for number, rule in enumerate(told):
        row = {"stage": "HANDLE", "yellow": number + 1} | rule
        if "category" in row:
            row["category"] = Category.objects.get(code=row["category"])
        if "department" in row:
            row["department"] = department_part.department
        LimitRule.objects.create(**row)
    assert worktime.limit_rule("HANDLE", department_part).yellow == wanted + 1


def test_no_general_rule_gives_more_than_the_category_has(incident, now):
    """0501 has four work hours; an emergency two hours on the clock: cards come by those."""
    (clock,) = incident.clocks.all()
    assert (clock.stage, clock.unit, clock.yellow, clock.red) == ("ACCEPT", "work_hour", 4, 8)
    assert clock.due_at == incident.due_at
    urgent = Incident.objects.get(pk=incident.pk)
    urgent.category = Category.objects.get(code="10")
    part = Part.objects.select_related("area").get(incident=urgent)
    part.incident = urgent
    rule = worktime.limit_rule("HANDLE", part)
    assert (rule.unit, rule.yellow, rule.red) == ("clock_hour", 2, 4)


def test_a_next_stage_stops_the_one_before(part, now):
    services.start_clock(part=part, stage="ACCEPT", now=now)
    services.start_clock(part=part, stage="HANDLE", now=now + timedelta(hours=1))
    assert [clock.stopped_at is None for clock in part.clocks.order_by("pk")] == [False, True]


def test_the_database_refuses_two_running_clocks(part, now):
    services.start_clock(part=part, stage="ACCEPT", now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.create(part=part, incident=part.incident, stage="HANDLE", started_at=now)


def test_a_suspension_gives_back_what_it_took(department_part, now):
    clock = services.start_clock(part=department_part, stage="HANDLE", now=now)
    services.suspend_clock(part=department_part, now=now + timedelta(hours=1), reason="await rain")
    held = Clock.objects.get(pk=clock.pk)
    assert held.next_at is None and held.lamp(now + timedelta(days=90)) == "green"
    services.resume_clock(part=department_part, now=local("2026-10-12 09:00"))
    resumed = Clock.objects.get(pk=clock.pk)
    assert resumed.paused == 5  # 30 September, 8, 9, 10 and 12 October
    assert shown(resumed.due_at) == "10-19 18:00"
    told = resumed.suspensions.get()
    assert (told.reason, told.until) == ("await rain", local("2026-10-12 09:00"))
    with pytest.raises(Conflict):
        services.resume_clock(part=department_part, now=now)


def test_an_extension_in_workdays_and_to_a_date(department_part, now):
    services.start_clock(part=department_part, stage="HANDLE", now=now)
    clock = services.extend_clock(part=department_part, workdays=2, now=now)
    assert shown(clock.due_at) == "10-14 18:00"
    assert shown(clock.warn_at) == "10-10 08:30"  # 5 + 2: from the fourth day on
    clock = services.extend_clock(part=department_part, until=date(2026, 10, 20), now=now)
    assert shown(clock.due_at) == "10-20 18:00"
    for wrong in ({"until": date(2026, 10, 1)}, {"until": date(2036, 1, 1)}, {"workdays": 0}):
        with pytest.raises(Invalid):
            services.extend_clock(part=department_part, now=now, **wrong)


def test_the_promise_to_the_reporter_moves_with_what_the_lead_was_granted(part, now):
    before = part.incident.due_at
    services.start_clock(part=part, stage="HANDLE", now=now)
    assert Incident.objects.get().due_at == before
    clock = services.extend_clock(part=part, workdays=20, now=now)
    assert Incident.objects.get().due_at == clock.due_at > before


def test_limits_move_only_by_an_explicit_act(department_part, now, zhao):
    services.start_clock(part=department_part, stage="HANDLE", now=now)
    LimitRule.objects.filter(stage="HANDLE", body="DEPARTMENT").update(yellow=4)
    assert shown(Clock.objects.get(part=department_part).due_at) == "10-12 18:00"
    with pytest.raises(Invalid):
        services.recompute_clock(part=department_part, actor=zhao, reason=" ", now=now)
    clock = services.recompute_clock(part=department_part, actor=zhao, reason="new rules", now=now)
    assert shown(clock.due_at) == "10-10 18:00"
    told = department_part.incident.events.get(kind="RECOMPUTED")
    assert told.note == "2026-10-12 18:00 → 2026-10-10 18:00. new rules"


def test_a_comment_never_moves_a_clock(department_part, now, zhao):
    clock = services.start_clock(part=department_part, stage="HANDLE", now=now)
    services.record_event(
        incident=department_part.incident, kind="PROGRESS", actor=zhao, now=now, note="on the way"
    )
    assert Clock.objects.get(pk=clock.pk).due_at == clock.due_at


def test_a_body_keeps_its_own_calendar_and_falls_back_to_the_district(part, now):
    own = WorkCalendar.objects.create(name="market days")
    WorkCalendarDay.objects.create(
        calendar=own,
        date=date(2026, 9, 30),
        morning_from=None,
        morning_to=None,
        afternoon_from=None,
        afternoon_to=None,
    )
    OfficeCalendar.objects.create(calendar=own, area=part.area)
    worktime._calendar_of.cache_clear()
    clock = services.start_clock(part=part, stage="ACCEPT", now=now)
    assert shown(clock.due_at) == "10-08 18:00"
    with pytest.raises(IntegrityError), transaction.atomic():
        own.delete()


def test_loading_limits_twice_changes_nothing(part):
    LimitRule.objects.filter(stage="ACCEPT", body="TOWN").update(yellow=2)
    services.load_limits(path=FIXTURES / "limits.csv")
    assert LimitRule.objects.count() == 8
    assert LimitRule.objects.get(stage="ACCEPT", body="TOWN").yellow == 2
