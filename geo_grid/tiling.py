"""Is a set of cells an exact tiling? Proven on integers, never on tolerances. Pure numpy.

The sum of the boundary chains of the cells must be the chain of the parent outline. Then the
winding number, which counts the cells over a place, is 1 everywhere inside and 0 outside: no gap
and no overlap, however small. For one edit it is enough that the changed cells have the same
chain before and after. Geometry of record is planar, in metres, on a grid of one millimetre.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Geometry

GRID_M = 0.001
PER_METRE = 1000
OPEN, DOUBLED, INVALID, EMPTY = "open", "doubled", "invalid", "empty"
SHOWN = 100
_MIX = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93],
    dtype=np.uint64,
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One place where it is no tiling. cells: indexes into the input, -1 for the outline; place:
    (x, y) in the CRS of the input."""

    kind: str
    cells: tuple[int, ...]
    place: tuple[float, float]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was counted. residual: directed edges left over (0 proves it); area2: twice the area
    in mm², exact (0 for a copy in degrees)."""

    cells: int
    half_edges: int
    residual: int
    area2: int
    flaws: tuple[Flaw, ...]

    @property
    def holds(self) -> bool:
        return not self.flaws


@dataclass(frozen=True, slots=True)
class Edges:
    """Directed edges, ground on the left. ends: int64 (4, n), rows x and y of the start, x and y
    of the end; owner: index of the shape; area2: twice the area of all, in squared integers."""

    ends: np.ndarray
    owner: np.ndarray
    area2: int

    def middle(self, row: int) -> tuple[float, float]:
        """The middle of an edge in metres."""
        ax, ay, bx, by = (self.ends[:, row] / PER_METRE).tolist()
        return (ax + bx) / 2, (ay + by) / 2


def canonical(shape: Geometry) -> Geometry:
    """The one way to the millimetre grid: rint(x * 1000) / 1000, vertex by vertex (metres).

    Any other rounding, also PostGIS's, differs from it in the last bit of a quarter of all
    coordinates and would tear shared borders.
    """
    return shapely.transform(shape, lambda points: np.rint(points * PER_METRE) / PER_METRE + 0.0)


def millimetres(coords: np.ndarray) -> np.ndarray:
    """Canonical metres as integers of millimetres."""
    return np.rint(coords * PER_METRE).astype(np.int64)


def exact_bits(coords: np.ndarray) -> np.ndarray:
    """Any floats as integers that are equal exactly where the bits are."""
    return np.ascontiguousarray(coords + 0.0).view(np.int64)


def edges_of(shapes: Sequence[Geometry], as_integers=millimetres) -> Edges:
    """The directed edges of polygons and multipolygons."""
    parts, owner = shapely.get_parts(np.asarray(shapes, dtype=object), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(coords):
        return Edges(np.empty((4, 0), np.int64), np.empty(0, np.int64), 0)
    points = as_integers(coords)
    x, y = np.ascontiguousarray(points.T)
    counts = np.bincount(ring)
    first = np.cumsum(counts) - counts
    inner = np.ones(len(x), bool)
    inner[first + counts - 1] = False
    inner = np.flatnonzero(inner)
    measured = (x, y) if as_integers is millimetres else (coords[:, 0], coords[:, 1])
    cross = _cross(*measured, first, counts)
    twice = np.add.reduceat(cross, first)
    hole = np.concatenate([[False], part[1:] == part[:-1]])
    against = np.repeat((twice > 0) == hole, counts)[inner]
    step = np.where(against, 1, 0)
    tail, head = inner + step, inner + 1 - step
    ends = np.stack([x[tail], y[tail], x[head], y[head]])
    area2 = int((np.abs(twice) * np.where(hole, -1, 1)).sum()) if twice.dtype == np.int64 else 0
    return Edges(ends, owner[part][ring[inner]], area2)


def _cross(x, y, first, counts) -> np.ndarray:
    """Cross products of following vertices, seen from the first of their ring; 0 at the last.
    Integers wrap around, and are exact again in the sum."""
    x, y = x - np.repeat(x[first], counts), y - np.repeat(y[first], counts)
    cross = np.zeros(len(x), x.dtype)
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]  # the last of a ring is its first: zero
    return cross


def _joined(cells: Edges, against: Edges) -> Edges:
    """The edges of `cells` and, owned by -1, those of `against` turned around."""
    turned = against.ends[[2, 3, 0, 1]]
    owner = np.concatenate([cells.owner, np.full(turned.shape[1], -1)])
    ends = np.concatenate([cells.ends, turned], axis=1)
    return Edges(ends, owner, cells.area2 - against.area2)


def prove(shapes: Sequence[Geometry], outline: Geometry, as_integers=millimetres) -> Proof:
    """The full proof that the shapes tile the outline; O(V log V).

    `as_integers=exact_bits` proves a copy in any coordinates, its borders compared bit by bit.
    """
    cells = edges_of(shapes, as_integers)
    joined = _joined(cells, edges_of([outline], as_integers))
    grouped = _grouped(joined.ends)
    flaws = [*_unsound(np.asarray(shapes, dtype=object)), *_flaws(joined, grouped, as_integers)]
    left = int(np.abs(grouped.sums).sum())
    return Proof(len(shapes), len(cells.owner), left, cells.area2, tuple(flaws[:SHOWN]))


def chain_difference(old: Sequence[Geometry], new: Sequence[Geometry]) -> Edges:
    """Local proof: the directed edges in which the boundary chains of `new` and `old` differ;
    none if the changed cells cover exactly the ground they covered. owner: index into `new`,
    or -1 for an edge of `old`, which is turned around."""
    joined = _joined(edges_of(new), edges_of(old))
    if not len(joined.owner):
        return joined
    grouped = _grouped(joined.ends)
    rows = grouped.order[np.repeat(grouped.sums != 0, grouped.counts)]
    return Edges(joined.ends[:, rows], joined.owner[rows], joined.area2)


def doubled_edge(shapes: Sequence[Geometry]) -> tuple[float, float] | None:
    """A place where an edge is used more than twice, or twice in one direction, or None."""
    edges = edges_of(shapes)
    grouped = _grouped(edges.ends)
    for group in np.flatnonzero((grouped.counts > 2) | (np.abs(grouped.sums) > 1))[:1]:
        return edges.middle(grouped.order[grouped.first[group]])
    return None


@dataclass(frozen=True, slots=True)
class _Groups:
    """Edges that join the same two points. order: rows, group after group; first: where each
    begins in it; sums: forward minus backward uses."""

    order: np.ndarray
    first: np.ndarray
    counts: np.ndarray
    sums: np.ndarray


def _grouped(ends: np.ndarray) -> _Groups:
    ax, ay, bx, by = ends
    ahead = (ax < bx) | ((ax == bx) & (ay < by))
    key = np.where(ahead, _hashed(ax, ay, bx, by), _hashed(bx, by, ax, ay))
    bits = np.uint64(max(int(len(key) - 1).bit_length(), 1))
    key = (key >> bits) << bits
    packed = np.sort(key | np.arange(len(key), dtype=np.uint64))  # far faster than argsort
    order = (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    key = packed >> bits
    same_key = np.concatenate([[False], key[1:] == key[:-1]])
    low = np.where(ahead, ends[:2], ends[2:])
    high = np.where(ahead, ends[2:], ends[:2])
    columns = (*low, *high)
    new = _begins(columns, order)
    if (new & same_key).any():  # several pairs of points under one hash: put them in order
        clashing = np.isin(key, key[new & same_key])
        rows = order[clashing]
        order[clashing] = rows[np.lexsort([*(c[rows] for c in columns), key[clashing]])]
        new = _begins(columns, order)
    first = np.flatnonzero(new)
    signs = np.where(ahead, 1, -1)[order]
    counts = np.diff(np.append(first, len(order)))
    return _Groups(order, first, counts, np.add.reduceat(signs, first))


def _hashed(*columns: np.ndarray) -> np.ndarray:
    mixed = np.zeros(len(columns[0]), np.uint64)
    for column, factor in zip(columns, _MIX, strict=True):
        mixed ^= column.view(np.uint64)
        mixed *= factor
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _begins(columns: Sequence[np.ndarray], order: np.ndarray) -> np.ndarray:
    """True where a sorted row begins another pair of points."""
    new = np.zeros(len(order), bool)
    new[0] = True
    for column in columns:
        ordered = column[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    return new


def _flaws(edges: Edges, grouped: _Groups, as_integers) -> list[Flaw]:
    found = []
    for group in np.flatnonzero((grouped.sums != 0) | (grouped.counts > 2))[:SHOWN].tolist():
        rows = grouped.order[grouped.first[group] :][: grouped.counts[group]]
        kind = OPEN if grouped.counts[group] <= 2 else DOUBLED
        cells = tuple(sorted({int(index) for index in edges.owner[rows]}))
        if as_integers is millimetres:
            place = edges.middle(rows[0])
        else:
            x, y = edges.ends[:2, rows[0]].copy().view(np.float64).tolist()
            place = (x, y)
        found.append(Flaw(kind, cells, place))
    return found


def _unsound(shapes: np.ndarray) -> list[Flaw]:
    """Cells that are empty or no valid polygon by themselves."""
    found = []
    for index in np.flatnonzero(~shapely.is_valid(shapes) | shapely.is_empty(shapes)).tolist():
        shape = shapes[index]
        if shape is None or shape.is_empty:
            found.append(Flaw(EMPTY, (index,), (0.0, 0.0)))
            continue
        x, y = shapely.get_coordinates(shape)[0]
        found.append(Flaw(INVALID, (index,), (float(x), float(y)), shapely.is_valid_reason(shape)))
    return found
