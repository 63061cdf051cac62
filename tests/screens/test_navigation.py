"""Where people begin, and what they are shown when something is wrong."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from geo_grid import services
from geo_grid.models import Area, Cell
from tests.conftest import COMMUNITY, person

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
CELL = f"{COMMUNITY}001"


@pytest.fixture
def holding(ground):
    """Somebody with a post of a role."""

    def make(role):
        user = person("she", "何她")
        place = {"cell": Cell.objects.get(code=CELL)}
        if role != "WORKER":
            code = "610403" if role in ("DUTY", "PLANNER", "ADMIN") else COMMUNITY
            place = {"area": Area.objects.get(code=code)}
        services.appoint(user=user, role=role, since=SINCE, **place)
        return user

    return make


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("DUTY", "/command/"),
        ("ADMIN", "/command/"),
        ("OFFICER", "/desk/"),
        ("CELL_HEAD", "/desk/"),
        ("ASSISTANT", "/command/"),
        ("PLANNER", "/planner/"),
        ("WORKER", f"/command/?cell={CELL}"),
    ],
)
def test_every_role_begins_where_its_work_is(client, holding, role, page):
    client.force_login(holding(role))
    assert client.get("/").url == page
    shown = client.get(page)
    assert shown.status_code == 200
    assert 'aria-current="page"' in shown.text  # the way back is in the header


def test_only_who_may_supervise_is_offered_it(client, lin, wang, zhao, zhou):
    offered = {}
    for user in (lin, wang, zhao, zhou):
        client.force_login(user)
        offered[user.username] = "data-supervises" in client.get("/command/").text
    assert offered == {"lin": False, "wang": False, "zhao": True, "zhou": False}


def test_who_has_no_post_sees_the_public_map_and_a_stranger_logs_in(client, qian):
    assert client.get("/").url == "/accounts/login/?next=/"
    client.force_login(qian)
    assert client.get("/").url == "/map/"


@pytest.mark.parametrize(("language", "told"), [("zh-hans", "没有这个页面"), ("en", "nothing at")])
def test_a_missing_page_says_so_in_both_languages(client, db, language, told):
    answer = client.get("/nowhere/", headers={"accept-language": language})
    assert answer.status_code == 404
    assert told in answer.text and 'href="/map/"' in answer.text


def test_a_form_that_was_open_too_long_says_so(db):
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"username": "x"})
    assert answer.status_code == 403
    assert "页面停留过久" in answer.text


def test_a_fault_shows_a_page_and_no_trace(client, db, monkeypatch):
    def broken(*_):
        raise RuntimeError("secret")

    client.raise_request_exception = False
    monkeypatch.setattr("screens.navigation._pages_of", broken)  # the page must draw without it
    answer = client.get("/map/")
    assert answer.status_code == 500
    assert "系统出现故障" in answer.text and "secret" not in answer.text


def test_a_strange_host_is_refused_on_a_page(client, db, settings):
    settings.ALLOWED_HOSTS = ["grid.example"]
    answer = client.get("/map/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "无法识别的请求" in answer.text
