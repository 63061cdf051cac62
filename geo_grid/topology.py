"""Is a set of cells a proper coverage? Pure shapely, in a metric CRS.

Nothing is repaired here: a defect is named with the cells, a place and a size, and people decide.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import shapely
from shapely import Geometry

INVALID, OVERLAP, GAP, LANE, SLIVER, OUTSIDE, EMPTY = (
    "invalid",
    "overlap",
    "gap",
    "lane",
    "sliver",
    "outside",
    "empty",
)
ASTRAY, ACCURACY = "astray", "accuracy"  # of a file, not of its shapes
NOTED = ("encoding", "cut", "deleted", "numbers", "datum", ASTRAY, ACCURACY)
GRAVE = frozenset({INVALID, OVERLAP, GAP, EMPTY, ASTRAY, ACCURACY})  # stand against publication
NOISE_M2 = 1e-6  # of floating point: not worth a line
HARMLESS_M2 = 0.01  # what rounding to the millimetre can leave along a border: told, not refused
SLIVER_WIDTH_M = 1.0
LANE_WIDTH_M = 20.0  # of an open gap that may be meant, as a road or a river, and is told
LONG = 4.0  # times its width, from which on an open gap is a lane and no corner of the outline
NEAR_M = 0.001  # what lies so near to a gap is beside it
BORDER_TOLERANCE_M = 0.5  # how far two drawings of one district's border may lie apart


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong. place: (x, y) in the CRS of the input, None for what lies nowhere; area_m2
    of the defect itself; width_m: of a gap, how far its sides lie apart at most (0 for other kinds)."""

    kind: str
    cells: tuple[str, ...]
    place: tuple[float, float] | None
    area_m2: float
    note: str = ""
    width_m: float = 0.0

    @property
    def name(self) -> str:
        """What the planner accepts it by: the same for the same defect of the same file."""
        spot = f"{self.place[0]:.2f} {self.place[1]:.2f}" if self.place else "-"
        words = f"{self.kind} {' '.join(self.cells)} {spot} {self.area_m2:.2f}"
        return f"{self.kind}-{sha256(words.encode()).hexdigest()[:8]}"

    @property
    def grave(self) -> bool:
        small = self.kind in (OVERLAP, GAP) and self.area_m2 <= HARMLESS_M2
        return self.kind in GRAVE and not small


def check_coverage(
    cells: Mapping[str, Geometry],
    outline: Geometry | None = None,
    mended: Mapping[str, Geometry] | None = None,
) -> list[Defect]:
    """Defects of a coverage: invalid rings, overlaps, gaps, slivers, parts outside `outline`.

    cells: code -> polygon in a metric CRS (metres). Invalid polygons are named; in the other
    checks a mended one stands for them, or they are left out. Sorted by kind and size, largest
    first.
    """
    broken = _invalid(cells)
    named = {defect.cells[0] for defect in broken}
    sound = {code: shape for code, shape in cells.items() if code not in named}
    sound |= {c: s for c, s in (mended or {}).items() if c in named and s.is_valid and s.area}
    codes, shapes = list(sound), np.array(list(sound.values()), dtype=object)
    found = [*broken, *_overlaps(codes, shapes), *_gaps(codes, shapes), *_slivers(codes, shapes)]
    if outline is not None and len(shapes):
        found += _outside(codes, shapes, outline)
    return sorted(found, key=lambda defect: (defect.kind, -defect.area_m2))


def _invalid(cells: Mapping[str, Geometry]) -> list[Defect]:
    found = []
    for code, shape in cells.items():
        if shape is None or shape.is_empty:
            found.append(Defect(EMPTY, (code,), None, 0.0))
        elif not shape.is_valid:
            reason = shapely.is_valid_reason(shape)
            place = _place_in(reason) or _first(shape)
            found.append(Defect(INVALID, (code,), place, float(shape.area), reason))
    return found


def _place_in(reason: str) -> tuple[float, float] | None:
    """The coordinates that GEOS puts behind its reason, as in Self-intersection[1.5 2]."""
    told = re.search(r"\[(\S+) (\S+)\]", reason)
    return (float(told[1]), float(told[2])) if told else None


def _overlaps(codes: Sequence[str], shapes: np.ndarray) -> list[Defect]:
    if not len(shapes):
        return []
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = left < right
    left, right = left[pairs], right[pairs]
    common = shapely.intersection(shapes[left], shapes[right])
    areas = shapely.area(common)
    return [
        Defect(OVERLAP, (codes[left[i]], codes[right[i]]), _first(common[i]), float(areas[i]))
        for i in np.flatnonzero(areas > NOISE_M2).tolist()
    ]


def _gaps(codes: Sequence[str], shapes: np.ndarray) -> list[Defect]:
    """Ground nobody answers for: what the cells enclose, and open slits between neighbours."""
    if not len(shapes):
        return []
    tree = shapely.STRtree(shapes)
    union = shapely.union_all(shapes)
    enclosed = _enclosed(union)
    slits = [one for one in _slits(union, enclosed) if one.area > HARMLESS_M2]
    lanes = _lanes(union, enclosed)
    kinds = [GAP] * (len(enclosed) + len(slits)) + [LANE] * len(lanes)
    found = []
    for number, (kind, gap) in enumerate(zip(kinds, [*enclosed, *slits, *lanes], strict=True)):
        near = tree.query(gap, predicate="dwithin", distance=NEAR_M)
        around = tuple(sorted(codes[i] for i in near))
        if gap.area > NOISE_M2 and (number < len(enclosed) or len(around) > 1):
            found.append(Defect(kind, around, _first(gap), float(gap.area), width_m=_width(gap)))
    return found


def _enclosed(union: Geometry) -> list[Geometry]:
    """Faces between the borders of a union that are not of it: its holes, and ground closed off
    where two parts only touch, which is no hole of any polygon."""
    noded = shapely.get_parts(shapely.union_all(shapely.get_parts(union.boundary)))
    faces = shapely.get_parts(shapely.polygonize(noded))
    shapely.prepare(union)
    return list(faces[~shapely.intersects(union, shapely.point_on_surface(faces))])


def _slits(union: Geometry, enclosed: list[Geometry]) -> list[Geometry]:
    """What is narrower than a sliver and runs out into the open: gone when the union is grown by
    half of that and shrunk again. Narrower than a millimetre is what rounding leaves."""
    closed = _resized(_resized(union, SLIVER_WIDTH_M / 2), -SLIVER_WIDTH_M / 2)
    left = closed - shapely.union_all([union, *enclosed])
    return list(shapely.get_parts(_resized(_resized(left, -NEAR_M / 2), NEAR_M / 2)))


def _lanes(union: Geometry, enclosed: list[Geometry]) -> list[Geometry]:
    """The same up to the width of a road, on the grid of a millimetre and with round corners:
    mitred ones of ten metres make spikes. Not what is a slit, nor a corner of the outline, which
    is as wide as long."""
    closed = union.buffer(LANE_WIDTH_M / 2).buffer(-LANE_WIDTH_M / 2)
    ground = shapely.union_all([union, *enclosed], grid_size=NEAR_M)
    left = shapely.get_parts(shapely.difference(closed, ground, grid_size=NEAR_M))
    found = [one.buffer(NEAR_M) for one in left if one.area > SLIVER_WIDTH_M]
    wide = [(one, _width(one)) for one in found]
    return [one for one, w in wide if w > SLIVER_WIDTH_M and one.area > LONG * w**2]


def _resized(shape: Geometry, by: float) -> Geometry:
    return shape.buffer(by, join_style="mitre")


def _width(shape: Geometry) -> float:
    """How wide a narrow shape is at most: a bent one is as wide as a wedge of its area and rim."""
    coords = shapely.get_coordinates(shape)
    coords = coords - coords.mean(axis=0)  # for the digits
    edges = np.diff(coords, axis=0)
    along = edges[np.hypot(*edges.T).argmax()]
    across = coords @ np.array([-along[1], along[0]]) / np.hypot(*along)
    return float(min(np.ptp(across), 4 * shape.area / shape.length))


def _slivers(codes: Sequence[str], shapes: np.ndarray) -> list[Defect]:
    """Parts that are everywhere thinner than a metre: nobody can stand in them."""
    found = []
    for code, shape in zip(codes, shapes, strict=True):
        for part in shapely.get_parts(shape):
            if part.length and 2 * part.area / part.length < SLIVER_WIDTH_M / 2:
                found.append(Defect(SLIVER, (code,), _first(part), float(part.area)))
    return found


def _outside(codes: Sequence[str], shapes: np.ndarray, outline: Geometry) -> list[Defect]:
    beyond = shapely.difference(shapes, outline)
    far = shapely.area(shapely.difference(shapes, outline.buffer(BORDER_TOLERANCE_M)))
    areas = np.where(far > 0, shapely.area(beyond), 0.0)
    return [
        Defect(OUTSIDE, (codes[i],), _first(beyond[i]), float(areas[i]))
        for i in np.flatnonzero(areas > NOISE_M2).tolist()
    ]


def _first(shape: Geometry) -> tuple[float, float]:
    """A place to look at: inside a sound surface, otherwise its first vertex."""
    if shape.is_valid and not shape.is_empty:
        point = shape.representative_point()
        return point.x, point.y
    x, y = shapely.get_coordinates(shape)[0]
    return float(x), float(y)
