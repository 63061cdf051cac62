"""A synthetic division of a real district into towns, communities and cells. Pure and seeded.

Places are drawn by nearest-seed regions; because all borders come from one noded set of lines on
the millimetre grid, the result is a valid coverage of the outline without gaps or overlaps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Geometry

from geo_grid import codes
from geo_grid.tiling import GRID_M, canonical

SAMPLES = 60_000
URBAN_SHARE = 0.35  # a community's ground compared with a village's
ROUNDS = 25


@dataclass(frozen=True, slots=True)
class SyntheticCell:
    """One cell: polygon in the metric CRS of the outline."""

    code: str
    number: int
    community: str
    polygon: Geometry


def subdivide(
    outline: Geometry,
    towns: dict[str, tuple[float, float]],
    communities: Sequence[str],
    totals: tuple[int, int],
    seed: int,
) -> list[SyntheticCell]:
    """Cells of a district.

    outline: polygon in a metric CRS. towns: 9-digit code -> (x, y) of its centre. communities:
    12-digit codes. totals: cells over all villages, cells over all communities.
    """
    chance = np.random.default_rng(seed)
    samples = _samples(outline, chance)
    homes = _communities(samples, towns, communities, chance)
    spots, owners = _cell_centres(samples, homes, communities, totals, chance)
    shapes = _faces(outline, spots)
    return _numbered(shapes, owners)


def _samples(outline: Geometry, chance: np.random.Generator) -> np.ndarray:
    """Points spread evenly over the ground, shape (n, 2)."""
    west, south, east, north = outline.bounds
    points = chance.uniform((west, south), (east, north), (SAMPLES, 2))
    shapely.prepare(outline)
    return points[shapely.contains_xy(outline, points[:, 0], points[:, 1])]


def _communities(samples, towns, communities, chance) -> np.ndarray:
    """Index into `communities` for every sample."""
    centres = np.array(list(towns.values()))
    town_of = _nearest(samples, centres, np.zeros(len(centres)))
    homes = np.empty(len(samples), dtype=int)
    for index, town in enumerate(towns):
        members = [i for i, code in enumerate(communities) if code.startswith(town)]
        weight = np.array(
            [1.0 if codes.is_village(communities[i]) else URBAN_SHARE for i in members]
        )
        here = town_of == index
        homes[here] = np.array(members)[_balanced(samples[here], centres[index], weight, chance)]
    return homes


def _balanced(points, heart, weight, chance) -> np.ndarray:
    """Group points into len(weight) compact groups with sizes near the weights; the light ones
    (urban) lie near the heart of the town."""
    chosen = points[chance.choice(len(points), len(weight), replace=False)]
    order = np.argsort(np.hypot(*(chosen - heart).T))
    chosen = chosen[order][np.argsort(np.argsort(weight, kind="stable"), kind="stable")]
    wanted = weight / weight.sum() * len(points)
    bias = np.zeros(len(weight))
    scale = np.ptp(points, axis=0).prod() / len(weight)
    for _ in range(ROUNDS * 3):
        group = _nearest(points, chosen, bias)
        sizes = np.bincount(group, minlength=len(weight))
        bias += 0.1 * scale * (wanted - sizes) / wanted
        chosen = _middles(points, group, chosen)
    return _nearest(points, chosen, bias)


def _cell_centres(samples, homes, communities, totals, chance):
    """Centres of the cells, shape (n, 2), and the community code of each."""
    counts = _counts(communities, totals)
    spots, owners = [], []
    for index, code in enumerate(communities):
        points = samples[homes == index]
        centres = points[chance.choice(len(points), counts[index], replace=False)]
        for _ in range(ROUNDS):
            centres = _middles(points, _nearest(points, centres, np.zeros(len(centres))), centres)
        spots.append(centres)
        owners += [code] * counts[index]
    return np.concatenate(spots), owners


def _counts(communities, totals) -> list[int]:
    """How many cells each gets: the totals spread evenly, the remainder to the first."""
    villages = [code for code in communities if codes.is_village(code)]
    urban = [code for code in communities if not codes.is_village(code)]
    spread = {}
    for group, total in ((villages, totals[0]), (urban, totals[1])):
        for place, code in enumerate(group):
            spread[code] = total // len(group) + (place < total % len(group))
    return [spread[code] for code in communities]


def _nearest(points, centres, bias) -> np.ndarray:
    distance = ((points[:, None, :] - centres[None]) ** 2).sum(axis=2) - bias
    return distance.argmin(axis=1)


def _middles(points, group, before) -> np.ndarray:
    number = len(before)
    sizes = np.bincount(group, minlength=number)
    sums = np.column_stack([np.bincount(group, points[:, axis], number) for axis in (0, 1)])
    return np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], before)


def _faces(outline: Geometry, spots: np.ndarray) -> list[Geometry]:
    """One polygon for every spot, on the grid, covering the outline exactly."""
    outline = shapely.set_precision(outline, GRID_M)
    regions = shapely.voronoi_polygons(
        shapely.multipoints(spots), extend_to=outline.envelope.buffer(1000), only_edges=True
    )
    lines = shapely.intersection(shapely.set_precision(regions, GRID_M), outline, grid_size=GRID_M)
    noded = shapely.union(lines, outline.boundary, grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize([noded]))
    faces = faces[shapely.contains_properly(outline, shapely.point_on_surface(faces))]
    tree = shapely.STRtree(shapely.points(spots))
    owner = tree.nearest(shapely.point_on_surface(faces))
    return _whole(faces, owner, spots)


def _whole(faces, owner, spots) -> list[Geometry]:
    """Stray faces, cut off by a bend of the outline, go to the neighbour with most common border."""
    keeps: dict[int, int] = {}
    for face, spot in zip(range(len(faces)), owner.tolist(), strict=True):
        best = keeps.get(spot)
        if best is None or shapely.distance(
            faces[face], shapely.Point(spots[spot])
        ) < shapely.distance(faces[best], shapely.Point(spots[spot])):
            keeps[spot] = face
    parts: dict[int, list] = {spot: [faces[face]] for spot, face in keeps.items()}
    for face in sorted(set(range(len(faces))) - set(keeps.values())):
        shared = {s: shapely.intersection(faces[face], faces[k]).length for s, k in keeps.items()}
        parts[max(shared, key=shared.__getitem__)].append(faces[face])
    return [canonical(shapely.coverage_union_all(parts[spot])) for spot in range(len(spots))]


def _numbered(shapes: Sequence[Geometry], owners: Sequence[str]) -> list[SyntheticCell]:
    cells = []
    for community in dict.fromkeys(owners):
        mine = [shape for shape, owner in zip(shapes, owners, strict=True) if owner == community]
        middles = [(shape.centroid.x, shape.centroid.y) for shape in mine]
        for code, shape in zip(codes.numbered(community, middles), mine, strict=True):
            cells.append(SyntheticCell(code, int(code[-3:]), community, shape))
    return sorted(cells, key=lambda cell: cell.code)
