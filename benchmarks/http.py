"""Single reports and `locate/` over HTTP with two web processes, and how long those take to start.

The peer of a report is the same work in bare SQL.
"""

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import django
import psycopg2

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from benchmarks.figures import figure, percentile
from geo_grid import services
from geo_grid.models import User

PORT = 8790
SECONDS, ROUNDS = 8, 8


def main() -> None:
    now = datetime.now(UTC)
    told = {"label": "bench", "now": now, "scopes": ["read", "report"]}
    token = services.issue_token(user=User.objects.get(username="duty"), **told)
    begun = time.perf_counter()
    server = start()
    started = time.perf_counter() - begun
    try:
        first = load(token, 2, 2)  # warm up
        one, four = load(token, 1, SECONDS), in_rounds(token, 4)
        calm = load(token, 4, SECONDS, rate=50)
        located = in_rounds(token, 4, ask=locate)
    finally:
        server.terminate()
        server.wait()
    print(
        json.dumps(
            [*rates(one, four, bare()), *waits(four, calm), *starts(started, first, located)]
        )
    )


def rates(one: list[float], four: list[float], floor: float) -> list[dict]:
    single, many = len(one) / SECONDS, len(four) / SECONDS
    peer = ("bare SQL", floor)
    return [
        figure("reports, 1 connection", single, "per s", peer, ">= 380", single >= 380),
        figure("reports, 4 connections", many, "per s", peer, ">= 680", many >= 680),
    ]


def waits(four: list[float], calm: list[float]) -> list[dict]:
    steady = percentile(calm, 0.99) * 1000
    return [
        figure("p50, 4 connections", percentile(four, 0.5) * 1000, "ms"),
        figure("p99, 4 connections", percentile(four, 0.99) * 1000, "ms"),
        figure("p50 at 50 per s", percentile(calm, 0.5) * 1000, "ms"),
        figure("p99 at 50 per s", steady, "ms", None, "<= 20", steady <= 20),
    ]


def starts(started: float, first: list[float], located: list[float]) -> list[dict]:
    rate = len(located) / SECONDS
    return [
        figure("locate/, 4 connections", rate, "per s", None, ">= 600", rate >= 600),
        figure("web processes, from start to the first answer", started, "s"),
        figure("first report of a process that just started", first[0] * 1000, "ms"),
    ]


def start() -> subprocess.Popen:
    granian = Path(sys.executable).parent / "granian"
    arguments = ["--interface", "wsgi", "--port", str(PORT), "--workers", "2"]
    limits = ["--blocking-threads", "1", "--no-ws", "--log-level", "warning"]
    server = subprocess.Popen(
        [str(granian), *arguments, *limits, "config.wsgi:application"], stdout=sys.stderr
    )
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT)
            connection.request("GET", "/api/v1/cells/?area=610403001001")
            connection.getresponse().read()
            return server
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server does not start")


def body(chance: random.Random) -> bytes:
    point = [chance.uniform(107.99, 108.10), chance.uniform(34.25, 34.29)]
    report = {
        "category": "0501",
        "description": "路边垃圾成堆",
        "occurred_at": datetime.now(UTC).isoformat(),
        "location": {"point": {"type": "Point", "coordinates": point}, "crs": "wgs84"},
    }
    return json.dumps(report).encode()


def report(chance: random.Random) -> tuple[str, str, bytes | None]:
    """Method, path and body of one report."""
    return "PUT", f"/api/v1/incidents/{uuid.uuid4()}/", body(chance)


def locate(chance: random.Random) -> tuple[str, str, bytes | None]:
    """The same of one question which cell a point lies in."""
    lon, lat = chance.uniform(107.99, 108.10), chance.uniform(34.25, 34.29)
    return "GET", f"/api/v1/locate/?lon={lon:.6f}&lat={lat:.6f}", None


def in_rounds(token: str, connections: int, ask=report) -> list[float]:
    """`load` with new connections in each round: which of the two processes a connection comes to
    is chance, and all may come to one."""
    seconds = SECONDS / ROUNDS
    rounds = [load(token, connections, seconds, ask=ask) for _round in range(ROUNDS)]
    print("rounds", [round(len(one) / seconds) for one in rounds], file=sys.stderr)
    return [latency for one in rounds for latency in one]


class Line:
    """A kept connection that costs the machine, which it shares with the server, next to nothing:
    the client of the standard library takes a tenth of the time of a report."""

    def __init__(self, token: str):
        self.fixed = f"Host: 127.0.0.1\r\nAuthorization: Token {token}\r\n"

    def __enter__(self):
        self.socket = socket.create_connection(("127.0.0.1", PORT))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = self.socket.makefile("rb")
        return self

    def __exit__(self, *_error):
        self.socket.close()

    def ask(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        content = content or b""
        sent = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        head = f"{method} {path} HTTP/1.1\r\n{self.fixed}{sent}".encode()
        self.socket.sendall(head + content)
        status, length = int(self.answers.readline().split()[1]), 0
        while (line := self.answers.readline()) != b"\r\n":
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        return status, self.answers.read(length)


def load(token: str, connections: int, seconds: float, rate: float = 0, ask=report) -> list[float]:
    """Latencies in seconds of everything asked in that time, at full speed or at a rate."""
    taken: list[float] = []
    ends = time.perf_counter() + seconds

    def client(number: int) -> None:
        chance = random.Random(number)
        gap, due = connections / rate if rate else 0, time.perf_counter() + number / (rate or 1)
        with Line(token) as line:
            while time.perf_counter() < ends:
                if gap:
                    time.sleep(max(0, due - time.perf_counter()))
                    due += gap
                request = ask(chance)
                begun = time.perf_counter()
                status, text = line.ask(*request)
                taken.append(time.perf_counter() - begun)
                if status not in (200, 201):
                    raise SystemExit(f"{status} {text[:300]!r}")

    threads = [threading.Thread(target=client, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def bare() -> float:
    """The least the database must do: find the cell, insert a row, commit; per second."""
    address = os.environ["DATABASE_URL"].replace("postgis://", "postgresql://")
    connection = psycopg2.connect(address)
    chance = random.Random(1)
    find = (
        "SELECT cell_id FROM geo_grid_cellboundary WHERE ST_Intersects(geom, "
        "ST_SetSRID(ST_MakePoint(%s, %s), 4326)) AND valid_during @> now() LIMIT 1"
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (cell bigint, lon float, lat float, body text)")
        connection.commit()
        begun, done = time.perf_counter(), 0
        while time.perf_counter() - begun < SECONDS / 2:
            point = (chance.uniform(107.99, 108.10), chance.uniform(34.25, 34.29))
            cursor.execute(find, point)
            found = cursor.fetchone()
            cursor.execute(
                "INSERT INTO bare VALUES (%s, %s, %s, %s)", (found, *point, "路边垃圾成堆")
            )
            connection.commit()
            done += 1
        cursor.execute("DROP TABLE bare")
        connection.commit()
    return done / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
