"""Layers as files, and as one document."""

import csv
import io
import re

import geopandas
import pytest
from django.core.management import call_command

from geo_grid.coordinates import GCJ02, from_wgs84
from geo_grid.models import Cell
from gridmaps.files import defused
from incidents.models import Category, Incident


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_geopackage_opens_with_its_geometry_and_times(report, zhao, as_user, tmp_path):
    one = report("A1")
    answer = as_user(zhao).get("/api/v1/layers/incidents/export/?format=gpkg")
    assert answer["Content-Disposition"] == 'attachment; filename="incidents.gpkg"'
    path = tmp_path / "incidents.gpkg"
    path.write_bytes(answer.content)
    table = geopandas.read_file(path, layer="incidents")
    assert table.crs.to_epsg() == 4326
    (row,) = table.to_dict("records")
    assert row["number"] == one.number
    assert row["geometry"].x == pytest.approx(one.point.x)
    assert row["reported_at"].timestamp() == one.reported_at.timestamp()


def test_a_csv_has_points_as_columns_and_no_formula(report, zhao, as_user):
    report("A1")
    Category.objects.filter(code="0501").update(name="=HYPERLINK(0)")
    Cell.objects.filter(code__endswith="001").update(name="@SUM(1)")
    (row,) = rows_of(as_user(zhao).get("/api/v1/layers/incidents/export/?format=csv"))
    assert row["category_name"] == "'=HYPERLINK(0)" and row["cell_name"] == "'@SUM(1)"
    assert float(row["lon"]) == pytest.approx(108.045)
    for text in ("=1", "+1", "-1", "@x", "\t=1", "\r=1", "|x", "%x"):
        assert defused(text).startswith("'")
    assert defused("网格") == "网格" and defused(-1) == -1


def test_a_csv_says_its_crs_and_comes_back_without_a_change(
    ground, categories, zhao, as_user, tmp_path
):
    lon, lat = from_wgs84(108.045, 34.255, GCJ02)
    first = tmp_path / "first.csv"
    first.write_text(f"id,lon,lat,time,category\n007,{lon:.9f},{lat:.9f},2026-09-01 10:00,0501\n")
    options = {"lon": "lon", "lat": "lat", "source": "hotline", "category": "category"}
    call_command(
        "import_incidents", str(first), time="time", external_id="id", source_crs=GCJ02, **options
    )
    before = Incident.objects.values().get()
    address = "/api/v1/layers/incidents/export/?format=csv"
    answer = as_user(zhao).get(address)
    (row,) = rows_of(answer)
    told = {"crs": "EPSG:4326", "external_source": "hotline", "external_id": "007"}
    assert told.items() <= row.items()
    assert (float(row["lon"]), float(row["lat"])) == pytest.approx((108.045, 34.255), abs=1e-6)
    second = tmp_path / "second.csv"
    second.write_bytes(answer.content)
    call_command(
        "import_incidents",
        str(second),
        time="reported_at",
        external_id="external_id",
        source_crs=row["crs"],
        stderr=(told := io.StringIO()),
        **options,
    )
    assert told.getvalue() == ""
    assert Incident.objects.values().get() == before
    row, *_others = rows_of(as_user(zhao).get("/api/v1/layers/cells/export/?format=csv"))
    assert row["crs"] == "EPSG:4326" and row["wkt"].startswith("MULTIPOLYGON")


def test_an_export_holds_what_one_may_see_in_a_box(report, lin, zhao, as_user):
    one, two = report("A1").number, report("A2").number
    address = "/api/v1/layers/incidents/export/?format=csv"
    assert [row["number"] for row in rows_of(as_user(lin).get(address))] == [one]
    boxed = as_user(zhao).get(f"{address}&bbox=108.05,34.25,108.06,34.26")
    assert [row["number"] for row in rows_of(boxed)] == [two]


def test_an_export_that_cannot_be_is_refused(ground, client, zhao, as_user, monkeypatch):
    for query in ("format=exe", "bbox=1", "where=1=1", "ids=" + "a," * 10_000):
        assert client.get(f"/api/v1/layers/cells/export/?{query}").status_code == 400, query[:40]
    monkeypatch.setattr("gridmaps.catalogue.MOST_ROWS", 3)
    assert client.get("/api/v1/layers/cells/export/").status_code == 400


def test_the_overview_asks_no_other_server_and_runs_no_markup(report, zhao, as_user):
    report("A1")
    evil = "</script><img src=x onerror=alert(1)>"
    Cell.objects.filter(code__endswith="001").update(name=evil)
    text = as_user(zhao).get("/api/v1/layers/map.html?layers=cells,areas,incidents").text
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']*""", text) == []
    assert "npm/leaflet/leaflet.js" in text and "http" not in text.replace(
        "http-equiv", ""
    ).replace("http://www.w3.org/2000/svg", "")
    assert evil not in text and "<img src=x" not in text
    assert "#c1121f" in text
