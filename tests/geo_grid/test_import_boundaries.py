"""Polygons in: real files of other cities, and files that must be refused."""

import json
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from django.core.management import CommandError
from shapely import MultiPolygon, box

from core.errors import Conflict, Invalid
from geo_grid import services
from geo_grid.coordinates import from_wgs84
from geo_grid.models import BoundaryPlan, Cell, CellBoundary
from geo_grid.vector_formats import FORMATS
from tests.geo_grid.files import bring, zipped

BOSTON = Path(__file__).parents[3] / "shared" / "data" / "boston"
boston = pytest.mark.skipif(not BOSTON.exists(), reason="the shared Boston files are not here")


@pytest.fixture
def two_cells():
    return geopandas.GeoDataFrame(
        {"code": ["N1", "N2"], "name": ["北一", "北二"]},
        geometry=[box(108, 34.2, 108.01, 34.21), box(108.01, 34.2, 108.02, 34.21)],
        crs=4326,
    )


def of(formats):
    """Those that can also be written here, each as a case of a test."""
    able = [one for one in formats if "w" in pyogrio.list_drivers()[one.drivers[-1]]]
    return pytest.mark.parametrize("form", able, ids=lambda one: one.ending)


def written(form, table, folder):
    """A file of a format as people send it, and the field with the names."""
    name = "Name" if "KML" in form.drivers else "name"  # which is how this one calls it
    (folder / "written").mkdir()
    path = folder / "written" / f"cells{form.ending}"
    table.rename(columns={"name": name}).to_file(path, driver=form.drivers[-1], engine="pyogrio")
    if form.parts:
        parts = {part.name: part.read_bytes() for part in path.parent.iterdir()}
        path = zipped(folder / "cells.zip", parts)
    return path, name


@of(FORMATS)
def test_every_format_brings_the_same_cells(db, two_cells, tmp_path, form):
    path, name = written(form, two_cells, tmp_path)
    bring(path, name=name, publish=True)
    assert set(Cell.objects.values_list("code", "name")) == {("N1", "北一"), ("N2", "北二")}
    assert CellBoundary.objects.filter(valid_during__isnull=False).count() == 2


def test_feet_in_a_file_that_says_degrees_are_refused_with_the_hint(db, two_cells, tmp_path):
    path = tmp_path / "feet.geojson"
    content = json.loads(two_cells.set_crs(2249, allow_override=True).to_json())
    content.pop("crs", None)
    for feature in content["features"]:
        ring = feature["geometry"]["coordinates"][0]
        feature["geometry"]["coordinates"] = [[[x * 7000, y * 86000] for x, y in ring]]
    path.write_text(json.dumps(content))
    with pytest.raises(CommandError, match="source-crs"):
        bring(path)
    assert not BoundaryPlan.objects.exists()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"code": "nix"}, "nix"),
        ({"source_crs": "EPSG:999999"}, "EPSG:999999"),
        ({"community": "12"}, "12"),
    ],
)
def test_a_wrong_option_gets_one_clear_sentence(db, two_cells, tmp_path, options, word):
    path = tmp_path / "cells.geojson"
    two_cells.to_file(path)
    with pytest.raises(CommandError, match=word):
        bring(path, **options)
    assert not Cell.objects.exists()


def test_a_file_that_is_none(db, tmp_path):
    (tmp_path / "x.geojson").write_text("{")
    for name in ("x.geojson", "missing.geojson"):
        with pytest.raises(CommandError):
            bring(tmp_path / name)


def test_a_cell_that_reaches_out_of_the_district_is_listed_with_its_size(ground, tmp_path):
    """The ground of the tests ends at 108.06: half of this cell lies beyond it."""
    path = tmp_path / "cells.geojson"
    table = geopandas.GeoDataFrame(
        {"code": ["610403001001009"], "name": ["越界网格"]},
        geometry=[box(108.055, 34.251, 108.065, 34.255)],
        crs=4326,
    )
    table.to_file(path)
    bring(path, source_crs="wgs84")
    (found,) = BoundaryPlan.objects.latest("pk").report
    assert (found["kind"], found["cells"]) == ("outside", ["610403001001009"])
    half = table.to_crs(4545).area.iloc[0] / 2
    assert found["area_m2"] == pytest.approx(half, rel=0.01)


@boston
def test_boston_police_districts_are_a_clean_plan(db):
    bring(BOSTON / "police_districts_wgs84.geojson", "DISTRICT", "DISTRICT", publish=True)
    assert CellBoundary.objects.filter(valid_during__isnull=False).count() == 12
    assert BoundaryPlan.objects.get().record_srid == 32619


@boston
def test_boston_precincts_in_feet_need_their_crs(db):
    with pytest.raises(CommandError, match="source-crs"):
        bring(BOSTON / "precincts_raw.geojson", "PRECINCT", "PRECINCT")
    assert not BoundaryPlan.objects.exists()


@boston
@pytest.mark.parametrize(
    ("path", "code", "gaps", "overlaps", "invalid"),
    [
        ("boston/precincts_wgs84.geojson", "WARD_PRECINCT", (81, 2194), (62, 2692), 2),
        ("coverages/tokyo_262_DEFECTIVE.gpkg", "GEOCODE", (423, 6341), (223, 874869), 10),
    ],
)
def test_all_defects_of_a_real_file_are_listed_with_place_and_size(
    db, now, tmp_path, path, code, gaps, overlaps, invalid
):
    """And it comes into force only once each grave one is accepted by its name."""
    path, listed = BOSTON.parent / path, tmp_path / "findings.csv"
    bring(path, code, code, findings=listed)
    report = BoundaryPlan.objects.get().report
    for kind, (number, size) in {"gap": gaps, "overlap": overlaps}.items():
        found = [defect["area_m2"] for defect in report if defect["kind"] == kind]
        assert (len(found), round(sum(found))) == (number, size)
    assert all(-180 < defect["lon"] < 180 and defect["id"] for defect in report)
    assert sum(defect["kind"] == "invalid" for defect in report) == invalid
    grave = [defect["id"] for defect in report if defect["grave"]]
    plan = BoundaryPlan.objects.get()
    for accepted, error in (((), Conflict), (grave[1:], Conflict), ([*grave, "gap-0"], Invalid)):
        with pytest.raises(error, match=grave[0] if error is Conflict else "gap-0"):
            services.publish_plan(plan=plan, now=now, accepted=accepted)
    assert not CellBoundary.objects.filter(valid_during__isnull=False).exists()
    bring(path, code, code, publish=True, accept_file=listed)
    assert CellBoundary.objects.filter(valid_during__isnull=False).exists()


@boston
def test_the_outline_of_echarts_is_a_finding(db):
    path = BOSTON.parent / "yangling" / "boundary_610403_echarts_counties_raw.geojson"
    bring(path, "childNum", "name", code_prefix="YL")
    (found,) = [d for d in BoundaryPlan.objects.get().report if d["kind"] == "invalid"]
    assert (found["cells"], found["grave"]) == (["YL1"], True)
    assert found["lon"] == pytest.approx(108.05, abs=0.1) and found["area_m2"] > 1e8
    with pytest.raises(CommandError, match=found["id"]):
        bring(path, "childNum", "name", code_prefix="YL", publish=True)


def shapefile(folder, table, **more):
    """The parts of a Shapefile by ending."""
    folder.mkdir()
    table.to_file(folder / "cells.shp", engine="pyogrio", **more)
    return {f"cells{part.suffix}": part.read_bytes() for part in folder.iterdir()}


@pytest.mark.parametrize(
    ("encoding", "cpg", "noted"),
    [
        ("gbk", None, True),
        ("utf-8", None, False),
        ("gbk", "UTF-8", True),
        ("gb18030", "GBK", False),
    ],
)
def test_names_in_any_chinese_encoding_are_right(db, tmp_path, encoding, cpg, noted):
    name = "揉谷社区" if encoding != "gb18030" else "㐀谷社区"
    table = geopandas.GeoDataFrame(
        {"code": ["N1"], "网格名": ["x" * len(name.encode(encoding))]},
        geometry=[box(108, 34.2, 108.01, 34.21)],
        crs=4326,
    ).rename(columns={"网格名": "FIELDNAME"})
    parts = shapefile(tmp_path / "parts", table)
    raw = parts["cells.dbf"].replace(b"x" * len(name.encode(encoding)), name.encode(encoding))
    field = "网格".encode(encoding)
    parts["cells.dbf"] = raw.replace(b"FIELDNAME", field + b"\0" * (9 - len(field)))
    del parts["cells.cpg"]
    if cpg:
        parts["cells.cpg"] = cpg.encode()
    bring(zipped(tmp_path / "cells.zip", parts), name="网格", source_crs="EPSG:4326")
    assert CellBoundary.objects.get().name == name
    report = BoundaryPlan.objects.get().report
    assert [defect["kind"] for defect in report] == ["encoding"] * noted


@of(one for one in FORMATS if one.text)
def test_texts_in_gbk_are_read_and_noted(db, two_cells, tmp_path, form):
    path, name = written(form, two_cells, tmp_path)
    text = path.read_text("utf-8").replace("utf-8", "GBK").replace("UTF-8", "GBK")
    path.write_bytes(text.encode("gbk"))
    bring(path, name=name)
    assert set(CellBoundary.objects.values_list("name", flat=True)) == {"北一", "北二"}
    assert "encoding" in {defect["kind"] for defect in BoundaryPlan.objects.get().report}


@of(FORMATS)
def test_codes_are_text_from_the_first_character_to_the_last(db, two_cells, tmp_path, form):
    two_cells["code"] = ["000123", "306.0"]
    path, name = written(form, two_cells, tmp_path)
    bring(path, name=name)
    assert set(Cell.objects.values_list("code", flat=True)) == {"000123", "306.0"}


def test_leading_zeros_in_a_column_of_numbers_are_kept(db, two_cells, tmp_path):
    two_cells["code"] = [700123, 700124]
    parts = shapefile(tmp_path / "parts", two_cells)
    parts["cells.dbf"] = parts["cells.dbf"].replace(b"70012", b"00012")
    bring(zipped(tmp_path / "cells.zip", parts))
    assert set(Cell.objects.values_list("code", flat=True)) == {"000123", "000124"}


def test_fractional_numbers_as_codes_are_a_finding(db, two_cells, tmp_path):
    two_cells["code"] = [306.0, 307.0]
    two_cells.to_file(tmp_path / "cells.gpkg")
    bring(tmp_path / "cells.gpkg")
    assert set(Cell.objects.values_list("code", flat=True)) == {"306", "307"}
    assert [defect["kind"] for defect in BoundaryPlan.objects.get().report] == ["numbers"]


def test_a_zone_number_in_eastings_is_named_and_then_right(db, tmp_path):
    corner = (36507781.55, 3793836.23)
    table = geopandas.GeoDataFrame(
        {"code": ["N1"], "name": ["北一"]},
        geometry=[box(*corner, corner[0] + 100, corner[1] + 100)],
        crs=4524,
    )
    parts = shapefile(tmp_path / "parts", table)
    del parts["cells.prj"]
    path = zipped(tmp_path / "cells.zip", parts)
    with pytest.raises(CommandError, match="EPSG:4524"):
        bring(path)
    bring(path, source_crs="EPSG:4524")
    ring = shapely.get_coordinates(shapely.from_wkb(bytes(CellBoundary.objects.get().geom.wkb)))
    assert np.abs(ring - (108.0845, 34.272)).max(axis=1).min() < 1e-7  # a centimetre


@pytest.mark.parametrize("ending", ["geojson", "shp.zip"])
def test_second_parts_and_holes_are_kept(db, tmp_path, ending):
    """The case of the two rectangles and the hole, as one feature and as two."""
    ring = box(108.080, 34.270, 108.084, 34.274) - box(108.081, 34.271, 108.082, 34.272)
    other = box(108.086, 34.270, 108.088, 34.272)
    whole, parted = tmp_path / f"whole.{ending}", tmp_path / f"parted.{ending}"
    driver = "ESRI Shapefile" if "shp" in ending else None
    for path, shapes in ((whole, [MultiPolygon([ring, other])]), (parted, [ring, other])):
        told = {"code": ["X"] * len(shapes), "name": ["X"] * len(shapes)}
        geopandas.GeoDataFrame(told, geometry=shapes, crs=4326).to_file(path, driver=driver)
    bring(whole)
    with pytest.raises(CommandError, match="X"):
        bring(parted)
    bring(parted, join=True, community="990001001001")
    for boundary in CellBoundary.objects.all():
        assert boundary.area_m2 == pytest.approx(194_090, abs=1)


@pytest.fixture
def taken(ground):
    """The ground in force, as rows for a file."""
    rows = list(CellBoundary.objects.order_by("cell__code"))
    return geopandas.GeoDataFrame(
        {"code": [row.cell.code for row in rows], "name": [row.name for row in rows]},
        geometry=[shapely.from_wkb(bytes(row.geom.wkb)) for row in rows],
        crs=4326,
    )


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_shifted_file_of_the_same_ground_is_refused_or_right(taken, tmp_path, datum):
    path, before = tmp_path / "cells.geojson", taken.geometry.copy()
    taken.geometry = shapely.transform(
        taken.geometry.values,
        lambda points: np.array([from_wgs84(lon, lat, datum) for lon, lat in points]),
    )
    taken.to_file(path)
    for wrong in ("", "gcj02" if datum == "bd09" else "bd09"):
        with pytest.raises(CommandError, match=datum):
            bring(path, source_crs=wrong)
    bring(path, source_crs=datum)
    for row, shape in zip(
        BoundaryPlan.objects.latest("pk").boundaries.order_by("cell__code"), before, strict=True
    ):
        moved = shapely.hausdorff_distance(shapely.from_wkb(bytes(row.geom.wkb)), shape)
        assert moved < 2e-8


def test_a_file_in_web_mercator_gives_the_same_cells(taken, tmp_path):
    taken.to_crs(3857).to_file(tmp_path / "cells.gpkg")
    bring(tmp_path / "cells.gpkg")
    for row, shape in zip(
        BoundaryPlan.objects.latest("pk").boundaries.order_by("cell__code"),
        taken.geometry,
        strict=True,
    ):
        assert shapely.hausdorff_distance(shapely.from_wkb(bytes(row.geom.wkb)), shape) < 2e-8
    assert BoundaryPlan.objects.latest("pk").report == []
