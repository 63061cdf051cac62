"""Where the work is: the places of the incidents of a year, for balancing cells."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import shapely
from django.contrib.gis.geos import Polygon
from django.db.models import F, FloatField, Func
from shapely import Geometry

from geo_grid.coordinates import SERVED, transformer
from incidents.models import Incident

YEAR = timedelta(days=365)
MOST = 300_000  # the newest are enough to see where work is


def places(shapes: Sequence[Geometry], srid: int, now: datetime) -> np.ndarray:
    """Places of a year's incidents in the box round shapes, in their CRS, (n, 2)."""
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object))
    crs = transformer(f"EPSG:{srid}", SERVED)
    box = Polygon.from_bbox(crs.transform_bounds(west, south, east, north))
    found = Incident.objects.filter(point__bboverlaps=box, reported_at__gte=now - YEAR)
    rows = found.order_by("-reported_at").values_list(_ordinate("ST_X"), _ordinate("ST_Y"))
    degrees = np.array(rows[:MOST], dtype=float).reshape(-1, 2)
    return np.column_stack(transformer(SERVED, f"EPSG:{srid}").transform(*degrees.T))


def _ordinate(function: str) -> Func:
    return Func(F("point"), function=function, output_field=FloatField())
