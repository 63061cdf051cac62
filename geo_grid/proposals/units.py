"""Units: small pieces of ground with a load, and the borders between them. Pure, metres."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Geometry

GRID_M = 0.001
ALONG_M = 1.0  # a border nearer than this to a given line runs along it


@dataclass(frozen=True, slots=True)
class Units:
    """n units, m borders, k zones.

    loads, areas (m²), perimeters (m), zones (index of the present zone, 0 to k-1), communities
    (index): shape (n,). borders: pairs of neighbouring units, each pair once, shape (m, 2);
    lengths: of those borders in m, shape (m,); along: the share of each border that runs along a
    given line, shape (m,). ValueError if the arrays do not fit together.
    """

    loads: np.ndarray
    areas: np.ndarray
    perimeters: np.ndarray
    zones: np.ndarray
    communities: np.ndarray
    borders: np.ndarray
    lengths: np.ndarray
    along: np.ndarray

    def __post_init__(self):
        count = len(self.loads)
        per_unit = (self.areas, self.perimeters, self.zones, self.communities)
        if not count or any(len(column) != count for column in per_unit):
            raise ValueError("every unit needs a load, area, perimeter, zone and community")
        if any(len(column) != len(self.borders) for column in (self.lengths, self.along)):
            raise ValueError("every border needs a length and a share along lines")
        if not np.isfinite(self.loads).all() or (self.loads < 0).any():
            raise ValueError("loads are finite and not negative")
        if len(np.unique(self.zones)) != self.zone_count:
            raise ValueError("every zone needs at least one unit")

    @property
    def zone_count(self) -> int:
        return int(self.zones.max()) + 1


@dataclass(frozen=True, slots=True)
class Piece:
    """One unit as ground: polygon in the metric CRS, and the code of the cell it is part of."""

    polygon: Geometry
    cell: str


def cut_pieces(
    cells: Mapping[str, Geometry],
    lines: Geometry | None,
    per_cell: int,
    around: Mapping[str, Geometry] | None = None,
    seed: int = 0,
) -> tuple[list[Piece], dict[str, Geometry]]:
    """Cut cells into pieces along lines; without lines into about `per_cell` pieces of each.

    cells: code -> polygon of one coverage on the millimetre grid. lines: roads, rivers, edges of
    blocks in the same CRS. around: the neighbours, which are not cut but get the nodes that cuts
    put on their borders; answered second. All comes from one noded set of lines: a coverage.
    """
    around = around or {}
    codes = [*cells, *around]
    shapes = np.array([*cells.values(), *around.values()], dtype=object)
    inner = shapes[: len(cells)]
    if lines is None:
        lines = shapely.union_all(_inner_lines(inner, per_cell, np.random.default_rng(seed)))
    ground = shapely.union_all(inner, grid_size=GRID_M)
    cuts = shapely.intersection(lines, ground, grid_size=GRID_M)
    noded = shapely.union_all([*shapely.boundary(shapes), cuts], grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize([noded]))
    inside, owners = shapely.STRtree(shapes).query(
        shapely.point_on_surface(faces), predicate="within"
    )
    mine = owners < len(cells)
    pieces = [Piece(faces[i], codes[o]) for i, o in zip(inside[mine], owners[mine], strict=True)]
    rest: dict[str, list[Geometry]] = {}
    for face, owner in zip(inside[~mine], owners[~mine], strict=True):
        rest.setdefault(codes[owner], []).append(faces[face])
    beside = {code: shapely.coverage_union_all(parts) for code, parts in rest.items()}
    return _without_crumbs(pieces), beside


def _inner_lines(shapes: np.ndarray, per_cell: int, chance: np.random.Generator) -> list[Geometry]:
    """Borders of nearest-centre regions inside every cell."""
    found = []
    for shape in shapes:
        west, south, east, north = shape.bounds
        points = chance.uniform((west, south), (east, north), (per_cell * 60, 2))
        points = points[shapely.contains_xy(shape, points[:, 0], points[:, 1])]
        if len(points) < per_cell or per_cell < 2:
            continue
        centres = _spread(points, per_cell)
        edges = shapely.voronoi_polygons(
            shapely.multipoints(centres), extend_to=shape, only_edges=True
        )
        found.append(shapely.intersection(edges, shape))
    return found


def _spread(points: np.ndarray, count: int, rounds: int = 12) -> np.ndarray:
    """Centres that share the points evenly among them (Lloyd)."""
    centres = points[:count]
    for _ in range(rounds):
        nearest = ((points[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
        sizes = np.bincount(nearest, minlength=count)[:, None]
        sums = np.column_stack([np.bincount(nearest, points[:, i], count) for i in (0, 1)])
        centres = np.where(sizes > 0, sums / np.maximum(sizes, 1), centres)
    return centres


def _without_crumbs(pieces: list[Piece], least_share: float = 0.05) -> list[Piece]:
    """Join pieces far smaller than the median to the neighbour with the longest common border."""
    shapes = np.array([piece.polygon for piece in pieces], dtype=object)
    pairs, lengths = shared_borders(shapes)
    areas = shapely.area(shapes)
    into = np.arange(len(pieces))
    for small in np.flatnonzero(areas < least_share * np.median(areas)).tolist():
        rows = np.flatnonzero((pairs == small).any(axis=1))
        mates = pairs[rows].sum(axis=1) - small
        own = [i for i, m in enumerate(mates) if pieces[m].cell == pieces[small].cell]
        if own:
            into[small] = mates[own][lengths[rows][own].argmax()]
    return [
        Piece(shapely.coverage_union_all(shapes[members]), pieces[members[0]].cell)
        for members in _families(into)
    ]


def _families(into: np.ndarray) -> list[list[int]]:
    """Groups of indexes that lead to the same one; crumbs may point at crumbs."""
    root = list(range(len(into)))

    def find(i: int) -> int:
        while root[i] != i:
            i = root[i]
        return i

    for i, j in enumerate(into.tolist()):
        root[find(i)] = find(j)
    members: dict[int, list[int]] = {}
    for i in range(len(root)):
        members.setdefault(find(i), []).append(i)
    return list(members.values())


def shared_borders(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours of a coverage with the length of their common border: pairs (m, 2), metres (m,)."""
    segments, owners = _segments(shapes)
    keys = np.rint(segments / GRID_M).astype(np.int64)
    turn = (keys[:, 0] > keys[:, 2]) | ((keys[:, 0] == keys[:, 2]) & (keys[:, 1] > keys[:, 3]))
    keys[turn] = keys[turn][:, [2, 3, 0, 1]]
    order = np.lexsort(keys.T)
    same = (keys[order[1:]] == keys[order[:-1]]).all(axis=1)
    one, two = order[:-1][same], order[1:][same]
    pairs = np.sort(np.column_stack([owners[one], owners[two]]), axis=1)
    metres = np.hypot(*(segments[one, :2] - segments[one, 2:]).T)
    apart = pairs[:, 0] != pairs[:, 1]
    found, index = np.unique(pairs[apart], axis=0, return_inverse=True)
    return found.reshape(-1, 2), np.bincount(index.ravel(), metres[apart], len(found))


def _segments(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All ring segments as x1, y1, x2, y2, shape (s, 4), and the shape each belongs to."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    segments = np.column_stack([points[:-1][joined], points[1:][joined]])
    return segments, owner[part[ring[:-1][joined]]]


def units_of(
    pieces: Sequence[Piece],
    loads: np.ndarray,
    cells: Sequence[str],
    communities: Mapping[str, str],
    lines: Geometry | None = None,
) -> Units:
    """Pieces as units. cells: codes in the order of the zones; communities: cell -> community."""
    shapes = np.array([piece.polygon for piece in pieces], dtype=object)
    pairs, lengths = shared_borders(shapes)
    place = {code: index for index, code in enumerate(cells)}
    names = {name: index for index, name in enumerate(sorted(set(communities.values())))}
    return Units(
        loads=np.asarray(loads, dtype=float),
        areas=shapely.area(shapes),
        perimeters=shapely.length(shapes),
        zones=np.array([place[piece.cell] for piece in pieces]),
        communities=np.array([names[communities[piece.cell]] for piece in pieces]),
        borders=pairs,
        lengths=lengths,
        along=np.zeros(len(pairs)) if lines is None else _along(shapes, pairs, lines),
    )


def _along(shapes: np.ndarray, pairs: np.ndarray, lines: Geometry) -> np.ndarray:
    """The share of every common border that runs along the lines."""
    reach = shapely.buffer(lines, ALONG_M)
    common = shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    on_line = shapely.length(shapely.intersection(common, reach))
    return on_line / np.maximum(shapely.length(common), 1e-9)
