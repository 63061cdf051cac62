"""Any datum in, WGS84 out, within a metre of the published vectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_grid import coordinates
from geo_grid.coordinates import BadCoordinates

WGS84 = (108.0845, 34.2720)
A_METRE = 1e-5


@pytest.mark.parametrize(
    ("datum", "lon", "lat"),
    [
        ("gcj02", 108.089414, 34.270732),
        ("bd09", 108.095907, 34.276719),
        ("wgs84", *WGS84),
        ("cgcs2000", *WGS84),
    ],
)
def test_every_datum_leads_to_the_same_place(datum, lon, lat):
    place = coordinates.at_the_door(lon, lat, datum)
    assert (place.lon, place.lat) == pytest.approx(WGS84, abs=A_METRE)
    assert (place.source_lon, place.source_lat, place.datum) == (lon, lat, datum)


def test_metric_crs_of_yangling():
    x, y = coordinates.transformer("EPSG:4326", "EPSG:4545").transform(*WGS84)
    assert (x, y) == pytest.approx((507781.55, 3793836.23), abs=0.01)


@given(st.floats(100, 120), st.floats(22, 42), st.sampled_from(["gcj02", "bd09"]))
def test_there_and_back_is_below_a_millimetre(lon, lat, datum):
    back = coordinates.to_wgs84(*coordinates.from_wgs84(lon, lat, datum), datum)
    assert back == pytest.approx((lon, lat), abs=1e-8)


@pytest.mark.parametrize(
    "bad", [(1e308, 1e308), (float("nan"), 0), (float("inf"), 0), (500, 95), (181, 0)]
)
def test_impossible_numbers_are_refused(bad):
    with pytest.raises(BadCoordinates):
        coordinates.at_the_door(*bad)


def test_swapped_axes_get_a_hint():
    with pytest.raises(BadCoordinates, match="swapped"):
        coordinates.at_the_door(34.27, 108.08)


@pytest.mark.parametrize(
    ("lon", "lat", "srid"), [(108, 34, 4545), (-71, 42, 32619), (151, -33, 32756)]
)
def test_a_foreign_city_is_measured_in_its_utm_zone(lon, lat, srid):
    assert coordinates.metric_srid(lon, lat, 4545) == srid
