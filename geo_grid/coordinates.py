"""Coordinates at the door: any datum in, WGS84 longitude and latitude out. Pure.

CGCS2000 and WGS84 differ by centimetres and are one for this use (domain reference, section 6).
GCJ-02 and BD-09 come from eviltransform; their inverse is iterated here until it is below a
millimetre, because the library's own stops at 0.1 m.
"""

import math
import warnings
from dataclasses import dataclass
from functools import cache

import eviltransform
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from pyproj.transformer import AreaOfInterest, TransformerGroup
from shapely import Geometry

WGS84, CGCS2000, GCJ02, BD09 = "wgs84", "cgcs2000", "gcj02", "bd09"
DATUMS = (WGS84, CGCS2000, GCJ02, BD09)
SERVED = "EPSG:4326"
_EQUATOR_M = 6_378_137.0  # of WGS84, GRS80 and CGCS2000: datums on these differ by centimetres
_TOLERANCE_DEG = 1e-9  # 0.1 mm
_FORWARD = {
    GCJ02: lambda lon, lat: eviltransform.wgs2gcj(lat, lon)[::-1],
    BD09: lambda lon, lat: eviltransform.wgs2bd(lat, lon)[::-1],
}


class BadCoordinates(ValueError):
    """The numbers cannot be a place on Earth."""


class NoOperation(BadCoordinates):
    """PROJ has only a guess for the way from an old datum to WGS84: the same degrees."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point as served (WGS84 degrees) and as it came (same axis order: longitude, latitude)."""

    lon: float
    lat: float
    source_lon: float
    source_lat: float
    datum: str


def at_the_door(lon: float, lat: float, datum: str = WGS84) -> Place:
    """Check the raw numbers, convert, keep the original. BadCoordinates says what is wrong."""
    if datum not in DATUMS:
        raise BadCoordinates("unknown datum: use one of wgs84, cgcs2000, gcj02, bd09")
    check(lon, lat)
    served_lon, served_lat = to_wgs84(lon, lat, datum)
    return Place(served_lon, served_lat, lon, lat, datum)


def check(lon: float, lat: float) -> None:
    """Range-check raw numbers, before any geometry is made of them."""
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise BadCoordinates("coordinates must be finite numbers")
    if abs(lon) <= 90 < abs(lat) <= 180:
        raise BadCoordinates("latitude is out of range; longitude and latitude look swapped")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadCoordinates("longitude must be within ±180 and latitude within ±90 degrees")


def to_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """Degrees of `datum` to WGS84 degrees; error below 1 mm inside China, identity outside."""
    if datum not in _FORWARD:
        return lon, lat
    forward = _FORWARD[datum]
    guess_lon, guess_lat = lon, lat
    for _ in range(30):
        back_lon, back_lat = forward(guess_lon, guess_lat)
        off_lon, off_lat = back_lon - lon, back_lat - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        if max(abs(off_lon), abs(off_lat)) < _TOLERANCE_DEG:
            break
    return guess_lon, guess_lat


def from_wgs84(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """WGS84 degrees to degrees of `datum`, for maps that show a shifted datum."""
    return _FORWARD[datum](lon, lat) if datum in _FORWARD else (lon, lat)


@cache
def transformer(source: str, target: str) -> Transformer:
    """A cached PROJ transformation, always x = longitude or easting first."""
    return Transformer.from_crs(source, target, always_xy=True)


def way_to_served(source: str, x: float, y: float) -> tuple[Transformer, float]:
    """The transformation from a CRS to WGS84 degrees that is right at a place of it, and its
    accuracy in metres, 0 where there is nothing to doubt.

    An old datum lies up to hundreds of metres beside WGS84 and needs an operation made for the
    place: NoOperation where PROJ would take its degrees for those of WGS84.
    """
    plain = transformer(source, SERVED)
    lon, lat = plain.transform(x, y)
    if not _is_old(source) or not math.isfinite(lon):
        return plain, 0.0
    found = _operations(source, AreaOfInterest(*[round(part, 1) for part in (lon, lat, lon, lat)]))
    return found[0], max(found[0].accuracy, 0.0)


def refuse_guess(source: str) -> None:
    """NoOperation where PROJ has nothing but a guess for a CRS, wherever the place."""
    if _is_old(source):
        _operations(source, None)


@cache
def _is_old(source: str) -> bool:
    ellipsoid = CRS.from_user_input(source).ellipsoid
    return ellipsoid is not None and ellipsoid.semi_major_metre != _EQUATOR_M


@cache
def _operations(source: str, here: AreaOfInterest | None) -> list[Transformer]:
    with warnings.catch_warnings():  # of a better grid that is not installed: the accuracy tells
        warnings.simplefilter("ignore")
        group = TransformerGroup(
            source, SERVED, always_xy=True, allow_ballpark=False, area_of_interest=here
        )
    if not group.transformers:
        raise NoOperation(f"no exact transformation from {source} to WGS84 is known here")
    return group.transformers


def metric_srid(lon: float, lat: float, preferred: int) -> int:
    """The metric CRS to measure in: the district's own where it is valid, else the UTM zone."""
    area = CRS.from_epsg(preferred).area_of_use
    inside = area and area.west <= lon <= area.east and area.south <= lat <= area.north
    if inside:
        return preferred
    zone = min(int((lon + 180) // 6) + 1, 60)
    return (32600 if lat >= 0 else 32700) + zone


def gauss_kruger_of(easting: float, northing: float) -> dict[str, int] | None:
    """zone, width in degrees and EPSG code of the CGCS2000 zone whose number an easting of eight
    digits begins with; None where it looks like something else."""
    zone, within = divmod(easting, 1_000_000)
    if not (100_000 <= within <= 900_000 and 0 < northing < 6_500_000):
        return None
    for width, first, last, srid in ((3, 25, 45, 4513), (6, 13, 23, 4491)):
        if first <= zone <= last:
            return {"zone": int(zone), "width": width, "srid": srid + int(zone) - first}
    return None


def is_metric(srid: int) -> bool:
    """Whether it is a projected CRS in metres that keeps sizes: Web Mercator does not."""
    try:
        crs = CRS.from_epsg(srid)
    except CRSError:
        return False
    in_metres = {axis.unit_name for axis in crs.axis_info} == {"metre"}
    return crs.is_projected and in_metres and "Mercator" not in crs.name.replace("Transverse", "")


def served_copy(record: Geometry, srid: int) -> Geometry:
    """The copy in EPSG:4326 of a record in a metric CRS, vertex by vertex: equal vertices get
    equal bits, so that a shared border stays one."""
    to_served = transformer(f"EPSG:{srid}", SERVED).transform
    return shapely.transform(record, to_served, interleaved=False)
