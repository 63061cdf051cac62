"""Hostile bodies, questions and addresses against a real server: 4xx, nothing stored, same pids."""

import re
import uuid
from itertools import product

import pytest
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator

from geo_grid.models import PlanEdit
from incidents.models import Incident, IncidentEvent, Reporter, ReportReceipt
from screens.urls import urlpatterns as pages
from tests.reliability import corpus, oddities
from tests.reliability.processes import Client, cpu_seconds, workers

API = "/api/v1/"
MOST_CPU_S = 1  # of one body, in the long form only; what was measured is printed
KEPT = (Incident, IncidentEvent, Reporter, ReportReceipt, PlanEdit)
NEEDED = {
    "lon": "108.045",
    "lat": "34.255",
    "category": "0501",
    "q": "0501",
    "date": "2026-09-29",
    "part": "1",
    "move": "dispatch",
    "district": "610403",
    "first_from": "2026-01-01",
    "first_to": "2026-01-31",
    "second_from": "2026-02-01",
    "second_to": "2026-02-28",
}


class Siege:
    """Sends to one server and notes what was not as it must be."""

    def __init__(self, web, token):
        self.client = Client(web, Authorization=f"Token {token}")
        self.anybody = Client(web)
        self.web, self.before = web, workers(web)
        self.kept = [model.objects.count() for model in KEPT]
        self.sent, self.strange, self.slowest = 0, [], (0.0, "")

    def send(
        self, what: str, method: str, path: str, content=b"", client=None, wanted=range(400, 500)
    ):
        spent = cpu_seconds(self.before)
        status, media, body = (client or self.client).ask(
            method, path, content, **{"If-Match": '"0"'}
        )
        spent = cpu_seconds(self.before) - spent
        self.sent += 1
        self.slowest = max(self.slowest, (round(spent, 2), what))
        problem = status < 400 or not path.startswith(API) or media == "application/problem+json"
        if status not in wanted or not problem:
            self.strange.append((what, status, media, content[:120], body[:200]))

    def over(self, most_cpu_s: float | None = None):
        """The bar: nothing strange, nothing stored, nobody died."""
        name, seconds = self.slowest[1], self.slowest[0]
        print(f"bodies={self.sent} strange={len(self.strange)} slowest={seconds}s ({name})")
        assert self.strange == []
        assert workers(self.web) == self.before
        assert [model.objects.count() for model in KEPT] == self.kept
        assert most_cpu_s is None or seconds < most_cpu_s


@pytest.fixture
def siege(web, staged, token, case, plan):
    return Siege(web, token)


def geometries(siege, plan, choose):
    for body in choose(corpus.geometries(f"plans/{plan.pk}/edits/")):
        post = not body.slot.startswith("PUT")
        address = body.address if post else f"{body.address}{uuid.uuid4()}/"
        what = f"{body.slot}: {body.kind}"
        siege.send(what, "POST" if post else "PUT", API + address, body.content)


def documents(siege, case, plan, choose):
    """Broken JSON to every address that takes JSON; reports with one thing wrong."""
    addresses = [
        (method, filled(path, case, plan)) for path, method in operations("POST", "PUT", "PATCH")
    ]
    bodies = [
        corpus.Body(kind, method, address, content)
        for (method, address), (kind, content) in product(addresses, corpus.broken())
    ]
    bodies += [
        corpus.Body(kind, method, address, content)
        for method, address in addresses
        if address.rstrip("/").endswith("incidents") or method == "PUT"
        for kind, content in corpus.reports()
    ]
    for body in choose(bodies):
        siege.send(
            f"{body.slot} {body.address}: {body.kind}", body.slot, body.address, body.content
        )


def questions(siege, case, plan, step):
    """Every parameter that the schema knows, with every strange word (or each step-th)."""
    anything = range(200, 500)
    asked = list(product(parameters(case, plan), oddities.WORDS))
    for (path, needed, name), word in asked[::step]:
        more = "".join(f"&{key}={NEEDED[key]}" for key in needed if key != name)
        siege.send(
            f"{path} {name}={word[:20]}", "GET", f"{path}?{name}={word}{more}", wanted=anything
        )


def addresses(siege, step):
    """Every place in an address where a word stands, and the tiles."""
    anything = range(200, 500)
    frames = {
        re.sub(r"\{\w+\}", "%s", path) for path, _m in operations("GET", "POST", "PUT", "DELETE")
    }
    asked = product(sorted(frame for frame in frames if "%s" in frame), oddities.WORDS)
    for frame, word in list(asked)[::step]:
        path = frame.replace("%s", word)
        for client in (siege.client, siege.anybody):
            siege.send(path[:90], "GET", path, client=client, wanted=anything)
    for tile in oddities.TILES[::step]:
        siege.send(tile[:90], "GET", API + tile, client=siege.anybody, wanted=anything)
    for cookie in oddities.COOKIES:
        stranger = Client(siege.web, Cookie=cookie)
        siege.send(cookie, "GET", f"{API}incidents/", client=stranger, wanted=anything)


def operations(*methods):
    return [
        (path, method)
        for path, _regex, method, _view in EndpointEnumerator().get_api_endpoints()
        if method in methods and path.startswith(API)
    ]


def filled(path: str, case, plan) -> str:
    """A path of the schema with something real in its blanks."""
    number = case.number if "incidents" in path or "track" in path else plan.pk
    blanks = {
        "client_uuid": uuid.uuid4(),
        "district": "610403",
        "names": "cells",
        "kind": "csv",
        "layer": "vec",
        "key": 1,
        "name": "overdue" if "supervision" in path else "cells",
        **dict.fromkeys("zxy", 0),
    }
    return re.sub(r"\{(\w+)\}", lambda found: str(blanks.get(found[1], number)), path)


def parameters(case, plan):
    """(path, names that are needed, name) of every parameter of every GET."""
    found = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    for path, methods in found.items():
        told = [one for one in methods.get("get", {}).get("parameters", ()) if one["in"] == "query"]
        needed = [one["name"] for one in told if one.get("required")]
        for one in told:
            yield filled(path, case, plan), needed, one["name"]


def test_one_geometry_of_each_kind(siege, plan):
    geometries(siege, plan, corpus.short)
    siege.over()


def test_one_document_of_each_kind(siege, case, plan):
    documents(siege, case, plan, corpus.short)
    documents(siege, case, plan, lambda bodies: corpus.short(bodies, by="address"))
    siege.over()


def test_who_sends_far_too_much_hears_the_answer(siege):
    for megabytes in (3, 9):
        content = b'{"a":"' + b"x" * megabytes * 10**6 + b'"}'
        siege.send(f"{megabytes} MB", "POST", API + corpus.REPORT, content)
    siege.over()


def test_strange_words_in_questions_and_addresses(siege, case, plan):
    questions(siege, case, plan, 17)
    addresses(siege, 23)
    siege.over()


def test_strange_words_on_pages(client, staged, zhou):
    client.raise_request_exception = False
    client.force_login(zhou)
    strange = []
    for page in pages:
        path = "/" + re.sub(r"<[^>]+>", "{word}", str(page.pattern))
        path = path if "{" in path or "logout" in path else f"{path}?q={{word}}&at={{word}}"
        for word in oddities.WORDS[:: 1 if "{" in path else 9]:
            status = client.get(path.format(word=word)).status_code
            strange += [(path, word, status)] if status >= 500 else []
    for cookie in oddities.COOKIES:
        status = client.get("/command/", headers={"Cookie": cookie}).status_code
        strange += [(cookie, status)] if status >= 500 else []
    assert strange == []


def test_the_corpus_is_large_and_has_every_kind():
    bodies = list(corpus.geometries("plans/1/edits/"))
    assert len(bodies) >= 2000
    assert len({body.content for body in bodies}) >= 2000
    assert {body.kind for body in corpus.short(bodies)} == {body.kind for body in bodies}


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_whole_corpus(siege, case, plan):
    geometries(siege, plan, list)
    documents(siege, case, plan, list)
    questions(siege, case, plan, 1)
    addresses(siege, 1)
    siege.send("100 MB", "POST", API + corpus.REPORT, b'{"a":"' + b"x" * 10**8 + b'"}')
    siege.over(MOST_CPU_S)
