"""Coverages to edit in tests: synthetic ones with islands and enclaves, and real ones."""

import random
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from django.conf import settings

from geo_grid import edits, nodes
from geo_grid.arrangement import arrange, dissolve
from geo_grid.tiling import canonical

SHARED = settings.ROOT.parent / "shared" / "data"
HOME = "610403001001"


def as_ground(shapes) -> dict[str, edits.Drawn]:
    cells = {}
    for number, shape in enumerate(shapes, 1):
        code = f"6104030010{number // 900 + 1:02d}{number % 900:03d}"
        cells[code] = edits.Drawn(code, f"cell {number}", "GENERAL", code[:12], shape)
    return cells


def wiggly(seed: int, number: int = 40, size: float = 2000.0) -> dict[str, edits.Drawn]:
    """Voronoi cells with bent borders inside a bent outline that has an island, a hole, an
    enclave cell inside another cell and a cell of two parts."""
    chance = np.random.default_rng(seed)
    outline = shapely.union_all(
        [
            shapely.Point(0, 0).buffer(size, quad_segs=15),
            shapely.Point(size * 1.6, 0).buffer(size / 5),  # an island
        ]
    ).difference(shapely.Point(size / 3, size / 3).buffer(size / 12))  # ground of nobody
    spots = chance.uniform(-size, size, (number, 2))
    lines = shapely.voronoi_polygons(
        shapely.multipoints(spots), extend_to=outline.envelope.buffer(size), only_edges=True
    )
    lines = shapely.segmentize(lines, size / 25)
    lines = shapely.transform(lines, lambda p: p + size / 100 * np.sin(p[:, ::-1] / size * 40))
    enclave = shapely.Point(spots[0]).buffer(size / 40)
    faces = arrange([canonical(outline)], [canonical(lines), canonical(enclave.boundary)])
    shapes = [canonical(shapely.normalize(s)) for s in faces.shapes[faces.owner == 0] if s.area > 5]
    shapes = _all_of(faces, shapes)
    return as_ground(_with_two_parts(shapes))


def _all_of(faces, shapes):
    """Crumbs of the bending go to a neighbour, so that nothing of the ground is lost."""
    crumbs = [s for s in faces.shapes[faces.owner == 0] if s.area <= 5]
    for crumb in crumbs:
        lengths = [shapely.intersection(crumb.boundary, s.boundary).length for s in shapes]
        best = int(np.argmax(lengths))
        shapes[best] = dissolve([shapes[best], crumb])
    return shapes


def _with_two_parts(shapes):
    """The two cells farthest from each other become one cell of two parts."""
    order = sorted(range(len(shapes)), key=lambda i: shapes[i].centroid.x)
    first, last = order[0], order[-1]
    both = shapely.normalize(shapely.MultiPolygon([shapes[first], shapes[last]]))
    return [s for i, s in enumerate(shapes) if i not in (first, last)] + [both]


def real(path: Path, srid: int) -> dict[str, edits.Drawn]:
    """A real coverage in degrees, brought to a metric CRS and noded on the grid."""
    table = pyogrio.read_dataframe(path).set_crs("EPSG:4326", allow_override=True)
    shapes = table.to_crs(srid).geometry.values
    shapes = canonical(shapely.force_2d(np.asarray(shapes)))
    return as_ground(noded(shapes))


def noded(shapes):
    """Any sound coverage as one whose neighbours share every node."""
    faces = arrange(list(shapes), [])
    kept = []
    for index in range(len(shapes)):
        rows = faces.of(index)
        if len(rows):
            kept.append(dissolve(faces.shapes[rows]))
    return kept


def near(ground, kind, wanted) -> dict[str, edits.Drawn]:
    """The cells an edit needs to know, as the database finds them by its index."""
    codes = list(ground)
    reach = [
        ground[code].shape for code in edits.named(kind, wanted) if code in ground
    ] + edits.reach_of(kind, wanted)
    boxes = shapely.bounds(np.asarray([ground[code].shape for code in codes], dtype=object))
    hit = np.zeros(len(codes), bool)
    for shape in reach:
        west, south, east, north = shapely.bounds(shape) + np.array([-1, -1, 1, 1])
        hit |= (
            (boxes[:, 0] <= east)
            & (boxes[:, 2] >= west)
            & (boxes[:, 1] <= north)
            & (boxes[:, 3] >= south)
        )
    return {codes[i]: ground[codes[i]] for i in np.flatnonzero(hit)}


class Naming:
    """Codes never given twice."""

    def __init__(self):
        self.given = 0

    def __call__(self, community, middles):
        out = []
        for _spot in middles:
            self.given += 1
            out.append((f"N{self.given:06d}", f"new {self.given}"))
        return out


def random_edit(ground, chance: random.Random):
    """Any edit at a random place; many will be refused."""
    codes = sorted(ground)
    cell = ground[chance.choice(codes)]
    west, south, east, north = cell.shape.bounds
    wide = max(east - west, north - south)

    def spot():
        x = chance.uniform(west - wide / 4, east + wide / 4)
        return x, chance.uniform(south - wide / 4, north + wide / 4)

    kind = chance.choice(
        [
            "SPLIT",
            "SPLIT",
            "TRANSFER",
            "RESHAPE",
            "MERGE",
            "CUT_OUT",
            "MOVE_VERTEX",
            "MOVE_VERTEX",
            "INSERT_VERTEX",
            "REMOVE_VERTEX",
            "RETIRE",
            "RECODE",
        ]
    )
    line = canonical(shapely.LineString([spot() for _ in range(chance.choice([2, 2, 3]))]))
    blob = canonical(shapely.Point(spot()).buffer(wide * chance.uniform(0.05, 0.3), quad_segs=3))
    border = shapely.get_coordinates(cell.shape)
    node = shapely.Point(border[chance.randrange(len(border))])
    shift = wide / 30
    there = canonical(
        shapely.Point(
            node.x + chance.uniform(-shift, shift), node.y + chance.uniform(-shift, shift)
        )
    )
    beside = canonical(shapely.Point((node.x + there.x) / 2, node.y))
    around = [c for c in codes if c != cell.code and ground[c].shape.intersects(cell.shape)]
    other = chance.choice(around) if around else cell.code
    wanted = {
        "SPLIT": {"cell": cell.code, "lines": [line]},
        "TRANSFER": {"region": blob, "to_cell": cell.code},
        "RESHAPE": {"cells": [cell.code, other], "lines": [line]},
        "MERGE": {"cells": [cell.code, other], "into": cell.code},
        "CUT_OUT": {"region": blob},
        "MOVE_VERTEX": {"at": node, "to": there},
        "INSERT_VERTEX": {"at": beside, "to": None},
        "REMOVE_VERTEX": {"at": node},
        "RETIRE": {"cell": cell.code},
        "RECODE": {"cell": cell.code},
    }[kind]
    return kind, wanted


def after(ground, change):
    return {
        code: drawn
        for code, drawn in (dict(ground) | change.cells).items()
        if code not in change.gone
    }


def with_node(outline, node):
    """The outline with a node put into the edge it stands beside."""
    spot = shapely.Point(node)

    def add(ring):
        segments = shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1))
        away = shapely.distance(segments, spot)
        row = int(away.argmin())
        return np.insert(ring, row + 1, node, axis=0) if away[row] < 0.002 else ring

    return nodes.rewritten(outline, add)


def without(outline, node):
    """The outline without a node."""

    def drop(ring):
        kept = ring[:-1][(ring[:-1] != node).any(axis=1)]
        return np.concatenate([kept, kept[:1]])

    return nodes.rewritten(outline, drop)
