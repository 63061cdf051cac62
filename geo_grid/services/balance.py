"""Cells of a plan balanced by workload: what is to be divided, and a proposal drawn into the plan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from django.db import transaction
from django.utils.translation import gettext as _
from shapely import Geometry

from core import sql
from core.errors import Conflict, Invalid
from geo_grid import plan_queries
from geo_grid.edits import Drawn
from geo_grid.models import BoundaryPlan, PlanEdit, User
from geo_grid.proposals import (
    WISHES,
    Figures,
    Piece,
    Proposal,
    Units,
    cut_pieces,
    measure,
    propose,
    units_of,
)
from geo_grid.services import drawing
from geo_grid.tiling import canonical

PIECES_OF_A_CELL = 14
MOST_CELLS = 600
BY_GROUND = 0.2  # of the workload: the ways to walk, shared by area


@dataclass(frozen=True, slots=True)
class Task:
    """Everything a balance needs; no database any more."""

    cells: dict[str, Drawn]
    around: dict[str, Geometry]
    pieces: list[Piece]
    units: Units
    across: bool

    def now(self) -> Figures:
        """The figures of the cells as the plan draws them."""
        return measure(self.units, self.units.zones, self.across)

    def run(self, on_progress: Callable | None = None, only: str = "") -> list[Proposal]:
        """All alternatives, or only one of them; the same each time."""
        return propose(self.units, across=self.across, only=only, on_progress=on_progress)

    def shapes(self, proposal: Proposal) -> dict[str, Geometry]:
        """The cells that a proposal draws otherwise, with neighbours whose borders get nodes."""
        polygons = np.array([piece.polygon for piece in self.pieces], dtype=object)
        new = dict(self.around)
        for zone, code in enumerate(self.cells):
            new[code] = shapely.coverage_union_all(polygons[proposal.zones == zone])
        return {code: canonical(shape) for code, shape in new.items()}

    def moves(self, proposal: Proposal) -> list[tuple[str, str, Geometry]]:
        """(from, to, ground) of what changes its cell."""
        codes = list(self.cells)
        moved: dict[tuple[int, int], list[Geometry]] = {}
        pairs = zip(self.units.zones.tolist(), proposal.zones.tolist(), strict=True)
        for piece, (before, after) in zip(self.pieces, pairs, strict=True):
            if before != after:
                moved.setdefault((before, after), []).append(piece.polygon)
        return [
            (codes[one], codes[two], shapely.coverage_union_all(parts))
            for (one, two), parts in moved.items()
        ]


def task_of(
    *,
    plan: BoundaryPlan,
    codes: Sequence[str],
    points: Callable[[Sequence[Geometry], int], np.ndarray],
    across: bool,
    lines: Geometry | None = None,
) -> Task:
    """Cut the cells into pieces and weigh them.

    points: (shapes, CRS) -> places of work in that CRS, (n, 2). Conflict for fewer than two cells.
    """
    if not 2 <= len(set(codes)) <= MOST_CELLS:
        raise Invalid(_("Between 2 and %d cells can be balanced at once.") % MOST_CELLS, "cells")
    cells = plan_queries.cells_of(plan, codes=sorted(set(codes)))
    missing = sorted(set(codes) - set(cells))
    if missing:
        raise Invalid(_("The plan has no cell %s.") % missing[0], "cells")
    shapes = {code: drawn.shape for code, drawn in sorted(cells.items())}
    beside = plan_queries.cells_of(plan, near=list(shapes.values()))
    around = {code: drawn.shape for code, drawn in beside.items() if code not in cells}
    pieces, around = cut_pieces(shapes, lines, PIECES_OF_A_CELL, around)
    loads = _loads(pieces, points(list(shapes.values()), plan.record_srid))
    homes = {code: drawn.community for code, drawn in cells.items()}
    units = units_of(pieces, loads, list(shapes), homes, lines)
    return Task({code: cells[code] for code in shapes}, around, pieces, units, across)


def _loads(pieces: Sequence[Piece], places: np.ndarray) -> np.ndarray:
    """Incidents of each piece, and a share of the whole by area."""
    polygons = [piece.polygon for piece in pieces]
    areas = shapely.area(polygons)
    found, _points = shapely.STRtree(shapely.points(places)).query(polygons, predicate="contains")
    counts = np.bincount(found, minlength=len(pieces)).astype(float)
    total = counts.sum() or 1.0
    return counts + BY_GROUND * total * areas / areas.sum()


@transaction.atomic
def draw_proposal(
    *, plan: BoundaryPlan, task: Task, name: str, expected: int, actor: User, now: datetime
) -> PlanEdit:
    """Draw one alternative into the plan, as one edit that can be undone and drawn on."""
    sql.patiently()
    plan = drawing.open_for_drawing(plan=plan, actor=actor, now=now, expected=expected)
    if name not in {wish.name for wish in WISHES}:
        raise Invalid(_("There is no such proposal."), "name")
    (proposal,) = task.run(only=name)
    before = plan_queries.cells_of(plan, codes=[*task.cells, *task.around])
    shapes = {
        code: shape
        for code, shape in task.shapes(proposal).items()
        if shapely.normalize(shape) != shapely.normalize(before[code].shape)
    }
    if not shapes:
        raise Conflict(_("The proposal changes nothing."), "name")
    wanted = {"shapes": shapes}
    return drawing.draw(plan=plan, kind="REDRAW", wanted=wanted, actor=actor, now=now, note=name)
