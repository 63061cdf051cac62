"""Files of polygons that are meant to hold the service up, sent to plans/import/."""

import json
import time

import numpy as np
import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from geo_grid import vectors
from geo_grid.models import BoundaryPlan, PlanEdit
from geo_grid.services.whereabouts import covered
from tests.conftest import COMMUNITY
from tests.reliability import rings

DISTRICT = COMMUNITY[:6]


def sent(client, *shapes, name="plan.geojson"):
    """The answer to a file with one cell for each ring, under codes of the community."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"{COMMUNITY}{n + 1:03}"},
            "geometry": {"type": "Polygon", "coordinates": [shape]},
        }
        for n, shape in enumerate(shapes)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    told = {"name": "x", "district": DISTRICT, "code_field": "code"}
    file = SimpleUploadedFile(name, text)
    return client.post("/api/v1/plans/import/", {"file": file, **told})


SQUARE = [
    rings.near(*spot) for spot in ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9), (0.1, 0.1))
]


@pytest.fixture
def planner(client, sun, ground):
    client.force_login(sun)
    return client


@pytest.mark.parametrize(
    "shape", [rings.random_ring(800, 1), rings.spiral(100), rings.star(1001)], ids=len
)
def test_a_wild_ring_is_read_in_seconds_and_not_mended(planner, shape):
    """800 random corners are 17 KB, of which make_valid makes minutes."""
    begun = time.monotonic()
    answer = sent(planner, shape)
    assert time.monotonic() - begun < 8
    assert answer.status_code in (201, 400), answer.content


def test_several_wild_polygons_over_one_another_are_compared_in_seconds(planner):
    begun = time.monotonic()
    answer = sent(planner, *(rings.random_ring(2000, n) for n in range(20)))
    assert time.monotonic() - begun < 15
    assert answer.status_code in (201, 400), answer.content


def test_too_many_vertices_and_too_long_an_answer_are_400(planner, monkeypatch):
    for changed in ({"most_vertices": 4}, {"most_told": 100}):
        told = {"cpu_seconds": 8, "seconds": 15, "mend": False, "most_vertices": 9}
        limits = vectors.Limits(**{**told, "most_told": 1 << 20, **changed})
        monkeypatch.setattr(vectors, "UPLOADED", limits)
        answer = sent(planner, SQUARE)
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error["field"] == "file"
        assert "upload.geojson" in error["detail"]
    assert not BoundaryPlan.objects.filter(name="x").exists()


def test_a_second_file_at_once_is_503_and_told_when_to_come(planner, sun):
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('import_plan'))")
    try:
        answer = sent(planner, SQUARE)
    finally:
        other.close()
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "\u6587\u4ef6" in answer.json()["detail"]
    assert sent(planner, SQUARE).status_code == 201


@pytest.mark.parametrize("name", ["\u7f51" * 110 + ".geojson", "a." + "\u7f51" * 110, "geojson"])
def test_however_a_file_is_called_it_is_no_fault(planner, name):
    answer = sent(planner, SQUARE, name=name)
    assert answer.status_code == (201 if name.endswith(".geojson") else 400), answer.content
    if answer.status_code == 201:
        assert PlanEdit.objects.latest("pk").note == name


def test_covered_ground_is_what_lies_in_one_of_the_polygons():
    left, right = shapely.box(0, 0, 1, 2), shapely.box(1, 0, 2, 2)
    hole = shapely.Polygon(shapely.box(3, 0, 6, 3).exterior, [shapely.box(4, 1, 5, 2).exterior])
    xs, ys = np.array([0.5, 1.5, 2.5, 3.5, 4.5]), np.array([1.5, 2.5])
    expected = [[True, True, False, True, False], [False, False, False, True, True]]
    assert covered([left, right, None, hole], xs, ys).tolist() == expected
