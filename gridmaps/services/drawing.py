"""The ground drawn coarser for low zooms, once per version; neighbours keep their border."""

import io
from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import shapely
from django.db import transaction

from core import sql
from core.layer import Layer
from geo_grid.coordinates import SERVED, transformer
from gridmaps import queries
from gridmaps.models import DrawnSet

KEPT_VERSIONS, KEPT_FOR = 48, timedelta(hours=1)
PIXEL_M = 2 * queries.HALF_WORLD_M / 512  # of zoom 0, at 512 pixels a tile


@transaction.atomic
def draw_layer(*, layer: Layer, version: str, params: Mapping, now: datetime) -> int:
    """Draw every polygon of a layer for each band of zooms; answers the drawn set's id.

    Half a pixel of the band's highest zoom is the tolerance. Polygons of one coverage are
    simplified together, so that no gap opens between neighbours. Old versions are forgotten.
    """
    sql.rows("gridmaps", "lock_drawing", {"layer": layer.name, "version": version})
    known = queries.drawn_set(layer, version)
    if known:
        return known
    rows = queries.polygons(layer, params)
    made = DrawnSet.objects.create(layer=layer.name, version=version, drawn_at=now)
    if rows:
        sql.copy("gridmaps", "copy_drawings", io.StringIO("\n".join(_lines(made.pk, rows))))
    _forget_old(layer, now)
    return made.pk


def _lines(drawn_set: int, rows: list[dict]):
    """Rows for COPY: set, band, feature, its fields, shape as hexadecimal EWKB."""
    keys = np.array([f"{row['id']}\t{_escaped(row['told'])}" for row in rows], dtype=object)
    groups = np.array([row["coverage"] for row in rows])
    shapes = shapely.from_wkb(np.array([bytes(row["geom"]) for row in rows], dtype=object))
    to_mercator = transformer(SERVED, "EPSG:3857").transform
    exact = shapely.transform(shapes, to_mercator, interleaved=False)
    for band in queries.BANDS:
        for group in np.unique(groups):
            chosen = groups == group
            drawn = on_grid(coarser(exact[chosen], band), band)
            words = shapely.to_wkb(shapely.set_srid(drawn, 3857), hex=True, include_srid=True)
            for key, word in zip(keys[chosen].tolist(), words.tolist(), strict=True):
                yield f"{drawn_set}\t{band}\t{key}\t{word}"


def _escaped(told: str) -> str:
    """JSON as COPY reads it; it holds no raw tab or line end."""
    return told.replace("\\", "\\\\")


def coarser(shapes: np.ndarray, band: int) -> np.ndarray:
    """A coverage in EPSG:3857 as a band of zooms needs it; the last band stays exact.

    What is no proper coverage (overlaps, which a planner may have accepted) stays exact too:
    simplified one by one, its borders would part.
    """
    if band == queries.BANDS[-1] or not shapely.coverage_is_valid(shapes):
        return shapes
    return shapely.coverage_simplify(shapes, PIXEL_M / 2**band / 2)


def on_grid(shapes: np.ndarray, band: int) -> np.ndarray:
    """Shapes in EPSG:3857 on the grid of a band's tiles, outer rings clockwise, as tiles want
    them; the last band stays as it is. A vertex that two share goes to the same place."""
    if band == queries.BANDS[-1]:
        return shapes
    unit = queries.side_of(band) / queries.UNITS
    moved = shapely.remove_repeated_points(shapely.set_precision(shapes, unit, mode="pointwise"))
    broken = ~shapely.is_valid(moved) | shapely.is_empty(moved)
    moved[broken] = shapely.set_precision(shapes[broken], unit)
    return shapely.orient_polygons(moved, exterior_cw=True)


def _forget_old(layer: Layer, now: datetime) -> None:
    newest = DrawnSet.objects.filter(layer=layer.name).order_by("-drawn_at", "-pk")
    kept = list(newest.values_list("pk", flat=True)[:KEPT_VERSIONS])
    stale = newest.exclude(pk__in=kept).filter(drawn_at__lt=now - KEPT_FOR)
    stale.delete()
