"""Proposals are tilings by construction: whole zones, nothing lost, figures that can be recounted."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_grid.proposals import Cancelled, Units, Wish, cut_pieces, propose, units_of
from geo_grid.proposals.units import Piece

QUICK = tuple(
    Wish(name, border, stay, 0.25) for name, border, stay in (("a", 0.002, 0.05), ("b", 0.004, 0))
)


def chessboard(columns: int, rows: int, zone_of, loads, community_of=lambda zone: "one") -> Units:
    """Square units of 100 m; zone_of(column, row) -> code of the zone."""
    spots = [(x, y) for x in range(columns) for y in range(rows)]
    pieces = [
        Piece(shapely.box(100 * x, 100 * y, 100 * x + 100, 100 * y + 100), zone_of(x, y))
        for x, y in spots
    ]
    cells = sorted({piece.cell for piece in pieces})
    return units_of(pieces, loads, cells, {cell: community_of(cell) for cell in cells})


def pieces_of(units: Units, zones: np.ndarray, zone: int) -> int:
    """An independent count: walk over neighbours."""
    left = set(np.flatnonzero(zones == zone).tolist())
    links = {unit: set() for unit in left}
    for one, two in units.borders.tolist():
        if one in left and two in left:
            links[one].add(two)
            links[two].add(one)
    count = 0
    while left:
        count += 1
        waiting = [left.pop()]
        while waiting:
            for other in links[waiting.pop()] & left:
                left.discard(other)
                waiting.append(other)
    return count


@st.composite
def boards(draw):
    columns, rows = draw(st.integers(4, 9)), draw(st.integers(4, 9))
    width, height = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    size = columns * rows
    loads = draw(st.lists(st.floats(0, 50, width=32), min_size=size, max_size=size))
    two = draw(st.booleans())
    return chessboard(
        columns,
        rows,
        lambda x, y: f"{x // width}{y // height}",
        np.array(loads) + 0.01,
        lambda zone: zone[0] if two else "one",
    )


@settings(max_examples=6, deadline=None)
@given(boards(), st.booleans(), st.integers(0, 99))
def test_zones_stay_whole_and_the_figures_are_what_a_recount_says(units, across, seed):
    for proposal in propose(units, across=across, seed=seed, wishes=QUICK):
        zones, told = proposal.zones, proposal.figures
        assert len(zones) == len(units.zones)
        assert set(zones.tolist()) == set(units.zones.tolist())
        assert all(pieces_of(units, zones, zone) == 1 for zone in set(zones.tolist()))
        assert told.connected
        moved = units.loads[zones != units.zones].sum() / units.loads.sum()
        assert told.moved_load == pytest.approx(moved)
        if not across:
            home = {z: c for z, c in zip(units.zones, units.communities, strict=True)}
            assert [home[z] for z in zones] == units.communities.tolist()


@settings(max_examples=8, deadline=None)
@given(boards(), st.integers(0, 99))
def test_the_figures_of_one_community_are_those_of_a_textbook(units, seed):
    units = replace(units, communities=np.zeros_like(units.communities))
    (proposal,) = propose(units, seed=seed, wishes=QUICK[:1])
    zones = proposal.zones
    loads = np.array([units.loads[zones == zone].sum() for zone in range(units.zone_count)])
    assert proposal.figures.cv == pytest.approx(loads.std() / loads.mean())
    assert proposal.figures.max_deviation == pytest.approx(np.abs(loads / loads.mean() - 1).max())


def drifted(seed: int) -> Units:
    """400 units in 40 zones whose loads have grown apart."""
    chance = np.random.default_rng(seed)
    growth = np.exp(chance.normal(0, 0.22, (10, 4)))
    loads = [growth[x // 2, y // 5] * chance.gamma(4) for x in range(20) for y in range(20)]
    return chessboard(20, 20, lambda x, y: f"{x // 2:02d}{y // 5}", np.array(loads))


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.soak)])
def test_a_drifted_map_is_balanced_with_little_change(seed):
    units = drifted(seed)
    found = propose(units, across=True, seed=seed)
    assert [proposal.name for proposal in found] == ["least-change", "balanced", "compact"]
    for proposal in found:
        assert proposal.figures.cv <= 0.05
        assert proposal.figures.moved_load <= 0.25
        assert proposal.figures.connected
    least, balanced, compact = (proposal.figures for proposal in found)
    assert least.moved_load <= balanced.moved_load
    assert balanced.cv <= least.cv
    assert compact.compactness >= max(least.compactness, balanced.compactness)


def test_a_zone_in_two_parts_is_made_whole():
    units = chessboard(6, 1, lambda x, y: "ABABCC"[x], np.ones(6))
    for proposal in propose(units, wishes=QUICK):
        assert proposal.figures.connected


def test_the_same_seed_gives_the_same_proposals():
    one, two = (propose(drifted(4), seed=7, wishes=QUICK) for _ in range(2))
    assert [p.zones.tolist() for p in one] == [p.zones.tolist() for p in two]


def test_progress_rises_to_one_and_a_planner_can_cancel():
    heard = []
    propose(drifted(5), wishes=QUICK, on_progress=heard.append)
    assert heard == sorted(heard) and heard[-1] == pytest.approx(1)
    with pytest.raises(Cancelled):
        propose(drifted(5), on_progress=lambda share: share < 0.3)


def test_pieces_tile_their_cells_and_follow_given_lines():
    cells = {"A": shapely.box(0, 0, 500, 400), "B": shapely.box(500, 0, 900, 400)}
    road = shapely.LineString([(-50, 190), (950, 210)])
    by_road, _beside = cut_pieces(cells, road, per_cell=1)
    assert len(by_road) == 4
    for pieces in (by_road, cut_pieces(cells, None, per_cell=8)[0]):
        for code, cell in cells.items():
            own = [piece.polygon for piece in pieces if piece.cell == code]
            assert sum(part.area for part in own) == pytest.approx(cell.area, abs=0.01)
            assert shapely.coverage_is_valid(own)
    units = units_of(by_road, np.ones(4), ["A", "B"], {"A": "x", "B": "x"}, road)
    assert sorted(np.round(units.along, 2).tolist())[-2:] == [1.0, 1.0]
    assert units.areas.sum() == pytest.approx(900 * 400)


def test_loads_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="loads"):
        chessboard(2, 2, lambda x, y: str(x), np.array([1, 2, np.nan, 1]))
