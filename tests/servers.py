"""Real server processes on the test database, and a reader of the live stream that resumes."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests
from django.conf import settings
from django.db import connection

GRANIAN = Path(sys.executable).parent / "granian"
FRESH = {"REFERENCE_SECONDS": "0"}  # tests change what an office changes once a year
KINDS = {"web": ("wsgi", "config.wsgi:application"), "live": ("asginl", "config.asgi:application")}


def database_address(server=None) -> str:
    """The address of the test database for another process."""
    server = server or connection.settings_dict
    host = server["HOST"].replace("/", "%2F")
    return (
        f"postgis://{server['USER']}:{server['PASSWORD']}@{host}:{server['PORT']}/{server['NAME']}"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`web` or `live` as the Procfile starts it, with one worker. application: another than that."""

    application = ""

    def __init__(self, kind: str, address: str, **more: str):
        self.kind, self.port = kind, free_port()
        self.environment = (
            os.environ | {"DATABASE_URL": address, "PYTEST_VERSION": ""} | FRESH | more
        )
        self.environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
        self.start()

    def start(self) -> None:
        interface, name = KINDS[self.kind]
        options = ["--workers-kill-timeout", "2", "--log-level", "warning", "--no-ws"]
        command = [
            GRANIAN,
            "--interface",
            interface,
            "--port",
            str(self.port),
            *options,
            self.application or name,
        ]
        self.process = subprocess.Popen(
            [str(part) for part in command],
            env=self.environment,
            cwd=settings.ROOT,
            start_new_session=True,
        )
        self.wait()

    def wait(self) -> None:
        """Until it answers."""
        path = "/live" if self.kind == "live" else "/api/v1/layers/style.json?layers=cells"
        for _ in range(600):
            try:
                requests.get(f"{self.url}{path}", timeout=5)
                return
            except requests.RequestException:
                time.sleep(0.1)
        self.stop()
        raise AssertionError(f"{self.kind} does not start")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """SIGKILL to the server and its worker: nothing is tidied up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()


class Reader(threading.Thread):
    """A page that listens: it connects again and says where it stopped, as a browser does."""

    def __init__(self, port: int, cookie: str, after: int | str = ""):
        super().__init__(daemon=True)
        self.port, self.cookie, self.last = port, cookie, str(after)
        self.seen: list[dict] = []
        self.positions: list[int] = []
        self.kinds: list[str] = []
        self.clocks: list[dict] = []
        self.connections = 0
        self.status = 0
        self.done = False
        self.start()

    def run(self) -> None:
        while not self.done:
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                self.read()
            time.sleep(0.1)

    def read(self) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": self.cookie} | ({"Last-Event-ID": self.last} if self.last else {})
        line.request("GET", "/live", headers=headers)
        answer = line.getresponse()
        self.status = answer.status
        if answer.status != 200:
            raise ValueError(answer.status)
        self.connections += 1
        message: dict[str, str] = {}
        while not self.done:
            text = answer.readline().decode()
            if not text:
                return
            name, _colon, value = text.rstrip("\n").partition(": ")
            if name:
                message[name] = value
            elif message:
                self.note(message)
                message = {}

    def note(self, message: dict[str, str]) -> None:
        self.last = message.get("id", self.last)
        kind = message.get("event", "")
        self.kinds.append(kind)
        if kind == "incident":
            self.positions.append(int(message["id"]))
            self.seen.append(json.loads(message["data"]))
        elif kind == "clock":
            self.clocks.append(json.loads(message["data"]))

    @property
    def numbers(self) -> list[str]:
        return [one["number"] for one in self.seen]


def until(condition, seconds: float = 60) -> bool:
    """Wait until something holds; answers whether it does."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())
