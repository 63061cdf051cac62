"""Whole cities through the product's own commands, against a plain spatial join and the city's labels."""

import gzip
import json
import os
import re
import shlex
import subprocess
from io import StringIO
from pathlib import Path
from string import Template

import geopandas
import numpy as np
import pandas as pd
import plotly
import pytest
import shapely
from django.conf import settings
from django.core.management import call_command

from geo_grid import demo, queries
from geo_grid.models import Area, CellBoundary
from incidents.models import Incident
from tests.incidents.test_import_incidents import bring

BOSTON = settings.ROOT.parent / "shared" / "data" / "boston"
MONTREAL = Path(plotly.__file__).parent / "package_data" / "datasets"


def bring_cells(path, code, name, **options):
    options = {"publish": True, "verbosity": 0} | options
    call_command("import_boundaries", str(path), code_field=code, name_field=name, **options)


def stored_cells(source):
    found = Incident.objects.filter(external_source=source)
    return dict(found.values_list("external_id", "cell__code"))


def points_of(table, lon, lat):
    return geopandas.GeoDataFrame(
        table, geometry=geopandas.points_from_xy(table[lon], table[lat]), crs=4326
    )


def plain_join(points, cells, code):
    """code of the one polygon that holds each point; points in none or in several are left out."""
    named = cells[[code, "geometry"]].rename(columns={code: "cell"})
    joined = points.sjoin(named, predicate="within")
    return joined[~joined.index.duplicated(keep=False)]["cell"].astype(str)


PAGE = settings.ROOT / "docs" / "another-city.md"
REPORTS = "boston_311_2015.csv.gz"


def boston(folder, every):
    """The files of Boston with each n-th of its reports."""
    for path in BOSTON.iterdir():
        (folder / path.name).symlink_to(path)
    if every > 1:
        (folder / REPORTS).unlink()
        table = pd.read_csv(BOSTON / REPORTS, dtype=str, keep_default_na=False)
        table[::every].to_csv(folder / REPORTS, index=False)
    return folder


def run_page(files, folder):
    """Every command of the page, in order: ours in this process, the others in a shell. Answers
    what they wrote, (out, err)."""
    places = {"BOSTON": str(files), "OUT": str(folder)}
    out, err = StringIO(), StringIO()
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL):
        if not block.startswith("./manage.py"):
            block = re.sub(r"^export .*\n", "", block)
            subprocess.run(["bash", "-euc", block], env=places | {"PATH": os.defpath}, check=True)
            continue
        for line in block.splitlines():
            words = shlex.split(Template(line).substitute(places))
            assert words[0] == "./manage.py"
            call_command(*words[1:], stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.skipif(not BOSTON.exists(), reason="the shared Boston files are not here")
@pytest.mark.parametrize(
    ("every", "count", "agreement"),
    [(6, 20_191, 0.992), pytest.param(1, 121_145, 0.9935, marks=pytest.mark.soak)],
)
def test_the_page_sets_up_boston_and_it_agrees_with_the_citys_own_labels(
    categories, tmp_path, tmp_path_factory, every, count, agreement
):
    """And with a plain spatial join."""
    path = BOSTON / "police_districts_wgs84.geojson"
    _out, err = run_page(boston(tmp_path_factory.mktemp("files"), every), tmp_path)
    assert "14.1" in err and list(tmp_path.glob("*.rejects.csv")) == []
    copy = tmp_path / "reports.csv.gz"
    table = pd.read_csv(copy, dtype={"CASE_ENQUIRY_ID": str}, low_memory=False)
    table = table.set_index("CASE_ENQUIRY_ID")
    stored = stored_cells("boston")
    assert len(stored) == len(table) == count
    districts = geopandas.read_file(path)
    points = points_of(table, "LONGITUDE", "LATITUDE")
    joined = plain_join(points, districts, "DISTRICT")
    assert [i for i, code in joined.items() if stored[i] != code] == []

    labelled = points[(table.default_coord == 0) & table.police_district.notna()]
    labels = labelled.police_district.str.replace("-", "").str.strip()
    same = labels == labelled.index.map(stored)
    metric = districts.to_crs(32619).set_index("DISTRICT").geometry
    wrong = labels[~same & labels.isin(metric.index)]
    places = labelled.loc[wrong.index].to_crs(32619).geometry
    near = places.distance(metric.loc[wrong].set_axis(wrong.index), align=True) <= 5
    within_5_m = (same.sum() + near.sum()) / len(same)
    print(f"agreement with the city's labels {same.mean():.5f}, within 5 m {within_5_m:.5f}")
    assert same.mean() >= agreement
    assert within_5_m >= 0.9977

    district = Area.objects.get(own_code="BOS")
    assert set(Incident.objects.values_list("district", flat=True)) == {district.code}
    row = Incident.objects.get(external_id=table.index[0])
    there = pd.Timestamp(table.OPEN_DT.iloc[0]).tz_localize("America/New_York")
    assert row.occurred_at == there and row.number.startswith(f"{there:%y%m%d}")
    assert CellBoundary.objects.filter(plan__record_srid=32619).count() >= 12


def test_montreal_agrees_with_a_plain_spatial_join(categories, tmp_path):
    """Voting districts and places of car sharing, as the plotly package ships them."""
    path = tmp_path / "montreal.geojson"
    districts = json.loads(gzip.decompress((MONTREAL / "election.geojson.gz").read_bytes()))
    for feature in districts["features"]:
        feature["properties"]["id"] = feature["id"]
    path.write_text(json.dumps(districts))
    found = tmp_path / "findings.csv"
    bring_cells(path, "id", "district", publish=False, findings=found)
    bring_cells(path, "id", "district", accept_file=found)
    table = pd.read_csv(MONTREAL / "carshare.csv.gz").rename_axis("id").reset_index()
    table["time"] = "2026-09-01 10:00:00"
    table.to_csv(tmp_path / "carshare.csv", index=False)
    bring(tmp_path / "carshare.csv", lon="centroid_lon", lat="centroid_lat")
    stored = stored_cells("carshare")
    assert len(stored) == len(table) == 249
    points = points_of(table, "centroid_lon", "centroid_lat")
    joined = plain_join(points, geopandas.read_file(path), "id")
    assert len(joined) > 200
    assert [i for i, code in joined.items() if stored[str(i)] != code] == []


def border_points(shapes, count):
    """Every vertex that cells share, and points along the edges between them, shape (count, 2)."""
    edges = [
        np.concatenate([ring[:-1], ring[1:]], axis=1)
        for ring in (
            shapely.get_coordinates(ring)
            for shape in shapes
            for part in shapely.get_parts(shape)
            for ring in (part.exterior, *part.interiors)
        )
    ]
    edges = np.concatenate(edges)
    chance = np.random.default_rng(11)
    chosen = edges[chance.integers(len(edges), size=count)]
    share = chance.random((count, 1))
    between = chosen[:, :2] * (1 - share) + chosen[:, 2:] * share
    corners = np.unique(edges[:, :2], axis=0)
    return np.concatenate([corners, between])[:count]


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_points_on_borders_and_corners_have_one_cell_and_always_the_same(
    db, categories, now, tmp_path, count
):
    demo.load_ground(seed=1, now=now)
    rows = CellBoundary.objects.order_by("cell__code").values_list("cell__code", "geom")
    codes = [code for code, _geom in rows]
    shapes = shapely.from_wkb([bytes(geom.wkb) for _code, geom in rows])
    spots = border_points(shapes, count)
    table = pd.DataFrame(spots, columns=["lon", "lat"]).rename_axis("id").reset_index()
    table["time"] = "2026-09-01 10:00:00"
    table.to_csv(tmp_path / "first.csv", index=False)
    table.sample(count // 5, random_state=1).to_csv(tmp_path / "second.csv", index=False)
    for name in ("first", "second"):
        bring(tmp_path / f"{name}.csv")
    stored, again = stored_cells("first"), stored_cells("second")
    assert len(stored) == count
    assert again == {key: stored[key] for key in again}
    for number in range(0, count, count // 200):
        lon, lat = spots[number].tolist()
        assert queries.cell_at(lon, lat, now)["code"] == stored[str(number)]

    near = {"predicate": "dwithin", "distance": queries.BORDER_DEGREES}
    held, found = shapely.STRtree(shapes).query(shapely.points(spots), **near)
    lowest = pd.Series(found).groupby(held).min()  # the codes are sorted
    assert len(lowest) == count
    assert [i for i, place in lowest.items() if stored[str(i)] != codes[place]] == []
    reasons = set(Incident.objects.values_list("reason", flat=True))
    assert reasons <= {"INSIDE", "ON_BORDER", "NEAREST"}
    assert Incident.objects.filter(reason="ON_BORDER").count() > count // 200
    assert not Incident.objects.filter(reason="NEAREST", distance_m__gt=0.01).exists()


@pytest.mark.soak
@pytest.mark.skipif(not BOSTON.exists(), reason="the shared Boston files are not here")
def test_boston_agrees_with_the_citys_ward_labels(categories, tmp_path):
    """The wards come with gaps and overlaps of their own: accepted one by one, in a file."""
    found = tmp_path / "findings.csv"
    path = BOSTON / "wards_wgs84.geojson"
    bring_cells(path, "WARD", "WARD", code_prefix="W", publish=False, findings=found)
    bring_cells(path, "WARD", "WARD", code_prefix="W", accept_file=found)
    copy = tmp_path / "wards.csv.gz"
    copy.write_bytes((BOSTON / "boston_311_2015.csv.gz").read_bytes())
    fields = {
        "lon": "LONGITUDE",
        "lat": "LATITUDE",
        "time": "OPEN_DT",
        "time_zone": "America/New_York",
    }
    bring(copy, external_id="CASE_ENQUIRY_ID", **fields)
    table = pd.read_csv(copy, dtype={"CASE_ENQUIRY_ID": str}, low_memory=False)
    table = table.set_index("CASE_ENQUIRY_ID")
    points = points_of(table, "LONGITUDE", "LATITUDE")
    number = table.ward.astype(str).str.extract(r"(\d+)")[0].astype(float)
    labelled = points[(table.default_coord == 0) & (number > 0)]
    labels = number[labelled.index].astype(int)
    stored = labelled.index.map(stored_cells("wards")).str.lstrip("W").astype(float)
    same = labels == stored
    metric = geopandas.read_file(path).to_crs(32619).set_index("WARD").geometry
    wrong = labels[~same & labels.isin(metric.index)]
    places = labelled.loc[wrong.index].to_crs(32619).geometry
    near = places.distance(metric.loc[wrong].set_axis(wrong.index), align=True) <= 5
    within_5_m = (same.sum() + near.sum()) / len(same)
    print(f"agreement with the city's ward labels {same.mean():.5f}, within 5 m {within_5_m:.5f}")
    assert same.mean() >= 0.9895
    assert within_5_m >= 0.9975
