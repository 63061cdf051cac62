"""Where polygons lie, against where they should: zones, datums and axes that somebody mixed up.

A file is recognised and the hint given; nothing is guessed on its behalf.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas
import numpy as np
import shapely
from django.utils.translation import gettext as _
from pyproj import CRS
from pyproj.aoi import AreaOfUse
from shapely import Geometry

from core.errors import Invalid
from geo_grid import districts
from geo_grid.coordinates import (
    BD09,
    GCJ02,
    SERVED,
    WGS84,
    from_wgs84,
    gauss_kruger_of,
    to_wgs84,
    transformer,
)

SHIFTED = (GCJ02, BD09)
LATTICE = 200  # points to a side at which two grounds are compared
ASTRAY = 0.02  # share of the ground by which polygons may miss the map in force
NUMBERED = {4491: 4502, 4513: 4534}  # first zone with its number in the eastings: without
ZONES = {4491: 11, 4513: 21}  # how many zones there are of each
WIDEST_DEG = 5.0  # of one cell


@dataclass(frozen=True, slots=True)
class Origin:
    """The numbers of a file: bounds in its own CRS, that CRS as text, and the name of the option
    that says otherwise."""

    bounds: tuple[float, ...]
    crs: str
    option: str


@dataclass(frozen=True, slots=True)
class Ground:
    """The map in force where polygons belong, in WGS84. same: of just their cells, not of the
    whole district; alike: it may be compared in its entirety."""

    shape: Geometry
    same: bool
    alike: bool


def possible_degrees(bounds) -> bool:
    """Whether west, south, east, north can be longitudes and latitudes."""
    return bool(np.isfinite(bounds).all() and (np.abs(bounds) <= [180, 90, 180, 90]).all())


# --- what the numbers alone say ---------------------------------------------------------------
def zone_hint(origin: Origin) -> str:
    """What eastings and northings look like, as a sentence to follow another; or nothing."""
    west, south, east, north = origin.bounds
    if not np.isfinite(origin.bounds).all():
        return ""
    if abs(west) <= 90 < abs(north) <= 180:
        return " " + _("Longitude and latitude look swapped.")
    x, y = (west + east) / 2, (south + north) / 2
    for text, easting, northing in (("", x, y), (_axes_look_swapped(), y, x)):
        found = gauss_kruger_of(easting, northing)
        if found:
            said = _(
                "Eastings of eight digits beginning with %(zone)d look like CGCS2000, "
                "%(width)d-degree zone %(zone)d: EPSG:%(srid)d."
            )
            return f" {text}{said % found}"
    if 100_000 <= x <= 900_000 and 1_500_000 <= y <= 6_500_000:
        text = _(
            "Eastings of six digits hold no number of a zone: it may be CGCS2000 by a central "
            "meridian (EPSG:4534 to 4554, 75 to 135 degrees; here EPSG:%d) or UTM."
        )
        return " " + text % (_without_number(origin.crs) or districts.of("").metric_srid)
    return ""


def _axes_look_swapped() -> str:
    return _("The axes look swapped: x is the easting, y the northing.") + " "


def _without_number(crs: str) -> int | None:
    """The same zone of a CGCS2000 CRS whose eastings hold its number, without it."""
    srid = CRS.from_user_input(crs).to_epsg() if crs else None
    for first, other in NUMBERED.items():
        if srid and first <= srid < first + ZONES[first]:
            return srid - first + other
    return None


def refuse_swapped(origin: Origin, served: np.ndarray) -> None:
    """Refuse what lies outside of where its CRS is used, and inside with x and y exchanged.

    served: its bounds in WGS84 degrees.
    """
    area = _area_of_use(origin.crs)
    if area is None or _inside(area, served):
        return
    west, south, east, north = origin.bounds
    middle = transformer(origin.crs, SERVED).transform((south + north) / 2, (west + east) / 2)
    if _inside(area, (*middle, *middle)):
        raise Invalid(_axes_look_swapped() + _("Exchange them in the file."), "file")


def _area_of_use(text: str) -> AreaOfUse | None:
    crs = CRS.from_user_input(text)
    srid = None if crs.area_of_use else crs.to_epsg(min_confidence=20)
    return CRS.from_epsg(srid).area_of_use if srid else crs.area_of_use


def _inside(area: AreaOfUse, bounds) -> bool:
    """Whether the middle lies in it, or within a degree: zones are used a little further."""
    lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    wide = min((area.east - area.west) % 360 or 360, 358)
    return (lon - area.west + 1) % 360 <= wide + 2 and area.south - 1 <= lat <= area.north + 1


def refuse_wide(table: geopandas.GeoDataFrame) -> None:
    """Refuse a cell over half a continent, as one that crosses the 180th meridian seems to be.

    table: `code` and shapes in WGS84 degrees.
    """
    bounds = shapely.bounds(table.geometry.values)
    wide = bounds[:, 2] - bounds[:, 0]
    for row in np.flatnonzero(wide > WIDEST_DEG)[:1].tolist():
        text = _(
            "Cell %(code)s would be %(wide).1f degrees of longitude wide; at most %(most)d are "
            "possible, and none across the 180th meridian."
        )
        told = {"code": table.code.iloc[row], "wide": wide[row], "most": WIDEST_DEG}
        raise Invalid(text % told, "file")


# --- against the map in force -----------------------------------------------------------------
def refuse_other_datum(
    table: geopandas.GeoDataFrame, ground: Ground | None, source_crs: str, option: str
) -> bool:
    """Refuse polygons that fit the map in force clearly better in another datum than they were
    taken for; answers whether they fit it as they are.

    A datum shifts a district as a whole, so one vector of the middle is enough to try it. Compared
    at the points of a lattice: what polygons of a stranger cost stays the same, however wild.
    """
    if ground is None or not ground.alike:
        return False
    taken = source_crs if source_crs in SHIFTED else WGS84
    shapes, reference = table.geometry.values, ground.shape
    bounds = shapely.total_bounds(shapes)
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
            "they fit. Give %(option)s %(datum)s."
        )
        told = {"miss": 100 * misses[taken], "datum": best, "option": option}
        raise Invalid(text % told, "source-crs")
    return bool(best == taken and misses[taken] < 0.5)


def astray(table: geopandas.GeoDataFrame, ground: Ground | None, origin: Origin) -> str:
    """A sentence if polygons lie elsewhere than the map in force, with what would bring them
    there; nothing if they do not.

    Cells that are redrawn must share some ground with what they were. New cells of a district may
    lie beside its map, but not farther off than that is wide.
    """
    if ground is None or _shared(table.geometry.values, ground.shape) > ASTRAY:
        return ""
    if not ground.same and not far_off(table.total_bounds, ground.shape.bounds):
        return ""
    text = _("The polygons share no ground with the map in force where they belong.")
    for srid, swapped in _fitting(origin, ground.shape.bounds):
        if swapped:
            return f"{text} {_axes_look_swapped()}EPSG:{srid}"
        hint = _("Read as %(crs)s they fit: give %(option)s %(crs)s.")
        return f"{text} {hint % {'crs': f'EPSG:{srid}', 'option': origin.option}}"
    return f"{text} {_('If they are of another city, name its district or community.')}"


def far_off(bounds, others) -> bool:
    """Whether a box is farther from another than that is wide or high."""
    here, there = np.asarray(bounds), np.asarray(others)
    apart = np.maximum(here[:2] - there[2:], there[:2] - here[2:]).max()
    return bool(apart > (there[2:] - there[:2]).max())


def _shared(shapes, ground: Geometry) -> float:
    """The larger of two shares: of the polygons' ground that is the map's, and the reverse."""
    of_file, of_ground = _lattice(tuple(shapely.total_bounds(shapes))), _lattice(ground.bounds)
    here, there = covered(shapes, *of_file), covered([ground], *of_ground)
    common = (here & covered([ground], *of_file)).sum() / max(here.sum(), 1)
    return max(common, (there & covered(shapes, *of_ground)).sum() / max(there.sum(), 1))


def _fitting(origin: Origin, ground: tuple) -> Iterator[tuple[int, bool]]:
    """CRS in which the numbers of a file fall on a ground given in degrees, the nearest first;
    and whether with x and y exchanged."""
    west, south, east, north = ground
    x, y = np.array(origin.bounds).reshape(2, 2).mean(axis=0)
    found = []
    for srid in _usual_near((west + east) / 2, (south + north) / 2):
        change = transformer(SERVED, f"EPSG:{srid}").transform
        (left, right), (low, high) = change([west, east], [south, north])
        middle, size = ((left + right) / 2, (low + high) / 2), max(right - left, high - low)
        for swapped, spot in ((False, (x, y)), (True, (y, x))):
            away = np.hypot(spot[0] - middle[0], spot[1] - middle[1]) / size
            if away < 1:
                found.append((away, srid, swapped))
    yield from ((srid, swapped) for _away, srid, swapped in sorted(found))


def _usual_near(lon: float, lat: float) -> list[int]:
    """EPSG codes of what people use around a place: degrees, CGCS2000 by zones, UTM, Mercator."""
    three, six = round(lon / 3), int((lon + 180) // 6) + 1
    zones = [*range(three - 1, three + 2)]
    found = [4545 + zone - 36 for zone in zones] + [4524 + zone - 36 for zone in zones]
    found = [srid for srid in found if 4513 <= srid <= 4554]
    sixes = [4491 + six - 30 - 13, 4502 + six - 30 - 13] if 43 <= six <= 53 else []
    return [4326, *found, *sixes, (32600 if lat >= 0 else 32700) + six, 3857]


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
