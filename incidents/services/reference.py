"""Reference data: categories, work calendar, limits. Loading twice changes nothing."""

import csv
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core.errors import Invalid
from geo_grid import queries as ground
from geo_grid.models import Area, Department
from incidents.models import (
    Category,
    DepartmentDuty,
    LimitRule,
    OfficeCalendar,
    WorkCalendar,
    WorkCalendarDay,
)

COLUMNS = ("code", "name", "name_en", "limit_value", "limit_unit")
FLAGS = ("sensitive", "needs_photo", "needs_verify", "needs_call")


@transaction.atomic
def load_categories(*, path: Path) -> int:
    """Categories from CSV; what was edited stays.

    Columns: code, name, name_en, limit_value, limit_unit, department (number in the home
    district, filled in as soon as there is such a department), and 0 or 1 for each flag.
    """
    lines, known = _lines(path), _departments()
    for small in (False, True):  # the groups first
        level = [line for line in lines if (len(line["code"]) == 4) is small]
        groups = {one.code: one for one in Category.objects.filter(parent=None)}
        Category.objects.bulk_create(
            [_category(line, groups, known) for line in level],
            ignore_conflicts=True,
        )
    wanting = Category.objects.filter(department=None)
    numbers = {line["code"]: line["department"] for line in lines}
    filled = [one for one in wanting if numbers.get(one.code) in known]
    for category in filled:
        category.department = known[numbers[category.code]]
    Category.objects.bulk_update(filled, ["department"])
    return len(lines)


def _category(line: dict, groups: dict, departments: dict) -> Category:
    values = {name: line[name] for name in COLUMNS} | {name: line[name] == "1" for name in FLAGS}
    department = departments.get(line["department"])
    parent = groups[line["code"][:2]] if len(line["code"]) == 4 else None
    return Category(**values, parent=parent, department=department)


@transaction.atomic
def load_duties(*, path: Path) -> int:
    """Which department takes which category, where: CSV (department, category, area or nothing)."""
    known = _departments()
    categories = {one.code: one for one in Category.objects.all()}
    areas = {one.code: one for one in Area.objects.all()}
    duties = [
        DepartmentDuty(
            department=known[line["department"]],
            category=categories[line["category"]],
            area=areas[line["area"]] if line["area"] else None,
        )
        for line in _lines(path)
        if line["department"] in known
    ]
    return len(DepartmentDuty.objects.bulk_create(duties, ignore_conflicts=True))


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _departments() -> dict[str, Department]:
    """The departments of the home district by the number in their codes, such as D07."""
    found = Department.objects.filter(district=settings.HOME_DISTRICT)
    return {one.code.rpartition("-")[2]: one for one in found}


@transaction.atomic
def load_work_calendar(*, first_year: int) -> int:
    """Days of the years chinesecalendar knows; a day that was edited stays as it is."""
    day, days = date(first_year, 1, 1), []
    while True:
        try:
            days.append(_day(day, chinese_calendar.is_workday(day)))
        except NotImplementedError:
            break
        day += timedelta(days=1)
    WorkCalendarDay.objects.bulk_create(days, ignore_conflicts=True)
    return len(days)


@transaction.atomic
def publish_district_days(*, path: Path, district: str) -> int:
    """The days of another district: of every year in the file each day, Monday to Friday but for
    the exceptions (date, workday, note). Its bodies and deadlines keep them instead of the site's.
    """
    area = ground.area_named(district, Area.Level.DISTRICT)
    name = f"{area.code} {area.name}"[:60]
    calendar, _made = WorkCalendar.objects.get_or_create(name=name)
    days = _days_of_years(*_exceptions(path))
    for day in days:
        day.calendar = calendar
    values = {"calendar": calendar, "everybody": True}
    OfficeCalendar.objects.update_or_create(area=area, defaults=values)
    WorkCalendarDay.objects.bulk_create(days, ignore_conflicts=True)
    return len(days)


@transaction.atomic
def publish_year(*, path: Path) -> int:
    """Years as the State Council publishes them: CSV (date, workday 1 or 0, note) of the exceptions.

    Every other day of the years named is Monday to Friday. What is there already stays as it is,
    and years follow each other without a gap. Raises Invalid.
    """
    told, exceptions = _exceptions(path)
    _refuse_a_gap(sorted({day.year for day in exceptions}))
    days = _days_of_years(told, exceptions)
    WorkCalendarDay.objects.bulk_create(days, ignore_conflicts=True)
    return len(days)


def _exceptions(path: Path) -> tuple[dict[date, dict], dict[date, bool]]:
    """The lines of the file by day, and whether each day is a workday."""
    with path.open(encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    try:
        told = {date.fromisoformat(line["date"]): line for line in lines}
        return told, {day: {"1": True, "0": False}[line["workday"]] for day, line in told.items()}
    except (KeyError, ValueError) as error:
        raise Invalid(_("A line of the calendar cannot be read: %s") % error, "file") from None


def _days_of_years(told: dict[date, dict], exceptions: dict[date, bool]) -> list[WorkCalendarDay]:
    return [
        _day(day, exceptions.get(day, day.weekday() < 5), told.get(day, {}).get("note", ""))
        for year in sorted({day.year for day in exceptions})
        for day in (date(year, 1, 1) + timedelta(days=n) for n in range(366))
        if day.year == year
    ]


def _refuse_a_gap(years: list[int]) -> None:
    known = WorkCalendarDay.objects.filter(calendar=None).aggregate(last=Max("date__year"))["last"]
    last = known or (years[0] - 1 if years else 0)
    for year in years:
        if year > last + 1:
            raise Invalid(_("The calendar of %d must come first.") % (last + 1), "file")
        last = max(last, year)


def _day(day: date, is_workday: bool, note: str = "") -> WorkCalendarDay:
    off = dict.fromkeys(("morning_from", "morning_to", "afternoon_from", "afternoon_to"))
    return WorkCalendarDay(date=day, note=note[:60], **({} if is_workday else off))


@transaction.atomic
def load_limits(*, path: Path) -> int:
    """Limit rules from CSV (stage, body, category, unit, reminded, supervised, yellow, red)."""
    with path.open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    for line in lines:
        values = {name: line.pop(name) or None for name in ("reminded", "supervised", "red")}
        values |= {"yellow": line.pop("yellow"), "unit": line.pop("unit")}
        code = line.pop("category")
        category = Category.objects.get(code=code) if code else None
        LimitRule.objects.get_or_create(**line, category=category, department=None, defaults=values)
    return len(lines)
