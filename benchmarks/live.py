"""Report committed to message received, with 300, 1,000 and 5,000 open streams of 20 scopes.

One live process as the Procfile starts it; ten reports a second are committed by this process,
`listeners.py` reads every stream in another, so both share the cores with what is measured. The
time runs from just after COMMIT to the read of the message. Beside it nginx with nchan, which only
copies to everybody what it is given: no scopes, no database, no way to resume after a restart.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import timezone

from benchmarks.figures import figure, percentile
from benchmarks.peers import Nchan
from geo_grid import services as ground
from geo_grid.models import User
from incidents import services

PORT, PER_S, SECONDS = 8830, 10, 10
LIMITS = {300: 50, 1000: 50, 5000: 120}
SCOPES = ["duty", *(f"t{n}" for n in range(1, 6)), *(f"c{n:02}" for n in range(1, 15))]


def main() -> None:
    now = datetime.now(UTC)
    users = [User.objects.get(username=name) for name in SCOPES]
    keys = [ground.issue_token(user=user, label="live bench", now=now) for user in users]
    headers = [f"Authorization: Token {key}" for key in keys]
    nchan = beside()
    rows = []
    for port, (number, limit) in enumerate(LIMITS.items(), PORT):
        server = start(port)
        try:
            taken, missing = ours(port, [headers[i % len(headers)] for i in range(number)])
        finally:
            end(server)
        p50, p99 = (percentile(taken, share) * 1000 for share in (0.5, 0.99))
        peer = ("nchan", nchan[number]) if number in nchan else None
        rows += [
            figure(f"p50, {number} streams", p50, "ms"),
            figure(f"p99, {number} streams", p99, "ms", peer, f"<= {limit}", p99 <= limit),
            figure(f"messages that did not come, {number} streams", missing, "of all"),
        ]
    print(json.dumps(rows))


def start(port: int) -> subprocess.Popen:
    granian = Path(sys.executable).parent / "granian"
    options = ["--interface", "asginl", "--port", str(port), "--workers", "1", "--no-ws"]
    options += ["--backlog", "4096", "--backpressure", "20000"]
    return subprocess.Popen(
        [str(granian), *options, "--log-level", "warning", "config.asgi:application"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def end(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def ours(port: int, headers: list[str]) -> tuple[list[float], int]:
    """The delays in seconds, and how many messages are missing.

    Missing: not come to one stream, though to another of the same scope; or to no one who sees all.
    """
    committed, came = heard(port, "/live", "event: clock", headers, report)
    scopes: dict[int, set] = defaultdict(set)
    streams: dict[int, set] = defaultdict(set)
    for stream, name, _at in came:
        scopes[stream % len(SCOPES)].add(name)
        streams[stream].add(name)
    scopes[0] = set(committed)
    missing = sum(
        len(scopes[stream % len(SCOPES)] - streams[stream]) for stream in range(len(headers))
    )
    return [at - committed[name] for _stream, name, at in came if name in committed], missing


def beside() -> dict[int, float]:
    """p99 of nchan in ms for each number of streams; nothing where it is not installed."""
    found, peer = {}, Nchan()
    try:
        peer.prepare()
    except OSError as error:
        print(f"nchan is left out: {error}", file=sys.stderr)
        return {}
    for number in LIMITS:
        process = peer.start()
        try:
            sent, came = heard(peer.PORT, "/sub", "200 OK", [""] * number, publish)
            found[number] = percentile([at - sent[name] for _, name, at in came], 0.99) * 1000
        finally:
            end(process)
    return found


def heard(port: int, path: str, mark: str, headers: list[str], tell) -> tuple[dict, list]:
    """Open the streams, tell something for a while: when each was told, and what came when."""
    command = [sys.executable, "-m", "benchmarks.listeners", str(port), path, mark]
    listener = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    listener.stdin.write("".join(f"{header or 'X-None: 0'}\n" for header in headers) + "go\n")
    listener.stdin.flush()
    if listener.stdout.readline() != "ready\n":
        raise SystemExit("the streams do not open")
    time.sleep(1)
    told = tell()
    time.sleep(3)
    listener.stdin.close()
    came = [json.loads(line) for line in listener.stdout]
    listener.wait()
    print(f"{len(headers)} streams at {port}: {len(came)} messages", file=sys.stderr)
    return told, came


def report() -> dict[str, float]:
    """Reports at places all over the district, and when each was committed."""
    chance, committed = random.Random(4), {}
    for _ in paced():
        now = timezone.now()
        place = services.Location(
            lon=chance.uniform(107.99, 108.10), lat=chance.uniform(34.25, 34.29)
        )
        told = services.Report(category="0501", location=place, occurred_at=now)
        number = services.report_incident(report=told, actor=None, now=now).number
        committed[number] = time.monotonic()
    return committed


def publish() -> dict[str, float]:
    """Messages of the size of ours, and when each was sent."""
    sent = {}
    for index in paced():
        body = json.dumps({"number": str(index), "rest": "x" * 300}).encode()
        sent[str(index)] = time.monotonic()
        urllib.request.urlopen(f"http://127.0.0.1:{Nchan.PORT}/pub", body).close()
    return sent


def paced():
    due = time.monotonic()
    for index in range(PER_S * SECONDS):
        time.sleep(max(0, due - time.monotonic()))
        due += 1 / PER_S
        yield index


if __name__ == "__main__":
    main()
