"""Reports over HTTP: what comes back, who sees it, and what must never get in."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.utils import timezone
from rest_framework.test import APIClient

from core.sealing import unseal
from incidents.models import Incident, IncidentEvent, Reporter, ReportReceipt
from incidents.queries import sealed_place
from tests.conftest import COMMUNITY, CORNER

IN_A1 = [CORNER[0] - 0.005, CORNER[1] + 0.005]
POINT = {"type": "Point", "coordinates": IN_A1}
BODY = {
    "category": "0501",
    "description": "垃圾成堆",
    "location": {"point": POINT, "crs": "wgs84", "accuracy_m": 8},
    "reporter": {"name": "孙大娘", "phone": "13900000000"},
}
URL = "/api/v1/incidents/"


@pytest.fixture
def post(client, ground, categories):
    def send(body, url=URL, method="post"):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return getattr(client, method)(url, content, content_type="application/json")

    return send


def nothing_stored():
    return not (
        Incident.objects.exists() or ReportReceipt.objects.exists() or Reporter.objects.exists()
    )


def test_a_report_gets_cell_worker_deadline_and_number(post, lin):
    answer = post(BODY)
    told = answer.json()
    assert answer.status_code == 201
    assert told["cell"] == {"code": f"{COMMUNITY}001", "name": "永安第1网格"}
    assert told["worker"] == {"name": "林小雨", "phone": "19900000001"}
    assert told["assignment"]["reason"] == "INSIDE"
    assert told["assignment"]["rule"] == "WORKER"
    assert len(told["number"]) == 13
    assert told["due_at"] > told["reported_at"]
    assert "孙大娘" not in answer.content.decode()
    assert "13900000000" not in json.dumps(IncidentEvent.objects.get().payload)
    kept = Reporter.objects.get()
    assert "孙大娘".encode() not in bytes(kept.name)
    assert unseal(kept.name, sealed_place("name", kept.incident_id)) == "孙大娘"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ({"cell": f"{COMMUNITY}002"}, "BY_CODE"),
        ({"address": "杨陵区永安第3网格"}, "BY_CODE"),
        ({"point": {"type": "Point", "coordinates": [108.5, 34.5]}}, "UNASSIGNED"),
    ],
)
def test_every_way_to_say_where(post, location, reason):
    answer = post(BODY | {"location": location})
    assert (answer.status_code, answer.json()["assignment"]["reason"]) == (201, reason)


def test_an_unsure_address_gets_candidates_and_no_guess(post):
    answer = post(BODY | {"location": {"address": "永安"}})
    assert answer.status_code == 400
    assert {one["name"] for one in answer.json()["candidates"]} >= {"永安社区"}
    assert nothing_stored()


def test_the_datum_is_converted_and_the_original_kept(post):
    shifted = {"type": "Point", "coordinates": [108.089414, 34.270732]}
    post(BODY | {"location": {"point": shifted, "crs": "gcj02"}})
    kept = Incident.objects.get()
    assert (kept.point.x, kept.point.y) == pytest.approx((108.0845, 34.2720), abs=1e-5)
    assert (kept.source_lon, kept.source_lat, kept.datum) == (108.089414, 34.270732, "gcj02")


def test_the_same_put_gets_the_same_answer_and_another_body_422(post):
    url = f"{URL}{uuid.uuid4()}/"
    first, again = post(BODY, url, "put"), post(BODY, url, "put")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert post(BODY | {"description": "x"}, url, "put").status_code == 422
    assert Incident.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_devices_with_one_id_make_one_incident(ground, categories):
    url, content = f"{URL}{uuid.uuid4()}/", json.dumps(BODY)

    def send(_number):
        try:
            return APIClient().put(url, content, content_type="application/json").json()["number"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(send, range(8)))
    assert len(numbers) == Incident.objects.count() == 1


def test_lin_sees_own_cells_zhao_the_district_qian_nothing(post, as_user, lin, zhao, qian):
    post(BODY)
    post(BODY | {"location": {"cell": f"{COMMUNITY}002"}})
    post(BODY | {"location": {"point": {"type": "Point", "coordinates": [108.5, 34.5]}}})
    number = Incident.objects.first().number
    seen = {
        user.username: len(as_user(user).get(URL).json()["features"]) for user in (lin, zhao, qian)
    }
    assert seen == {"lin": 1, "zhao": 3, "qian": 0}
    assert as_user(qian).get(f"{URL}{number}/timeline/").status_code == 404
    assert as_user(zhao).get(f"{URL}{number}/timeline/").json()[0]["kind"] == "REPORTED"
    assert as_user(zhao).get(f"{URL}counts/").json()["unassigned"] == 1


def test_the_public_may_report_but_not_list(client, ground):
    assert client.get(URL).status_code == 401


def test_pages_hold_every_incident_once(post, as_user, zhao):
    """All reported at one moment, while others come in and the last one shown is closed."""
    for _ in range(7):
        post(BODY)
    now = timezone.now()
    Incident.objects.update(reported_at=now)
    wanted = set(Incident.objects.values_list("number", flat=True))
    url, numbers = f"{URL}?limit=2&status=open", []
    while url:
        page = as_user(zhao).get(url).json()
        numbers += [feature["id"] for feature in page["features"]]
        url = page["next"]
        post(BODY)
        Incident.objects.filter(number=numbers[-1]).update(
            status="CLOSED", closed_at=now, closing="NORMAL", unanswered="ANONYMOUS"
        )
    assert len(numbers) == len(set(numbers)) and set(numbers) == wanted


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3",
        "bbox=nan,0,1,1",
        "bbox=500,0,501,1",
        "status=lost",
        "area=x",
        "since=now",
        "before=1",
        "limit=0",
    ],
)
def test_a_wrong_filter_is_named(as_user, zhao, query):
    answer = as_user(zhao).get(f"{URL}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == query.split("=")[0]


def test_a_box_beside_the_earth_says_in_which_order_its_sides_come(as_user, zhao):
    answer = as_user(zhao).get(f"{URL}?bbox=34,108,35,109")
    assert "west,south,east,north" in answer.json()["errors"][0]["detail"]


def test_filters_find(post, as_user, zhao):
    post(BODY)
    boxes = ["bbox=108,34,109,35", "bbox=-200,-95,200,95"]  # and the whole world on a wide screen
    good = [*boxes, "category=05", f"area={COMMUNITY}", "since=2020-01-01T00:00:00Z"]
    assert all(len(as_user(zhao).get(f"{URL}?{query}").json()["features"]) == 1 for query in good)
    assert as_user(zhao).get(f"{URL}?overdue=true").json()["features"] == []


def located(**point):
    return BODY | {"location": {"point": {**POINT, **point}}}


HOSTILE = {
    "deep": b'{"category":"0501","location":{"cell":' + b"[" * 1000 + b"]" * 1000 + b"}}",
    "very deep": b"[" * 30_000 + b"]" * 30_000,
    "nul": BODY | {"description": "a\x00b"},
    "nul below": BODY | {"reporter": {"name": "\x00"}},
    "surrogate": b'{"category":"0501","description":"\\ud800","location":{"cell":"1"}}',
    "surrogate below": b'{"category":"0501","reporter":{"name":"\\ud800"},"location":{"cell":"1"}}',
    "many digits": b'{"category":"0501","location":{"cell":"1","accuracy_m":' + b"9" * 5000 + b"}}",
    "infinity": b'{"category":"0501","location":{"cell":"1","accuracy_m":1e400}}',
    "NaN": b'{"category":"0501","location":{"cell":"1","accuracy_m":NaN}}',
    "ewkt": BODY | {"location": {"point": "SRID=999999;POINT(0 0)"}},
    "crs member": located(crs={"type": "name", "properties": {"name": "EPSG:3857"}}),
    "polygon": located(type="Polygon", coordinates=[[[0, 0], [1, 1], [1, 0], [0, 0]]]),
    "nan text": BODY | {"location": {"point": "POINT(nan nan)"}},
    "off the Earth": located(coordinates=[500, 95]),
    "infinite point": b'{"category":"0501","location":{"point":{"type":"Point","coordinates":[1e400,0]}}}',
    "three numbers": located(coordinates=[1, 1, 5]),
    "raw byte": b'{"category":"\xff"}',
    "1e308": located(coordinates=[1e308, 1e308]),
    "booleans": located(coordinates=[True, False]),
    "texts": located(coordinates=["108", "34"]),
    "collection": located(type="GeometryCollection", geometries=[POINT]),
    "same key twice": b'{"category":"0501","category":"0502","location":{"cell":"1"}}',
    "two places": BODY | {"location": {"point": POINT, "cell": "1"}},
    "no place": BODY | {"location": {}},
    "unknown key": BODY | {"status": "CLOSED"},
    "unknown category": BODY | {"category": "9999"},
    "unknown cell": BODY | {"location": {"cell": "610403001001999"}},
    "future": BODY | {"occurred_at": "2099-01-01T00:00:00Z"},
    "year 0001": BODY | {"occurred_at": "0001-01-01T00:00:00+14:00"},
    "no object": b"[]",
    "null": b"null",
    "empty": b"",
    "cut": b'{"category":',
}


CASES = [(method, name) for method in ("post", "put") for name in HOSTILE]
CASES.remove(("put", "future"))  # a device's clock may be wrong: tests/incidents/test_doubts.py


@pytest.mark.parametrize(("method", "name"), CASES)
def test_hostile_bodies_are_400_and_leave_nothing(post, method, name):
    url = f"{URL}{uuid.uuid4()}/" if method == "put" else URL
    answer = post(HOSTILE[name], url, method)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert nothing_stored()


def test_the_field_is_named(post):
    assert post(located(coordinates=[500, 95])).json()["errors"][0]["field"] == "location.point"
    assert (
        post(BODY | {"reporter": {"phone": "\x00"}}).json()["errors"][0]["field"]
        == "reporter.phone"
    )


def test_too_large_wrong_type_and_too_often(post, client):
    for size in (70_000, 3_000_000):
        answer = post(BODY | {"description": "x" * size})
        assert answer.status_code == 413
        assert answer["Content-Type"] == "application/problem+json"
    assert client.post(URL, "a=1", content_type="text/plain").status_code == 415
    statuses = [client.post(URL, b"{}", content_type="application/json") for _ in range(130)]
    often = next(one for one in statuses if one.status_code == 429)
    assert 0 < int(often["Retry-After"]) <= 60


def test_the_timeline_cannot_be_edited(post):
    post(BODY)
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute("UPDATE incidents_incidentevent SET note = 'x'")


def test_an_id_in_capitals_is_the_same_id(post):
    name = "7d2f6c1e-5a44-4c0b-9f3e-2b1d8a90c0aa"
    first, second = (post(BODY, f"{URL}{one}/", "put") for one in (name.upper(), name))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_the_list_knows_cells_and_refuses_what_it_does_not_know(post, as_user, zhao):
    post(BODY)
    reader = as_user(zhao)
    (code,) = Incident.objects.values_list("cell__code", flat=True)
    listed = reader.get(f"/api/v1/incidents/?cell={code}").json()["features"]
    assert len(listed) == 1
    assert reader.get("/api/v1/incidents/?cell=610403001001999").json()["features"] == []
    refused = reader.get("/api/v1/incidents/?cells=1")
    assert refused.status_code == 400 and "cells" in refused.content.decode()
