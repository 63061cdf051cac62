"""Whole coverages, of a file or made, as a draft plan with the topology report on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import shapely
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from shapely import Geometry

from core.errors import Conflict, Invalid, NotFound
from geo_grid import codes
from geo_grid.coordinates import SERVED, transformer
from geo_grid.models import Area, AreaOutline, BoundaryPlan, Cell, CellBoundary
from geo_grid.services.records import record_fields
from geo_grid.tiling import canonical
from geo_grid.topology import Defect, check_coverage

MOST_NAME = Cell._meta.get_field("name").max_length


@dataclass(frozen=True, slots=True)
class CellShape:
    """One cell as drawn: polygon in the plan's metric CRS; mended: a valid one for an invalid one,
    to check its neighbours with."""

    code: str
    name: str
    community_code: str
    polygon: Geometry
    mended: Geometry | None = None

    @property
    def district(self) -> str:
        return self.community_code[:6]


@transaction.atomic
def draft_plan(
    *,
    name: str,
    cells: Sequence[CellShape],
    srid: int,
    provenance: str,
    synthetic: bool = False,
    notes: Sequence[tuple[str, str]] = (),
    now: datetime,
) -> BoundaryPlan:
    """Draw cells as a new draft plan, with the topology report on it. Nothing is repaired.

    notes: (kind, text) of what is to be looked at in the file as a whole.
    """
    _refuse_double_codes(cells)
    district = next(iter({cell.district for cell in cells}), "")
    shapes = {cell.code: cell.polygon for cell in cells}
    mended = {cell.code: cell.mended for cell in cells if cell.mended is not None}
    found = check_coverage(shapes, _outline_of(district, srid), mended)
    middle = _middle(list(shapes.values()))
    found += [Defect(kind, (), middle, 0.0, text) for kind, text in notes]
    plan = BoundaryPlan.objects.create(
        name=name,
        district=district,
        record_srid=srid,
        provenance=provenance,
        synthetic=synthetic,
        created_at=now,
        report=[_as_json(defect, f"EPSG:{srid}") for defect in found],
    )
    known = _cells_of(cells)
    community_codes = {cell.community_code for cell in cells}
    communities = {area.code: area for area in Area.objects.filter(code__in=community_codes)}
    boundaries = [
        _boundary(plan, known[cell.code], communities[cell.community_code], cell)
        for cell in cells
        if cell.polygon is not None and not cell.polygon.is_empty
    ]
    CellBoundary.objects.bulk_create(boundaries, batch_size=500)
    return plan


@transaction.atomic
def drop_plan(*, number: int) -> int:
    """Drop a draft of a whole coverage that was never published; answers how many codes are free
    again. Codes that another plan or anything else names stay."""
    plan = BoundaryPlan.objects.select_for_update().filter(pk=number).first()
    if plan is None:
        raise NotFound(_("There is no plan %d.") % number)
    if plan.status != BoundaryPlan.Status.DRAFT or plan.base_id is not None:
        raise Conflict(_("Only a draft from a file is dropped; plan %d is none.") % number, "plan")
    cells = list(plan.boundaries.values_list("cell", flat=True))
    plan.boundaries.all().delete()
    plan.delete()
    free = 0
    for cell in Cell.objects.filter(pk__in=cells, boundaries=None):
        try:
            with transaction.atomic():
                cell.delete()
            free += 1
        except ProtectedError:  # somebody has a post in it
            continue
    return free


def _middle(shapes: list[Geometry]) -> tuple[float, float]:
    west, south, east, north = shapely.total_bounds(shapes)
    return (west + east) / 2, (south + north) / 2


def _outline_of(district: str, srid: int) -> Geometry | None:
    """The outline of a district that has cells in force, in a metric CRS; None for a new one."""
    found = AreaOutline.objects.filter(area__code=district).first()
    if found is None:
        return None
    to_metric = transformer(SERVED, f"EPSG:{srid}").transform
    served = shapely.from_wkb(bytes(found.geom.wkb))
    return canonical(shapely.transform(served, to_metric, interleaved=False))


def _refuse_double_codes(cells: Sequence[CellShape]) -> None:
    seen: set[str] = set()
    for cell in cells:
        if cell.code in seen:
            raise Invalid(_("Cell code %s occurs more than once.") % cell.code, "code")
        if not codes.is_foreign_cell_code(cell.code):
            raise Invalid(_("%r is no cell code: 1 to 20 letters or digits.") % cell.code, "code")
        refuse_unstorable(cell.code, cell.name)
        seen.add(cell.code)


def refuse_unstorable(code: str, name: str) -> None:
    """Refuse the name of a cell that is too long or holds characters that are no text."""
    if len(name) > MOST_NAME:
        text = _("The name of cell %(code)s has %(n)d characters; at most %(most)d are possible.")
        raise Invalid(text % {"code": code[:40], "n": len(name), "most": MOST_NAME}, "name")
    if "\0" in name:
        text = _("The name of cell %s holds a character that is no text.")
        raise Invalid(text % code[:40], "name")


def _cells_of(cells: Sequence[CellShape]) -> dict[str, Cell]:
    """The identities of the codes; new ones are made, a known one must stay in its district. A
    code that is of drafts only is nobody's yet."""
    wanted = {cell.code: cell for cell in cells}
    known = {cell.code: cell for cell in Cell.objects.filter(code__in=wanted)}
    moved = [cell for code, cell in known.items() if cell.district != wanted[code].district]
    refuse_of_another_district(moved)
    for cell in moved:
        cell.district = wanted[cell.code].district
    Cell.objects.bulk_update(moved, ["district"], batch_size=500)
    fresh = [
        Cell(code=code, name=cell.name, district=cell.district)
        for code, cell in wanted.items()
        if code not in known
    ]
    Cell.objects.bulk_create(fresh)
    return known | {cell.code: cell for cell in fresh}


def refuse_of_another_district(cells: Sequence[Cell]) -> None:
    """Refuse to take cells for another district than that in which they were in force."""
    used = CellBoundary.objects.filter(cell__in=cells, valid_during__isnull=False)
    taken = used.order_by("cell__code").values_list("cell__code", flat=True).first()
    if taken:
        raise Conflict(_("Cell code %s is already used in another district.") % taken, "code")


def _boundary(plan: BoundaryPlan, cell: Cell, community: Area, drawn: CellShape) -> CellBoundary:
    fields = record_fields(drawn.polygon, plan.record_srid)
    return CellBoundary(
        plan=plan, cell=cell, community=community, name=drawn.name, kind=cell.kind, **fields
    )


def note_as_json(kind: str, text: str, bounds: Sequence[float]) -> dict:
    """A note on a whole file as it stands in a plan's report. bounds: in WGS84 degrees."""
    west, south, east, north = bounds
    return _as_json(Defect(kind, (), ((west + east) / 2, (south + north) / 2), 0.0, text), SERVED)


def _as_json(defect: Defect, crs: str) -> dict:
    lon, lat = transformer(crs, SERVED).transform(*defect.place) if defect.place else (None, None)
    return {
        "id": defect.name,
        "kind": defect.kind,
        "grave": defect.grave,
        "cells": list(defect.cells),
        "lon": lon and round(lon, 7),
        "lat": lat and round(lat, 7),
        "area_m2": round(defect.area_m2, 3),
        "width_m": round(defect.width_m, 3),
        "note": defect.note,
    }
