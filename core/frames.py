"""A map layer as a GeoDataFrame, for exports, folium maps, statistics and notebooks."""

from collections.abc import Mapping

import geopandas
import pandas
import shapely

from core import sql
from core.layer import Layer


def frame(layer: Layer, params: Mapping, filed: bool = False) -> geopandas.GeoDataFrame:
    """The features of a layer in EPSG:4326, one row each, indexed by the layer's key; with the
    columns of its files where `filed`.

    params: as `layer.parameters({"status": "REPORTED"}, at=now, reach=reach(viewer, now)
    .parameters())` gives them. A column that ends in `_at` holds times in UTC.
    """
    columns = [*layer.fields, *(layer.filed if filed else ()), "geom"]
    table = pandas.DataFrame(sql.rows(*layer.source, dict(params)), columns=columns)
    for name in layer.fields:
        if name.endswith("_at"):
            table[name] = pandas.to_datetime(table[name], utc=True)
    shapes = shapely.from_wkb(table.pop("geom").to_numpy(dtype=object))
    made = geopandas.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")
    return made.set_index(layer.key, drop=False).rename_axis(None)
