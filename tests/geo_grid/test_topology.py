"""Defects are named with cells, place and size, and nothing is repaired."""

import shapely
from shapely import box

from geo_grid.topology import GAP, INVALID, OUTSIDE, OVERLAP, SLIVER, check_coverage


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
