"""When must it be done? Pure: limits over a work calendar, and what happens when they pass.

The day of receipt is not counted. A limit in workdays or calendar days ends at the close of
business of its last day (18:00, or when a half day closes); work hours run only within business
hours; clock hours run always. Decided in docs/decisions/0007.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from fractions import Fraction

WORK_HOUR, WORKDAY, CLOCK_HOUR, CALENDAR_DAY = "work_hour", "workday", "clock_hour", "calendar_day"
UNITS = (WORK_HOUR, WORKDAY, CLOCK_HOUR, CALENDAR_DAY)
HOURS = (WORK_HOUR, CLOCK_HOUR)
SCALE = {unit: 3600 if unit in HOURS else 1 for unit in UNITS}  # hours run in seconds, days in days
PER_WORKDAY = {WORK_HOUR: 8, WORKDAY: 1, CLOCK_HOUR: 24, CALENDAR_DAY: 1}  # to compare limits by
Spans = tuple[tuple[time, time], ...]
SPANS: Spans = ((time(8, 30), time(12, 0)), (time(14, 0), time(18, 0)))
DAY_OFF: Spans = ()
GREEN, YELLOW, RED = "green", "yellow", "red"


class Level(IntEnum):
    """How far a slow step has been supervised. It only rises."""

    NONE = 0
    WARNED = 1
    REMINDED = 2
    SUPERVISED = 3
    YELLOW = 4
    RED = 5


@dataclass(frozen=True, slots=True)
class Limit:
    """So many of a unit: work_hour, workday, clock_hour or calendar_day."""

    value: int
    unit: str

    def __post_init__(self):
        if self.unit not in UNITS or self.value < 0:
            raise ValueError(f"{self.value} {self.unit} is no time limit")

    @property
    def workdays(self) -> Fraction:
        """About so many workdays: enough to tell which of two limits is the shorter."""
        return Fraction(self.value, PER_WORKDAY[self.unit])


@dataclass(frozen=True, slots=True)
class Ladder:
    """What a rule says of one stage: units used at which each level is reached, None for never.

    The yellow value is the limit itself; the early warning follows from it.
    """

    unit: str
    yellow: int
    red: int | None = None
    reminded: int | None = None
    supervised: int | None = None

    def rungs(self) -> list[tuple[Level, int]]:
        """(level, units) of every level that has a value, rising."""
        told = {
            Level.REMINDED: self.reminded,
            Level.SUPERVISED: self.supervised,
            Level.YELLOW: self.yellow,
            Level.RED: self.red,
        }
        return [(level, value) for level, value in told.items() if value is not None]


@dataclass(slots=True)
class Calendar:
    """When business is open. A day without data falls back to Monday to Friday, visibly.

    days: date -> spans, empty on a day off. missing: years that were asked for and have no data.
    """

    days: Mapping[date, Spans]
    missing: set[int] = field(default_factory=set)

    def spans(self, day: date) -> Spans:
        known = self.days.get(day)
        if known is None:
            self.missing.add(day.year)
            return SPANS if day.weekday() < 5 else DAY_OFF
        return known

    def is_workday(self, day: date) -> bool:
        return bool(self.spans(day))

    def next_workday(self, day: date) -> date:
        """The first workday after `day`."""
        day += timedelta(days=1)
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day

    def opening(self, day: date) -> time:
        return (self.spans(day) or SPANS)[0][0]

    def close(self, day: date) -> time:
        return (self.spans(day) or SPANS)[-1][1]


def due_at(
    start: datetime, limit: Limit, calendar: Calendar, extension: int = 0, paused: int = 0
) -> datetime:
    """The moment a limit ends. `start` is aware and in the office's own time zone.

    extension: granted units. paused: what suspensions took, as `elapsed` measures it.
    """
    amount = (limit.value + extension) * SCALE[limit.unit] + paused
    if limit.unit in HOURS:
        return _after_seconds(start, amount, limit.unit, calendar)
    day = _after_days(start.date(), amount, limit.unit, calendar)
    return datetime.combine(day, calendar.close(day), start.tzinfo)


def warn_at(
    start: datetime, limit: Limit, calendar: Calendar, extension: int = 0, paused: int = 0
) -> datetime:
    """The moment the lamp turns yellow: when so many units are used as `warning_at` says."""
    whole = limit.value + extension
    if limit.unit in HOURS and whole == 1:  # before its only hour is over
        return _after_seconds(start, 7 * SCALE[limit.unit] // 10 + paused, limit.unit, calendar)
    used = warning_at(whole) * SCALE[limit.unit] + paused
    if limit.unit in HOURS:
        return _after_seconds(start, used, limit.unit, calendar)
    day = _after_days(start.date(), used, limit.unit, calendar)
    return datetime.combine(day, calendar.opening(day), start.tzinfo)


def _after_seconds(start: datetime, seconds: int, unit: str, calendar: Calendar) -> datetime:
    left = timedelta(seconds=seconds)
    if unit == CLOCK_HOUR:
        return start + left
    day = start.date()
    while True:
        for opens, closes in calendar.spans(day):
            begin = max(start, datetime.combine(day, opens, start.tzinfo))
            end = datetime.combine(day, closes, start.tzinfo)
            if begin < end and left <= end - begin:
                return begin + left
            left -= max(end - begin, timedelta())
        day = calendar.next_workday(day)


def _after_days(day: date, number: int, unit: str, calendar: Calendar) -> date:
    if unit == CALENDAR_DAY:
        return day + timedelta(days=number)
    for _ in range(number):
        day = calendar.next_workday(day)
    return day


def elapsed(start: datetime, end: datetime, unit: str, calendar: Calendar) -> int:
    """What lies between two moments: seconds for hour units, days for day units.

    A day counts from its opening on; the day of `start` does not count.
    """
    if end <= start:
        return 0
    if unit == CLOCK_HOUR:
        return int((end - start).total_seconds())
    if unit == WORK_HOUR:
        return _work_seconds(start, end, calendar)
    days = (end.date() - start.date()).days
    later = (start.date() + timedelta(days=number) for number in range(1, days + 1))
    counted = (day for day in later if unit == CALENDAR_DAY or calendar.is_workday(day))
    return sum(
        1 for day in counted if datetime.combine(day, calendar.opening(day), end.tzinfo) <= end
    )


def _work_seconds(start: datetime, end: datetime, calendar: Calendar) -> int:
    total = timedelta()
    for number in range((end.date() - start.date()).days + 1):
        day = start.date() + timedelta(days=number)
        for opens, closes in calendar.spans(day):
            begin = max(start, datetime.combine(day, opens, start.tzinfo))
            total += max(min(end, datetime.combine(day, closes, start.tzinfo)) - begin, timedelta())
    return int(total.total_seconds())


def used_units(start: datetime, now: datetime, unit: str, calendar: Calendar, paused: int = 0):
    """Whole units used so far."""
    return max(0, elapsed(start, now, unit, calendar) - paused) // SCALE[unit]


def units_until(start: datetime, day: date, limit: Limit, calendar: Calendar, paused: int = 0):
    """The least extension with which a limit ends not before `day` closes; 0 where it does so now."""
    wanted = datetime.combine(day, calendar.close(day), start.tzinfo)
    units = 0
    while due_at(start, limit, calendar, units, paused) < wanted:
        units += 1
    return units


def units_of_workdays(
    start: datetime,
    limit: Limit,
    calendar: Calendar,
    workdays: int,
    extension: int = 0,
    paused: int = 0,
) -> int:
    """How many units a grant of so many workdays is: a limit in calendar days or hours ends on a
    workday too, as many workdays after its day as were granted."""
    if limit.unit == WORKDAY or workdays < 1:
        return max(workdays, 0)
    due = due_at(start, limit, calendar, extension, paused)
    day = _after_days(due.date(), workdays, WORKDAY, calendar)
    if limit.unit == WORK_HOUR:
        seconds = _work_seconds(due, datetime.combine(day, due.time(), due.tzinfo), calendar)
        return -(-seconds // SCALE[WORK_HOUR])
    return (day - due.date()).days * (1 if limit.unit == CALENDAR_DAY else 24)


def schedule(
    start: datetime, ladder: Ladder, calendar: Calendar, extension: int = 0, paused: int = 0
) -> list[tuple[Level, datetime]]:
    """(level, moment) in rising order: the early warning, then every rung of the ladder."""
    limit = Limit(ladder.yellow, ladder.unit)
    steps = [(Level.WARNED, warn_at(start, limit, calendar, extension, paused))]
    for level, value in ladder.rungs():
        rung = Limit(value, ladder.unit)
        steps.append((level, due_at(start, rung, calendar, extension, paused)))
    return steps


def warning_at(limit: int) -> int:
    """Used units from which the lamp is yellow: floor(7/10 of the limit), in integers.

    A limit of one would be yellow from the start; it warns when its only unit begins to count.
    """
    return max(1, 7 * limit // 10)


def lamp(reported_at: datetime, due: datetime | None, now: datetime) -> str:
    """green, yellow from 7/10 of the time on, red when it is over."""
    if due is None or now < reported_at + (due - reported_at) * 0.7:
        return GREEN
    return YELLOW if now <= due else RED


def lamp_of(warned_at: datetime | None, due: datetime | None, now: datetime) -> str:
    """The lamp of a running clock by its own moments."""
    if due is None or now <= due:
        return YELLOW if warned_at is not None and now >= warned_at else GREEN
    return RED
