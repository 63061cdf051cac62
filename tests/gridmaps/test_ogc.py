"""OGC API Features: what QGIS and GDAL read, and how far each viewer sees."""

import base64
from datetime import UTC, datetime, timedelta

import geopandas
import pyogrio
import pytest
from django.test import Client

from geo_grid import services as ground_services
from geo_grid.models import CellBoundary
from gridmaps import ogc_documents
from incidents import services, worktime
from incidents.models import Incident
from tests.conftest import CORNER
from tests.gridmaps.conftest import MIDDLE, SEED
from tests.servers import Server, database_address

ITEMS = "/ogc/collections/{}/items"
BASIC = {"HTTP_AUTHORIZATION": f"Basic {base64.b64encode(b'lin:x').decode()}"}
A2 = "108.051,34.251,108.059,34.259"
START = datetime(2026, 9, 1, 2, tzinfo=UTC)

WRONG = [
    "bbox=1,2,3",
    "bbox=1,2,3,4,5",
    "bbox=nan,0,1,1",
    "bbox=a,b,c,d",
    "bbox=2,2,1,1",
    "bbox=%00,0,1,1",
    "datetime=yesterday",
    "datetime=2026-09",
    "datetime=0000-01-01",
    "datetime=../..",
    "datetime=/",
    "datetime=2026-09-29T00:00:00Z/2026-09-28T00:00:00Z",
    "datetime=2026-09-29T00:00:00Z/../..",
    "datetime=9999-12-31T00:00:00Z",
    "datetime=%F0%9F%92%A9",
    "limit=0",
    "limit=-1",
    "limit=many",
    "offset=-1",
    "offset=99999999999999999999",
    "offset=1.5",
    "after=a;b",
    "after=%00",
    "at=2026-09-29T00:00:00Z",
    "crs=4326",
    "everything=true",
    "area=61",
    "area=%00",
    "ids=1;DROP TABLE x",
]


def codes(answer):
    return [one["id"] for one in answer.json()["features"]]


def linked(document, rel):
    return next((link["href"] for link in document["links"] if link["rel"] == rel), None)


def test_every_link_from_the_first_page_leads_somewhere(report, zhao, as_user):
    report("A1")
    client = as_user(zhao)
    waiting, seen = ["http://testserver/ogc"], set()
    while waiting:
        address = waiting.pop()
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code == 200, address
        told = answer.json()
        parts = [told, *told.get("collections", ())]
        links = [link for part in parts for link in part.get("links", ())]
        waiting += {link["href"] for link in links} - seen - set(waiting)
        rels = {link["rel"] for link in links}
        assert "self" in rels or address.endswith(("/conformance", "/api")), address
    assert {f"http://testserver{ITEMS.format(name)}" for name in ogc_documents.OFFERED} <= seen


def test_a_collection_says_where_it_lies_and_in_which_crs(ground, client):
    told = client.get("/ogc/collections/cells").json()
    ((west, south, east, north),) = told["extent"]["spatial"]["bbox"]
    assert (west, north) == (pytest.approx(108.04), pytest.approx(34.26))
    assert told["crs"] == ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]
    assert told["itemType"] == "feature"


def test_pages_follow_each_other_to_the_end(ground, client):
    address, seen = f"{ITEMS.format('cells')}?limit=3", []
    sizes = []
    while address:
        answer = client.get(address)
        assert answer["Content-Type"] == "application/geo+json"
        told = answer.json()
        assert told["numberMatched"] == 4
        assert told["numberReturned"] == len(told["features"])
        sizes.append(told["numberReturned"])
        seen += codes(answer)
        address = linked(told, "next")
    assert sizes == [3, 1]
    assert seen == sorted(cell.code for cell in ground.values())


def test_a_case_closed_between_pages_makes_no_other_one_skipped(report, zhao, as_user, now):
    wanted = {report(f"A{1 + number % 3}").number for number in range(7)}
    client, seen = as_user(zhao), []
    address = f"{ITEMS.format('incidents')}?limit=2"
    while address:
        answer = client.get(address)
        seen += codes(answer)
        Incident.objects.filter(number__in=seen).update(
            status="CLOSED", closed_at=now, closing="NORMAL", unanswered="ANONYMOUS"
        )
        address = linked(answer.json(), "next")
    assert len(seen) == len(set(seen)) and set(seen) == wanted


def test_a_page_keeps_its_filters_and_its_size_has_a_limit(ground, client, monkeypatch):
    monkeypatch.setattr("gridmaps.serializers.MOST_ITEMS", 2)
    times = "datetime=2026-09-29T10:00:00%2B08:00"
    query = f"bbox=108.041,34.241,108.059,34.259&{times}&area=610403001001&limit=99999"
    first = client.get(f"{ITEMS.format('cells')}?{query}").json()
    assert first["numberReturned"] == 2
    following = client.get(linked(first, "next")).json()
    assert following["numberMatched"] == 4 and following["numberReturned"] == 2
    assert linked(following, "next") is None
    back = client.get(f"{ITEMS.format('cells')}?{query}&offset=2").json()
    assert back["features"] == following["features"]
    assert codes(client.get(linked(back, "prev"))) == [one["id"] for one in first["features"]]
    beyond = client.get(f"{ITEMS.format('cells')}?offset=50").json()
    assert beyond["features"] == [] and beyond["numberMatched"] == 4


def test_a_box_takes_what_it_touches_also_with_heights(ground, client):
    for box in (A2, "108.051,34.251,0,108.059,34.259,100"):
        answer = client.get(f"{ITEMS.format('cells')}?bbox={box}")
        assert codes(answer) == [ground["A2"].code]


def test_a_moment_is_the_map_of_then(ground, client, now):
    start = now - timedelta(days=1)
    CellBoundary.objects.filter(cell=ground["A1"]).update(valid_during=(start, None))

    def at(text):
        return len(codes(client.get(ITEMS.format("cells"), {"datetime": text})))

    before, after = (start - timedelta(hours=1)).isoformat(), now.isoformat()
    assert [at(before), at(start.isoformat()), at(after)] == [3, 4, 4]
    assert [at(f"../{before}"), at(f"{before}/{after}"), at(f"{before}/..")] == [3, 4, 4]
    answer = client.get(f"{ITEMS.format('areas')}?datetime=2020-01-01T00:00:00Z")
    assert len(codes(answer)) == 3


def test_a_period_is_what_was_reported_in_it(report, zhao, as_user, now):
    old, new = report("A1", before=timedelta(hours=2)), report("A2")

    def of(text):
        answer = as_user(zhao).get(f"{ITEMS.format('incidents')}", {"datetime": text})
        return set(codes(answer))

    hour_ago = (now - timedelta(hours=1)).isoformat()
    assert of(f"{hour_ago}/..") == {new.number}
    assert of(f"../{hour_ago}") == of(f"/{hour_ago}") == {old.number}
    assert of(hour_ago) == set()
    assert of(now.isoformat()) == {new.number}
    assert of(f"{hour_ago}/{now.isoformat()}") == {new.number}, "both ends are in it"
    assert of(f"{old.reported_at.isoformat()}/{now.isoformat()}") == {old.number, new.number}


def test_times_as_qgis_and_gdal_write_them(report, zhao, as_user, now):
    """Years that stand for an open end, dates, and times without an offset: in local time."""
    report("A1", before=timedelta(days=1)), report("A2")

    def of(text):
        answer = as_user(zhao).get(f"{ITEMS.format('incidents')}", {"datetime": text})
        return answer.json()["numberMatched"]

    assert of("2026-09-29T01:00:00.000Z/9999-12-31T00:00:00Z") == 1
    assert of("0000-01-01T00:00:00Z/2026-09-29T01:00:00.000Z") == 1
    assert of("2026-09-29") == of("2026-09-29/..") == of("../2026-09-28") == 1
    assert of("2026-09-29T09:59:59/2026-09-29T10:00:01") == 1


def test_a_filter_of_the_layer_is_a_parameter(report, zhao, as_user):
    one, _other = report("A1"), report("A2")
    answer = as_user(zhao).get(f"{ITEMS.format('incidents')}?cell={one.cell.code}")
    assert codes(answer) == [one.number]


def test_one_feature_by_its_key(report, zhao, as_user, client):
    one = report("A1")
    address = f"{ITEMS.format('incidents')}/{one.number}"
    assert client.get(address).status_code == 404
    answer = as_user(zhao).get(address)
    assert answer["Content-Type"] == "application/geo+json"
    told = answer.json()
    assert told["id"] == told["properties"]["number"] == one.number
    assert told["geometry"]["coordinates"] == [pytest.approx(108.045), pytest.approx(34.255)]
    assert linked(told, "self") == f"http://testserver{address}"
    assert linked(told, "collection") == "http://testserver/ogc/collections/incidents"


def test_a_wrong_parameter_is_named(db, client):
    for query in WRONG:
        answer = client.get(f"{ITEMS.format('cells')}?{query}")
        assert answer.status_code == 400, query
        assert answer["Content-Type"] == "application/problem+json"
        if "%00" not in query:  # refused before anybody reads a field
            assert answer.json()["errors"][0]["field"] == query.split("=")[0]


def test_what_is_not_there_is_a_problem_with_404(ground, zhao, client):
    for path in (
        "collections/nothing",
        "collections/workers",
        "collections/rivers",
        "collections/workers/items",
        "collections/incidents",
        "collections/incidents/items",
        "collections/cells/items/nothing",
        "collections/cells/items/a'b",
        "collections/cells/styles",
        "nothing",
    ):
        answer = client.get(f"/ogc/{path}")
        assert answer.status_code == 404, path
        assert answer["Content-Type"] == "application/problem+json"


def test_a_word_nobody_knows_is_refused_everywhere(ground, client):
    for path in ("", "conformance", "collections", "collections/cells"):
        assert client.get(f"/ogc/{path}?token=1").status_code == 400, path
    assert client.post(ITEMS.format("cells")).status_code == 405


def test_a_worker_sees_the_incidents_of_the_own_cells(report, lin, qian, zhao, as_user):
    one, two = report("A1").number, report("A2").number
    address = ITEMS.format("incidents")
    assert codes(as_user(lin).get(address)) == [one]
    assert as_user(lin).get(f"{address}/{two}").status_code == 404
    assert codes(as_user(qian).get(address)) == []
    answer = as_user(zhao).get(address)
    assert codes(answer) == sorted([one, two])
    for personal in ("孙秘密", "13900001111", "林小雨", "19900000001"):
        assert personal not in answer.text


def test_a_session_a_token_or_name_and_password(report, lin, now):
    """Without the forced login of the other tests; elsewhere than here a password is no key."""
    one = report("A1")
    client = Client()
    address = ITEMS.format("incidents")
    token = ground_services.issue_token(user=lin, label="QGIS", now=datetime.now(UTC))
    for headers in (BASIC, {"HTTP_AUTHORIZATION": f"Token {token}"}):
        assert codes(client.get(address, **headers)) == [one.number]
    client.force_login(lin)
    assert codes(client.get(address)) == [one.number]
    client.logout()
    assert client.get(address).status_code == 404
    assert client.get("/api/v1/incidents/", **BASIC).status_code in (401, 403)
    for wrong in ("lin:y", "nobody:x", "lin", "l\x00n:x", "a" * 5000 + ":x"):
        words = base64.b64encode(wrong.encode()).decode()
        answer = client.get(address, HTTP_AUTHORIZATION=f"Basic {words}")
        assert answer.status_code == 401, wrong[:20]
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"] == 'Basic realm="Gridkeeper"'
    assert client.get(address, HTTP_AUTHORIZATION="Basic ü").status_code == 401


def test_guessing_locks_out_as_the_login_does(lin, settings):
    settings.AXES_FAILURE_LIMIT = 3
    client = Client()
    wrong = {"HTTP_AUTHORIZATION": f"Basic {base64.b64encode(b'lin:wrong').decode()}"}
    found = [client.get("/ogc/", **wrong).status_code for _ in range(4)]
    assert found == [401, 401, 429, 429]
    answer = client.get("/ogc/", **BASIC)
    assert answer.status_code == 429
    assert answer["Content-Type"] == "application/problem+json"


@pytest.fixture
def web(transactional_db, ground, lin):
    """The site as a process of its own on ground that it sees."""
    worktime._calendar_of.cache_clear()
    services.load_categories(path=SEED)
    server = Server("web", database_address(), RATE_ANONYMOUS="100000/min")
    yield server
    server.stop()


def file(cell, at):
    lon, lat = (side + shift for side, shift in zip(CORNER, MIDDLE[cell], strict=True))
    place = services.Location(lon=lon, lat=lat)
    told = services.Report(category="0501", location=place, occurred_at=at)
    return services.report_incident(report=told, actor=None, now=at).number


def opened(web, layer, **how):
    """What GDAL's own driver for the standard reads, as QGIS would."""
    return geopandas.read_file(f"OAPIF:{web.url}/ogc", layer=layer, engine="pyogrio", **how)


def test_gdal_reads_pages_boxes_times_and_what_its_user_may_see(web, ground, lin):
    old, new = file("A1", START), file("A1", START + timedelta(days=3))
    other = file("A2", START)
    url = f"OAPIF:{web.url}/ogc"
    assert {name for name, _kind in pyogrio.list_layers(url)} == {"cells", "areas"}
    every = opened(web, "cells", PAGE_SIZE=1)
    assert list(every["code"]) == sorted(cell.code for cell in ground.values())
    assert every.crs.to_epsg() == 4326 or every.crs.to_string() == "OGC:CRS84"
    assert every.geometry.is_valid.all() and len(every.geometry.type.unique()) == 1
    west, south, east, north = map(float, A2.split(","))
    boxed = opened(web, "cells", bbox=(west, south, east, north))
    assert list(boxed["code"]) == [ground["A2"].code]
    with pytest.raises(pyogrio.errors.DataLayerError):
        opened(web, "incidents")

    pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": "lin:x"})
    try:
        own = opened(web, "incidents", PAGE_SIZE=1)
        since = opened(web, "incidents", where="reported_at >= '2026-09-03T00:00:00Z'")
        due = opened(web, "incidents", where="due_at >= '20260901T050000Z'")
    finally:
        pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": None})
    assert sorted(own["number"]) == sorted([old, new]) and other not in set(own["number"])
    assert list(since["number"]) == [new]
    # sent as datetime=, the filter on due_at would lose the case that was reported before it
    assert sorted(due["number"]) == sorted([old, new])
    assert (since["reported_at"] == START + timedelta(days=3)).all()
