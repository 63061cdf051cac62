"""A planner's way over HTTP: draw, undo, see what is wrong, submit, approve."""

import json
from datetime import UTC, datetime

import pytest

from geo_grid import services
from geo_grid.coordinates import at_the_door
from geo_grid.models import Area, BoundaryPlan, PlanEdit
from tests.conftest import COMMUNITY, CORNER, SIZE

DISTRICT = COMMUNITY[:6]
X, Y = CORNER


def line(*spots):
    return {"type": "LineString", "coordinates": [list(spot) for spot in spots]}


def upright(share=0.5):
    """A line through A1 from north to south."""
    x = X - SIZE + share * SIZE
    return line((x, Y - 0.001), (x, Y + SIZE + 0.001))


class Desk:
    """A browser of one planner on one plan."""

    def __init__(self, client, user, number=None):
        client.force_login(user)
        self.client, self.number, self.sequence = client, number, 0

    def begin(self, name="new borders"):
        answer = self.client.post(
            "/api/v1/plans/", {"name": name, "district": DISTRICT}, content_type="application/json"
        )
        assert answer.status_code == 201, answer.content
        self.number = answer.json()["id"]
        return self

    def get(self, page, **query):
        return self.client.get(f"/api/v1/plans/{self.number}/{page}", query)

    def post(self, page, body=None, sequence=None):
        seen = self.sequence if sequence is None else sequence
        answer = self.client.post(
            f"/api/v1/plans/{self.number}/{page}/",
            json.dumps(body or {}),
            content_type="application/json",
            headers={"If-Match": f'"{seen}"'},
        )
        if answer.status_code == 201:
            self.sequence = answer.json()["sequence"]
        return answer

    def edit(self, kind, **fields):
        return self.post("edits", {"kind": kind, **fields})


@pytest.fixture
def desk(client, sun):
    return Desk(client, sun).begin()


def areas(answer):
    return {f["id"]: f["properties"]["area_m2"] for f in answer.json()["features"]}


def test_the_first_map_of_a_district_opens_as_it_came(desk, ground):
    desk.number = BoundaryPlan.objects.get(base=None, district=DISTRICT).pk
    told = desk.get("cells/").json()["features"]
    assert {one["id"] for one in told} == {cell.code for cell in ground.values()}
    for page in ("", "checks/", "impact/", "borders/"):
        assert desk.get(page).status_code == 200, page


def test_a_planner_splits_a_cell_and_sees_both_parts(desk, ground):
    before = areas(desk.get("cells/"))
    answer = desk.edit("SPLIT", cell=ground["A1"].code, lines=[upright()])
    assert answer.status_code == 201, answer.json()
    told = answer.json()
    assert [f["id"] for f in told["cells"]["features"]] == [
        ground["A1"].code,
        f"{COMMUNITY}003",  # the neighbour below received the new node
        f"{COMMUNITY}005",
    ]
    after = areas(desk.get("cells/"))
    assert sum(after.values()) == pytest.approx(sum(before.values()), abs=1)
    assert desk.get("checks/").json()["findings"] == [
        f for f in desk.get("checks/").json()["findings"] if f["level"] == "WARNING"
    ]


def test_undo_and_redo_survive_everything_and_bring_back_the_same_bits(desk, ground):
    desk.edit("SPLIT", cell=ground["A1"].code, lines=[upright(0.3)])
    drawn = desk.get("cells/").json()
    hashed = desk.get("").json()["content_hash"]
    empty = desk.post("undo").json()
    assert empty["gone"] == [f"{COMMUNITY}005"]
    assert desk.post("redo").json()["content_hash"] == hashed
    again = desk.get("cells/").json()
    assert again["features"] == drawn["features"]
    assert desk.post("redo").status_code == 409
    assert [e["counts"] for e in desk.get("edits/").json()["edits"]] == [True, False, False]


def test_a_line_that_does_not_cross_is_refused_with_its_place(desk, ground):
    stub = line((X - SIZE / 2, Y + SIZE / 3), (X - SIZE / 2, Y + SIZE / 2))
    answer = desk.edit("SPLIT", cell=ground["A1"].code, lines=[stub])
    assert answer.status_code == 409
    told = answer.json()
    assert told["reason"] == "does_not_cross"
    assert told["place"]["lon"] == pytest.approx(X - SIZE / 2, abs=1e-6)
    assert not PlanEdit.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "SPLIT", "cell": "x"}, "lines"),
        (
            {"kind": "SPLIT", "cell": "x", "lines": [{"type": "Point", "coordinates": [1, 2]}]},
            "lines",
        ),
        ({"kind": "SPLIT", "cell": "x", "lines": [line((500, 95), (1, 1))]}, "lines"),
        ({"kind": "SPLIT", "cell": "x", "lines": [line((1, 1, 1), (1, 1, 1))]}, "lines"),
        ({"kind": "MERGE", "cells": "x", "into": "x"}, "cells"),
        ({"kind": "MERGE", "cells": ["x"], "into": "x", "colour": 1}, "colour"),
        ({"kind": "FOLD"}, "kind"),
    ],
)
def test_a_bad_edit_names_the_field(desk, fields, field):
    answer = desk.post("edits", fields)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_a_number_that_is_none_is_no_coordinate(desk, ground):
    body = '{"kind":"MOVE_VERTEX","at":{"type":"Point","coordinates":[NaN,1]}}'
    path = f"/api/v1/plans/{desk.number}/edits/"
    answer = desk.client.post(path, body, content_type="application/json")
    assert answer.status_code == 400


def test_a_stale_planner_is_told_what_changed(desk, ground):
    desk.edit("RENAME", cell=ground["A1"].code, name="东门")
    answer = desk.post("edits", {"kind": "RENAME", "cell": ground["A2"].code, "name": "x"}, 0)
    assert answer.status_code == 409
    assert answer.json()["sequence"] == 1
    assert answer.json()["changed"][0]["cells"] == [ground["A1"].code]


def test_strangers_see_no_plan_and_officers_do_not_draw(desk, client, qian, zhao, ground):
    client.force_login(qian)
    assert desk.get("").status_code == 404
    client.force_login(zhao)
    assert desk.get("").status_code == 200
    assert desk.edit("RENAME", cell=ground["A1"].code, name="x").status_code == 403


def step(desk, decision, **more):
    hashed = desk.get("").json()["content_hash"]
    return desk.post("steps", {"decision": decision, "content_hash": hashed, **more})


def test_who_drew_it_does_not_approve_it(client, zhou, ground):
    desk = Desk(client, zhou).begin()
    desk.edit("RENAME", cell=ground["A1"].code, name="东门")
    assert step(desk, "SUBMITTED").status_code == 200
    assert step(desk, "APPROVED").status_code == 403


def test_no_approval_outlives_a_change(desk, client, sun, zhou, ground):
    desk.edit("RENAME", cell=ground["A1"].code, name="东门")
    step(desk, "SUBMITTED")
    client.force_login(zhou)
    assert step(desk, "APPROVED").json()["status"] == "APPROVED"
    client.force_login(sun)
    assert desk.edit("RENAME", cell=ground["A1"].code, name="西门").json()["status"] == "DRAFT"
    client.force_login(zhou)
    assert step(desk, "APPROVED").status_code == 409


def test_an_approval_is_of_what_was_seen(desk, client, zhou, ground):
    desk.edit("RENAME", cell=ground["A1"].code, name="东门")
    step(desk, "SUBMITTED")
    client.force_login(zhou)
    answer = desk.post("steps", {"decision": "APPROVED", "content_hash": "0" * 64})
    assert answer.status_code == 409


def test_a_plan_is_never_scheduled_into_the_past(desk, client, zhou, ground):
    desk.edit("RENAME", cell=ground["A1"].code, name="东门")
    step(desk, "SUBMITTED")
    client.force_login(zhou)
    step(desk, "APPROVED")
    answer = step(desk, "SCHEDULED", effective_at="2020-01-01T00:00:00Z")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "effective_at"


def test_borders_come_once_with_their_junctions(desk, ground):
    told = desk.get("borders/").json()
    inner = [f for f in told["features"] if not f["properties"]["outer"]]
    assert sorted(f["properties"]["cells"] for f in inner) == [
        [ground[a].code, ground[b].code]
        for a, b in (("A1", "A2"), ("A1", "A3"), ("A2", "A4"), ("A3", "A4"))
    ]
    middle = at_the_door(X, Y)
    assert [round(middle.lon, 7), round(middle.lat, 7)] in [
        [round(x, 7), round(y, 7)] for x, y in told["junctions"]
    ]


def test_versions_and_their_lineage_are_of_the_own_districts(client, sun, zhao, qian, ground):
    """An account of elsewhere reads no names of plans."""
    far = Area.objects.create(code="610404", name="x", level="DISTRICT")
    services.appoint(user=qian, role="DUTY", area=far, since=datetime(2020, 1, 1, tzinfo=UTC))
    for who, number, status in ((sun, 1, 200), (zhao, 1, 200), (qian, 0, 404)):
        client.force_login(who)
        told = client.get(f"/api/v1/versions/?district={DISTRICT}").json()["versions"]
        assert len(told) == number
        lineage = client.get(f"/api/v1/versions/{DISTRICT}/1/lineage/")
        assert lineage.status_code == status


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "shp"])
@pytest.mark.parametrize("crs", ["wgs84", "cgcs2000", "metric"])
def test_what_is_exported_comes_back_without_a_change(desk, kind, crs, tmp_path, ground):
    answer = desk.get("export/", **{"as": kind, "crs": crs})
    assert answer.status_code == 200
    ending = "shp.zip" if kind == "shp" else kind
    path = tmp_path / f"plan.{ending}"
    path.write_bytes(answer.content)
    with path.open("rb") as file:
        told = desk.client.post(
            "/api/v1/plans/import/",
            {"file": file, "name": "back", "district": DISTRICT, "code_field": "code"},
        )
    assert told.status_code == 201, told.content
    assert told.json()["sequence"] == 0  # nothing differs, to the millimetre
