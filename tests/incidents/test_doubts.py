"""What may be wrong with a place or a time is said, and the report is kept."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import shapely
import time_machine
from django.core.management import call_command

from geo_grid import services as ground_services
from geo_grid.coordinates import BD09, GCJ02, SERVED, from_wgs84, transformer
from incidents import services, worktime
from incidents.models import Category, Incident, IncidentEvent
from tests.conftest import CORNER
from tests.gridmaps.conftest import as_user, categories, client  # noqa: F401

EDGE = (CORNER[0] - 0.0095, CORNER[1] + 0.0095)  # in A1; shifted by a datum it lies outside


@pytest.fixture
def send(client, ground, categories, lin):  # noqa: F811
    def go(lon, lat, crs="wgs84", queued=True, **more):
        point = {"type": "Point", "coordinates": [lon, lat]}
        body = {"category": "0501", "location": {"point": point, "crs": crs}} | more
        if queued:
            return client.put(f"/api/v1/incidents/{uuid4()}/", body, format="json")
        return client.post("/api/v1/incidents/", body, format="json")

    return go


@pytest.mark.parametrize("datum", [GCJ02, BD09])
def test_a_point_meant_in_another_datum_waits_with_the_hint(send, datum):
    """As somebody reads it off a phone's map and calls it WGS84."""
    there = (CORNER[0] + 0.0095, CORNER[1] - 0.0095)  # south-east: the shift leads out
    lon, lat = from_wgs84(*there, datum)
    told = send(lon, lat).json()
    assert told["assignment"]["reason"] == "UNASSIGNED"
    assert datum in told["assignment"]["hint"]
    (incident,) = Incident.objects.all()
    assert incident.likely_datum == datum and incident.cell is None
    assert (incident.source_lon, incident.source_lat) == (lon, lat)
    assert datum in incident.events.get().note
    right = send(lon, lat, datum).json()
    assert right["assignment"]["reason"] == "INSIDE"
    assert not any(name in right["assignment"]["hint"] for name in (GCJ02, BD09))


def test_a_point_far_from_everything_gets_no_hint(send):
    told = send(100.0, 30.0).json()
    assert told["assignment"]["reason"] == "UNASSIGNED"
    assert not any(name in told["assignment"]["hint"] for name in (GCJ02, BD09))


def test_the_place_of_a_shifted_datum_is_right_to_a_decimetre(send):
    for datum in (GCJ02, BD09):
        lon, lat = from_wgs84(*EDGE, datum)
        send(lon, lat, datum)
        point = Incident.objects.latest("pk").point
        assert point.x == pytest.approx(EDGE[0], abs=1e-6)
        assert point.y == pytest.approx(EDGE[1], abs=1e-6)


@pytest.mark.parametrize("when", ["1970-01-01T08:03:00+08:00", "2029-01-01T08:00:00+08:00"])
def test_a_phone_whose_clock_is_wrong_loses_nothing(send, when):
    answer = send(*EDGE, occurred_at=when)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert told["cell"]["code"].endswith("001") and told["worker"]["name"] == "林小雨"
    assert told["due_at"] > told["reported_at"] and told["assignment"]["hint"]
    (incident,) = Incident.objects.all()
    assert incident.clock_doubt and str(incident.occurred_at.year) in when
    assert incident.due_at > incident.reported_at


@pytest.mark.parametrize(
    ("when", "due", "year"), [("12-30", "2027-01-06", "2027"), ("12-01", "2026-12-08", "")]
)
def test_a_deadline_in_a_year_without_calendar_is_counted_and_said(send, when, due, year):
    services.load_work_calendar(first_year=2025)  # it knows no further than 2026
    worktime._calendar_of.cache_clear()
    Category.objects.filter(code="0501").update(limit_value=5, limit_unit="workday")
    with time_machine.travel(datetime(2026, 12, int(when[-2:]), 2, tzinfo=UTC), tick=False):
        answer = send(*EDGE)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert told["due_at"].startswith(due)
    assert told["assignment"]["hint"].count("2027") == bool(year)
    assert year in IncidentEvent.objects.get(kind="REPORTED").note


def test_who_is_not_a_device_is_told_at_once(send):
    assert send(*EDGE, queued=False, occurred_at="2029-01-01T08:00:00+08:00").status_code == 400
    assert send(*EDGE, queued=False, occurred_at="1970-01-01T08:00:00+08:00").status_code == 400
    answer = send(*EDGE, occurred_at="0800-01-01T08:00:00+08:00")
    assert answer.status_code == 400 and not Incident.objects.exists()


def test_a_file_that_is_too_large_is_refused_before_it_is_read(client, ground, zhao, as_user):  # noqa: F811
    for address in ("/api/v1/incidents/2601010000001/attachments/", "/api/v1/plans/import/"):
        answer = as_user(zhao).post(
            address,
            b"--x--",
            content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH="9" * 12,
        )
        assert answer.status_code == 413, address
        assert answer["Content-Type"] == "application/problem+json"


@pytest.fixture
def west(categories):  # noqa: F811
    """One cell where both numbers may be a latitude: Urumqi, at 87.6 degrees of longitude."""
    ground_services.ensure_community(code="650102001001", name="x")
    shape = shapely.box(480000, 4840000, 520000, 4880000)
    to_lonlat = transformer("EPSG:4538", SERVED).transform
    cell = ground_services.CellShape("650102001001001", "x", "650102001001", shape)
    now = datetime(2021, 1, 1, tzinfo=UTC)
    plan = ground_services.draft_plan(name="x", cells=[cell], srid=4538, provenance="test", now=now)
    ground_services.publish_plan(plan=plan, now=now)
    return to_lonlat(500000, 4860000)


def test_swapped_axes_are_refused_where_the_mirror_lies_in_a_cell(client, west):  # noqa: F811
    lon, lat = west
    line = {"type": "LineString", "coordinates": [[lat, lon], [lat + 0.001, lon]]}
    for told, field in (
        ({"point": {"type": "Point", "coordinates": [lat, lon]}}, "location.point"),
        ({"shape": line}, "location.shape"),
    ):
        answer = client.post(
            "/api/v1/incidents/", {"category": "0501", "location": told}, format="json"
        )
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error["field"] == field and "\u98a0\u5012" in error["detail"], error
    assert not Incident.objects.exists()
    right = {"point": {"type": "Point", "coordinates": [lon, lat]}}
    body = {"category": "0501", "location": right}
    assert client.post("/api/v1/incidents/", body, format="json").status_code == 201


def test_an_import_rejects_swapped_axes_and_stores_the_rest(west, tmp_path):
    lon, lat = west
    path = tmp_path / "old.csv"
    rows = [(lon, lat), (lat, lon), (10.0, 20.0)]
    lines = [f"{x},{y},2026-05-01 10:00,{n}" for n, (x, y) in enumerate(rows)]
    path.write_text("\n".join(["x,y,t,id", *lines]))
    call_command("import_incidents", path, lon="x", lat="y", time="t", external_id="id")
    assert sorted(Incident.objects.values_list("external_id", flat=True)) == ["0", "2"]
    said = (tmp_path / "old.csv.rejects.csv").read_text("utf-8-sig")
    assert "3," in said and "\u98a0\u5012" in said


@pytest.mark.parametrize("datum", [GCJ02, BD09])
def test_an_import_and_a_shape_keep_the_datum_that_may_be_meant(send, ground, tmp_path, datum):
    there = (CORNER[0] + 0.0095, CORNER[1] - 0.0095)
    lon, lat = from_wgs84(*there, datum)
    path = tmp_path / "old.csv"
    path.write_text(f"x,y,t,id\n{lon},{lat},2026-05-01 10:00,1\n")
    call_command("import_incidents", path, lon="x", lat="y", time="t", external_id="id")
    assert Incident.objects.get().likely_datum == datum
    shape = {"type": "LineString", "coordinates": [[lon, lat], [lon + 1e-5, lat]]}
    answer = send(0, 0, location={"shape": shape})
    assert answer.json()["assignment"]["reason"] == "UNASSIGNED"
    assert datum in answer.json()["assignment"]["hint"]
    drawn = Incident.objects.latest("pk")
    assert drawn.likely_datum == datum
    assert drawn.source_lon == pytest.approx(lon, abs=1e-4)
    send(0, 0, location={"shape": shape, "crs": datum})
    drawn = Incident.objects.latest("pk")
    assert (drawn.reason, drawn.likely_datum) == ("INSIDE", "")
    assert drawn.source_lon == pytest.approx(lon, abs=1e-4)
    assert drawn.point.x == pytest.approx(there[0], abs=1e-4)
