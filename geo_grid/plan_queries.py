"""Reads of plans: which there are, how a plan draws the ground, what was done to it."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np
import shapely
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Polygon
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from shapely import Geometry

from core.errors import Conflict, NotFound
from geo_grid import arcs
from geo_grid.coordinates import SERVED, transformer
from geo_grid.edits import REACH_M, Drawn
from geo_grid.models import BoundaryPlan, CellBoundary, GridRevision, PlanCell, PlanEdit, User
from geo_grid.scope import in_own_districts

BEFORE_ALL = datetime(1800, 1, 1, tzinfo=UTC)
SHOWN = ("code", "name", "kind", "community__code", "community__name", "area_m2", "shape")
COLUMNS = ("code", "name", "kind", "community__code", "record")


def plans(viewer: User, now: datetime, *, status: str = "", district: str = "") -> QuerySet:
    """The plans a viewer may see, newest first."""
    found = BoundaryPlan.objects.filter(in_own_districts(viewer, now)).select_related(
        "base", "author"
    )
    if status:
        found = found.filter(status=status)
    if district:
        found = found.filter(district=district)
    return found.order_by("-created_at", "-id")


def plan(viewer: User, now: datetime, number: int) -> BoundaryPlan:
    """One plan, if the viewer may see it."""
    found = plans(viewer, now).filter(pk=number).first()
    if found is None:
        raise NotFound(_("There is no plan %s that you may see.") % number)
    return found


def revision_at(district: str, at: datetime) -> GridRevision | None:
    """The version of a district's map in force at a moment."""
    found = GridRevision.objects.filter(district=district, effective_at__lte=at)
    return found.select_related("plan").order_by("-effective_at").first()


def versions(viewer: User, now: datetime, district: str) -> QuerySet[GridRevision]:
    """All versions of a district's map that the viewer may see, newest first."""
    found = GridRevision.objects.filter(in_own_districts(viewer, now), district=district)
    return found.select_related("plan").order_by("-number")


def cells_of(
    plan: BoundaryPlan, *, codes: Iterable[str] | None = None, near: Sequence[Geometry] = ()
) -> dict[str, Drawn]:
    """The cells as the plan draws them: all, those of some codes, or those near to shapes in the
    plan's CRS (by their boxes)."""
    drawn = PlanCell.objects.filter(plan=plan, until=None)
    redrawn = set(drawn.values_list("code", flat=True))
    here, base = Q(gone=False), Q()
    if codes is not None:
        here, base = here & Q(code__in=list(codes)), Q(cell__code__in=list(codes))
    elif len(near):
        box = _served_box(near, plan.record_srid)
        here, base = here & Q(geom__bboverlaps=box), Q(geom__bboverlaps=box)
    found = {code: one for code, one in base_cells(plan, base).items() if code not in redrawn}
    return found | _drawn(drawn.filter(here).values_list(*COLUMNS))


def base_cells(plan: BoundaryPlan, wanted: Q | None = None) -> dict[str, Drawn]:
    """The cells of the version that a plan started from."""
    return cells_at(plan.district, _started_at(plan), plan.record_srid, wanted)


def _started_at(plan: BoundaryPlan) -> datetime:
    """The moment of its base; the first map of a district has none and is shown as it came."""
    return plan.base.effective_at if plan.base_id else plan.effective_at or plan.created_at


def cells_at(district: str, at: datetime, srid: int, wanted: Q | None = None) -> dict[str, Drawn]:
    """The cells of a district in force at a moment. Conflict if some are recorded in other CRSs."""
    found = CellBoundary.objects.filter(wanted or Q(), valid_during__contains=at)
    found = found.filter(community__code__startswith=district)
    columns = ("cell__code", "name", "kind", "community__code", "record", "plan__record_srid")
    rows = list(found.values_list(*columns))
    if any(row[-1] != srid for row in rows):
        raise Conflict(_("The cells of this district are recorded in several CRSs."), "plan")
    return _drawn(row[:-1] for row in rows)


def _drawn(rows: Iterable[tuple]) -> dict[str, Drawn]:
    rows = list(rows)
    shapes = shapely.from_wkb([bytes(row[-1]) for row in rows])
    return {row[0]: Drawn(*row[:-1], shape) for row, shape in zip(rows, shapes, strict=True)}


def _served_box(shapes: Sequence[Geometry], srid: int) -> Polygon:
    west, south = np.min([shape.bounds[:2] for shape in shapes], axis=0) - REACH_M
    east, north = np.max([shape.bounds[2:] for shape in shapes], axis=0) + REACH_M
    to_served = transformer(f"EPSG:{srid}", SERVED)
    return Polygon.from_bbox(to_served.transform_bounds(west, south, east, north))


def changed_codes(plan: BoundaryPlan) -> set[str]:
    """The codes that a plan draws otherwise than its base, new and closed ones among them."""
    drawn = PlanCell.objects.filter(plan=plan, until=None)
    return set(drawn.values_list("code", flat=True))


def content_hash(plan: BoundaryPlan) -> str:
    """SHA-256 of all that a plan would put into force: its base and every cell it draws."""
    columns = ("code", "gone", "name", "kind", "community__code", "sha256")
    rows = PlanCell.objects.filter(plan=plan, until=None).values_list(*columns)
    text = [str(plan.base_id), *sorted("\x1f".join(map(str, row)) for row in rows)]
    return hashlib.sha256("\x1e".join(text).encode()).hexdigest()


def effective_edits(plan: BoundaryPlan) -> list[PlanEdit]:
    """The edits that count, oldest first: what undo took back is left out."""
    known = {edit.sequence: edit for edit in plan.edits.all()}
    found, at = [], plan.head
    while at:
        found.append(known[at])
        at = known[at].parent
    return found[::-1]


def undoable(plan: BoundaryPlan) -> PlanEdit | None:
    """The edit that an undo would take back; not beyond a change of the base."""
    found = plan.edits.filter(sequence=plan.head).first()
    return None if found is None or found.kind == "REBASE" else found


def redoable(plan: BoundaryPlan) -> PlanEdit | None:
    """The edit that a redo would put back: the last one undone at this place, if nothing new
    was drawn since."""
    moves = ("UNDO", "REDO")
    last = plan.edits.exclude(kind__in=moves).order_by("-sequence").first()
    undone = plan.edits.filter(kind="UNDO", sequence__gt=last.sequence if last else 0)
    for undo in undone.order_by("-sequence"):
        target = plan.edits.get(sequence=undo.undoes)
        if target.parent == plan.head:
            return target
    return None


def also_drawn(plan: BoundaryPlan, codes: Iterable[str]) -> list[dict]:
    """Other open plans that draw some of these cells: an early warning."""
    found = PlanCell.objects.filter(
        until=None, code__in=list(codes), plan__status__in=BoundaryPlan.OPEN
    )
    rows = found.exclude(plan=plan).values_list("plan_id", "plan__name", "code")
    told: dict[int, dict] = {}
    for number, name, code in rows.order_by("plan_id", "code"):
        told.setdefault(number, {"plan": number, "name": name, "cells": []})["cells"].append(code)
    return list(told.values())


def moved_base(plan: BoundaryPlan, now: datetime) -> dict | None:
    """If the map went on since a plan's base: the version now, and the cells both changed."""
    head = revision_at(plan.district, now)
    if head is None or head.pk == plan.base_id or head.plan_id == plan.pk:
        return None
    since = plan.base.effective_at if plan.base_id else BEFORE_ALL
    between = Q(
        valid_during__startswith__gt=since, valid_during__startswith__lte=head.effective_at
    ) | Q(valid_during__endswith__gt=since, valid_during__endswith__lte=head.effective_at)
    found = CellBoundary.objects.filter(between, community__code__startswith=plan.district)
    moved = set(found.values_list("cell__code", flat=True))
    return {"revision": head, "conflicts": sorted(moved & changed_codes(plan))}


def with_codes(codes: Iterable[str]) -> Q:
    """Filter of boundaries by the codes of their cells."""
    return Q(cell__code__in=list(codes))


def median_area(plan: BoundaryPlan, communities: Iterable[str]) -> float:
    """The area in m² of the usual cell of some communities in the base of a plan; 0 if none."""
    found = CellBoundary.objects.filter(community__code__in=list(communities))
    areas = found.filter(valid_during__contains=_started_at(plan))
    known = list(areas.values_list("area_m2", flat=True))
    return float(np.median(known)) if known else 0.0


def due_plans(now: datetime) -> list[BoundaryPlan]:
    """The scheduled plans whose moment has come, in the order of their moments."""
    found = BoundaryPlan.objects.filter(status="SCHEDULED", effective_at__lte=now)
    return list(found.order_by("effective_at", "pk"))


def features(
    plan: BoundaryPlan, *, codes: Iterable[str] | None = None, changed: bool = False
) -> list[dict]:
    """The cells as the plan draws them, with GeoJSON text in `shape` (EPSG:4326, 8 decimals) and
    `change`: new, changed or none. codes: only these; changed: only what the plan draws."""
    drawn = PlanCell.objects.filter(plan=plan, until=None)
    redrawn = set(drawn.values_list("code", flat=True))
    mine, base = drawn.filter(gone=False), _base_rows(plan)
    if codes is not None:
        mine, base = mine.filter(code__in=list(codes)), base.filter(cell__code__in=list(codes))
    told = mine.annotate(shape=AsGeoJSON("geom", precision=8)).values(*SHOWN)
    old = set(base.filter(cell__code__in=redrawn).values_list("cell__code", flat=True))
    rows = [{**row, "change": "changed" if row["code"] in old else "new"} for row in told]
    if not changed:
        rest = base.exclude(cell__code__in=redrawn).annotate(shape=AsGeoJSON("geom", precision=8))
        rows += [{**row, "change": ""} for row in rest.values(*SHOWN[1:], code=F("cell__code"))]
    for row in rows:
        row["community"] = row.pop("community__code")
        row["community_name"] = row.pop("community__name")
    return sorted(rows, key=lambda row: row["code"])


def _base_rows(plan: BoundaryPlan) -> QuerySet[CellBoundary]:
    found = CellBoundary.objects.filter(valid_during__contains=_started_at(plan))
    return found.filter(community__code__startswith=plan.district)


def gone_codes(plan: BoundaryPlan) -> list[str]:
    """The cells that the plan closes."""
    found = PlanCell.objects.filter(plan=plan, until=None, gone=True)
    return sorted(found.values_list("code", flat=True))


def borders(plan: BoundaryPlan, codes: Iterable[str] | None = None) -> dict:
    """Every shared border once, in degrees, and the junctions, for drawing and snapping; of some
    cells only if codes are given."""
    if codes is None:
        drawn = cells_of(plan)
    else:
        codes = set(codes)
        named = cells_of(plan, codes=codes)
        near = [one.shape for one in named.values()]
        drawn = named | (cells_of(plan, near=near) if near else {})
    found, nodes = arcs.arcs_of({code: one.shape for code, one in drawn.items()})
    kept = [arc for arc in found if codes is None or codes & set(arc.cells)]
    to_served = transformer(f"EPSG:{plan.record_srid}", SERVED).transform
    return {
        "arcs": [(arc, np.column_stack(to_served(*arc.points.T)).round(9)) for arc in kept],
        "nodes": np.column_stack(to_served(*nodes.T)).round(9) if len(nodes) else nodes,
    }


def lineage(revision: GridRevision) -> QuerySet:
    """Which cells came from which at one publication."""
    return revision.lineage.order_by("origin__code", "-share").values(
        "area_m2", "share", origin_code=F("origin__code"), result_code=F("result__code")
    )


def version(viewer: User, now: datetime, district: str, number: int) -> GridRevision:
    """One version of a district's map, if the viewer may see it."""
    found = versions(viewer, now, district).filter(number=number).first()
    if found is None:
        raise NotFound(_("There is no version %d of this map.") % number)
    return found
