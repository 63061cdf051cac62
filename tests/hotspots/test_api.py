"""Hot spots over HTTP: what is counted, who sees what, what is refused; and the kept runs."""

import json
from datetime import timedelta

import numpy as np
import pytest

from geo_grid.models import Cell
from gridmaps import catalogue
from hotspots import engine, queries, services
from hotspots.models import HotspotRun
from incidents.models import Incident
from tests.gridmaps.test_tiles import tile_over

URL = "/api/v1/hotspots/"


def found(answer) -> dict:
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.fixture
def some(report):
    """Three reports in A1, one in A2; one more a year ago."""
    for cell, before in (("A1", 1), ("A1", 2), ("A1", 3), ("A2", 4), ("A2", 24 * 365)):
        report(cell, before=timedelta(hours=before))


def test_it_counts_what_was_reported_in_the_period(some, as_user, zhao, today):
    told = found(as_user(zhao).get(URL))
    counts = {one["id"][-3:]: one["properties"]["reported"] for one in told["features"]}
    assert counts == {"001": 3, "002": 1, "003": 0, "004": 0}
    assert told["parameters"]["reports"] == 4 and told["parameters"]["weights"] == "queen"
    assert {one["code"] for one in told["caveats"]} >= {"few_cells", "few_events"}
    told = found(as_user(zhao).get(f"{URL}?method=gi_star&from=2025-09-01&to=2025-09-30"))
    assert told["parameters"]["reports"] == 1


def test_nothing_that_is_no_number_leaves(some, as_user, zhao, today):
    answer = as_user(zhao).get(URL)
    json.loads(answer.content, parse_constant=lambda name: pytest.fail(name))
    told = found(answer)["features"][0]["properties"]
    assert told["z"] is None and told["reason"] == "neighbourhood_is_the_whole_map"
    assert told["p"] is None and told["level"] == 0


def test_void_matters_do_not_count(some, as_user, zhao, today, now):
    one = Incident.objects.filter(cell__code__endswith="001").order_by("pk")[:1]
    Incident.objects.filter(pk__in=one.values("pk")).update(
        status="VOID", closed_at=now, unanswered="VOIDED"
    )
    assert found(as_user(zhao).get(URL))["parameters"]["reports"] == 3


def test_everybody_sees_the_own_ground_alone(some, client, as_user, lin, qian, today):
    assert client.get(URL).status_code in (401, 403)
    assert [one["id"][-3:] for one in found(as_user(lin).get(URL))["features"]] == ["001"]
    assert found(as_user(qian).get(URL))["features"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("method=kmeans", "method"),
        ("from=2026-09-30&to=2026-09-01", "to"),
        ("from=yesterday", "from"),
        ("to=9999-12-31", "from"),
        ("from=0001-01-01&to=0001-02-01", "from"),
        ("from=2000-01-01&to=2026-01-01", "from"),
        ("category=x'", "category"),
        ("area=61%25", "area"),
    ],
)
def test_a_wrong_wish_is_named(ground, as_user, zhao, query, field):
    answer = as_user(zhao).get(f"{URL}?{query}")
    assert answer.status_code == 400
    assert field in {one["field"] for one in answer.json()["errors"]}


def test_a_kept_run_is_what_the_map_shows(some, as_user, zhao, lin, today, now):
    assert services.keep_runs(now=now) == 1
    (run,) = HotspotRun.objects.all()
    assert run.values.count() == 4 and run.parameters["reports"] == 4
    told = found(as_user(zhao).get("/api/v1/layers/hotspots/"))
    assert {one["properties"]["reported"] for one in told["features"]} == {3, 1, 0}
    assert len(found(as_user(lin).get("/api/v1/layers/hotspots/"))["features"]) == 1
    tile = as_user(zhao).get(tile_over("/api/v1/tiles/hotspots/{z}/{x}/{y}.mvt", 12))
    assert tile.status_code == 200 and b"hotspots" in tile.content


def test_old_runs_go_and_a_later_one_is_shown(some, zhao, now):
    services.keep_run(district="610403", now=now - timedelta(days=500))
    services.keep_runs(now=now)
    services.keep_runs(now=now + timedelta(hours=1))
    assert HotspotRun.objects.count() == 2
    seen = catalogue.view(zhao, "hotspots", {}, now + timedelta(hours=2))
    assert len(seen.frame(seen.layers[0])) == 4


def test_a_district_without_cells_keeps_nothing(db, now):
    assert services.keep_run(district="990001", now=now) is None


def test_the_notebook_and_the_service_say_the_same(some, zhao, now):
    until = now + timedelta(hours=1)
    analysis = queries.hotspots(viewer=zhao, since=now - timedelta(days=30), until=until, now=now)
    counts = analysis.table["reported"].to_numpy()
    metric = analysis.table.to_crs(4545)
    z, _ = engine.gi_star(counts, engine.contiguity(metric.geometry.to_numpy()))
    np.testing.assert_array_equal(np.isnan(z), analysis.table["z"].isna())
    assert analysis.table["neighbours"].tolist() == [3, 3, 3, 3]
    assert Cell.objects.count() == 4
