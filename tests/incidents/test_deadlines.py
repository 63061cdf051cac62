"""The calendar vectors and the rules around them."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents import deadlines
from incidents.deadlines import (
    DAY_OFF,
    SCALE,
    SPANS,
    UNITS,
    Calendar,
    Ladder,
    Limit,
    due_at,
    elapsed,
    lamp,
    lamp_of,
    schedule,
    units_until,
    used_units,
    warn_at,
    warning_at,
)

ZONE = ZoneInfo("Asia/Shanghai")
YEAR = {
    day: SPANS if chinese_calendar.is_workday(day) else DAY_OFF
    for day in chinese_calendar.get_dates(date(2026, 1, 1), date(2026, 12, 31))
}


@pytest.fixture
def calendar():
    return Calendar(YEAR)


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "value", "unit", "due"),
    [
        ("2026-02-13 17:00", 4, "work_hour", "2026-02-14 11:30"),
        ("2026-02-13 17:00", 3, "workday", "2026-02-25 18:00"),
        ("2026-09-29 10:00", 7, "workday", "2026-10-14 18:00"),
        ("2026-09-29 10:00", 2, "clock_hour", "2026-09-29 12:00"),
        ("2026-09-29 10:00", 2, "calendar_day", "2026-10-01 18:00"),
        ("2026-09-29 11:00", 2, "work_hour", "2026-09-29 15:00"),
        ("2026-09-29 23:00", 1, "work_hour", "2026-09-30 09:30"),
        ("2026-09-29 10:00", 0, "workday", "2026-09-29 18:00"),
        ("2026-10-09 10:00", 1, "workday", "2026-10-10 18:00"),
    ],
)
def test_vectors(calendar, start, value, unit, due):
    assert due_at(local(start), Limit(value, unit), calendar) == local(due)


def test_the_make_up_saturday_is_a_workday(calendar):
    assert calendar.is_workday(date(2026, 10, 10))


def test_the_year_2026_has_248_workdays(calendar):
    assert sum(calendar.is_workday(day) for day in YEAR) == 248


def test_a_year_without_data_falls_back_and_says_so(calendar):
    assert due_at(local("2026-12-31 10:00"), Limit(1, "workday"), calendar) == local(
        "2027-01-01 18:00"
    )
    assert calendar.missing == {2027}


def test_a_half_day_ends_a_limit_at_noon_and_stops_work_hours(calendar):
    half = Calendar(YEAR | {date(2026, 9, 30): SPANS[:1]})
    assert due_at(local("2026-09-29 10:00"), Limit(1, "workday"), half) == local("2026-09-30 12:00")
    assert due_at(local("2026-09-29 17:00"), Limit(6, "work_hour"), half) == local(
        "2026-10-08 10:00"
    )


@pytest.mark.parametrize(("limit", "used"), [(5, 3), (7, 4), (10, 7), (1, 1)])
def test_early_warning(limit, used):
    assert warning_at(limit) == used


@pytest.mark.parametrize(
    ("value", "unit", "extension", "moment"),
    [
        (5, "workday", 0, "2026-10-09 08:30"),  # used: 30 September, 8 and 9 October
        (5, "workday", 2, "2026-10-10 08:30"),
        (1, "workday", 0, "2026-09-30 08:30"),
        (4, "work_hour", 0, "2026-09-29 12:00"),
    ],
)
def test_the_lamp_turns_when_seven_tenths_are_used(calendar, value, unit, extension, moment):
    start = local("2026-09-29 10:00")
    assert warn_at(start, Limit(value, unit), calendar, extension) == local(moment)


def test_the_levels_of_a_department_rise_in_order(calendar):
    ladder = Ladder("workday", yellow=5, red=10, reminded=4)
    told = schedule(local("2026-09-29 10:00"), ladder, calendar)
    assert [(level.name, f"{moment:%m-%d %H:%M}") for level, moment in told] == [
        ("WARNED", "10-09 08:30"),
        ("REMINDED", "10-10 18:00"),
        ("YELLOW", "10-12 18:00"),
        ("RED", "10-19 18:00"),
    ]


def test_an_extension_to_a_date_is_counted_in_units(calendar):
    start, limit = local("2026-09-29 10:00"), Limit(5, "workday")
    units = units_until(start, date(2026, 10, 14), limit, calendar)
    assert units == 2
    assert due_at(start, limit, calendar, units) == local("2026-10-14 18:00")
    assert units_until(start, date(2026, 10, 9), limit, calendar) == 0


def test_the_lamp():
    start, due = local("2026-09-29 10:00"), local("2026-09-29 20:00")
    colours = [lamp(start, due, local(f"2026-09-29 {hour}:30")) for hour in (10, 17, 20)]
    assert colours == ["green", "yellow", "red"]
    warned = local("2026-09-29 17:00")
    assert [lamp_of(warned, due, local(f"2026-09-29 {hour}:30")) for hour in (10, 17, 20)] == (
        colours
    )
    assert lamp_of(None, None, due) == "green"


def test_no_such_limit():
    with pytest.raises(ValueError, match="no time limit"):
        Limit(3, "fortnight")


minutes = st.integers(0, 300 * 24 * 60).map(
    lambda number: datetime(2026, 1, 1, tzinfo=ZONE) + timedelta(minutes=number)
)
units = st.sampled_from(UNITS)


@given(start=minutes, value=st.integers(1, 20), unit=units)
@settings(max_examples=150, deadline=None)
def test_a_limit_is_used_up_exactly_when_it_is_due(start, value, unit):
    calendar = Calendar(YEAR)
    due = due_at(start, Limit(value, unit), calendar)
    assert used_units(start, due, unit, calendar) == value
    warned = warn_at(start, Limit(value, unit), calendar)
    assert warned < due
    if value > 1 or unit not in deadlines.HOURS:
        assert used_units(start, warned, unit, calendar) >= warning_at(value)
    if unit in deadlines.HOURS:
        assert used_units(start, due - timedelta(seconds=1), unit, calendar) == value - 1


@given(start=minutes, value=st.integers(1, 15), unit=units, stop=minutes, length=st.integers(0, 30))
@settings(max_examples=150, deadline=None)
def test_a_suspension_gives_back_exactly_what_it_took(start, value, unit, stop, length):
    """What is left of the time when it stops is left when it goes on."""
    calendar, limit = Calendar(YEAR), Limit(value, unit)
    stop = max(start, stop)
    resume = stop + timedelta(hours=7 * length)
    paused = elapsed(start, resume, unit, calendar) - elapsed(start, stop, unit, calendar)
    later = due_at(start, limit, calendar, paused=paused)
    assert later >= due_at(start, limit, calendar)
    left = value * SCALE[unit] - elapsed(start, stop, unit, calendar)
    if left > 0:
        assert left == elapsed(start, later, unit, calendar) - elapsed(
            start, resume, unit, calendar
        )


def test_a_body_may_keep_other_hours():
    early = {date(2026, 9, 29): ((time(7, 0), time(13, 0)),)}
    own = Calendar(YEAR | early)
    assert due_at(local("2026-09-29 06:00"), Limit(6, "work_hour"), own) == local(
        "2026-09-29 13:00"
    )
