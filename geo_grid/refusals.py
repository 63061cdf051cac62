"""Why an edit cannot be done, and where. Pure; the words are in `geo_grid.services.edits`."""

import shapely
from shapely import Geometry


class Refused(ValueError):
    """reason: a key of the table of words; place: (x, y) in the CRS of record, or None."""

    def __init__(self, reason: str, place: tuple[float, float] | None = None, cells=()):
        super().__init__(reason)
        self.reason = reason
        self.place = place
        self.cells = tuple(cells)


def place_of(shape: Geometry) -> tuple[float, float] | None:
    """A place to look at: inside a sound shape, where a broken one breaks."""
    if shape is None or shape.is_empty:
        return None
    if shape.geom_type in ("LineString", "MultiLineString") and not shape.is_simple:
        x, y = _crossing(shape)
        return x, y
    if not shape.is_valid:
        x, y = shapely.get_coordinates(shape)[0]
        said = shapely.is_valid_reason(shape)
        if "[" in said:
            x, y = (float(part) for part in said.split("[")[1].rstrip("]").split()[:2])
        return float(x), float(y)
    spot = shape.representative_point()
    return spot.x, spot.y


def _crossing(line: Geometry) -> tuple[float, float]:
    """Where a line meets itself first: its shortest beginning that does is found by halving.

    Noding the whole line would cost the square of its vertices.
    """
    parts = shapely.get_parts(line)
    coords = shapely.get_coordinates(next((one for one in parts if not one.is_simple), parts[0]))
    simple, crossed = 1, len(coords)
    while crossed - simple > 1:
        middle = (simple + crossed) // 2
        if shapely.is_simple(shapely.linestrings(coords[:middle])):
            simple = middle
        else:
            crossed = middle
    node = coords[crossed - 2]
    before = shapely.linestrings(coords[: max(crossed - 1, 2)])
    meeting = shapely.intersection(before, shapely.linestrings(coords[crossed - 2 : crossed]))
    x, y = next((one for one in shapely.get_coordinates(meeting) if (one != node).any()), node)
    return float(x), float(y)
