"""The faces that cells and new lines cut the ground into, on the millimetre grid. Pure shapely.

An edit relabels faces: it gives them to other cells. Because all faces of an edit come from one
noded set of lines, neighbours receive new nodes by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Geometry

from geo_grid.tiling import GRID_M, PER_METRE, Edges, canonical, edges_of

NOBODY = -1
OFF_LINE_M = 0.0008  # how far a node on the grid can lie beside the segment it stands on


@dataclass(frozen=True, slots=True)
class Faces:
    """shapes: polygons (n,); owner: index of the cell each lies in, NOBODY for other ground;
    inside: a point of each."""

    shapes: np.ndarray
    owner: np.ndarray
    inside: np.ndarray

    def of(self, index: int) -> np.ndarray:
        """The rows of one cell."""
        return np.flatnonzero(self.owner == index)


def arrange(cells: Sequence[Geometry], lines: Sequence[Geometry]) -> Faces:
    """Node the borders of the cells and the new lines, and say in which cell each face lies."""
    borders = shapely.boundary(np.asarray(cells, dtype=object))
    noded = shapely.union_all([*borders, *lines], grid_size=GRID_M)
    shapes = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inside = shapely.point_on_surface(shapes)
    owner = np.full(len(shapes), NOBODY)
    face, cell = shapely.STRtree(np.asarray(cells, dtype=object)).query(inside, "intersects")
    owner[face] = cell
    return Faces(shapes, owner, inside)


def dissolve(faces: Sequence[Geometry]) -> Geometry:
    """One cell of its faces; shared edges vanish, nodes stay. Canonical and in normal form, so
    that equal ground has equal bytes with any GEOS."""
    return canonical(shapely.normalize(shapely.coverage_union_all(faces)))


def clip(lines: Sequence[Geometry], cells: Sequence[Geometry]) -> list[Geometry]:
    """What of the lines lies in the cells, with ends on their borders, on the grid."""
    found = []
    for cell in cells:
        for part in shapely.get_parts(shapely.intersection(lines, cell, grid_size=GRID_M)):
            found += [line for line in shapely.get_parts(part) if line.geom_type == "LineString"]
    return found


def snap(line: Geometry, cells: Sequence[Geometry], within: float) -> Geometry:
    """Vertices of a drawn line put on the nodes of the cells, and its ends on their borders,
    where those are nearer than `within` metres."""
    coords = shapely.get_coordinates(line)
    nodes = shapely.get_coordinates(np.asarray(cells, dtype=object))
    borders = shapely.union_all(shapely.boundary(np.asarray(cells, dtype=object)))
    closed = len(coords) > 2 and (coords[0] == coords[-1]).all()
    for row, (x, y) in enumerate(coords.tolist()):
        away = np.hypot(nodes[:, 0] - x, nodes[:, 1] - y)
        nearest = int(away.argmin()) if len(away) else -1
        if nearest >= 0 and away[nearest] <= within:
            coords[row] = nodes[nearest]
        elif not closed and row in (0, len(coords) - 1):
            spot = shapely.Point(x, y)
            if 0 < shapely.distance(spot, borders) <= within:
                coords[row] = shapely.get_coordinates(shapely.shortest_line(borders, spot))[0]
    return canonical(
        shapely.set_coordinates(shapely.transform(line, lambda points: points), coords)
    )


def outer_nodes(difference: Edges) -> np.ndarray | None:
    """The nodes that the outer border gained or lost, (n, 2) in mm; None if the chains differ in
    any other way.

    difference: of `tiling.chain_difference`. Allowed is only that an edge became a path along
    the same edge, its nodes beside it by less than the rounding, or such a path an edge.
    """
    old = difference.owner == -1
    gone = {(bx, by): (ax, ay) for ax, ay, bx, by in difference.ends[:, old].T.tolist()}
    come = {(ax, ay): (bx, by) for ax, ay, bx, by in difference.ends[:, ~old].T.tolist()}
    if len(gone) + len(come) != len(difference.owner):
        return None
    nodes = _taken(gone, come) + _taken(come, gone)
    return None if gone or come else np.array(nodes, np.int64).reshape(-1, 2)


def _taken(edges: dict, paths: dict) -> list[tuple[int, int]]:
    """Nodes of the paths that run along one edge each; both are taken out of the dictionaries."""
    nodes = []
    for start, end in list(edges.items()):
        path, spot = [start], paths.get(start)
        while spot is not None and spot != end and _beside(spot, start, end):
            path.append(spot)
            spot = paths.get(spot) if spot not in path[:-1] else None
        if spot == end:
            del edges[start]
            for node in path:
                del paths[node]
            nodes += path[1:]
    return nodes


def _beside(node, start, end) -> bool:
    along = shapely.LineString([start, end])
    return bool(shapely.distance(along, shapely.Point(node)) <= OFF_LINE_M * PER_METRE)


def border_lengths(cell: Geometry, others: Sequence[Geometry]) -> np.ndarray:
    """Length in metres of the border that a cell shares with each of the others, edge by edge."""
    edges = edges_of([cell, *others])
    mine = {tuple(edge) for edge in edges.ends[:, edges.owner == 0].T.tolist()}
    lengths = np.zeros(len(others))
    for (ax, ay, bx, by), owner in zip(edges.ends.T.tolist(), edges.owner.tolist(), strict=True):
        if owner and (bx, by, ax, ay) in mine:
            lengths[owner - 1] += np.hypot(bx - ax, by - ay) / 1000
    return lengths
