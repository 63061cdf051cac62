"""Polygons of a vector file in WGS84: any usual format, encoding and CRS, or a refusal with the hint."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import shapely
from django.utils.translation import gettext as _
from pyproj.exceptions import CRSError
from shapely import Geometry

from core.errors import Invalid
from geo_grid import vectors
from geo_grid.coordinates import (
    BD09,
    CGCS2000,
    GCJ02,
    SERVED,
    WGS84,
    from_wgs84,
    gauss_kruger_of,
    to_wgs84,
)
from geo_grid.services.words import FILES
from geo_grid.vector_reader import FORMATS

SHIFTED = (GCJ02, BD09)
NAMED = {WGS84: SERVED, CGCS2000: "EPSG:4490"}
STATELESS = {name for one in FORMATS if not one.datum for name in one.drivers}
CHINA = (73.0, 18.0, 135.1, 53.6)
LATTICE = 200  # points to a side at which two grounds are compared
ASTRAY = 0.02  # share of the ground by which polygons may miss the map in force


@dataclass(frozen=True, slots=True)
class Polygons:
    """table: in WGS84, fields as text; mended: row -> a valid shape for an invalid one, to check
    with; notes: (kind, text) of what is to be looked at."""

    table: geopandas.GeoDataFrame
    mended: dict[int, Geometry]
    declared: str
    notes: tuple[tuple[str, str], ...]
    real: frozenset[str]


def read_polygons(
    path: Path,
    source_crs: str = "",
    *,
    layer: str = "",
    encoding: str = "",
    limits: vectors.Limits = vectors.BY_HAND,
) -> Polygons:
    """The polygons of a file. Invalid names a file, layer, encoding or CRS that cannot be used."""
    try:
        if not path.is_file():
            raise vectors.BadFile("missing")
        read = vectors.read(path, layer=layer, encoding=encoding, limits=limits)
        if read.table.empty or read.table.geometry.isna().all():
            raise vectors.BadFile("no_polygons")
    except vectors.BadFile as bad:
        raise Invalid(FILES[bad.key] % ({"file": path.name} | bad.details), "file") from None
    table = read.table
    kinds = set(table.geom_type.dropna()) - {"Polygon", "MultiPolygon"}
    if kinds:
        found = ", ".join(sorted(kinds))
        raise Invalid(_("Polygons are expected; the file holds %s.") % found, "file")
    table.geometry = shapely.force_2d(table.geometry.values)
    declared = table.crs.to_string()[:120] if table.crs else "-"
    notes = [_encoding_note(note) for note in read.notes]
    if not source_crs and read.driver in STATELESS and _in_china(table):
        text = _(
            "A %s file names no datum. Taken as WGS84: say so with --source-crs, or gcj02, bd09."
        )
        notes.append(("datum", text % read.driver))
    valid = geopandas.GeoDataFrame(geometry=list(read.mended.values()), crs=table.crs)
    mended = dict(zip(read.mended, _in_wgs84(valid, source_crs).geometry, strict=True))
    return Polygons(_in_wgs84(table, source_crs), mended, declared, tuple(notes), read.real)


def _encoding_note(note: dict) -> tuple[str, str]:
    if note["said"]:
        text = _("The file says that its text is in %(said)s; it is in %(used)s and was read so.")
    else:
        text = _("The file does not say the encoding of its text; it was read as %(used)s.")
    return note["kind"], text % note


def _in_china(table: geopandas.GeoDataFrame) -> bool:
    west, south, east, north = table.total_bounds
    return west >= CHINA[0] and south >= CHINA[1] and east <= CHINA[2] and north <= CHINA[3]


def _in_wgs84(table: geopandas.GeoDataFrame, source_crs: str) -> geopandas.GeoDataFrame:
    if table.empty:
        return table
    try:
        if source_crs in SHIFTED:
            _refuse_impossible(table)
            table = table.set_crs(SERVED, allow_override=True)
        elif source_crs:
            table = table.set_crs(NAMED.get(source_crs, source_crs), allow_override=True)
        if table.crs is None or not (table.crs.is_geographic or table.crs.is_projected):
            hint = _hint(table.total_bounds)
            raise Invalid(
                _("The file names no CRS. Give it with --source-crs.") + hint, "source-crs"
            )
        if table.crs.is_geographic:
            _refuse_impossible(table)
        table = table.to_crs(SERVED)
    except CRSError:
        raise Invalid(_("PROJ does not know the CRS %s.") % source_crs, "source-crs") from None
    if source_crs in SHIFTED:
        table.geometry = shapely.transform(table.geometry.values, _unshift(source_crs))
    _refuse_impossible(table)
    return table


def _unshift(datum: str) -> Callable[[np.ndarray], np.ndarray]:
    return lambda points: np.array([to_wgs84(lon, lat, datum) for lon, lat in points])


def _refuse_impossible(table: geopandas.GeoDataFrame) -> None:
    """Feet or metres in a file that says degrees: recognised, never guessed."""
    bounds = table.total_bounds
    possible = np.isfinite(bounds).all() and (np.abs(bounds) <= [180, 90, 180, 90]).all()
    if not possible:
        text = ", ".join(f"{value:.1f}" for value in bounds)
        said = _("Coordinates %s cannot be degrees. Name the CRS of the file with --source-crs.")
        raise Invalid(said % text + _hint(bounds), "source-crs")


def _hint(bounds: np.ndarray) -> str:
    """What eastings and northings look like, as a sentence to follow another; or nothing."""
    west, south, east, north = bounds
    if not np.isfinite(bounds).all():
        return ""
    if abs(west) <= 90 < abs(north) <= 180:
        return " " + _("Longitude and latitude look swapped.")
    found = gauss_kruger_of((west + east) / 2, (south + north) / 2)
    if found is None:
        return ""
    text = _(
        "Eastings of eight digits beginning with %(zone)d look like CGCS2000, %(width)d-degree "
        "zone %(zone)d: EPSG:%(srid)d."
    )
    return " " + text % found


def refuse_other_datum(
    table: geopandas.GeoDataFrame, reference: Geometry | None, source_crs: str
) -> bool:
    """Refuse polygons that fit the map in force clearly better in another datum than they were
    taken for; answers whether there was anything to compare with. reference: the ground that they
    should cover, in WGS84.

    A datum shifts a district as a whole, so one vector of the middle is enough to try it. Compared
    at the points of a lattice: what polygons of a stranger cost stays the same, however wild.
    """
    if reference is None or reference.is_empty:
        return False
    taken = source_crs if source_crs in SHIFTED else WGS84
    shapes = table.geometry.values
    bounds = shapely.total_bounds(shapes)
    if not np.isfinite(bounds).all():
        return False
    lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    raw = from_wgs84(lon, lat, taken)
    shifts = {datum: np.subtract(to_wgs84(*raw, datum), (lon, lat)) for datum in (WGS84, *SHIFTED)}
    wide = np.abs(list(shifts.values())).max(axis=0)
    low = np.minimum(reference.bounds[:2], bounds[:2]) - wide
    high = np.maximum(reference.bounds[2:], bounds[2:]) + wide
    within = (*low, *high)
    there = covered([reference], *_lattice(within))
    if not there.any():
        return False
    misses = {}
    for datum, shift in shifts.items():
        here = covered(shapes, *_lattice(within, -shift))
        misses[datum] = (here != there).sum() / there.sum()
    best = min(misses, key=lambda datum: misses[datum])
    if best != taken and misses[taken] > ASTRAY and misses[best] < misses[taken] / 2:
        text = _(
            "The polygons miss the map in force by %(miss).1f %% of its ground; read as %(datum)s "
            "they fit. Give --source-crs %(datum)s."
        )
        raise Invalid(text % {"miss": 100 * misses[taken], "datum": best}, "source-crs")
    return True


def _lattice(bounds: tuple, shift=(0.0, 0.0)) -> tuple[np.ndarray, np.ndarray]:
    west, south, east, north = bounds
    steps = (np.arange(LATTICE) + 0.5) / LATTICE
    return west + (east - west) * steps + shift[0], south + (north - south) * steps + shift[1]


def covered(shapes, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """Row by row, whether each point of a lattice lies in an odd number of polygons: of cells side
    by side, in one of them. Nothing is cut and nothing joined, so shapes may be as they like."""
    rings = shapely.get_rings(shapely.get_parts(shapely.get_parts(shapes)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    one, two = points[:-1][same], points[1:][same]
    found = np.zeros((len(ys), len(xs)), dtype=bool)
    for row, y in enumerate(ys):
        over = (one[:, 1] > y) != (two[:, 1] > y)
        (x, low), (to_x, high) = one[over].T, two[over].T
        crossings = np.sort(x + (y - low) / (high - low) * (to_x - x))
        found[row] = np.searchsorted(crossings, xs) % 2 == 1
    return found
