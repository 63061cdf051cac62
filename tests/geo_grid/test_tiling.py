"""The proof finds every gap and overlap, however small; tolerances would not."""

import numpy as np
import pytest
import shapely

from geo_grid.coordinates import served_copy
from geo_grid.tiling import canonical, chain_difference, exact_bits, prove
from tests.geo_grid.coverages import wiggly

SHAPES = [drawn.shape for drawn in wiggly(3).values()]
OUTLINE = shapely.coverage_union_all(SHAPES)


def inner(shapes):
    """The index of a cell that touches no outer border."""
    return next(i for i, s in enumerate(shapes) if not s.boundary.intersects(OUTLINE.boundary))


def moved(shape, by, row=1):
    points = shapely.get_coordinates(shape)
    target = points[row]
    return shapely.transform(
        shape, lambda p: np.where((p == target).all(axis=1)[:, None], p + by, p)
    )


def with_node(shape):
    """The same ground, one node more that the neighbour does not have."""
    points = shapely.get_coordinates(shape)
    middle = (points[0] + points[1]) / 2
    return shapely.Polygon(np.insert(points, 1, middle, axis=0))


def test_a_sound_map_is_proven_also_in_degrees():
    assert prove(SHAPES, OUTLINE).holds
    copies = [served_copy(shape, 4545) for shape in SHAPES]
    assert prove(copies, served_copy(OUTLINE, 4545), exact_bits).holds


@pytest.mark.parametrize(
    "damage",
    [
        lambda shapes, i: shapes[:i] + shapes[i + 1 :],
        lambda shapes, i: [*shapes, shapes[i]],
        lambda shapes, i: [*shapes[:i], moved(shapes[i], 0.001), *shapes[i + 1 :]],
        lambda shapes, i: [*shapes[:i], with_node(shapes[i]), *shapes[i + 1 :]],
        lambda shapes, i: [*shapes[:i], shapes[i].buffer(-0.002), *shapes[i + 1 :]],
    ],
    ids=["missing", "double", "one-millimetre", "node-of-one-side", "shrunk"],
)
@pytest.mark.parametrize("everywhere", [True, False])
def test_every_damage_is_found_with_its_place(damage, everywhere):
    i = inner(SHAPES) if everywhere else 0
    damaged = [canonical(shape) for shape in damage(list(SHAPES), i)]
    proof = prove(damaged, OUTLINE)
    assert not proof.holds
    x, y = proof.flaws[0].place
    assert SHAPES[i].buffer(1).intersects(shapely.Point(x, y))


def test_the_area_is_exact():
    boxes = [shapely.box(0, 0, 1.001, 1), shapely.box(1.001, 0, 3, 1)]
    assert prove(boxes, shapely.box(0, 0, 3, 1)).residual  # the outline lacks the node
    assert prove(boxes, shapely.coverage_union_all(boxes)).area2 == 6_000_000


def test_the_local_proof_sees_what_changed_hands_and_what_was_lost():
    a, b = shapely.box(0, 0, 1, 2), shapely.box(1, 0, 3, 2)
    both = shapely.coverage_union_all([a, b])
    assert len(chain_difference([a, b], [both]).owner) == 0
    assert chain_difference([a, b], [a]).area2 == -8_000_000
    assert len(chain_difference([a, b], [a]).owner)


def test_rounding_is_idempotent_and_the_same_for_neighbours():
    points = np.random.default_rng(1).uniform(3e6, 5e7, (10_000, 2))
    once = shapely.get_coordinates(canonical(shapely.linestrings(points)))
    again = shapely.get_coordinates(canonical(shapely.linestrings(once)))
    assert (once == again).all()
