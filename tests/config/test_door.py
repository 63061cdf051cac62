"""Logging in and out, tokens, policies of documents, and how often one may ask."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone
from rest_framework.settings import api_settings

from core import throttles
from core.errors import DomainError
from geo_grid import queries, services
from geo_grid.models import ApiToken, Post, User
from geo_grid.scope import reach
from gridmaps.hub import reaches_now
from tests.config.matrix import routes

REPORT = {"category": "0501", "location": {"address": "桥头"}}
EXEMPT = {  # drawn by the hundred, kept by browsers, never counted
    "tile",
    "basemap-tile",
    "tianditu-tile",
}


MD5 = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def officer(zhao):
    """An account with a post."""
    return zhao


def enter(client: Client, password: str, username="qian"):
    return client.post("/accounts/login/", {"username": username, "password": password})


def bearer(user, **told) -> dict:
    """Headers of a new token."""
    key = services.issue_token(user=user, label="test", now=timezone.now(), **told)
    return {"HTTP_AUTHORIZATION": f"Token {key}"}


# --- login ----------------------------------------------------------------------------------------
def test_passwords_are_kept_by_argon2(qian):
    assert qian.password.startswith("argon2$argon2id$")
    assert get_hasher().algorithm == "argon2"


def test_five_wrong_passwords_lock_the_account_for_this_address(anybody):
    client = Client()
    statuses = [enter(client, "wrong").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    locked = enter(client, "correct horse")
    assert locked.status_code == 429
    assert 0 < int(locked["Retry-After"]) <= 900
    assert "锁定" in locked.content.decode()
    assert client.get("/desk/").status_code == 302


def test_somebody_elsewhere_is_not_locked_out(anybody):
    for _ in range(6):
        enter(Client(), "wrong")
    elsewhere = Client(REMOTE_ADDR="10.1.1.1")
    assert enter(elsewhere, "correct horse").status_code == 302


def test_a_lock_ends_by_itself(anybody):
    client = Client()
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for _ in range(5):
            enter(client, "wrong")
        clock.shift(timedelta(minutes=16))
        assert enter(client, "correct horse").status_code == 302


def test_a_new_password_ends_the_other_sessions(anybody):
    client = Client()
    enter(client, "correct horse")
    assert client.get("/desk/").status_code == 200
    anybody.set_password("another horse")
    anybody.save()
    assert client.get("/desk/").status_code == 302
    assert client.get("/api/v1/incidents/").status_code == 401


def test_a_login_begins_a_new_session_with_guarded_cookies(anybody):
    client = Client()
    client.get("/accounts/login/")
    enter(client, "correct horse")
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert client.cookies["csrftoken"]["samesite"] == "Lax"
    assert settings.SESSION_COOKIE_SECURE is False  # HTTPS=1 turns it on


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/v1/incidents/"),
        ("post", "/api/v1/incidents/2601010000001/moves/"),
        ("put", "/api/v1/incidents/7f3c4f0e-3c39-4b0a-9c0e-0d6c9f6f2f11/"),
        ("delete", "/api/v1/basemaps/x/"),
    ],
)
def test_a_session_changes_nothing_without_the_csrf_token(anybody, method, path):
    client = Client(enforce_csrf_checks=True)
    client.force_login(anybody)
    answer = getattr(client, method)(path, REPORT, content_type="application/json")
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]


# --- posts that end -------------------------------------------------------------------------------
def test_everything_of_an_account_ends_with_its_last_post(officer):
    client, headers = Client(), bearer(officer)
    client.force_login(officer)
    session = ("session", client.cookies["sessionid"].value)
    token = ("token", headers["HTTP_AUTHORIZATION"].split()[1])
    assert None not in reaches_now([session, token]).values()
    services.end_post(post=Post.objects.get(user=officer), at=timezone.now())
    assert client.get("/desk/").status_code == 302
    assert client.get("/api/v1/incidents/").status_code == 401
    assert Client().get("/api/v1/incidents/", **headers).status_code == 401
    assert set(reaches_now([session, token]).values()) == {None}
    assert enter(Client(), "x", "zhao").status_code == 200  # the form again


def test_however_many_screens_are_open_their_posts_cost_as_many_questions(
    officer, lin, wang, django_assert_num_queries
):
    def logged_in(user):
        client = Client()
        client.force_login(user)
        return "session", client.cookies["sessionid"].value

    keys = {user: [logged_in(user) for _ in range(3)] for user in (officer, lin, wang)}
    every = [key for found in keys.values() for key in found]
    with django_assert_num_queries(4):  # sessions, accounts, posts, communities
        found = reaches_now(every)
    for user, own in keys.items():
        assert {found[key] for key in own} == {reach(user, timezone.now())}
    strangers = [("session", "x" * 32), ("session", ""), ("session", "\0" * 32), ("token", "x")]
    assert set(reaches_now(strangers).values()) == {None}


def test_a_new_password_ends_what_is_heard_on_other_screens(officer):
    client = Client()
    client.force_login(officer)
    key = ("session", client.cookies["sessionid"].value)
    assert reaches_now([key])[key] is not None
    officer.set_password("another horse")
    officer.save()
    assert reaches_now([key])[key] is None


def test_another_post_keeps_an_account_in(officer, ground):
    services.appoint(
        user=officer, role="WORKER", cell=ground["A1"], since=datetime(2021, 1, 1, tzinfo=UTC)
    )
    services.end_post(post=officer.posts.get(role="OFFICER"), at=timezone.now())
    client = Client()
    client.force_login(officer)
    assert client.get("/desk/").status_code == 200


# --- tokens ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("scope", "read", "report", "move"),
    [("read", 200, 403, 403), ("report", 403, 400, 403), ("handle", 403, 403, 404)],
)
def test_a_token_is_good_for_its_scopes_only(qian, scope, read, report, move):
    headers = bearer(qian, scopes=[scope])
    client = Client()
    body = {"data": {"move": "accept"}, "content_type": "application/json"}
    asked = [
        (client.get("/api/v1/incidents/", **headers), read, "read"),
        (client.post("/api/v1/incidents/", {}, "application/json", **headers), report, "report"),
        (client.post("/api/v1/incidents/2601010000001/moves/", **body, **headers), move, "handle"),
    ]
    for answer, status, wanted in asked:
        assert answer.status_code == status
        assert status != 403 or wanted in answer.json()["detail"]


def test_a_token_ends_on_its_day_or_when_it_is_revoked(qian):
    now = timezone.now()
    expiring = bearer(qian, expires_at=now + timedelta(days=1))
    revoked = bearer(qian)
    client = Client()
    assert client.get("/api/v1/incidents/", **expiring).status_code == 200
    services.revoke_token(token=ApiToken.objects.latest("pk"), now=now)
    assert client.get("/api/v1/incidents/", **revoked).status_code == 401
    with time_machine.travel(now + timedelta(days=1, seconds=1)):
        assert client.get("/api/v1/incidents/", **expiring).status_code == 401


def test_a_token_brings_its_account_as_it_is_and_no_more_rights(qian):
    now = timezone.now()
    found = queries.token_of(services.issue_token(user=qian, label="test", now=now), now).user
    for name in (
        "pk",
        "username",
        "display_name",
        "phone",
        "is_active",
        "is_staff",
        "is_superuser",
    ):
        assert getattr(found, name) == getattr(qian, name), name
    assert found.is_superuser is False


def test_the_day_of_the_last_use_is_kept(qian):
    headers = bearer(qian)
    token = ApiToken.objects.get()
    assert token.last_used_on is None
    Client().get("/api/v1/incidents/", **headers)
    token.refresh_from_db()
    assert token.last_used_on == timezone.localdate()


def test_no_key_is_stored_or_logged(qian, capfd, caplog):
    key = services.issue_token(user=qian, label="test", now=timezone.now())
    Client().get("/api/v1/incidents/", HTTP_AUTHORIZATION=f"Token {key}")
    Client().get("/api/v1/nowhere/", HTTP_AUTHORIZATION=f"Token {key}x")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM geo_grid_apitoken t")
        assert key not in cursor.fetchone()[0]
    assert key not in caplog.text + "".join(capfd.readouterr())


def test_wrong_scopes_are_refused_by_service_and_database(qian):
    for scopes in ([], ["read", "root"]):
        with pytest.raises(DomainError):
            services.issue_token(user=qian, label="x", now=timezone.now(), scopes=scopes)
    with pytest.raises(IntegrityError):
        ApiToken.objects.create(
            user=qian, label="x", digest="x", created_at=timezone.now(), scopes=[]
        )


def test_a_token_is_issued_and_revoked_from_the_command_line(qian, capsys):
    call_command("issue_token", "qian", label="hotline", scopes="read, report", days=30)
    key = capsys.readouterr().out.strip()
    token = ApiToken.objects.get(label="hotline")
    assert token.scopes == ["read", "report"]
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    headers = {"HTTP_AUTHORIZATION": f"Token {key}"}
    assert Client().get("/api/v1/incidents/", **headers).status_code == 200
    call_command("issue_token", "qian", label="hotline", revoke=True)
    assert Client().get("/api/v1/incidents/", **headers).status_code == 401


@pytest.mark.parametrize(
    "told",
    [{"user": "nobody"}, {"days": 0}, {"scopes": "root"}, {"label": ""}, {"revoke": True}],
)
def test_the_command_refuses_with_one_sentence(qian, told):
    told = {"user": "qian", "label": "x"} | told
    with pytest.raises(CommandError):
        call_command("issue_token", told.pop("user"), **told)


# --- policies -------------------------------------------------------------------------------------
PAGES = [
    *("command", "wall", "desk", "planner", "statistics", "statistics/report", "map", "track"),
    *("track/2601010000001", "accounts/login", "api/docs", "admin", "admin/geo_grid/user"),
]


@pytest.fixture
def root(db):
    client = Client()
    client.force_login(User.objects.create_superuser("root", display_name="root"))
    return client


def test_every_page_states_a_strict_policy(root):
    for page in PAGES:
        refuse_lax_policy(root.get(f"/{page}/"))


def refuse_lax_policy(answer) -> None:
    assert answer.status_code == 200
    policy = directives(answer)
    assert policy["default-src"] == "'self'"
    assert re.fullmatch(r"'self'( 'nonce-[\w+/=]{24}')?", policy["script-src"])
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert policy["connect-src"] == "'self' http://testserver:81"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert answer["Referrer-Policy"] == answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "geolocation=(self)" in answer["Permissions-Policy"]


def test_a_nonce_is_new_for_every_answer(root):
    first, second = (directives(root.get("/planner/"))["script-src"] for _ in range(2))
    assert "nonce-" in first
    assert first != second


def test_what_folium_writes_is_shown_in_a_sandbox(root):
    answer = root.get("/api/v1/layers/map.html?layers=cells")
    policy = directives(answer)
    assert policy["sandbox"] == "allow-scripts"
    assert policy["default-src"] == "'none'"
    nonce = re.search(r"'nonce-(.+?)'", policy["script-src"])[1]
    tags = re.findall(r"<script[^>]*>", answer.content.decode())
    assert "unsafe" not in policy["script-src"]
    assert [tag for tag in tags if "src=" not in tag and nonce not in tag] == []


def test_the_live_stream_of_another_host_is_allowed_where_it_is_set(root, settings):
    settings.LIVE_URL = "https://live.example.org/some/path"
    policy = directives(root.get("/command/"))
    assert policy["connect-src"] == "'self' https://live.example.org"


def directives(answer) -> dict[str, str]:
    parts = answer["Content-Security-Policy"].split("; ")
    return {name: rest for name, _space, rest in (part.partition(" ") for part in parts)}


# --- rates ----------------------------------------------------------------------------------------
def test_every_address_of_the_api_has_a_rate_or_is_exempt():
    """A new address has the usual rates by itself; a costly one names one in `throttle_scope`."""
    rates, wrong = api_settings.DEFAULT_THROTTLE_RATES, []
    for route in routes():
        view = getattr(route.callback, "cls", None)
        if view is None or route.name.startswith("admin"):
            continue
        counted = set(view.throttle_classes) == {throttles.AskerThrottle, throttles.ScopeThrottle}
        scope = getattr(view, "throttle_scope", "user")
        if counted == (route.name in EXEMPT) or scope not in rates:
            wrong.append(route.name)
    assert wrong == []
    assert all(throttles.Window().parse_rate(rate)[0] > 0 for rate in rates.values())


def test_a_rate_says_when_to_come_again(qian, monkeypatch):
    rates = {**api_settings.DEFAULT_THROTTLE_RATES, "user": "2/min", "search": "1/min"}
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", rates, raising=False)
    client = Client()
    client.force_login(qian)
    with time_machine.travel(datetime(2026, 9, 29, 2, 0, 10, tzinfo=UTC), tick=False) as clock:
        asked = ("/api/v1/board/search/", {"q": "ab"}, "application/json")
        assert [client.post(*asked).status_code for _ in range(2)] == [200, 429]
        often = client.get("/api/v1/incidents/")
        assert (often.status_code, often["Retry-After"]) == (429, "50")
        assert Client().get("/api/v1/layers/").status_code == 200
        clock.shift(50)
        assert client.post(*asked).status_code == 200


def test_hot_spots_are_computed_only_so_often(zhao, monkeypatch):
    rates = {**api_settings.DEFAULT_THROTTLE_RATES, "compute": "1/min"}
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", rates, raising=False)
    client = Client()
    client.force_login(zhao)
    with time_machine.travel(datetime(2026, 9, 29, 2, 0, tzinfo=UTC), tick=False):
        address = "/api/v1/hotspots/"
        assert [client.get(address).status_code for _ in range(2)] == [200, 429]
        assert client.get("/api/v1/layers/hotspots/").status_code == 200  # those that are kept


def test_nobody_escapes_a_rate_by_naming_other_addresses(db, monkeypatch):
    rates = {**api_settings.DEFAULT_THROTTLE_RATES, "anon": "1/min"}
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", rates, raising=False)
    with time_machine.travel(datetime(2026, 9, 29, 2, 0, tzinfo=UTC), tick=False):
        statuses = [
            Client(HTTP_X_FORWARDED_FOR=f"10.0.0.{n}").get("/api/v1/layers/").status_code
            for n in range(2)
        ]
    assert statuses == [200, 429]
