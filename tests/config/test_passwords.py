"""Where passwords are hashed: how often one may try, and from which address it is counted."""

import base64
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.settings import api_settings

from config import door
from geo_grid.authentication import PostBackend
from geo_grid.models import User
from tests.config.matrix import routes
from tests.config.test_door import MD5, enter


@pytest.fixture
def anybody(qian, settings):
    """An account with a password that takes no time."""
    settings.PASSWORD_HASHERS = MD5
    qian.set_password("correct horse")
    qian.save()
    return qian


def basic(client: Client, password: str) -> tuple[int, str]:
    words = base64.b64encode(f"qian:{password}".encode()).decode()
    answer = client.get("/ogc/collections", HTTP_AUTHORIZATION=f"Basic {words}")
    return answer.status_code, answer.headers.get("Retry-After", "")


@pytest.fixture
def few_passwords(monkeypatch):
    """Three a minute; the clock stands, and what was counted before does not matter."""
    cache.clear()
    rates = {**api_settings.DEFAULT_THROTTLE_RATES, "login": "3/min"}
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", rates, raising=False)
    with time_machine.travel(datetime(2026, 9, 29, 2, 0, 10, tzinfo=UTC), tick=False) as clock:
        yield clock


def test_every_address_that_hashes_a_password_is_limited(anybody, few_passwords, monkeypatch):
    """The forms of the login and of the administration, the change of a password, and Basic."""
    hashed = []
    check = PostBackend.authenticate
    monkeypatch.setattr(
        PostBackend, "authenticate", lambda *a, **k: hashed.append(1) or check(*a, **k)
    )
    assert {route.name for route in routes()} >= set(door.PASSWORDS)
    told = {"username": "nobody", "password": "x", "old_password": "x"}
    for path in ("/accounts/login/", "/admin/login/", "/accounts/password/"):
        cache.clear()
        client = Client()
        if "password" in path:
            client.force_login(anybody, "geo_grid.authentication.PostBackend")
        answers = [client.post(path, {**told, "username": f"n{n}"}) for n in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429], path
        assert answers[-1]["Retry-After"] == "50"
        assert "\u6b64\u7f51\u7edc" in answers[-1].content.decode()
    assert len(hashed) == 6
    cache.clear()
    assert [basic(Client(), f"wrong{n}") for n in range(3)] == [(401, "")] * 3
    assert basic(Client(), "wrong") == (429, "50")
    assert len(hashed) == 9
    assert Client(REMOTE_ADDR="10.1.1.1").post("/accounts/login/", told).status_code == 200
    few_passwords.shift(50)
    assert enter(Client(), "correct horse").status_code == 302


def test_a_known_name_and_password_are_hashed_once(anybody, few_passwords):
    assert [basic(Client(), "correct horse")[0] for _ in range(6)] == [200] * 6
    anybody.set_password("another horse")
    anybody.save()
    assert basic(Client(), "correct horse")[0] == 401
    assert basic(Client(), "another horse")[0] == 200
    User.objects.filter(pk=anybody.pk).update(is_active=False)
    assert basic(Client(), "another horse")[0] in (401, 429)


def test_behind_a_proxy_a_lock_is_of_the_client_and_not_of_the_proxy(anybody, monkeypatch):
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1, raising=False)
    cache.clear()
    one, two = (Client(HTTP_X_FORWARDED_FOR=f"9.9.9.9, 10.0.0.{n}") for n in (1, 2))
    assert [enter(one, "wrong").status_code for _ in range(5)][-1] == 429
    assert enter(two, "correct horse").status_code == 302
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 0, raising=False)
    named = [enter(Client(HTTP_X_FORWARDED_FOR=f"8.8.8.{n}"), "wrong") for n in range(5)]
    assert named[-1].status_code == 429  # an address that is only named counts for nothing


@pytest.mark.parametrize("told", ["nonsense", "", "1.2.3.4:5555", "\u7f51"])
def test_an_address_that_is_none_is_no_fault(anybody, monkeypatch, told):
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1, raising=False)
    cache.clear()
    assert enter(Client(HTTP_X_FORWARDED_FOR=told), "wrong").status_code == 200


# --- sessions -------------------------------------------------------------------------------------
def test_a_session_ends_after_idle_hours_and_lives_on_while_it_is_used(anybody):
    client = Client()
    with time_machine.travel(datetime(2026, 9, 29, 2, 0, tzinfo=UTC), tick=False) as clock:
        enter(client, "correct horse")
        for _ in range(5):
            clock.shift(11 * 3600)
            assert client.get("/desk/").status_code == 200
        clock.shift(13 * 3600)
        assert client.get("/desk/").status_code == 302


def test_a_session_in_use_is_written_twice_an_hour_at_most(anybody):
    client = Client()
    with time_machine.travel(datetime(2026, 9, 29, 2, 0, tzinfo=UTC), tick=False) as clock:
        enter(client, "correct horse")
        written = []
        for _ in range(12):
            clock.shift(600)
            with CaptureQueriesContext(connection) as asked:
                client.get("/api/v1/incidents/seats/")
            written.append(sum("UPDATE" in one["sql"] for one in asked))
    assert sum(written) == 3


@pytest.mark.parametrize(("told", "seconds"), [({}, 0), ({"HTTPS": "1"}, 31536000)])
def test_with_tls_browsers_are_told_to_keep_to_it(told, seconds):
    words = "from config import settings as s; print(s.SECURE_HSTS_SECONDS, s.SESSION_COOKIE_AGE)"
    command = [sys.executable, "-c", words]
    done = subprocess.run(
        command,
        env=os.environ | told,
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == [str(seconds), "43200"], done.stderr
