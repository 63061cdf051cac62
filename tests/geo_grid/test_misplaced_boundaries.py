"""Files in another zone, datum or order of axes than they say: seen, and the hint given."""

import json
import re

import geopandas
import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command
from shapely import MultiPolygon, Polygon, box

from geo_grid.coordinates import from_wgs84
from geo_grid.models import BoundaryPlan, CellBoundary
from tests.geo_grid.files import bring
from tests.geo_grid.test_import_boundaries import shapefile, taken, zipped
from tests.geo_grid.test_plan_files_hostile import DISTRICT, planner

__all__ = ["planner", "taken"]


def strangers(crs=4326, west=108.0):
    """Two cells of a city that has no map yet."""
    table = geopandas.GeoDataFrame(
        {"code": ["N1", "N2"], "name": ["N1", "N2"]},
        geometry=[box(west, 34.2, west + 0.01, 34.21), box(west + 0.01, 34.2, west + 0.02, 34.21)],
        crs=4326,
    )
    return table.to_crs(crs)


def bare(folder, table):
    """A zipped Shapefile that does not say its CRS."""
    parts = shapefile(folder / "parts", table)
    del parts["cells.prj"]
    return zipped(folder / "bare.zip", parts)


def exchanged(table):
    """The same rows with x and y exchanged."""
    shapes = shapely.transform(table.geometry.values, lambda points: points[:, ::-1])
    return table.set_geometry(geopandas.GeoSeries(shapes, crs=table.crs))


def report():
    return BoundaryPlan.objects.latest("pk").report


# --- the wrong zone ---------------------------------------------------------------------------
def test_the_neighbouring_zone_stands_against_publication_and_is_named(taken, tmp_path):
    path = bare(tmp_path, taken.to_crs(4545))
    with pytest.raises(CommandError, match="astray"):
        bring(path, source_crs="EPSG:4546", publish=True)
    bring(path, source_crs="EPSG:4546")
    (found,) = [one for one in report() if one["kind"] == "astray"]
    assert found["grave"] and "EPSG:4545" in found["note"]
    bring(path, source_crs="EPSG:4545", publish=True)


def test_a_file_far_off_is_published_by_the_id_of_its_finding(taken, tmp_path):
    path = bare(tmp_path, taken.to_crs(4545))
    bring(path, source_crs="EPSG:4546")
    (found,) = [one["id"] for one in report() if one["kind"] == "astray"]
    bring(path, source_crs="EPSG:4546", publish=True, accept=found)


def test_new_cells_beside_the_map_are_no_strangers(taken, tmp_path):
    west, south, east, north = taken.total_bounds
    new = geopandas.GeoDataFrame(
        {"code": ["610403001001099"], "name": ["n"]},
        geometry=[box(east, south, east + 0.01, north)],
        crs=4326,
    )
    new.to_file(tmp_path / "new.gpkg")
    bring(tmp_path / "new.gpkg")
    assert "astray" not in {one["kind"] for one in report()}


def test_new_cells_of_a_district_far_from_its_map_are_strangers(taken, tmp_path):
    table = strangers(4326, 111.0)
    table.code = ["610403001001098", "610403001001099"]
    table.to_file(tmp_path / "new.gpkg")
    with pytest.raises(CommandError, match="astray"):
        bring(tmp_path / "new.gpkg", publish=True)


def test_an_upload_in_the_wrong_zone_is_refused_with_the_right_one(planner, taken, tmp_path):
    path = tmp_path / "cells.gpkg"
    taken.to_crs(4545).set_crs(4546, allow_override=True).to_file(path)
    answer = upload(planner, path)
    assert answer.status_code == 400
    assert "EPSG:4545" in answer.content.decode() and "--source" not in answer.content.decode()


def upload(client, path, **more):
    told = {"name": "x", "district": DISTRICT, "code_field": "code", **more}
    with path.open("rb") as file:
        return client.post("/api/v1/plans/import/", {"file": file, **told})


@pytest.mark.parametrize(
    ("srid", "source", "hint"),
    [
        (4524, "EPSG:4545", "EPSG:4524"),
        (4545, "EPSG:4524", "EPSG:4545"),
        (4545, "", "EPSG:4545"),
        (4524, "", "EPSG:4524"),
    ],
)
def test_eastings_tell_their_zone(db, tmp_path, srid, source, hint):
    path = bare(tmp_path, strangers(srid))
    with pytest.raises(CommandError, match=hint):
        try:
            bring(path, source_crs=source)
        except CommandError as error:
            assert "inf" not in str(error)
            raise


# --- old datums -------------------------------------------------------------------------------
@pytest.mark.parametrize("srid", [4610, 2384, 4214, 2433])
def test_an_old_datum_without_an_exact_operation_is_refused(db, tmp_path, srid):
    west = {2384: 117.0}.get(srid, 108.0)
    table = strangers(4326, west)
    table = table.to_crs(srid) if srid > 4600 or srid == 2384 else table.to_crs(4326)
    if srid == 2433:
        table = strangers(4545)
    path = bare(tmp_path, table)
    with pytest.raises(CommandError, match="towgs84"):
        bring(path, source_crs=f"EPSG:{srid}")


def test_parameters_of_the_place_make_an_old_datum_exact(db, tmp_path):
    path = bare(tmp_path, strangers())
    crs = "+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3"
    bring(path, source_crs=crs)
    ring = shapely.get_coordinates(shapely.from_wkb(bytes(CellBoundary.objects.first().geom.wkb)))
    assert 1e-5 < np.abs(ring - (108.0, 34.2)).max(axis=1).min() < 3e-3


def test_a_coarse_operation_stands_against_publication(db, tmp_path):
    path = tmp_path / "cells.gpkg"
    strangers(4326, -87.6).set_crs(4267, allow_override=True).to_file(path)
    with pytest.raises(CommandError, match="accuracy"):
        bring(path, publish=True)


@pytest.mark.parametrize(("srid", "west"), [(4490, 108.0), (4545, 108.0), (6668, 139.7)])
def test_modern_datums_go_on_to_work(db, tmp_path, srid, west):
    strangers(srid, west).to_file(tmp_path / "cells.gpkg")
    bring(tmp_path / "cells.gpkg", publish=True)
    assert report() == []


def test_reports_in_an_old_datum_are_refused(ground, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,lon,lat,time\n1,108.045,34.245,2026-03-05 09:00\n")
    with pytest.raises(CommandError, match="CGCS2000"):
        call_command(
            "import_incidents",
            str(path),
            **{"lon": "lon", "lat": "lat", "time": "time", "external_id": "id"},
            source_crs="EPSG:4610",
        )


# --- the edge of the world --------------------------------------------------------------------
@pytest.mark.parametrize(
    "shape",
    [
        Polygon([(179.9, -17), (-179.9, -17), (-179.9, -16.9), (179.9, -16.9)]),
        MultiPolygon([box(179.9, -17, 180, -16.9), box(-180, -17, -179.9, -16.9)]),
    ],
)
def test_a_cell_across_the_180th_meridian_is_refused_by_name(db, tmp_path, shape):
    table = geopandas.GeoDataFrame({"code": ["F1"], "name": ["n"]}, geometry=[shape], crs=4326)
    table.to_file(tmp_path / "fiji.geojson")
    with pytest.raises(CommandError, match="F1.*180"):
        bring(tmp_path / "fiji.geojson")


# --- the wrong order of axes ------------------------------------------------------------------
@pytest.mark.parametrize(
    ("srid", "west"), [(4545, 108.0), (4524, 108.0), (32648, 108.0), (4258, 11.4)]
)
def test_northings_first_are_refused(db, tmp_path, srid, west):
    exchanged(strangers(srid, west)).to_file(tmp_path / "cells.gpkg")
    with pytest.raises(CommandError, match="axes look swapped|坐标轴似乎颠倒"):
        bring(tmp_path / "cells.gpkg")


def test_latitudes_first_are_seen_by_the_map_in_force(db, tmp_path):
    right, wrong = tmp_path / "cells.geojson", tmp_path / "wrong" / "cells.geojson"
    wrong.parent.mkdir()
    table = strangers(4326, 11.4)
    table.to_file(right)
    bring(right, publish=True)
    exchanged(table).to_file(wrong)
    with pytest.raises(CommandError, match="astray"):
        bring(wrong, publish=True)
    bring(wrong)
    (found,) = [one for one in report() if one["kind"] == "astray"]
    assert re.search("axes look swapped|坐标轴似乎颠倒", found["note"])


# --- shifted degrees under a projection -------------------------------------------------------
@pytest.mark.parametrize("srid", [3857, 4545])
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_shifted_degrees_that_were_projected_come_back(taken, tmp_path, srid, datum):
    before = taken.geometry.copy()
    taken.geometry = shapely.transform(
        taken.geometry.values,
        lambda points: np.array([from_wgs84(lon, lat, datum) for lon, lat in points]),
    )
    path = tmp_path / "cells.gpkg"
    taken.to_crs(srid).to_file(path)
    with pytest.raises(CommandError, match=datum):
        bring(path)
    bring(path, source_crs=datum)
    rows = BoundaryPlan.objects.latest("pk").boundaries.order_by("cell__code")
    for row, shape in zip(rows, before, strict=True):
        assert shapely.hausdorff_distance(shapely.from_wkb(bytes(row.geom.wkb)), shape) < 2e-8


def test_an_upload_of_shifted_degrees_is_told_in_its_own_words(planner, taken, tmp_path):
    taken.geometry = shapely.transform(
        taken.geometry.values,
        lambda points: np.array([from_wgs84(lon, lat, "gcj02") for lon, lat in points]),
    )
    taken.to_file(tmp_path / "cells.geojson")
    said = upload(planner, tmp_path / "cells.geojson").content.decode()
    assert "source_crs gcj02" in said and "--source-crs" not in said


# --- two cities -------------------------------------------------------------------------------
def test_two_cities_do_not_share_the_district_of_a_file_name(db, tmp_path):
    for city, west in (("a", 108.0), ("b", 11.4)):
        (tmp_path / city).mkdir()
        table = strangers(4326, west)
        table.code = [f"{city}{code}" for code in table.code]
        table.to_file(tmp_path / city / "cells.geojson")
    bring(tmp_path / "a" / "cells.geojson")
    with pytest.raises(CommandError, match="--district"):
        bring(tmp_path / "b" / "cells.geojson")
    bring(tmp_path / "a" / "cells.geojson", publish=True)


# --- shapes that are none ---------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["unclosed", "nan"])
def test_a_broken_ring_is_refused_by_the_name_of_its_cell(db, tmp_path, kind):
    told = json.loads(strangers().to_json())
    ring = told["features"][1]["geometry"]["coordinates"][0]
    if kind == "unclosed":
        ring.pop()
    else:
        ring[1][0] = float("nan")
    path = tmp_path / "cells.geojson"
    path.write_text(json.dumps(told))
    with pytest.raises(CommandError, match="code=N2"):
        bring(path)


def test_a_cell_without_a_shape_lies_nowhere(db, tmp_path, capsys):
    table = strangers()
    table.geometry = [None, table.geometry[1]]
    table.to_file(tmp_path / "cells.gpkg")
    bring(tmp_path / "cells.gpkg", findings=tmp_path / "findings.csv")
    (found,) = report()
    assert (found["kind"], found["lon"], found["lat"]) == ("empty", None, None)
    assert "None" not in (tmp_path / "findings.csv").read_text("utf-8-sig")
    assert "0.000000" not in capsys.readouterr().out
