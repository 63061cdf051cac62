"""Random edits on coverages with islands, enclaves, parts and cuts to the outer border: after each
one gap and overlap are exactly 0 and the union is bit for bit what it was."""

import random
from collections import Counter

import numpy as np
import pytest
import shapely

from geo_grid import edits, intents
from geo_grid.refusals import Refused
from geo_grid.tiling import prove
from tests.geo_grid import coverages


def union(ground):
    return shapely.coverage_union_all([drawn.shape for drawn in ground.values()])


def bits(shape):
    return shapely.to_wkb(shapely.normalize(shape))


def with_nodes(outline, nodes):
    """The outline with nodes of `Change.outer` put where they belong, or taken out again."""
    for node in nodes / 1000:
        points = shapely.get_coordinates(outline)
        if (points == node).all(axis=1).any():
            outline = coverages.without(outline, node)
        else:
            outline = coverages.with_node(outline, node)
    return outline


class Draft:
    """A plan in memory: every edit is proven, written down, and can be undone."""

    def __init__(self, ground):
        self.first, self.ground = ground, ground
        self.outline = union(ground)
        self.past, self.future, self.done = [], [], Counter()
        self.naming = coverages.Naming()

    def draw(self, kind, wanted):
        before = self.naming.given
        stored = intents.written(wanted)
        change = edits.apply(coverages.near(self.ground, kind, wanted), kind, wanted, self.naming)
        self.past.append((self.ground, self.outline, kind, stored, before))
        self.future.clear()
        self.ground = coverages.after(self.ground, change)
        self.outline = with_nodes(self.outline, change.outer)
        self.done[kind] += 1
        self.check()

    def undo(self):
        ground, outline, *edit = self.past.pop()
        self.future.append((self.ground, self.outline, ground, outline, edit))
        self.ground, self.outline = ground, outline

    def redo(self):
        self.ground, self.outline, *before, edit = self.future.pop()
        self.past.append((*before, *edit))

    def check(self):
        proof = prove([drawn.shape for drawn in self.ground.values()], self.outline)
        assert proof.holds, (proof.flaws[:3], self.past[-1][2:])
        assert bits(union(self.ground)) == bits(self.outline)

    def replayed(self):
        """The list of edits drawn again from its JSON."""
        ground = self.first
        for _ground, _outline, kind, stored, given in self.past:
            wanted, naming = intents.again(stored), coverages.Naming()
            naming.given = given
            change = edits.apply(coverages.near(ground, kind, wanted), kind, wanted, naming)
            ground = coverages.after(ground, change)
        return ground


def wander(ground, seed, steps):
    chance, draft, refused = random.Random(seed), Draft(ground), Counter()
    for _ in range(steps):
        move = chance.random()
        if move < 0.1 and draft.past:
            draft.undo()
        elif move < 0.15 and draft.future:
            draft.redo()
        else:
            kind, wanted = coverages.random_edit(draft.ground, chance)
            if kind in ("MERGE", "RETIRE") and len(draft.ground) < len(ground) * 2 / 3:
                continue
            try:
                draft.draw(kind, wanted)
            except Refused as refusal:
                refused[refusal.reason] += 1
    return draft, refused


def same(ground, other):
    assert ground.keys() == other.keys()
    for code, drawn in ground.items():
        assert shapely.to_wkb(drawn.shape) == shapely.to_wkb(other[code].shape)


@pytest.mark.parametrize("seed", range(3))
def test_a_map_with_islands_and_enclaves_stays_whole(seed):
    ground = coverages.wiggly(seed)
    draft, refused = wander(ground, seed, 90)
    assert sum(draft.done.values()) > 30
    assert "not_a_tiling" not in refused
    same(draft.replayed(), draft.ground)
    while draft.past:
        draft.undo()
    same(draft.ground, ground)


REAL = [
    ("coverages/albuquerque_10740_195_tracts.gpkg", 32613),
    ("coverages/boston_506_tracts.gpkg", 32619),
    ("boston/precincts_wgs84.geojson", 32619),
]


def real(name, srid):
    path = coverages.SHARED / name
    if not path.exists():
        pytest.skip("the shared data are not here")
    return coverages.real(path, srid)


@pytest.mark.parametrize(("name", "srid"), REAL)
def test_a_real_map_stays_whole(name, srid):
    ground = real(name, srid)
    draft, _refused = wander(ground, 1, 40)
    assert sum(draft.done.values()) > 10
    same(draft.replayed(), draft.ground)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("name", "srid"), [*REAL, ("", None)])
def test_ten_thousand_edits_leave_no_drift(name, srid):
    ground = real(name, srid) if name else coverages.wiggly(9, 120)
    draft, _refused = wander(ground, 2, 10_000)
    assert sum(draft.done.values()) > 3_000
    same(draft.replayed(), draft.ground)


def squares():
    """Four cells of 100 m."""
    return coverages.as_ground(
        [shapely.box(x, y, x + 100, y + 100) for y in (100, 0) for x in (0, 100)]
    )


def refusal(kind, **wanted):
    ground = squares()
    with pytest.raises(Refused) as caught:
        edits.apply(ground, kind, wanted, coverages.Naming())
    return caught.value


def test_a_line_that_crosses_twice_needs_a_word():
    codes = sorted(squares())
    line = shapely.LineString([(20, 210), (20, 120), (60, 120), (60, 210), (80, 210), (80, 90)])
    assert refusal("SPLIT", cell=codes[0], lines=[line]).reason == "crosses_more_than_once"
    change = edits.apply(
        squares(), "SPLIT", {"cell": codes[0], "lines": [line], "many": True}, coverages.Naming()
    )
    assert len([code for code in change.cells if code.startswith("N")]) == 2


def test_several_lines_make_several_cells_and_the_largest_keeps_the_name():
    ground = squares()
    code = min(ground)
    lines = [shapely.LineString([(x, 90), (x, 210)]) for x in (20, 40)]
    change = edits.apply(ground, "SPLIT", {"cell": code, "lines": lines}, coverages.Naming())
    assert change.cells[code].shape.area == 60 * 100
    assert sorted(c.shape.area for k, c in change.cells.items() if k[0] == "N") == [2000, 2000]


def test_a_self_crossing_line_is_refused_where_it_crosses():
    bow = shapely.LineString([(10, 210), (50, 90), (50, 210), (10, 90)])
    caught = refusal("SPLIT", cell=min(squares()), lines=[bow])
    assert caught.reason == "self_crossing"
    assert caught.place == pytest.approx((30, 150))


def test_the_outer_border_stays_where_it_is():
    caught = refusal("MOVE_VERTEX", at=shapely.Point(0, 200), to=shapely.Point(10, 190))
    assert caught.reason == "outer_border"


def test_a_junction_is_not_removed_and_a_vertex_not_turned_inside_out():
    assert refusal("REMOVE_VERTEX", at=shapely.Point(100, 100)).reason == "junction"
    far = refusal("MOVE_VERTEX", at=shapely.Point(100, 100), to=shapely.Point(500, 500))
    assert far.reason in ("invalid", "outer_border", "not_a_tiling")


def test_reshaping_moves_the_border_of_both_neighbours():
    ground = squares()
    left, right = sorted(ground)[:2]
    line = shapely.LineString([(100, 180), (120, 150), (100, 120)])
    wanted = {"cells": [left, right], "lines": [line]}
    change = edits.apply(ground, "RESHAPE", wanted, coverages.Naming())
    assert change.cells[left].shape.area == 10_000 + 600
    assert change.cells[right].shape.area == 10_000 - 600


def test_a_region_may_not_swallow_a_cell_or_leave_a_sliver():
    whole = shapely.box(-10, 90, 110, 210)
    codes = sorted(squares())
    assert refusal("TRANSFER", region=whole, to_cell=codes[1]).reason == "swallowed"
    thin = shapely.box(99.9, 90, 100, 210)
    assert refusal("CUT_OUT", region=thin, cells=[codes[0]]).reason == "sliver"


def test_an_inserted_vertex_goes_into_both_cells():
    ground = squares()
    wanted = {"at": shapely.Point(100, 150), "to": shapely.Point(105, 150)}
    change = edits.apply(ground, "INSERT_VERTEX", wanted, coverages.Naming())
    assert len(change.cells) == 2
    for drawn in change.cells.values():
        assert (shapely.get_coordinates(drawn.shape) == np.array([105, 150])).all(axis=1).any()
