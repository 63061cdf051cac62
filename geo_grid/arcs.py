"""A coverage as arcs: every shared border once, between junctions. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Geometry

from geo_grid.tiling import PER_METRE, millimetres


@dataclass(frozen=True, slots=True)
class Arc:
    """points: (n, 2) in metres from junction to junction, or a closed ring without any; cells:
    the one or two codes beside it."""

    points: np.ndarray
    cells: tuple[str, ...]


def arcs_of(shapes: Mapping[str, Geometry]) -> tuple[list[Arc], np.ndarray]:
    """The arcs of a coverage and its junctions, (k, 2) in metres: nodes with more or fewer than
    two border edges."""
    codes = sorted(shapes)
    parts, owner = shapely.get_parts([shapes[code] for code in codes], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    lines = [millimetres(shapely.get_coordinates(ring)) for ring in rings]
    if not lines:
        return [], np.empty((0, 2))
    junctions = _junctions(lines)
    beside: dict[bytes, list[str]] = {}
    points: dict[bytes, np.ndarray] = {}
    for line, ring_part in zip(lines, part.tolist(), strict=True):
        for arc in _cut(line, junctions):
            key = min(arc.tobytes(), arc[::-1].tobytes())
            points.setdefault(key, arc)
            beside.setdefault(key, []).append(codes[owner[ring_part]])
    found = [Arc(points[key] / PER_METRE, tuple(sorted(set(beside[key])))) for key in points]
    nodes = np.array(sorted(junctions), np.float64).reshape(-1, 2) / PER_METRE
    return found, nodes


def _junctions(lines: list[np.ndarray]) -> set[tuple[int, int]]:
    a = np.concatenate([line[:-1] for line in lines])
    b = np.concatenate([line[1:] for line in lines])
    both = np.concatenate([np.hstack([a, b]), np.hstack([b, a])])
    ends = np.unique(both, axis=0)[:, :2]  # every neighbour of every node once
    nodes, degree = np.unique(ends, axis=0, return_counts=True)
    return {tuple(node) for node in nodes[degree != 2].tolist()}


def _cut(line: np.ndarray, junctions: set[tuple[int, int]]) -> list[np.ndarray]:
    """A closed ring cut at its junctions; without any it begins at its least node."""
    ring = line[:-1]
    at = [row for row, node in enumerate(ring.tolist()) if tuple(node) in junctions]
    if not at:
        start = int(np.lexsort((ring[:, 1], ring[:, 0]))[0])
        turned = np.roll(ring, -start, axis=0)
        return [np.vstack([turned, turned[:1]])]
    turned = np.roll(ring, -at[0], axis=0)
    stops = [row - at[0] for row in at] + [len(ring)]
    closed = np.vstack([turned, turned[:1]])
    return [closed[a : b + 1] for a, b in zip(stops, stops[1:], strict=False)]
