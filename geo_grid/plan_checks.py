"""What speaks against a plan: blocking findings and warnings, each with its place."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import shapely
from django.utils.translation import gettext as _

from geo_grid import plan_queries, queries
from geo_grid.arrangement import outer_nodes
from geo_grid.coordinates import SERVED, served_copy, transformer
from geo_grid.edits import Drawn
from geo_grid.models import Area, BoundaryPlan, Cell
from geo_grid.refusals import place_of
from geo_grid.tiling import (
    OPEN,
    Flaw,
    chain_difference,
    doubled_edge,
    exact_bits,
    prove,
)

THIN_M = 5.0  # mean width 2A/P below which a planner is warned
COMPACT = 0.05  # 4 pi A / P^2
BAND = 8.0  # times larger or smaller than the median cell of the community
MANY_VERTICES = 5_000
BLOCKING, WARNING = "BLOCKING", "WARNING"


@dataclass(frozen=True, slots=True)
class Finding:
    """kind: stable word for programs; text: a sentence; place: (lon, lat) or None."""

    kind: str
    level: str
    text: str
    cells: tuple[str, ...] = ()
    place: tuple[float, float] | None = None
    more: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plan's cells beside those of its base: only the changed ones."""

    old: dict[str, Drawn]
    new: dict[str, Drawn]

    @property
    def codes(self) -> list[str]:
        return sorted({*self.old, *self.new})


def drawing_of(plan: BoundaryPlan) -> Drawing:
    """The cells that a plan really changes, in shape or in word."""
    codes = plan_queries.changed_codes(plan)
    if plan.base_id is None or not codes:
        return Drawing({}, {})
    new = plan_queries.cells_of(plan, codes=codes)
    old = plan_queries.base_cells(plan, plan_queries.with_codes(codes))
    same = {code for code, drawn in new.items() if old.get(code) == drawn}
    return Drawing(
        {code: drawn for code, drawn in old.items() if code not in same},
        {code: drawn for code, drawn in new.items() if code not in same},
    )


def findings(plan: BoundaryPlan, now: datetime) -> list[Finding]:
    """Everything that speaks against a plan, blocking things first."""
    drawing = drawing_of(plan)
    to_served = transformer(f"EPSG:{plan.record_srid}", SERVED).transform

    def at(place) -> tuple[float, float] | None:
        return place and tuple(round(part, 8) for part in to_served(*place))

    found = [
        *tiling_findings(drawing, plan.record_srid, at),
        *_code_findings(plan, drawing),
        *_base_findings(plan, now),
        *_shape_warnings(drawing, at),
        *_band_warnings(plan, drawing, at),
        *_other_warnings(plan, drawing, now),
        *_file_findings(plan),
    ]
    return sorted(found, key=lambda finding: finding.level != BLOCKING)


def tiling_findings(drawing: Drawing, srid: int, at) -> list[Finding]:
    """The exact proof: the changed cells cover exactly the ground they covered, on the record and
    bit by bit on the served copy."""
    codes = sorted(drawing.new)
    shapes = [drawing.new[code].shape for code in codes]
    found = []
    for index in np.flatnonzero(~shapely.is_valid(shapes)).tolist():
        text = _("The cell is no valid polygon: %s.") % shapely.is_valid_reason(shapes[index])
        place = at(place_of(shapes[index]))
        found.append(Finding("invalid", BLOCKING, text, (codes[index],), place))
    old = [drawn.shape for drawn in drawing.old.values()]
    difference = chain_difference(old, shapes)
    if outer_nodes(difference) is None:
        for row in range(min(len(difference.owner), 20)):
            owner = difference.owner[row]
            cells = (codes[owner],) if owner >= 0 else ()
            text = _("The border does not meet its neighbour: a gap or an overlap.")
            found.append(Finding(OPEN, BLOCKING, text, cells, at(difference.middle(row))))
    doubled = doubled_edge(shapes) if shapes else None
    if doubled:
        found.append(Finding("doubled", BLOCKING, _("Cells overlap here."), (), at(doubled)))
    if shapes and not found and served_flaws(shapes, srid):
        found.append(Finding("served", BLOCKING, _("The copy in degrees would not be exact.")))
    return found


def served_flaws(shapes: list, srid: int) -> tuple[Flaw, ...]:
    """The proof on the served copy of cells, against the copy of their own union."""
    union = shapely.coverage_union_all(shapes)
    copies = [served_copy(shape, srid) for shape in shapes]
    return prove(copies, served_copy(union, srid), exact_bits).flaws


def _code_findings(plan: BoundaryPlan, drawing: Drawing) -> list[Finding]:
    """New codes must be free; a cell that a plan brings back keeps its own."""
    fresh = [code for code in drawing.new if code not in drawing.old]
    used = Cell.objects.filter(code__in=fresh, boundaries__valid_during__isnull=False)
    known = set(used.values_list("code", flat=True))
    known -= set(_brought_back(plan))
    found = []
    for code in sorted(known):
        text = _("The code %s was used before: codes are never given twice.") % code
        found.append(Finding("code_used", BLOCKING, text, (code,)))
    for code in sorted(drawing.new):
        if not code.startswith(drawing.new[code].community) and code.isdigit():
            text = _("The code %s belongs to another community.") % code
            found.append(Finding("code_of_another", WARNING, text, (code,)))
    homes = {drawn.community for drawn in drawing.new.values()}
    sound = Area.objects.filter(code__in=homes, active=True, level=Area.Level.COMMUNITY)
    for code in sorted(homes - set(sound.values_list("code", flat=True))):
        found.append(Finding("no_community", BLOCKING, _("There is no community %s.") % code))
    return found


def _brought_back(plan: BoundaryPlan) -> Iterable[str]:
    for edit in plan.edits.filter(kind="REVERT"):
        yield from edit.parameters.get("drawn", {})


def _base_findings(plan: BoundaryPlan, now: datetime) -> list[Finding]:
    moved = plan_queries.moved_base(plan, now)
    if not moved:
        return []
    number, codes = moved["revision"].number, moved["conflicts"]
    text = _("The map went on to version %d: bring the plan to it.") % number
    return [Finding("base_moved", BLOCKING, text, tuple(codes), None, {"revision": number})]


def _shape_warnings(drawing: Drawing, at) -> list[Finding]:
    found = []
    for code, drawn in sorted(drawing.new.items()):
        for part in shapely.get_parts(drawn.shape):
            if part.length and 2 * part.area / part.length < THIN_M:
                text = _("A part is narrower than %d m.") % THIN_M
                found.append(Finding("thin", WARNING, text, (code,), at(place_of(part))))
            elif part.length and 4 * np.pi * part.area / part.length**2 < COMPACT:
                text = _("The cell is long and winding.")
                found.append(Finding("winding", WARNING, text, (code,), at(place_of(part))))
        if shapely.get_num_geometries(drawn.shape) > 1:
            text = _("The cell has %d parts.") % shapely.get_num_geometries(drawn.shape)
            found.append(Finding("parts", WARNING, text, (code,), at(place_of(drawn.shape))))
        if shapely.get_num_coordinates(drawn.shape) > MANY_VERTICES:
            text = _("The border has more than %d vertices.") % MANY_VERTICES
            found.append(Finding("vertices", WARNING, text, (code,), at(place_of(drawn.shape))))
    return found


def _band_warnings(plan: BoundaryPlan, drawing: Drawing, at) -> list[Finding]:
    """Cells far larger or smaller than what is usual in their communities."""
    usual = plan_queries.median_area(plan, {d.community for d in drawing.new.values()})
    found = []
    for code, drawn in sorted(drawing.new.items()):
        ratio = drawn.shape.area / usual if usual else 1.0
        if not 1 / BAND <= ratio <= BAND:
            text = _("The area is %s times that of the usual cell here.") % f"{ratio:.2g}"
            found.append(Finding("area", WARNING, text, (code,), at(place_of(drawn.shape))))
    return found


def _other_warnings(plan: BoundaryPlan, drawing: Drawing, now: datetime) -> list[Finding]:
    found = []
    for other in plan_queries.also_drawn(plan, drawing.codes):
        text = _("Another open plan draws the same cells: %s.") % other["name"]
        cells = tuple(other["cells"])
        found.append(Finding("other_plan", WARNING, text, cells, None, {"plan": other["plan"]}))
    vacant = queries.vacant_cells(now).filter(code__in=list(drawing.old))
    for code in vacant.values_list("code", flat=True):
        found.append(Finding("no_worker", WARNING, _("Nobody works in this cell."), (code,)))
    return found


def _file_findings(plan: BoundaryPlan) -> list[Finding]:
    """What was found in the file that a plan was begun from; grave only where it is the plan."""
    found = []
    for one in plan.report:
        level = BLOCKING if one["grave"] and plan.base_id is None else WARNING
        place = None if one["lon"] is None else (one["lon"], one["lat"])
        found.append(Finding(one["kind"], level, one["note"], tuple(one["cells"]), place))
    return found
