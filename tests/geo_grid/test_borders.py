"""Points on borders of a map that came from a file: the lowest code, one by one and many at once."""

from datetime import UTC, datetime

import geopandas
import numpy as np
import pytest
from shapely import box

from geo_grid import queries
from geo_grid.locating import Locator, holding_map
from tests.geo_grid.files import bring

NOW = datetime(2030, 1, 7, 2, tzinfo=UTC)
WEST, SOUTH, SIDE = 108.080, 34.270, 0.005


@pytest.fixture
def four_cells(db, tmp_path):
    """A and B in the south, C and D north of them; their borders lie on round degrees."""
    places = [(0, 0), (1, 0), (0, 1), (1, 1)]
    corners = [(WEST + SIDE * east, SOUTH + SIDE * north) for east, north in places]
    table = geopandas.GeoDataFrame(
        {"code": [f"61040300100100{n}" for n in (1, 2, 3, 4)], "name": list("ABCD")},
        geometry=[box(x, y, x + SIDE, y + SIDE) for x, y in corners],
        crs=4326,
    )
    path = tmp_path / "w.geojson"
    table.to_file(path, engine="pyogrio")
    bring(path, publish=True)


def test_the_corner_of_four_and_the_outer_border_belong_to_the_lowest_code(four_cells):
    spots = [(108.085, 34.272), (108.085, 34.275), (108.080, 34.272), (108.082, 34.272)]
    found = [queries.cell_at(*spot, NOW) for spot in spots]
    assert [cell["name"] for cell in found] == ["A"] * 4
    told = [(cell["on_border"], queries.reason_of(cell)) for cell in found]
    inside = (False, "INSIDE")
    assert told == [(True, "ON_BORDER"), (True, "ON_BORDER"), inside, inside]


def test_all_along_the_borders_one_by_one_and_many_at_once(four_cells):
    along = [round(step * 1e-4, 4) for step in range(1, 50)]
    border = {  # the cell that wins, and points on its border with another
        "A": [(108.085, SOUTH + step) for step in along]
        + [(WEST + step, 34.275) for step in along],
        "B": [(108.085 + step, 34.275) for step in along],
        "C": [(108.085, 34.275 + step) for step in along],
    }
    for wanted, spots in border.items():
        found = [queries.cell_at(*spot, NOW) for spot in spots]
        assert {(cell["name"], cell["on_border"]) for cell in found} == {(wanted, True)}
        locator = Locator()
        with holding_map():
            locator.read()
            together = locator.locate(np.array(spots), [NOW] * len(spots))
        assert [spot.boundary for spot in together] == [cell["boundary_id"] for cell in found]
        assert {spot.reason for spot in together} == {"ON_BORDER"}


def test_two_centimetres_beside_a_border_are_inside(four_cells):
    cell = queries.cell_at(108.085 + 2e-7, 34.272, NOW)
    assert (cell["name"], queries.reason_of(cell)) == ("B", "INSIDE")
