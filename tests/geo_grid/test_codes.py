"""Codes of areas and cells."""

import pytest

from geo_grid import codes


def test_a_code_says_its_level_and_what_is_above():
    assert codes.level_of("610403001001") == codes.COMMUNITY
    assert codes.parent_of("610403001001") == "610403001"
    assert codes.parent_of("610403") is None


@pytest.mark.parametrize("bad", ["", "61040", "61040300100x", "６１０４０３"])
def test_what_is_no_area_code(bad):
    with pytest.raises(ValueError, match="no area code"):
        codes.level_of(bad)


def test_a_retired_number_is_never_given_again():
    assert codes.next_cell_code("610403001001", {"610403001001007"}) == "610403001001008"


def test_first_numbering_goes_west_to_east_then_north_to_south():
    assert codes.numbered("610403001001", [(2, 0), (1, 0), (1, 5)]) == [
        "610403001001003",
        "610403001001002",
        "610403001001001",
    ]


def test_villages_and_communities():
    assert codes.is_village("610403001200")
    assert not codes.is_village("610403001001")
