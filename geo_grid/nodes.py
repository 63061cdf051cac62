"""Moving, inserting and removing a node in every cell that holds it. Pure.

shapes: code -> polygon or multipolygon on the millimetre grid, metres.
"""

from collections.abc import Callable, Mapping

import numpy as np
import shapely
from shapely import Geometry, Point

from geo_grid.refusals import Refused
from geo_grid.tiling import canonical

FIND_M = 0.5
Shapes = Mapping[str, Geometry]


def moved(shapes: Shapes, at: Point, to: Point) -> dict[str, Geometry]:
    """The shapes that hold the node nearest to `at`, with it at `to` instead."""
    node = nearest(shapes, at)
    goal = shapely.get_coordinates(canonical(to))[0]

    def put(points: np.ndarray) -> np.ndarray:
        return np.where((points == node).all(axis=1)[:, None], goal, points)

    return {
        code: shapely.normalize(shapely.transform(shape, put))
        for code, shape in shapes.items()
        if holds(shape, node)
    }


def removed(shapes: Shapes, at: Point) -> dict[str, Geometry]:
    """The shapes without the node nearest to `at`; a junction cannot go."""
    node = nearest(shapes, at)
    holders = {code: shape for code, shape in shapes.items() if holds(shape, node)}
    if len(_neighbours(holders, node)) != 2:
        raise Refused("junction", (float(node[0]), float(node[1])), tuple(holders))

    def drop(ring: np.ndarray) -> np.ndarray:
        kept = ring[:-1][(ring[:-1] != node).any(axis=1)]
        if len(kept) < 3:
            raise Refused("invalid", (float(node[0]), float(node[1])), tuple(holders))
        return np.concatenate([kept, kept[:1]])

    return {code: rewritten(shape, drop) for code, shape in holders.items()}


def inserted(shapes: Shapes, at: Point, to: Point | None) -> dict[str, Geometry]:
    """The shapes with a new node on the border edge nearest to `at`, put at `to`."""
    start, end, spot = _nearest_edge(shapes, at)
    node = shapely.get_coordinates(canonical(to if to is not None else spot))[0]

    def add(ring: np.ndarray) -> np.ndarray:
        a, b = ring[:-1], ring[1:]
        ahead = (a == start).all(axis=1) & (b == end).all(axis=1)
        back = (a == end).all(axis=1) & (b == start).all(axis=1)
        return np.insert(ring, np.flatnonzero(ahead | back) + 1, node, axis=0)

    out = {}
    for code, shape in shapes.items():
        if holds(shape, start) and holds(shape, end):
            fresh = rewritten(shape, add)
            if shapely.get_num_coordinates(fresh) > shapely.get_num_coordinates(shape):
                out[code] = fresh
    return out


def nearest(shapes: Shapes, at: Point) -> np.ndarray:
    """The node nearest to a place, (2,); refused if none is within FIND_M."""
    points = shapely.get_coordinates(np.asarray(list(shapes.values()), dtype=object))
    away = np.hypot(points[:, 0] - at.x, points[:, 1] - at.y)
    if not len(away) or away.min() > FIND_M:
        raise Refused("no_node", (at.x, at.y))
    return points[away.argmin()]


def holds(shape: Geometry, node: np.ndarray) -> bool:
    """Whether a shape has the node, bit by bit."""
    return bool((shapely.get_coordinates(shape) == node).all(axis=1).any())


def rewritten(shape: Geometry, change: Callable[[np.ndarray], np.ndarray]) -> Geometry:
    """A shape with every ring passed through `change`, in normal form."""
    parts = []
    for part in shapely.get_parts(shape):
        shell, *holes = [change(shapely.get_coordinates(ring)) for ring in shapely.get_rings(part)]
        parts.append(shapely.Polygon(shell, holes))
    made = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return shapely.normalize(made)


def _neighbours(shapes: Shapes, node: np.ndarray) -> set[tuple[float, float]]:
    """The nodes that edges join to a node."""
    found = set()
    for shape in shapes.values():
        for ring in shapely.get_rings(shapely.get_parts(shape)):
            points = shapely.get_coordinates(ring)
            a, b = points[:-1], points[1:]
            found |= {tuple(p) for p in b[(a == node).all(axis=1)].tolist()}
            found |= {tuple(p) for p in a[(b == node).all(axis=1)].tolist()}
    return found


def _nearest_edge(shapes: Shapes, at: Point) -> tuple[np.ndarray, np.ndarray, Point]:
    """Start, end and foot of the border edge nearest to a place."""
    best, least = None, FIND_M
    place = np.array([at.x, at.y])
    for shape in shapes.values():
        for ring in shapely.get_rings(shapely.get_parts(shape)):
            points = shapely.get_coordinates(ring)
            a, step = points[:-1], np.diff(points, axis=0)
            share = ((place - a) * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), 1e-12)
            feet = a + np.clip(share, 0, 1)[:, None] * step
            away = np.hypot(*(feet - place).T)
            row = int(away.argmin())
            if away[row] <= least:
                best, least = (points[row], points[row + 1], Point(feet[row])), float(away[row])
    if best is None:
        raise Refused("no_border", (at.x, at.y))
    return best
