"""Statistics of cases: counted in SQL, named and compared here. What a viewer may not see is not counted."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import sql
from core.errors import Invalid
from geo_grid import districts
from geo_grid.models import Area, Cell, Department, User
from geo_grid.scope import reach
from incidents.indicators import Counts, OfficeCounts, Period
from incidents.models import Category
from incidents.worktime import missing_years

NEAR = timedelta(days=90)  # the 2160 hours of the index incident_long
LONGEST_DAYS = 3 * 366
DIMENSIONS = ("area", "cell", "category", "worker", "month", "office")
Figures = Counts | OfficeCounts


@dataclass(slots=True)
class Row:
    """One line. depth: 0 stands above 1. before: the same days of last year."""

    code: str
    name: str
    now: Figures
    before: Figures
    depth: int = 0


@dataclass(slots=True)
class Table:
    """A statistic: who is counted, when and on which clock, the lines and their sum.

    missing: years whose work calendar is missing, because deadlines of this table lean on it.
    """

    by: str
    period: Period
    until: datetime
    zone: ZoneInfo
    rows: list[Row] = field(default_factory=list)
    total: Row | None = None
    missing: list[int] = field(default_factory=list)


def statistics(
    viewer: User, now: datetime, period: Period, by: str, area: str = "", category: str = ""
) -> Table:
    """Counts of a period by one of DIMENSIONS, and of the same days of last year.

    The period ends now if it lies in the future. area, category: codes, with all below them.
    Raises Invalid.
    """
    _refuse_wrong(period, by)
    seen = _seen(viewer, now, area, category)
    zone = zone_asked(viewer, now, area)
    until = min(_end(period, zone), now)
    table = Table(by, period, until, zone, missing=missing_years(now))
    counts = _counted(by, seen, period, until, zone)
    earlier = period.year_before()
    before = _counted(by, seen, earlier, min(_end(earlier, zone), _year_before(until)), zone)
    kind = OfficeCounts if by == "office" else Counts
    if by == "month":
        before = {f"{int(key[:4]) + 1}{key[4:]}": one for key, one in before.items()}
    lines = [
        (key, counts.get(key, kind()), before.get(key, kind()))
        for key in dict.fromkeys([*counts, *before])
    ]
    table.rows = LABELS[by](lines)
    table.total = Row("", _("Total"), _sum(kind, counts), _sum(kind, before))
    return table


def zone_asked(viewer: User, now: datetime, area: str) -> ZoneInfo:
    """The clock of a statistic: of the district asked about, else the viewer's."""
    return districts.of(area[:6]).zone if area else districts.zone_of(viewer, now)


def statistics_report(viewer: User, now: datetime, period: Period) -> list[Table]:
    """The monthly and the half-year report: by area, category and office."""
    return [statistics(viewer, now, period, by) for by in ("area", "category", "office")]


def _refuse_wrong(period: Period, by: str) -> None:
    if by not in DIMENSIONS:
        raise Invalid(_("There is no statistic by %s.") % by, "by")
    if period.last < period.first:
        raise Invalid(_("The period ends before it begins."), "last")
    if (period.last - period.first).days > LONGEST_DAYS:
        raise Invalid(_("A period of three years is the longest."), "last")


def _seen(viewer: User, now: datetime, area: str, category: str) -> dict:
    """SQL parameters of what the viewer reaches and of the filters; None stands for all."""
    reached = reach(viewer, now)
    areas = Area.objects.filter(code__startswith=area, level=Area.Level.COMMUNITY)
    categories = Category.objects.filter(code__startswith=category)
    return {
        "everything": reached.everything,
        "districts": list(reached.districts),
        "communities": list(reached.communities),
        "cells": list(reached.cells),
        "departments": list(reached.departments),
        "community_ids": list(areas.values_list("pk", flat=True)) if area else None,
        "category_ids": list(categories.values_list("pk", flat=True)) if category else None,
    }


def _counted(
    by: str, seen: dict, period: Period, until: datetime, zone: ZoneInfo
) -> dict[object, Figures]:
    """key of the dimension -> counts."""
    since = _midnight(period.first, zone)
    told = {"since": since, "until": until, "near": since - NEAR, "by": by}
    told |= {"zone": zone.key} | seen
    if by == "office":
        rows = sql.rows("incidents", "statistics_offices", told)
        found = {
            (row.pop("area_id"), row.pop("department_id")): OfficeCounts(**row) for row in rows
        }
        return _with_calls(found, told)
    name = "statistics_months" if by == "month" else "statistics"
    return {row.pop("key"): Counts(**row) for row in sql.rows("incidents", name, told)}


def _with_calls(found: dict[object, Figures], told: dict) -> dict[object, Figures]:
    """The counts of offices and how the departments among them met calls from below."""
    for row in sql.rows("incidents", "statistics_callouts", told):
        key = (None, row.pop("department_id"))
        found[key] = found.get(key, OfficeCounts()) + OfficeCounts(**row)
    return found


def _year_before(moment: datetime) -> datetime:
    """The same moment of last year: a month that is not over is compared with as much of it."""
    day = moment.day - 1 if (moment.month, moment.day) == (2, 29) else moment.day
    return moment.replace(year=moment.year - 1, day=day)


def _sum(kind, counts: dict):
    total = kind()
    for one in counts.values():
        total = total + one
    return total


def _midnight(day, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _end(period: Period, zone: ZoneInfo) -> datetime:
    return _midnight(period.last + timedelta(days=1), zone)


def _by_area(lines: list) -> list[Row]:
    """Towns, and below each its communities; what lies in no cell stands last."""

    known = Area.objects.select_related("parent").in_bulk([key for key, *_rest in lines if key])
    towns: dict[str, Row] = {}
    rows, loose = [], []
    for key, now, before in lines:
        if key is None:
            loose.append(Row("", _("in no cell"), now, before))
            continue
        area = known[key]
        rows.append(Row(area.code, area.name, now, before, 1))
        town = towns.setdefault(
            area.parent.code, Row(area.parent.code, area.parent.name, Counts(), Counts())
        )
        town.now, town.before = town.now + now, town.before + before
    return sorted([*rows, *towns.values()], key=lambda row: row.code) + loose


def _by_category(lines: list) -> list[Row]:
    """Big classes, and below each its small ones."""
    known = Category.objects.select_related("parent").in_bulk()
    name = "name_en" if get_language() == "en" else "name"
    big: dict[str, Row] = {}
    rows = []
    for key, now, before in lines:
        category = known[key]
        top = category.parent or category
        line = big.setdefault(top.code, Row(top.code, getattr(top, name), Counts(), Counts()))
        line.now, line.before = line.now + now, line.before + before
        if category.parent:
            rows.append(Row(category.code, getattr(category, name), now, before, 1))
    return sorted([*rows, *big.values()], key=lambda row: row.code)


def _by_cell(lines: list) -> list[Row]:
    return _named(
        lines, Cell.objects.in_bulk(), lambda cell: (cell.code, cell.name), _("in no cell")
    )


def _by_worker(lines: list) -> list[Row]:
    known = User.objects.in_bulk([key for key, *_rest in lines if key])
    return _named(lines, known, lambda user: (user.username, str(user)), _("nobody"))


def _named(lines: list, known: dict, words, nobody: str) -> list[Row]:
    rows = [
        Row(*(words(known[key]) if key else ("", nobody)), now, before)
        for key, now, before in lines
    ]
    return sorted(rows, key=lambda row: (not row.code, row.code))


def _by_month(lines: list) -> list[Row]:
    return sorted((Row(key, key, *both) for key, *both in lines), key=lambda row: row.code)


def _by_office(lines: list) -> list[Row]:
    """Area bodies from the district down, then departments."""

    areas = Area.objects.in_bulk([area for (area, _none), *_rest in lines if area])
    departments = Department.objects.in_bulk([one for (_none, one), *_rest in lines if one])
    english = get_language() == "en"
    rows = []
    for (area_id, department_id), now, before in lines:
        body = areas[area_id] if area_id else departments[department_id]
        name = body.name_en if english and department_id else body.name
        rows.append((bool(department_id), Row(body.code, name, now, before)))
    return [row for _kind, row in sorted(rows, key=lambda pair: (pair[0], pair[1].code))]


LABELS = {
    "area": _by_area,
    "cell": _by_cell,
    "category": _by_category,
    "worker": _by_worker,
    "month": _by_month,
    "office": _by_office,
}
