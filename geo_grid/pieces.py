"""Which ground of which old cell becomes which new cell. Pure shapely, metric CRS.

What a change of borders moves is computed once, as pieces, instead of testing every point.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Geometry

from geo_grid.tiling import GRID_M

STRIP_M = 0.01  # far wider than the rounding of the served copy


@dataclass(frozen=True, slots=True)
class Piece:
    """Ground common to an old and a new cell; they may be the same. area_m2 of shape."""

    origin: str
    result: str
    shape: Geometry
    area_m2: float

    @property
    def moves(self) -> bool:
        return self.origin != self.result


def pieces_between(old: Mapping[str, Geometry], new: Mapping[str, Geometry]) -> list[Piece]:
    """All pieces of the old cells by the new ones, computed on the grid; none without area."""
    origins, results = sorted(old), sorted(new)
    before = np.array([old[code] for code in origins], dtype=object)
    after = np.array([new[code] for code in results], dtype=object)
    if not len(before) or not len(after):
        return []
    left, right = shapely.STRtree(after).query(before, predicate="intersects")
    common = shapely.intersection(before[left], after[right], grid_size=GRID_M)
    found = []
    for i, j, shape in zip(left.tolist(), right.tolist(), common, strict=True):
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        ground = shapely.MultiPolygon(list(parts))
        if ground.area > 0:
            found.append(Piece(origins[i], results[j], ground, ground.area))
    return found


def kernel_and_strip(shape: Geometry) -> tuple[Geometry, Geometry]:
    """The inside of a piece, where a point needs no further test, and a strip along its border,
    where the rule of the served copy must decide."""
    kernel = shape.buffer(-STRIP_M, join_style="mitre")
    strip = shape.buffer(STRIP_M, join_style="mitre").difference(kernel)
    return kernel, strip


def shares(pieces: list[Piece]) -> dict[tuple[str, str], float]:
    """(origin, result) -> share of the origin's area."""
    total: dict[str, float] = {}
    for piece in pieces:
        total[piece.origin] = total.get(piece.origin, 0.0) + piece.area_m2
    return {(p.origin, p.result): p.area_m2 / total[p.origin] for p in pieces}
