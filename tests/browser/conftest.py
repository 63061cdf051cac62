"""Real Chromium, and the site as `make run` starts it, on the test database."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import connection, connections
from django.test import override_settings
from playwright.sync_api import Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.servers import FRESH

CHROMIUM = "/usr/bin/chromium-headless-shell"  # the same browser without windows: half the work
GRANIAN = str(Path(sys.executable).parent / "granian")
INTERFACES = {"wsgi": "wsgi", "asgi": "asginl"}
OPTIONS = ["--workers", "1", "--workers-kill-timeout", "2", "--log-level", "warning"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]

# Chromium's own lines about a cut connection, and about a refusal that the page then shows to the person.
NO_FAULT = re.compile(r"net::ERR_|status of (400|409|422) ")

WITHOUT_CHROMIUM = pytest.mark.skip(reason="Chromium is not installed")


def pytest_collection_modifyitems(items):
    for item in items:
        if not Path(CHROMIUM).exists() and Path(__file__).parent in item.path.parents:
            item.add_marker(WITHOUT_CHROMIUM)


def free_ports():
    """Two ports in a row that nobody uses."""
    for port in range(18_000 + os.getpid() % 4000, 30_000, 2):
        with socket.socket() as one, socket.socket() as two:
            try:
                one.bind(("127.0.0.1", port))
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise AssertionError("no free ports")


class Server:
    """One process that can be killed and started again."""

    def __init__(self, kind: str, port: int, environment):
        command = [GRANIAN, "--interface", INTERFACES[kind], "--port", str(port), *OPTIONS]
        self.command = [*command, f"config.{kind}:application"]
        self.environment, self.port = environment, port
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            self.command, env=self.environment, cwd=settings.ROOT, start_new_session=True
        )

    def wait(self):
        """Until it answers."""
        for _ in range(600):
            with contextlib.suppress(requests.RequestException):
                requests.get(f"http://127.0.0.1:{self.port}/live", timeout=10)
                return
            time.sleep(0.1)
        raise AssertionError("the server does not start")

    def stop(self):
        """Kill it with its workers, as a lost machine would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def surroundings(**more: str) -> dict[str, str]:
    """The environment of a process on the test database."""
    server = connection.settings_dict
    host = server["HOST"].replace("/", "%2F")
    place = f"{server['USER']}:{server['PASSWORD']}@{host}:{server['PORT']}/{server['NAME']}"
    return os.environ | {"DATABASE_URL": f"postgis://{place}"} | FRESH | more


@pytest.fixture(scope="session")
def kept_servers(django_db_setup, django_db_blocker, tmp_path_factory):
    """The pages from a thread of the test's own process, and beside them the live process.

    They serve all tests of a worker; caches are emptied between tests because they are shared.
    Scripts and styles come from the sources, never from what `make run` once collected.
    """
    port = free_ports()
    with django_db_blocker.unblock():
        live = Server("asgi", port + 1, surroundings())
    with override_settings(STATIC_ROOT=str(tmp_path_factory.mktemp("nothing"))):
        pages = LiveServer(f"127.0.0.1:{port}")
        live.wait()
        yield pages, live
        pages.stop()
    live.stop()


class Running:
    """The requests that threads of this process are answering."""

    def __init__(self):
        self.count, self.changed = 0, threading.Condition()
        request_started.connect(self._begins, weak=False)
        request_finished.connect(self._ends, weak=False)

    def _begins(self, **_kwargs):
        self._add(1)

    def _ends(self, **_kwargs):
        self._add(-1)

    def _add(self, one: int):
        if threading.current_thread() is not threading.main_thread():
            with self.changed:
                self.count += one
                self.changed.notify_all()

    def wait(self):
        """Until there is none."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.count <= 0, 60), "a request does not end"


RUNNING = Running()
OTHERS_AT_WORK = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend' AND state <> 'idle'"""


def others_at_work() -> int:
    with connection.cursor() as cursor:
        cursor.execute(OTHERS_AT_WORK)
        return cursor.fetchone()[0]


@pytest.fixture
def transactional_db(transactional_db):
    """At its end all tables are emptied: what closed pages still asked for must be done by then.

    A page that is closed takes its requests back; the server does not hear of it, reads on, and
    the two would wait for each other's tables. Two looks, because a request is idle between two
    statements.
    """
    yield
    looks = 0
    for _ in range(600):
        RUNNING.wait()
        looks = 0 if others_at_work() else looks + 1
        if looks == 2:
            return
        time.sleep(0.03)
    raise AssertionError("another process does not end what it asks the database")


@pytest.fixture
def site(transactional_db, kept_servers, settings, tmp_path):
    """The address of the running site."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return kept_servers[0].url


@pytest.fixture
def live_process(site, kept_servers):
    """The process of the live stream, to be stopped and started again."""
    live = kept_servers[1]
    yield live
    if live.process.poll() is not None:
        live.start()
    live.wait()


@pytest.fixture(scope="module")
def started_site(django_db_setup, static_root, tmp_path_factory):
    """The address of two processes as `make run` starts them, with collected static files."""
    port, media = free_ports(), str(tmp_path_factory.mktemp("media"))
    environment = surroundings(STATIC_ROOT=static_root, MEDIA_ROOT=media)
    started = [Server("wsgi", port, environment), Server("asgi", port + 1, environment)]
    for server in started:
        server.wait()
    yield f"http://127.0.0.1:{port}"
    for server in started:
        server.stop()


@pytest.fixture(autouse=True, scope="module")
def _beside_a_browser():
    """Playwright's own event loop runs in this thread; Django must not take it for ours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="module")
def chromium():
    """One browser for the tests of a file; each person at it has a profile of their own."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
        connections.close_all()  # those that belong to the event loop, which ends here


@dataclass
class Visit:
    """One person at one browser: the page, and what it should never have done."""

    page: Page
    site: str
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def log_in(self, username: str, path: str = "/") -> None:
        self.page.goto(f"{self.site}{path}")
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", "x")
        self.page.click("form.login button")
        self.page.wait_for_url(lambda url: "/accounts/login/" not in url)  # and scripts ran


@pytest.fixture
def visit(transactional_db, site, chromium):
    """Open a browser of one's own: `visit()`; at the end no request has left, no script failed.

    Waiting for a condition evaluates text in the page, which the policy of the pages forbids;
    `test_policy.py` holds them to it with `bypass_csp=False`.
    """
    opened = []

    def complain(made, line):
        if line.type == "error" and not NO_FAULT.search(line.text):
            made.errors.append(f"{line.text} {line.location['url']}")

    def start(width=1280, height=720, **context) -> Visit:
        page = chromium.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            **{"bypass_csp": True, **context},
        ).new_page()
        made = Visit(page, site)
        page.on("request", lambda sent: made.foreign.append(sent.url))
        page.on("console", lambda line: complain(made, line))
        page.on("pageerror", lambda error: made.errors.append(str(error)))
        opened.append(made)
        return made

    yield start
    for made in opened:
        made.page.context.close()
    for made in opened:
        own = ("http://127.0.0.1", "data:", "blob:")
        assert [url for url in made.foreign if not url.startswith(own)] == []
        assert made.errors == []
