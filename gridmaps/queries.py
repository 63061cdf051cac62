"""Reads of layers: tiles, features, frames, versions."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from django.contrib.gis.db.models import Extent

from core import sql
from core.layer import Layer
from geo_grid.models import AreaOutline
from gridmaps.models import BaseMap, DrawnSet

HALF_WORLD_M = math.pi * 6378137.0
MARGIN = 64 / 4096  # of a tile's side: what is drawn beyond its edge
BANDS = (6, 8, 9, 10, 11, 12, 13, 14, 24)  # the highest zoom of each; the last one is exact
UNITS = 4096  # of a tile's side
UNMARKED = 'YYYYMMDD"T"HH24MISS"Z"'
PARAMETER = re.compile(r"%\((\w+)\)s")


def tile(layers: Sequence[tuple[Layer, Mapping, int | None]], z: int, x: int, y: int) -> bytes:
    """One vector tile of several layers by one statement.

    layers: (layer, its parameters, the drawn set it is taken from or None). What lies only in the
    buffer around the tile is in it, clipped to the buffer.
    """
    band = band_of(z)
    params = extent(z, x, y) | {"band": band, "on_grid": band == z, "scale": UNITS / side_of(z)}
    parts = []
    for layer, own, drawn_set in layers:
        parts.append(statement(layer, drawn_set is not None))
        params |= {f"{layer.name}.{name}": value for name, value in own.items()}
        params[f"{layer.name}.drawn_set"] = drawn_set
    ask = sql.ask_again if all(drawn for _layer, _own, drawn in layers) else sql.ask
    return bytes(ask(f"SELECT {' || '.join(parts)} AS tile", params)[0]["tile"])


@cache
def statement(layer: Layer, drawn: bool) -> str:
    """The part of a tile's statement that makes one layer; its parameters carry its name."""
    columns = ", ".join(map(column, layer.fields))
    words = filled("tile_drawn" if drawn else "tile", layer, columns=columns)
    return PARAMETER.sub(
        lambda found: f"%({found[1] if found[1] in COMMON else f'{layer.name}.{found[1]}'})s", words
    )


COMMON = {"left", "bottom", "right", "top", "west", "south", "east", "north", "margin"}
COMMON |= {"band", "on_grid", "scale"}


def filled(name: str, layer: Layer, **parts: str) -> str:
    """A SQL file of this package with a layer's source in it."""
    source = sql.text(*layer.source).rstrip()
    return sql.filled("gridmaps", name, layer=layer.name, key=layer.key, **parts, source=source)


def column(name: str) -> str:
    """A field as it stands in a tile: times as ISO 8601 text."""
    return f"to_json(f.{name}) #>> '{{}}' AS {name}" if name.endswith("_at") else f"f.{name}"


def extent(z: int, x: int, y: int) -> dict[str, float]:
    """The square of a tile in EPSG:3857, and its reach with the buffer in degrees."""
    side = side_of(z)
    left, top = x * side - HALF_WORLD_M, HALF_WORLD_M - y * side
    margin = side * MARGIN
    return {
        "left": left,
        "right": left + side,
        "top": top,
        "bottom": top - side,
        "margin": margin,
        "west": (left - margin) / HALF_WORLD_M * 180,
        "east": (left + side + margin) / HALF_WORLD_M * 180,
        "south": _latitude(top - side - margin),
        "north": _latitude(top + margin),
    }


def side_of(z: int) -> float:
    """The side of a tile in metres of EPSG:3857."""
    return 2 * HALF_WORLD_M / 2**z


def _latitude(y_m: float) -> float:
    return math.degrees(math.atan(math.sinh(y_m / 6378137.0)))


def band_of(z: int) -> int:
    """The band of drawings that a zoom is made from."""
    return next(band for band in BANDS if z <= band)


def drawn_set(layer: Layer, version: str) -> int | None:
    """The stored picture of a version, if it has been drawn."""
    found = DrawnSet.objects.filter(layer=layer.name, version=version)
    return found.values_list("pk", flat=True).first()


def polygons(layer: Layer, params: Mapping) -> list[dict]:
    """Every polygon of a layer: id, coverage, told (its fields as JSON), geom (WKB, EPSG:4326)."""
    return sql.ask(
        filled("polygons", layer, coverage=layer.coverage, pairs=pairs(layer)), dict(params)
    )


def pairs(layer: Layer) -> str:
    """The fields of a layer as the arguments of json_build_object."""
    return ", ".join(f"'{name}', f.{name}" for name in layer.fields)


def features(layer: Layer, params: Mapping, box: Sequence[float] | None, limit: int) -> list[str]:
    """GeoJSON features as text, at most limit + 1: one more tells that there are more."""
    found = sql.ask(
        filled("features", layer, pairs=pairs(layer)), {**params, **sides(box), "limit": limit + 1}
    )
    return [row["feature"] for row in found]


def page(
    layer: Layer,
    params: Mapping,
    box: Sequence[float] | None,
    limit: int,
    offset: int = 0,
    after: str | None = None,
) -> dict:
    """One page of features in the order of their keys: matched, returned, last (its key), more,
    features (as text). after: the key before the first; what comes or goes meanwhile moves nothing.

    GDAL and QGIS send a filter on any time as `datetime`, which is about the first one. So only
    that one looks like a time to them; the others are ISO 8601 without marks, texts that sort.
    """
    bounds = {**sides(box), "limit": limit, "offset": offset, "after": after}
    _first, *others = [name for name in layer.fields if name.endswith("_at")] or [""]
    told = pairs(layer)
    for name in others:
        told = told.replace(f"f.{name}", f"to_char(f.{name} AT TIME ZONE 'UTC', '{UNMARKED}')")
    return sql.ask(filled("page", layer, pairs=told), {**params, **bounds})[0]


def sides(box: Sequence[float] | None) -> dict[str, float | None]:
    """A box as parameters; all NULL where there is none."""
    return dict(zip(("west", "south", "east", "north"), box or (None,) * 4, strict=True))


def count(layer: Layer, params: Mapping) -> int:
    """How many features a layer has."""
    return sql.ask(filled("count", layer), dict(params))[0]["features"]


def totals(layer: Layer, params: Mapping) -> list[dict]:
    """How many incidents of a layer there are: status, lamp, unassigned, incidents."""
    return sql.ask(filled("totals", layer), dict(params))


def version_of_base(at: datetime) -> str:
    """A word that changes with the base map's own features."""
    return sql.rows("gridmaps", "version_base")[0]["version"]


def base_maps() -> list[BaseMap]:
    """The base maps that administrators brought."""
    return list(BaseMap.objects.order_by("name"))


def base_map(name: str) -> BaseMap | None:
    """One of them by its name."""
    return BaseMap.objects.filter(name=name).first()


def served_box() -> tuple[float, float, float, float] | None:
    """The box around every area outline, in degrees; None where there is no ground yet."""
    return AreaOutline.objects.aggregate(box=Extent("geom"))["box"]
