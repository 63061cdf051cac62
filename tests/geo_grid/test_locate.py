"""`locate/` by words: a POST, so that nobody's address stands in a log."""

import pytest
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from core import throttles
from geo_grid import services
from tests.conftest import COMMUNITY

URL, PLACE = "/api/v1/locate/", "永安第1网格"


def ask(client, **body):
    return client.post(URL, body, "application/json")


def test_a_post_answers_what_the_get_answers(ground, lin, client):
    by_url = client.get(URL, {"address": PLACE})
    by_body = ask(client, address=PLACE)
    assert by_body.status_code == by_url.status_code == 200
    assert by_body.json() == by_url.json()
    assert by_body.json()["cell"]["code"] == f"{COMMUNITY}001"
    assert by_body.json()["worker"]["name"] == "林小雨"
    then = {"at": "2021-01-01T00:00:00+08:00"}
    assert ask(client, address=PLACE, **then).json()["worker"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "address"),
        ({"address": ""}, "address"),
        ({"address": "x" * 201}, "address"),
        ({"address": ["x"]}, "address"),
        ({"lon": 108.045, "lat": 34.255}, "address"),
        ({"address": PLACE, "at": "yesterday"}, "at"),
    ],
)
def test_a_wrong_body_is_400_and_names_the_field(ground, client, body, field):
    answer = ask(client, **body)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_who_only_reads_may_ask_and_the_rate_is_the_one_of_the_get(ground, qian, monkeypatch):
    key = services.issue_token(user=qian, label="x", scopes=["read"], now=timezone.now())
    assert ask(Client(headers={"Authorization": f"Token {key}"}), address=PLACE).status_code == 200
    monkeypatch.setattr(throttles.AskerThrottle, "parse_rate", lambda *_: (3, 60))
    public = Client()
    asked = [ask(public, address=PLACE), public.get(URL, {"address": PLACE})]
    assert [one.status_code for one in [*asked, ask(public, address=PLACE)]] == [200] * 3
    assert public.get(URL, {"address": PLACE}).status_code == 429
    assert ask(public, address=PLACE).status_code == 429


def test_the_schema_prefers_the_post():
    told = SchemaGenerator().get_schema(request=None, public=True)["paths"]["/api/v1/locate/"]
    (words,) = (one for one in told["get"]["parameters"] if one["name"] == "address")
    assert "POST" in words["description"]
    assert "AddressIn" in str(told["post"]["requestBody"])


def test_a_number_that_only_python_reads_is_none(ground, client):
    assert client.get(URL, {"lon": "1_08.045", "lat": "34.255"}).status_code == 400
