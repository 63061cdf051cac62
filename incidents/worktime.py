"""Reads of the work calendar and of the limit rules."""

import logging
import time
from collections import ChainMap
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import Count
from django.utils import timezone

from core.recent import recent
from incidents.deadlines import Calendar, Limit, Spans
from incidents.models import Category, LimitRule, OfficeCalendar, Part, WorkCalendarDay
from incidents.models.calendar import spans_of
from incidents.models.limits import Stage

log = logging.getLogger("gridkeeper.calendar")
DAYS_OF_A_YEAR = 365
HORIZON = timedelta(days=90)  # next year's days are published from October on
SPANS = ("morning_from", "morning_to", "afternoon_from", "afternoon_to")
_warned: set[int] = set()  # a year is named once per process


def work_calendar(
    now: datetime,
    area_id: int | None = None,
    department_id: int | None = None,
    district: str = "",
) -> Calendar:
    """The calendar of a body, over the one of its district, over the site's; read at most once a
    minute per process, whatever moment `now` is: history is loaded with the same calendar.

    Never an exception: a year without data falls back to Monday to Friday and is named in the log.
    """
    default, own = _calendar_of(int(time.monotonic()) // 60)
    for year in default.missing - _warned:
        log.warning("the work calendar has no data for %s: Monday to Friday is used", year)
        _warned.add(year)
    body = own.get(("area", area_id)) or own.get(("department", department_id))
    layers = [days for days in (body, own.get(("district", district))) if days]
    return Calendar(ChainMap(*layers, default.days), default.missing) if layers else default


@lru_cache(maxsize=2)
def _calendar_of(minute: int) -> tuple[Calendar, dict[tuple[str, int | str], dict]]:
    """The site's calendar, and the differing days by body and by district."""
    days: dict[int | None, dict] = {None: {}}
    for calendar, date, *moments in WorkCalendarDay.objects.values_list(
        "calendar_id", "date", *SPANS
    ):
        spans: Spans = spans_of(*moments)
        days.setdefault(calendar, {})[date] = spans
    own: dict[tuple[str, int | str], dict] = {}
    columns = ("calendar_id", "area_id", "department_id", "everybody", "area__code")
    for calendar, area, department, everybody, code in OfficeCalendar.objects.values_list(*columns):
        differing = days.get(calendar, {})
        own[("area", area) if area else ("department", department)] = differing
        if everybody and area:
            own["district", code] = differing
    return Calendar(days[None]), own


def missing_years(now: datetime) -> list[int]:
    """Years that deadlines begun within the next 90 days may need and the calendar does not know,
    or not every day of."""
    first, last = timezone.localdate(now), timezone.localdate(now + HORIZON)
    known = WorkCalendarDay.objects.filter(calendar=None, date__year__range=(first.year, last.year))
    days = known.values_list("date__year").annotate(days=Count("date"))
    have = {year for year, counted in days if counted >= DAYS_OF_A_YEAR}
    return sorted(set(range(first.year, last.year + 1)) - have)


def limit_rule(stage: str, part: Part) -> LimitRule | None:
    """The most specific rule: department, kind of body, any; in each small class, big class, any.

    A rule that names no category never gives more time than the category itself has.
    """
    category = part.incident.category
    fits = (
        rule
        for rule in _rules()
        if rule.stage == stage
        and rule.body in ("", part.level)
        and rule.department_id in (None, part.department_id)
        and rule.category_id in (None, category.pk, category.parent_id)
    )
    found = max(fits, key=lambda rule: _specific(rule, category), default=None)
    if found is None or found.category_id or stage == Stage.VERIFY:
        return found
    own = category.limit
    return found if found.limit.workdays <= own.workdays else _by_category(found, own)


def _by_category(rule: LimitRule, limit: Limit) -> LimitRule:
    """The category's own limit in place of a longer general one; the red card comes as much later
    as it does there."""
    times = max(2, round(rule.red / rule.yellow)) if rule.red else None
    return LimitRule(
        stage=rule.stage,
        body=rule.body,
        unit=limit.unit,
        yellow=limit.value,
        red=times and times * limit.value,
    )


@recent
def _rules() -> list[LimitRule]:
    return list(LimitRule.objects.all())


def _specific(rule: LimitRule, category: Category) -> tuple[bool, bool, int]:
    small = 2 if rule.category_id == category.pk else 1
    return rule.department_id is not None, bool(rule.body), small if rule.category_id else 0


def warn_of_missing_years(*, now: datetime) -> None:
    """Say in the log which years the calendar will soon need."""
    for year in missing_years(now):
        log.warning("the work calendar of %s is missing: load or enter it", year)
