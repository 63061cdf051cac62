"""Defects are named with cells, place and size, and nothing is repaired."""

import pyogrio
import pytest
import shapely
from shapely import box

from geo_grid.coordinates import SERVED, transformer
from geo_grid.topology import GAP, INVALID, LANE, OUTSIDE, OVERLAP, SLIVER, check_coverage
from tests.geo_grid import coverages


def kinds(cells, outline=None):
    return {(defect.kind, defect.cells) for defect in check_coverage(cells, outline)}


def test_neighbours_that_share_a_border_are_fine():
    assert check_coverage({"A": box(0, 0, 100, 100), "B": box(100, 0, 200, 100)}) == []


def test_an_overlap_has_its_size():
    (defect,) = check_coverage({"A": box(0, 0, 100, 100), "B": box(90, 0, 200, 100)})
    assert (defect.kind, defect.cells, round(defect.area_m2)) == (OVERLAP, ("A", "B"), 1000)
    assert defect.grave


def test_a_hole_between_cells_is_a_gap():
    ring = box(0, 0, 100, 100) - box(40, 40, 60, 60)
    assert kinds({"A": ring}) == {(GAP, ("A",))}


def test_a_bow_tie_is_invalid_and_left_out_of_the_rest():
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert kinds({"A": bow, "B": box(0, 0, 100, 100)}) == {(INVALID, ("A",))}


def test_a_thin_strip_and_a_part_outside():
    outline = box(0, 0, 100, 100)
    found = kinds({"A": box(0, 0, 100, 0.2), "B": box(50, 50, 150, 60)}, outline)
    assert (SLIVER, ("A",)) in found
    assert (OUTSIDE, ("B",)) in found


def beside(west):
    """Two cells of half a kilometre; the second begins at this border, south to north."""
    to_metric = transformer(SERVED, "EPSG:4545").transform
    right = shapely.Polygon([*west, (108.09, 34.275), (108.09, 34.27)])
    cells = {"A": box(108.08, 34.27, 108.085, 34.275), "B": right}
    return {c: shapely.transform(s, to_metric, interleaved=False) for c, s in cells.items()}


@pytest.mark.parametrize(
    ("west", "area", "width"),
    [
        ([(108.085, 34.27), (108.0850005, 34.2725), (108.085, 34.275)], 12.8, 0.046),  # closed
        ([(108.085, 34.27), (108.0850005, 34.275)], 12.8, 0.046),  # open in the north
        ([(108.0850005, 34.27), (108.0850005, 34.275)], 25.5, 0.046),  # open at both ends
    ],
)
def test_a_slit_between_neighbours_is_found_closed_or_open(west, area, width):
    (gap,) = check_coverage(beside(west))
    assert (gap.kind, gap.cells, gap.grave) == (GAP, ("A", "B"), True)
    assert gap.area_m2 == pytest.approx(area, abs=0.1)
    assert gap.width_m == pytest.approx(width, abs=0.001)


@pytest.mark.parametrize("wide", [0.0, 30.0])
def test_a_notch_of_one_cell_and_ground_as_wide_as_a_river_are_no_lanes(wide):
    notched = box(0, 0, 100, 100) - box(50, 60, 50.2, 100)
    assert check_coverage({"A": notched, "B": box(100 + wide, 0, 200, 100)}) == []


@pytest.mark.parametrize("wide", [1.5, 5.0, 15.0])
def test_a_lane_between_neighbours_is_told_with_its_width_but_not_grave(wide):
    (lane,) = check_coverage({"A": box(0, 0, 300, 300), "B": box(300 + wide, 0, 600, 300)})
    assert (lane.kind, lane.cells, lane.grave) == (LANE, ("A", "B"), False)
    assert lane.width_m == pytest.approx(wide, rel=0.1)


def test_the_corners_of_an_outline_are_no_slits():
    cells = {"A": box(0, 0, 300, 300), "B": box(300, 0, 600, 500), "C": box(600, 0, 900, 200)}
    assert check_coverage(cells) == []


def of_file(name, srid):
    path = coverages.SHARED / "coverages" / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    table = pyogrio.read_dataframe(path).set_crs("EPSG:4326", allow_override=True)
    return dict(enumerate(table.to_crs(srid).geometry.values))


def test_sound_coverages_have_no_gap_but_their_holes():
    tracts = of_file("albuquerque_10740_195_tracts.gpkg", 32613)
    assert [one for one in check_coverage(tracts) if one.kind == GAP] == []
    tracts = of_file("boston_506_tracts.gpkg", 32619)
    parts = shapely.get_parts(shapely.union_all([*tracts.values()]))
    holes = sum(len(part.interiors) for part in parts)
    gaps = [one for one in check_coverage(tracts) if one.kind == GAP]
    assert len(gaps) == holes > 0 and min(one.area_m2 for one in gaps) > 1000
