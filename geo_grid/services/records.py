"""How a drawn cell is stored: the record on the grid and the copy that is served."""

import hashlib

import shapely
from django.contrib.gis.geos import GEOSGeometry
from shapely import Geometry

from geo_grid.coordinates import served_copy
from geo_grid.tiling import canonical


def record_of(drawn: Geometry) -> Geometry:
    """A shape as the record has it: canonical, in normal form, a multipolygon. Equal ground has
    equal bytes."""
    parts = shapely.get_parts(shapely.normalize(canonical(drawn)))
    return shapely.normalize(shapely.MultiPolygon(list(parts)))


def record_fields(drawn: Geometry, srid: int) -> dict:
    """Columns `record`, `geom`, `sha256`, `area_m2` of a shape drawn in a metric CRS."""
    record = record_of(drawn)
    wkb = shapely.to_wkb(record, byte_order=1)
    served = shapely.to_wkb(served_copy(record, srid), byte_order=1)
    return {
        "record": wkb,
        "geom": GEOSGeometry(memoryview(served), srid=4326),
        "sha256": hashlib.sha256(wkb).hexdigest(),
        "area_m2": record.area,
    }
