"""Areas: made once, never renamed by an import; and the settings of a district."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Invalid
from geo_grid import codes, districts, queries
from geo_grid.coordinates import is_metric
from geo_grid.models import Area, DistrictSettings

LEVELS = (codes.DISTRICT, codes.TOWN, codes.COMMUNITY)
MOST_BELOW = 999
HOLDING_DISTRICTS = range(990001, 1_000_000)


@transaction.atomic
def ensure_community(*, code: str, name: str = "", above: str = "") -> Area:
    """The community of that code, made where missing, with the town and district above it.

    above: the name of a town and district that have to be made; their codes if not given.
    """
    try:
        level = codes.level_of(code)
    except ValueError as error:
        raise Invalid(str(error), "community") from None
    if level != codes.COMMUNITY:
        raise Invalid(_("A cell belongs to a community: its code has 12 digits."), "community")
    parent = None
    for part in (code[:6], code[:9], code):
        called = name if part == code else above
        values = {"name": called or part, "level": codes.level_of(part), "parent": parent}
        parent, _made = Area.objects.get_or_create(code=part, defaults=values)
    return parent


@transaction.atomic
def ensure_holding_community(*, name: str) -> Area:
    """The community that holds the cells of one foreign file, in a district of its own (99xxxx)."""
    found = Area.objects.filter(level=codes.COMMUNITY, name=name, code__startswith="99").first()
    if found:
        return found
    return ensure_community(code=f"{_free_district()}001001", name=name, above=name)


def _free_district() -> str:
    held = Area.objects.filter(level=codes.DISTRICT, code__startswith="99")
    used = {int(code) for code in held.values_list("code", flat=True)}
    return str(next(number for number in HOLDING_DISTRICTS if number not in used))


@dataclass(frozen=True, slots=True)
class AreaLine:
    """A line of a city's own list. parent: the code of the area above, of the same list."""

    line: int
    code: str
    name: str
    level: str
    parent: str = ""


@dataclass(slots=True)
class AreasMade:
    """made: areas that are new; differing: lines whose area exists under another name."""

    made: int = 0
    known: int = 0
    differing: list[AreaLine] = field(default_factory=list)


@transaction.atomic
def import_areas(*, lines: Iterable[AreaLine]) -> AreasMade:
    """Areas of a city from its own list: all of it, or nothing and the line that is wrong.

    Codes of 6, 9 and 12 digits that begin with the code above stay as they are. Codes of any other
    form become the areas' own codes, and the areas get codes of a district 99xxxx.
    """
    told, outcome = list(lines), AreasMade()
    _refuse_wrong_lines(told)
    ours = all(_of_our_form(line) for line in told)
    found: dict[str, Area] = {}
    for line in sorted(told, key=lambda one: LEVELS.index(one.level)):
        above = found.get(line.parent)
        area = _known_area(line, above, ours)
        if area is None:
            code = line.code if ours else _next_code(above)
            own = "" if ours else line.code
            area = Area.objects.create(
                code=code, own_code=own, name=line.name, level=line.level, parent=above
            )
            outcome.made += 1
        else:
            outcome.known += 1
            if area.name != line.name:
                outcome.differing.append(line)
        found[line.code] = area
    return outcome


def _refuse_wrong_lines(lines: list[AreaLine]) -> None:
    level_of: dict[str, str] = {}
    for line in lines:
        if line.code in level_of:
            raise _wrong(line, _("the code occurs twice"))
        if not line.code or not line.name or len(line.code) > 40 or len(line.name) > 80:
            raise _wrong(line, _("code or name is missing or too long"))
        if line.level not in LEVELS:
            raise _wrong(line, _("unknown level"))
        level_of[line.code] = line.level
    for line in lines:
        place = LEVELS.index(line.level)
        if level_of.get(line.parent) != (LEVELS[place - 1] if place else None):
            raise _wrong(line, _("the area above is missing or of the wrong level"))


def _wrong(line: AreaLine, why: str) -> Invalid:
    text = _("Line %(line)d, code %(code)s: %(why)s.")
    return Invalid(text % {"line": line.line, "code": line.code[:40], "why": why}, "file")


def _of_our_form(line: AreaLine) -> bool:
    try:
        return codes.level_of(line.code) == line.level and line.code.startswith(line.parent)
    except ValueError:
        return False


def _known_area(line: AreaLine, above: Area | None, ours: bool) -> Area | None:
    if ours:
        return Area.objects.filter(code=line.code).first()
    mine = Area.objects.filter(own_code=line.code, level=line.level)
    return mine.filter(code__startswith=above.code[:6]).first() if above else mine.first()


def _next_code(above: Area | None) -> str:
    if above is None:
        return _free_district()
    last = Area.objects.filter(parent=above).order_by("code").last()
    number = int(last.code[-3:]) + 1 if last else 1
    if number > MOST_BELOW:
        raise Invalid(
            _("%(name)s has more than %(most)d areas below it.")
            % {"name": above.name, "most": MOST_BELOW}
        )
    return f"{above.code}{number:03d}"


@transaction.atomic
def set_district(*, district: str, time_zone: str, metric_srid: int) -> DistrictSettings:
    """The time zone and the metric CRS of a district, by its code or own code."""
    area = queries.area_named(district, codes.DISTRICT)
    if time_zone not in available_timezones():
        raise Invalid(_("There is no time zone %s.") % time_zone[:40], "time_zone")
    if not is_metric(metric_srid):
        raise Invalid(_("EPSG:%d is no projected CRS in metres.") % metric_srid, "metric_srid")
    values = {"time_zone": ZoneInfo(time_zone).key, "metric_srid": metric_srid}
    row, _made = DistrictSettings.objects.update_or_create(area=area, defaults=values)
    transaction.on_commit(districts.forget)
    return row
