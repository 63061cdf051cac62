"""Polygons of a vector file in WGS84: any usual format, encoding and CRS, or a refusal with the hint."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import shapely
from django.utils.translation import gettext as _
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely import Geometry

from core.errors import Invalid
from geo_grid import vectors
from geo_grid.coordinates import CGCS2000, SERVED, WGS84, NoOperation, to_wgs84, way_to_served
from geo_grid.services.whereabouts import (
    SHIFTED,
    Origin,
    possible_degrees,
    refuse_swapped,
    zone_hint,
)
from geo_grid.services.words import FILES, NOTES
from geo_grid.topology import ACCURACY
from geo_grid.vector_formats import FORMATS

NAMED = {WGS84: SERVED, CGCS2000: "EPSG:4490"}
STATELESS = {name for one in FORMATS if not one.datum for name in one.drivers}
CHINA = (73.0, 18.0, 135.1, 53.6)
COARSE_M = 5.0  # accuracy of a change of datum beyond which people must agree


@dataclass(frozen=True, slots=True)
class Polygons:
    """table: in WGS84, fields as text; mended: row -> a valid shape for an invalid one, to check
    with; notes: (kind, text) of what is to be looked at; origin: what the file itself held."""

    table: geopandas.GeoDataFrame
    mended: dict[int, Geometry]
    declared: str
    notes: tuple[tuple[str, str], ...]
    real: frozenset[str]
    origin: Origin


def read_polygons(
    path: Path,
    source_crs: str = "",
    *,
    layer: str = "",
    encoding: str = "",
    limits: vectors.Limits = vectors.BY_HAND,
    option: str = "--source-crs",
) -> Polygons:
    """The polygons of a file. Invalid names a file, layer, encoding or CRS that cannot be used.

    source_crs: what the coordinates are, whatever the file says; gcj02 and bd09 of a file in a
    projected CRS are the datum of the degrees that were projected. option: its name in hints.
    """
    read = _read(path, layer, encoding, limits)
    table = read.table
    declared = table.crs.to_string()[:120] if table.crs else "-"
    notes = [_note(note) for note in read.notes]
    if not source_crs and read.driver in STATELESS and _in_china(table):
        text = _(
            "A %(format)s file names no datum. Taken as WGS84: say so with %(option)s, or gcj02, "
            "bd09."
        )
        notes.append(("datum", text % {"format": read.driver, "option": option}))
    origin = Origin(tuple(table.total_bounds), _crs_of(table, source_crs, option), option)
    valid = geopandas.GeoSeries(list(read.mended.values()))
    change, coarse = _change(origin, source_crs)
    table = geopandas.GeoDataFrame(
        table.drop(columns="geometry"), geometry=change(table.geometry.values), crs=SERVED
    )
    if not possible_degrees(table.total_bounds):
        raise _impossible(origin)
    refuse_swapped(origin, table.total_bounds)
    mended = dict(zip(read.mended, change(valid.values), strict=True))
    notes += coarse
    return Polygons(table, mended, declared, tuple(notes), read.real, origin)


def _read(path: Path, layer: str, encoding: str, limits: vectors.Limits) -> vectors.VectorFile:
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
    return read


def _note(note: dict) -> tuple[str, str]:
    kind = note["kind"]
    return kind, NOTES["other_encoding" if note.get("said") else kind] % note


def _in_china(table: geopandas.GeoDataFrame) -> bool:
    west, south, east, north = table.total_bounds
    return west >= CHINA[0] and south >= CHINA[1] and east <= CHINA[2] and north <= CHINA[3]


def _crs_of(table: geopandas.GeoDataFrame, source_crs: str, option: str) -> str:
    """The CRS of the numbers in the file, as text for PROJ."""
    bounds = tuple(table.total_bounds)
    try:
        if source_crs in SHIFTED:
            projected = table.crs is not None and table.crs.is_projected
            return table.crs.to_string() if projected and not possible_degrees(bounds) else SERVED
        crs = CRS.from_user_input(NAMED.get(source_crs, source_crs)) if source_crs else table.crs
    except CRSError:
        raise Invalid(_("PROJ does not know the CRS %s.") % source_crs, "source-crs") from None
    if crs is None or not (crs.is_geographic or crs.is_projected):
        said = _("The file names no CRS. Give it with %s.") % option
        raise Invalid(said + zone_hint(Origin(bounds, "", option)), "source-crs")
    if crs.is_geographic and not possible_degrees(bounds):
        raise _impossible(Origin(bounds, crs.to_string(), option))
    return crs.to_string()


def _change(origin: Origin, source_crs: str) -> tuple[Callable, list[tuple[str, str]]]:
    """What brings shapes of the file to WGS84, and a note where that is inexact."""
    west, south, east, north = origin.bounds
    try:
        way, accuracy = way_to_served(origin.crs, (west + east) / 2, (south + north) / 2)
    except NoOperation:
        text = _(
            "PROJ knows no exact way from %(crs)s to WGS84 here; taken as it is, the file would lie "
            "some ten to some hundred metres off. Change it to CGCS2000 first, or give %(option)s "
            "with parameters of the place, as +proj=... +towgs84=..."
        )
        told = {"crs": CRS.from_user_input(origin.crs).name, "option": origin.option}
        raise Invalid(text % told, "source-crs") from None

    def change(shapes):
        shapes = shapely.transform(shapes, way.transform, interleaved=False)
        return shapely.transform(shapes, _unshift(source_crs)) if source_crs in SHIFTED else shapes

    if accuracy <= COARSE_M:
        return change, []
    text = _("The way from %(crs)s to WGS84 that PROJ has here is exact to %(n)d m only.")
    told = {"crs": CRS.from_user_input(origin.crs).name, "n": accuracy}
    return change, [(ACCURACY, text % told)]


def _unshift(datum: str) -> Callable[[np.ndarray], np.ndarray]:
    return lambda points: np.array([to_wgs84(lon, lat, datum) for lon, lat in points])


def _impossible(origin: Origin) -> Invalid:
    """Feet or metres in a file that says degrees, or metres of another zone than that said:
    recognised, never guessed."""
    text = ", ".join(f"{value:.1f}" for value in origin.bounds)
    said = _(
        "Coordinates %(bounds)s cannot be of %(crs)s. Name the CRS of the file with %(option)s."
    )
    told = {"bounds": text, "crs": origin.crs, "option": origin.option}
    return Invalid(said % told + zone_hint(origin), "source-crs")
