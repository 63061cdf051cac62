"""What a planner asks for: from the request to geometry, and to the list of edits and back. Pure.

In a request geometry is GeoJSON in degrees; in the list of edits it is integers of millimetres
in the plan's CRS, so that the list draws the same bytes again with any PROJ.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import shapely
from shapely import Geometry

from geo_grid.coordinates import check
from geo_grid.tiling import PER_METRE, canonical, millimetres

MAX_VERTICES = 5_000
MOST = 1e6  # of a coordinate, before it is looked at as one
CODE, CODES, TEXT, TEXTS, FLAG = "code", "codes", "text", "texts", "flag"
LINES, REGION, POINT, KIND, SHAPES = "lines", "region", "point", "cell_kind", "shapes"
_PARTS = {"allow_parts": FLAG}
FIELDS: dict[str, tuple[dict[str, str], dict[str, str]]] = {  # kind: (needed, possible)
    "SPLIT": (
        {"cell": CODE, "lines": LINES},
        {"keep": POINT, "names": TEXTS, "many": FLAG, **_PARTS},
    ),
    "TRANSFER": ({"region": REGION, "to_cell": CODE}, {"cells": CODES, **_PARTS}),
    "CUT_OUT": (
        {"region": REGION},
        {"cells": CODES, "name": TEXT, "community": CODE, "cell_kind": KIND, **_PARTS},
    ),
    "RESHAPE": ({"cells": CODES, "lines": LINES}, _PARTS),
    "MERGE": ({"cells": CODES, "into": CODE}, _PARTS),
    "RETIRE": ({"cell": CODE}, {"into": CODE, **_PARTS}),
    "MOVE_VERTEX": ({"at": POINT, "to": POINT}, {}),
    "INSERT_VERTEX": ({"at": POINT}, {"to": POINT}),
    "REMOVE_VERTEX": ({"at": POINT}, {}),
    "REASSIGN": ({"cell": CODE, "community": CODE}, {}),
    "RENAME": ({"cell": CODE}, {"name": TEXT, "cell_kind": KIND}),
    "RECODE": ({"cell": CODE}, {}),
}
GEOMETRY = {LINES, REGION, POINT, SHAPES}
TYPES = {
    LINES: ("LineString", "MultiLineString"),
    REGION: ("Polygon", "MultiPolygon"),
    POINT: ("Point",),
}
_DEPTH = {"Point": 0, "LineString": 1, "Polygon": 2, "MultiLineString": 2, "MultiPolygon": 3}


class BadIntent(ValueError):
    """field: of the request; reason: a key of the table of words."""

    def __init__(self, field: str, reason: str):
        super().__init__(reason)
        self.field = field
        self.reason = reason


def read(kind: str, asked: Mapping, to_metric: Callable[[np.ndarray], np.ndarray]) -> dict:
    """A request as `edits.apply` wants it. to_metric: (n, 2) degrees to metres of the plan."""
    if kind not in FIELDS:
        raise BadIntent("kind", "unknown_kind")
    needed, possible = FIELDS[kind]
    for name in needed:
        if asked.get(name) in (None, "", []):
            raise BadIntent(name, "missing")
    known = {**needed, **possible}
    for name in asked:
        if name not in known:
            raise BadIntent(name, "unknown_field")
    wanted = {
        name: _value(name, known[name], value, to_metric)
        for name, value in asked.items()
        if value is not None
    }
    if kind == "RESHAPE" and len(wanted["cells"]) != 2:
        raise BadIntent("cells", "two_cells")
    return wanted


def _value(name: str, sort: str, value, to_metric):
    if sort == LINES:
        given = value if isinstance(value, list) else [value]
        shapes = [_geometry(name, LINES, one, to_metric) for one in given]
        return [line for shape in shapes for line in shapely.get_parts(shape)]
    if sort in GEOMETRY:
        return _geometry(name, sort, value, to_metric)
    if sort in (CODES, TEXTS):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise BadIntent(name, "no_list_of_texts")
        return value
    if sort == FLAG:
        return bool(value)
    if not isinstance(value, str) or len(value) > 120:
        raise BadIntent(name, "no_text")
    if sort == KIND and value not in ("GENERAL", "SPECIAL"):
        raise BadIntent(name, "unknown_kind")
    return value


def _geometry(name: str, sort: str, value, to_metric) -> Geometry:
    """GeoJSON of an expected type; numbers are checked before any geometry is made of them."""
    if not isinstance(value, dict) or value.get("type") not in TYPES[sort] or "crs" in value:
        raise BadIntent(name, "no_geometry")
    flat = _positions(name, value.get("coordinates"), _DEPTH[value["type"]])
    if len(flat) > MAX_VERTICES:
        raise BadIntent(name, "too_many_vertices")
    for lon, lat in flat:
        try:
            check(lon, lat)
        except ValueError:
            raise BadIntent(name, "no_coordinates") from None
    if sort == REGION and not _closed(value["coordinates"]):
        raise BadIntent(name, "no_geometry")
    try:
        shape = shapely.geometry.shape(value)
    except (ValueError, TypeError, shapely.errors.GEOSException):
        raise BadIntent(name, "no_geometry") from None
    if shape.is_empty:
        raise BadIntent(name, "no_geometry")
    return canonical(shapely.transform(shape, to_metric))


def _positions(name: str, coordinates, depth: int) -> list:
    if depth == 0:
        fine = isinstance(coordinates, list) and len(coordinates) == 2
        if not fine or not all(_is_number(one) for one in coordinates):
            raise BadIntent(name, "no_coordinates")
        return [coordinates]
    if not isinstance(coordinates, list) or not coordinates:
        raise BadIntent(name, "no_coordinates")
    return [spot for inner in coordinates for spot in _positions(name, inner, depth - 1)]


def _closed(coordinates: list) -> bool:
    """Whether every ring below ends where it begins."""
    if isinstance(coordinates[0][0], list):
        return all(_closed(inner) for inner in coordinates)
    return coordinates[0] == coordinates[-1]


def _is_number(value) -> bool:
    """A finite number that a float can hold; an integer of JSON may be longer."""
    return type(value) in (int, float) and -MOST < value < MOST


# --- to the list of edits and back ------------------------------------------------------------
def written(wanted: Mapping) -> dict:
    """An intent as JSON, geometry in integers of millimetres."""
    return {name: _written(value) for name, value in wanted.items() if value is not None}


def _written(value):
    if isinstance(value, Geometry):
        return {"type": value.geom_type, "mm": _nested(value)}
    if isinstance(value, Mapping):
        return {name: _written(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_written(inner) for inner in value]
    return value


def _nested(shape: Geometry):
    if shape.geom_type == "Point":
        return millimetres(shapely.get_coordinates(shape))[0].tolist()
    if shape.geom_type in ("LineString", "LinearRing"):
        return millimetres(shapely.get_coordinates(shape)).tolist()
    if shape.geom_type == "Polygon":
        return [_nested(ring) for ring in (shape.exterior, *shape.interiors)]
    return [_nested(part) for part in shapely.get_parts(shape)]


def again(stored: Mapping) -> dict:
    """The intent of a stored edit, with the same bits as when it was carried out."""
    return {name: _again(value) for name, value in stored.items()}


def _again(value):
    if isinstance(value, Mapping) and "mm" in value:
        shape = shapely.geometry.shape({"type": value["type"], "coordinates": value["mm"]})
        return shapely.transform(shape, lambda points: points / PER_METRE)
    if isinstance(value, Mapping):
        return {name: _again(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_again(inner) for inner in value]
    return value
