"""The engine against printed numbers of others, full enumeration, and maps without any hot spot."""

import itertools
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas
import pytest
import shapely
from django.conf import settings

from hotspots import engine

SHARED = settings.ROOT.parent / "shared" / "data" / "hotspot" / "getisord_16x16.csv"

# esda, docstring of G_Local
SIX_POINTS = [(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)]
SIX_VALUES = [2, 3, 3.2, 5, 8, 7]
SIX_Z = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]


def lattice(columns: int, rows: int):
    return [shapely.box(x, y, x + 1, y + 1) for y in range(rows) for x in range(columns)]


def test_six_points_equal_the_printed_numbers():
    weights = engine.distance_band(SIX_POINTS, 15)
    assert weights.nnz - 6 == 14
    z, reasons = engine.gi_star(SIX_VALUES, weights)
    assert [f"{one:.8f}" for one in z] == [f"{one:.8f}" for one in SIX_Z]
    assert reasons == [""] * 6


def test_weights_that_sum_to_one_give_the_same_z():
    weights = engine.distance_band(SIX_POINTS, 15)
    shares = weights.multiply(1 / weights.sum(axis=1)[:, None]).tocsr()
    np.testing.assert_allclose(
        engine.gi_star(SIX_VALUES, shares)[0], engine.gi_star(SIX_VALUES, weights)[0], rtol=1e-12
    )


@pytest.mark.skipif(not SHARED.exists(), reason="the raster of Getis and Ord is not here")
@pytest.mark.parametrize(
    ("distance", "links", "z"),
    [
        (30, 960, 1.450780),
        (60, 2756, 1.900559),
        (90, 6052, 2.096939),
        (120, 9836, 1.981907),
        (150, 15248, 1.306698),
    ],
)
def test_the_raster_of_getis_and_ord_gives_its_numbers(distance, links, z):
    table = pandas.read_csv(SHARED)
    weights = engine.distance_band(table[["x", "y"]].to_numpy(), distance)
    assert weights.nnz - len(table) == links
    values = table["val"].to_numpy()
    assert len(values) == 256 and values.sum() == 17052 and values[119] == 83
    assert f"{engine.gi_star(values, weights)[0][119]:.6f}" == f"{z:.6f}"


LATTICE = [0, 1, 1, 2, 5, 0, 3, 0, 1, 9, 2, 0]
LATTICE_Z = (
    *(-0.459933106, -0.433629090, -1.084072726, -0.459933106, 0.867258181, 1.001423488),
    *(0, -0.867258181, 1.609765869, 1.734516362, 0.433629090, -0.689899658),
)
LATTICE_HIGH = (
    *("322/495", "205/308", "397/462", "322/495", "35/132", "23/110"),
    *("137/220", "184/231", "46/495", "41/924", "365/924", "364/495"),
)


def test_a_lattice_has_its_neighbours_z_and_exact_p():
    weights = engine.contiguity(lattice(4, 3))
    assert engine.neighbours(weights).tolist() == [3, 5, 5, 3, 5, 8, 8, 5, 3, 5, 5, 3]
    z, _ = engine.gi_star(LATTICE, weights)
    np.testing.assert_allclose(z, LATTICE_Z, atol=5e-10)
    high, _low = engine.exact_total(LATTICE, weights)
    np.testing.assert_allclose(high, [float(Fraction(one)) for one in LATTICE_HIGH], rtol=1e-13)


@pytest.mark.parametrize("seed", range(6))
def test_the_exact_p_is_that_of_all_draws(seed):
    chance = np.random.default_rng(seed)
    columns, rows = chance.integers(3, 5, 2)
    counts = chance.negative_binomial(0.6, 0.3, columns * rows) + seed
    weights = engine.contiguity(lattice(columns, rows))
    high, low = engine.exact_total(counts, weights)
    for cell, size in enumerate(engine.neighbours(weights) + 1):
        seen = (weights @ counts)[cell]
        sums = np.array([sum(draw) for draw in itertools.combinations(counts.tolist(), size)])
        assert high[cell] == pytest.approx((sums >= seen).mean(), rel=1e-12)
        assert low[cell] == pytest.approx((sums <= seen).mean(), rel=1e-12)


def alarms(draw, test, maps=250) -> float:
    """The share of maps without any hot spot on which the test finds one."""
    weights = engine.contiguity(lattice(20, 20))
    found = 0
    for _ in range(maps):
        counts = draw()
        z, _ = engine.gi_star(counts, weights)
        found += bool((engine.benjamini_hochberg(test(counts, weights, z), 0.05) & (z > 0)).any())
    return found / maps


def by_exact(counts, weights, _z):
    return engine.mid_p(*engine.exact_total(counts, weights))


def by_normal(_counts, _weights, z):
    return pandas.Series(z).abs().map(lambda one: float(np.exp(-(one**2) / 2))).to_numpy()


@pytest.mark.parametrize("name", ["sparse", "common", "clumped"])
def test_maps_without_a_hot_spot_show_none(name):
    chance = np.random.default_rng(610403)
    draw = {
        "sparse": lambda: chance.poisson(0.5, 400),
        "common": lambda: chance.poisson(5, 400),
        "clumped": lambda: chance.negative_binomial(0.3, 0.3 / 1.3, 400),
    }[name]
    assert alarms(draw, by_exact) <= 0.06


def test_the_normal_curve_would_be_caught_at_false_alarms():
    chance = np.random.default_rng(610403)
    assert alarms(lambda: chance.negative_binomial(0.3, 0.3 / 1.3, 400), by_normal, 60) > 0.3


def test_the_edges_of_many_tests_at_once():
    assert not engine.benjamini_hochberg([0.06] * 4, 0.05).any()
    assert engine.benjamini_hochberg([0.05], 0.05).all()
    assert engine.benjamini_hochberg([0.01, 0.02, 0.03, 0.04, 0.05], 0.05).all()
    assert engine.bins([3, -3, np.nan], [0.001, 0.001, 0.001]).tolist() == [3, -3, 0]


def test_what_has_no_z_says_why():
    flat = engine.contiguity(lattice(4, 3))
    z, reasons = engine.gi_star([7] * 12, flat)
    assert np.isnan(z).all() and set(reasons) == {"no_variation"}
    z, reasons = engine.gi_star([1, 2], engine.contiguity(lattice(2, 1)))
    assert np.isnan(z).all() and set(reasons) == {"too_few_cells"}
    z, reasons = engine.gi_star([1, 2, 3, 4], engine.contiguity(lattice(2, 2)))
    assert np.isnan(z).all() and set(reasons) == {"neighbourhood_is_the_whole_map"}


def test_a_cell_alone_is_its_own_neighbourhood():
    shapes = [*lattice(5, 5), shapely.box(90, 90, 91, 91)]
    weights = engine.contiguity(shapes)
    assert engine.neighbours(weights)[-1] == 0
    z, reasons = engine.gi_star([1] * 25 + [9], weights)
    assert z[-1] > 4 and reasons[-1] == ""


def test_the_engine_knows_no_django():
    folder = Path(engine.__file__).parent
    assert all(
        "django" not in path.read_text().lower().replace("no django", "")
        for path in folder.glob("*.py")
    )
