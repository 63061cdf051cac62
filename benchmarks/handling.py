"""A move over HTTP, and the in-tray of an office in a database full of cases."""

import http.client
import json
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection
from django.db.models import Count

from benchmarks.figures import figure, percentile
from benchmarks.http import PORT, start
from geo_grid import services
from geo_grid.models import Post
from incidents.models import Clock, Incident, Part

MOVES = 400
INCIDENTS = """
INSERT INTO incidents_incident (
    number, status, category_id, description, occurred_at, reported_at, due_at, datum, address,
    district, community_id, cell_id, boundary_id, reason, distance_m, worker_rule, urgent, legacy,
    external_source, external_id, point, closed_at, closing, unanswered
)
SELECT
    '26' || lpad(n::text, 11, '0'), CASE WHEN n %% %(open)s = 0 THEN 'REPORTED' ELSE 'CLOSED' END,
    (SELECT id FROM incidents_category WHERE code = '0102'), '楼上漏水', moment, moment,
    moment + interval '5 days', 'wgs84', '', '610403', b.community_id, b.cell_id, b.id, 'INSIDE', 0,
    '', FALSE, FALSE, '', '', ST_PointOnSurface(b.geom),
    CASE WHEN n %% %(open)s = 0 THEN NULL ELSE moment + interval '1 day' END,
    CASE WHEN n %% %(open)s = 0 THEN '' ELSE 'NORMAL' END,
    CASE WHEN n %% %(open)s = 0 THEN '' ELSE 'ELSEWHERE' END
FROM (
    SELECT n, now() - n * interval '20 seconds' AS moment FROM generate_series(1, %(rows)s) AS n
) AS s
INNER JOIN (
    SELECT *, row_number() OVER (ORDER BY id) AS r, count(*) OVER () AS many
    FROM geo_grid_cellboundary WHERE valid_during IS NOT NULL
) AS b ON b.r = 1 + s.n %% b.many
"""
OPEN_ONE_IN = 10


def main() -> None:
    rows = int(sys.argv[1])
    fill(rows)
    area, count = busiest()
    token = token_of(area)
    server = start()
    try:
        moves = time_moves(token, area)
        tray = time_tray(token)
    finally:
        server.terminate()
        server.wait()
    move, shown = percentile(moves, 0.5) * 1000, percentile(tray, 0.5) * 1000
    print(
        json.dumps(
            [
                figure("a move, p50", move, "ms", None, "<= 30", move <= 30),
                figure("a move, p99", percentile(moves, 0.99) * 1000, "ms"),
                figure(
                    f"in-tray of {count} parts among {rows} cases, p50",
                    shown,
                    "ms",
                    None,
                    "<= 100",
                    shown <= 100,
                ),
            ]
        )
    )


def fill(rows: int) -> None:
    """Cases all over the district, one in ten open and in the hands of its community."""
    with connection.cursor() as cursor:
        cursor.execute(INCIDENTS, {"rows": rows, "open": OPEN_ONE_IN})
    subprocess.run(
        [sys.executable, "manage.py", "open_imported"], check=True, stdout=subprocess.DEVNULL
    )
    with connection.cursor() as cursor:
        for model in (Incident, Part, Clock):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def busiest() -> tuple[int, int]:
    """The community with most open parts, and how many."""
    waiting = Part.objects.filter(ended_at=None).values("area").annotate(n=Count("id"))
    row = waiting.order_by("-n").first()
    return row["area"], row["n"]


def token_of(area: int) -> str:
    now = datetime.now(UTC)
    post = Post.objects.filter(area=area, role__in=("OFFICER", "CELL_HEAD")).first()
    return services.issue_token(user=post.user, label="bench", now=now, scopes=["read", "handle"])


def ask(line, token: str, method: str, path: str, body: dict | None = None) -> float:
    """Seconds of one request."""
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    begun = time.perf_counter()
    line.request(method, path, json.dumps(body) if body else None, headers)
    answer = line.getresponse()
    text = answer.read()
    taken = time.perf_counter() - begun
    if answer.status != 200:
        raise SystemExit(f"{answer.status} {text[:300]!r}")
    return taken


def time_moves(token: str, area: int) -> list[float]:
    """Accept, note, resolve, close: four kinds of moves on cases of one community."""
    ours = Part.objects.filter(area=area, ended_at=None, incident__category__code="0102")
    waiting = ours.values_list("incident__number", flat=True)
    numbers = random.Random(3).sample(list(waiting), min(MOVES // 4, len(waiting)))
    line = http.client.HTTPConnection("127.0.0.1", PORT)
    bodies = (
        {"move": "accept"},
        {"move": "progress", "note": "现场查看"},
        {"move": "resolve", "note": "已调解"},
        {"move": "close", "answer": "已调解"},
    )
    return [
        ask(line, token, "POST", f"/api/v1/incidents/{number}/moves/", body)
        for number in numbers
        for body in bodies
    ]


def time_tray(token: str) -> list[float]:
    line = http.client.HTTPConnection("127.0.0.1", PORT)
    return [ask(line, token, "GET", "/api/v1/incidents/tray/") for _turn in range(40)]


if __name__ == "__main__":
    main()
