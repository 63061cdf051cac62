"""One entry in the catalogue, and everything that comes from it."""

import json
from datetime import timedelta

import mapbox_vector_tile
import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import frames
from core.layer import Layer, Palette, Shade, some_of
from geo_grid.models import Department
from geo_grid.scope import reach
from gridmaps import catalogue, overviews
from incidents.deadlines import lamp
from incidents.models import Category, Clock, Incident, Part
from tests.gridmaps.test_tiles import tile_over

PERSONAL = ("孙秘密", "13900001111", "19900000001", "林小雨", "lin")
COLOURS = Palette("code", (Shade("610403001001001", "#0072b2", "the first"),))


HOSTILE = [
    "status=OPEN",
    "status=" + ",".join(["REPORTED"] * 10_000),
    "ids=" + ",".join(map(str, range(10_000))),
    "ids=1;DROP TABLE x",
    "ids=",
    "lamp=purple",
    "category=' OR 1=1 --",
    "category=%00",
    "area=61",
    "area=６１０４０３",
    "cell=" + "A" * 21,
    "since=yesterday",
    "since=2026-01-01",
    "until=9999-12-31T00:00:00+00:00",
    "at=0001-01-01T00:00:00+00:00",
    "at=%F0%9F%92%A9",
    "bbox=1,2,3",
    "bbox=nan,0,1,1",
    "bbox=0,0,1e400,1",
    "limit=0",
    "limit=99999999999999999999",
    "everything=true",
    "districts=610403",
    "open=CLOSED",
    "unassigned=1",
    "color=red",
]


@pytest.fixture
def added(monkeypatch):
    """A layer that nobody has seen before, by one entry."""
    entry = Layer(
        name="novelty",
        title="A new layer",
        source=("geo_grid", "layer_cells"),
        fields={"code": "code", "name": "name"},
        key="code",
        geometry="polygon",
        audience="public",
        version=lambda at: "1",
        filters={"area": some_of("610403")},
        palette=COLOURS,
        style=({"type": "fill", "paint": {"fill-color": COLOURS.expression()}},),
    )
    monkeypatch.setattr(catalogue, "layers", lambda: {"novelty": entry})
    return entry


def test_one_entry_gives_tiles_features_style_legend_exports_frame_and_folium(
    added, ground, client, now
):
    (told,) = client.get("/api/v1/layers/").json()["layers"]
    assert told["title"] == "A new layer"
    assert told["legend"] == [
        {"value": "610403001001001", "colour": "#0072b2", "label": "the first"}
    ]
    tile = client.get(tile_over(told["tiles"], 14))
    assert len(mapbox_vector_tile.decode(tile.content)["novelty"]["features"]) == 4
    style = client.get("/api/v1/layers/style.json?layers=novelty").json()
    assert style["sources"]["novelty"]["tiles"] == [f"http://testserver{told['tiles']}"]
    assert [part["type"] for part in style["layers"]] == ["background", "fill"]
    features = client.get(told["features"]).json()
    assert len(features["features"]) == 4 and features["complete"]
    for kind in ("gpkg", "geojson", "csv"):
        assert client.get(f"{told['export']}?format={kind}").status_code == 200
    table = frames.frame(added, added.parameters({}, at=now))
    assert sorted(table.index) == sorted(cell.code for cell in ground.values())
    layer = overviews.folium_layer(added, table)
    look = layer.style_function({"id": "610403001001001"})
    assert look["fillColor"] == "#0072b2"
    assert "novelty" not in client.get("/api/v1/layers/map.html?layers=novelty").text


def test_every_layer_answers_in_every_form(report, zhao, as_user):
    report("A1")
    client = as_user(zhao)
    described = client.get("/api/v1/layers/").json()["layers"]
    assert {"areas", "cells", "workers", "places", "rivers", "incidents", "unassigned"} <= {
        told["name"] for told in described
    }
    for told in described:
        name = told["name"]
        for zoom in (9, 15):
            tile = client.get(tile_over(told["tiles"], zoom))
            assert tile.status_code == 200, name
            for feature in (
                mapbox_vector_tile.decode(tile.content).get(name, {}).get("features", [])
            ):
                assert set(feature["properties"]) <= set(told["fields"]), name
                assert feature["id"] > 0
        found = client.get(told["features"]).json()
        assert all(set(one["properties"]) == set(told["fields"]) for one in found["features"])
        for kind in ("gpkg", "geojson", "csv"):
            assert client.get(f"{told['export']}?format={kind}").status_code == 200, name


def test_nothing_personal_is_in_any_layer(report, lin, wang, zhao, as_user):
    report("A1")
    client = as_user(zhao)
    for told in client.get("/api/v1/layers/").json()["layers"]:
        told_anywhere = [
            client.get(tile_over(told["tiles"], 14)).content.decode(errors="replace"),
            client.get(told["features"]).content.decode(),
            client.get(f"{told['export']}?format=csv").content.decode(),
        ]
        assert not [word for word in PERSONAL[:4] for text in told_anywhere if word in text], told


def numbers(client, query=""):
    answer = client.get(f"/api/v1/layers/incidents/{query}")
    return {feature["id"] for feature in answer.json()["features"]}


def test_everybody_sees_what_they_reach_and_no_more(report, lin, wang, zhao, qian, as_user, client):
    one, two = report("A1").number, report("A2").number
    lost = report(lon=108.3, lat=34.6).number
    assert numbers(as_user(lin)) == {one}
    assert numbers(as_user(wang)) == {one, two}
    assert numbers(as_user(zhao)) == {one, two, lost}
    assert numbers(as_user(qian)) == set()
    unassigned = as_user(zhao).get("/api/v1/layers/unassigned/").json()["features"]
    assert [feature["id"] for feature in unassigned] == [lost]


def test_the_public_does_not_know_of_the_layers_of_the_staff(report, client):
    report("A1")
    names = {told["name"] for told in client.get("/api/v1/layers/").json()["layers"]}
    assert names == {
        "area_names",
        "areas",
        "cell_names",
        "cells",
        "places",
        "rivers",
        "open_counts",
        "recent",
    }
    for address in (
        "layers/incidents/",
        "layers/incidents/export/",
        "layers/?layers=incidents",
        "layers/map.html?layers=cells,incidents",
        "tiles/cells,incidents/12/3277/1630.mvt",
        "layers/nonsense/",
    ):
        answer = client.get(f"/api/v1/{address}")
        assert answer.status_code == 404, address
        assert answer["Content-Type"] == "application/problem+json"


def test_filters_leave_in_what_is_asked_for(report, zhao, as_user, today):
    now = today
    old = report("A1", category="0601", before=timedelta(days=9)).number
    new = report("A2").number
    client = as_user(zhao)
    assert numbers(client, "?lamp=red") == {old}
    assert numbers(client, "?category=06") == {old}
    assert numbers(client, "?area=610403001001") == {old, new}
    assert numbers(client, "?cell=610403001001002") == {new}
    assert numbers(client, f"?since={(now - timedelta(days=1)).isoformat()}") == {new}
    assert numbers(client, f"?until={(now - timedelta(days=1)).isoformat()}") == {old}
    assert numbers(client, f"?ids={old}") == {old}
    assert numbers(client, "?bbox=108.05,34.25,108.06,34.26") == {new}
    assert numbers(client, "?status=CLOSED") == set()


def test_a_case_shows_its_card_and_its_department(report, zhao, as_user, today):
    slow, calm = report("A1"), report("A2")
    Clock.objects.filter(incident=slow).update(level=4, fired=4)
    client = as_user(zhao)
    (feature,) = client.get("/api/v1/layers/supervision/").json()["features"]
    assert feature["id"] == slow.number and feature["properties"]["level"] == 4
    assert numbers(client) == {slow.number, calm.number}
    bureau = Department.objects.create(code="D01", name="城管局", name_en="x", district="610403")
    Part.objects.filter(incident=calm).update(area=None, department=bureau)
    assert numbers(client, "?department=D01") == {calm.number}


def test_a_past_moment_shows_what_was_open_then(report, zhao, as_user, now):
    closed = report("A1", before=timedelta(days=9))
    Incident.objects.filter(pk=closed.pk).update(
        status="CLOSED", closing="LATE", unanswered="ANONYMOUS", closed_at=now - timedelta(days=2)
    )
    fresh = report("A2").number
    client = as_user(zhao)
    assert numbers(client) == {fresh}
    then = (now - timedelta(days=4)).isoformat()
    (feature,) = client.get("/api/v1/layers/incidents/", {"at": then}).json()["features"]
    assert feature["id"] == closed.number
    assert feature["properties"]["status"] == "REPORTED"
    density = client.get("/api/v1/layers/density/", {"at": then}).json()["features"]
    counted = {one["id"]: one["properties"]["incidents"] for one in density}
    assert counted["610403001001001"] == 1 and sum(counted.values()) == 1


def test_hostile_filters_are_refused_by_name(ground, zhao, as_user):
    client = as_user(zhao)
    for query in HOSTILE:
        answer = client.get(f"/api/v1/layers/incidents/?{query}")
        assert answer.status_code == 400, query[:80]
        assert answer["Content-Type"] == "application/problem+json"


@given(st.integers(-60, 60 * 24 * 30), st.integers(0, 60 * 24 * 30) | st.none())
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_map_has_the_lamp_of_the_rule(lamps_of, age, limit):
    assert lamps_of(age, limit)


@pytest.fixture
def lamps_of(report, zhao, now):
    incident = report("A1")
    layer = catalogue.layers()["incidents"]
    seen = reach(zhao, now).parameters()

    def agree(age, limit):
        begun = now - timedelta(minutes=age)
        due = None if limit is None else begun + timedelta(minutes=limit)
        Incident.objects.filter(pk=incident.pk).update(reported_at=begun, due_at=due)
        (row,) = frames.frame(layer, layer.parameters({}, at=now, reach=seen)).to_dict("records")
        return row["lamp"] == lamp(begun, due, now)

    return agree


def public_classes(client):
    counts = client.get("/api/v1/layers/open_counts/").json()["features"]
    return {one["id"][-1]: one["properties"]["at_least"] for one in counts}


def test_few_matters_are_told_like_none(report, client, today):
    """Nor many of one reporter, nor any of a sensitive category or below one."""
    nothing = {"1": 0, "2": 0, "3": 0, "4": 0}
    before = timedelta(days=3)
    for _ in range(2):
        report("A1", before=before)
    for _ in range(5):
        report("A2", before=before, phone="13900009999")
    for _ in range(5):
        report("A3", before=before, category="0601")
    Category.objects.filter(code="06").update(sensitive=True)  # the group, not its child
    assert public_classes(client) == nothing
    cache.clear()
    report("A1", before=before)
    assert public_classes(client) == nothing | {"1": 3}


def test_the_public_is_told_no_place_for_the_repeats_of_one_reporter(report, client, today):
    for _ in range(3):
        report("A1", before=timedelta(days=3), phone="13900009999")
    assert client.get("/api/v1/layers/recent/").json()["features"] == []


def test_the_public_sees_matters_of_the_day_before_yesterday(report, client, today):
    report("A1", before=timedelta(hours=20))
    report(lon=108.042, lat=34.257, before=timedelta(days=3))
    assert client.get("/api/v1/layers/recent/").json()["features"] == []
    for lon in (108.041, 108.043):
        report(lon=lon, lat=34.257, before=timedelta(days=4))
    recent = client.get("/api/v1/layers/recent/").json()["features"]
    days = [one["properties"]["day"] for one in recent]
    assert days == ["2026-09-26", "2026-09-25", "2026-09-25"]
    assert {tuple(one["geometry"]["coordinates"]) for one in recent} == {(108.045, 34.255)}
    assert "number" not in json.dumps(recent)
