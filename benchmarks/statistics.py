"""A year of cases counted by each dimension, and the scheduler over many due clocks.

Rows go in by SQL: what is measured is the reading. At most 200,000 of each beside other work;
the wish for the statistic is the one of a million, so the time of fewer rows is scaled up.
"""

import json
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from benchmarks.figures import figure
from geo_grid.models import User
from incidents import queries, services
from incidents.indicators import Period
from incidents.models import Incident

CASES = """
INSERT INTO incidents_incident (
    number, status, closing, answer, answered_at, category_id, description, occurred_at,
    reported_at, closed_at, due_at, datum, address, district, community_id, cell_id, boundary_id,
    reason, distance_m, worker_rule, urgent, legacy, external_source, external_id
)
SELECT
    'B' || lpad(i::text, 12, '0'), CASE WHEN open THEN 'HANDLING' ELSE 'CLOSED' END,
    CASE WHEN open THEN '' ELSE 'NORMAL' END, CASE WHEN open THEN '' ELSE 'done' END,
    CASE WHEN NOT open THEN at + took END, category, '', at, at, CASE WHEN NOT open THEN at + took END,
    at + interval '2 days', '', '', '610403', community_id, cell_id, boundary_id, 'INSIDE', 0, '',
    FALSE, FALSE, '', ''
FROM (
    SELECT
        i, i %% 25 = 0 AS open, now() - i * interval '365 days' / %(rows)s AS at,
        (1 + i %% 70) * interval '1 hour' AS took,
        (SELECT array_agg(id) FROM incidents_category)[1 + i %% 70] AS category,
        cells.*
    FROM generate_series(1, %(rows)s) AS i
    INNER JOIN (
        SELECT
            row_number() OVER () - 1 AS place, community_id, cell_id, id AS boundary_id
        FROM geo_grid_cellboundary WHERE valid_during IS NOT NULL
    ) AS cells ON cells.place = i %% 404
) AS made
"""
PARTS = """
INSERT INTO incidents_part (incident_id, role, area_id, state, opened_at, outcome)
SELECT id, 'LEAD', community_id, 'WAITING', reported_at, ''
FROM incidents_incident WHERE status = 'HANDLING' OR number LIKE 'B%%'
LIMIT %(rows)s
"""
CLOCKS = """
INSERT INTO incidents_clock (
    part_id, incident_id, stage, started_at, unit, yellow, warn_at, due_at, next_at,
    extension, paused, fired, level
)
SELECT
    id, incident_id, 'ACCEPT', opened_at, 'workday', 1, now() - interval '1 hour',
    now() + interval '1 day', now() - interval '1 hour', 0, 0, 0, 0
FROM incidents_part WHERE NOT EXISTS (SELECT 1 FROM incidents_clock WHERE part_id = incidents_part.id)
"""
MILLION = 1_000_000


def main() -> None:
    rows = min(int(sys.argv[1]), MILLION)
    put(CASES, rows)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE incidents_incident")
    print(json.dumps([*statistics(Incident.objects.count()), *scheduler(min(rows, 100_000))]))


def put(words: str, rows: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(words, {"rows": rows})


def statistics(rows: int) -> list[dict]:
    now, viewer = timezone.now(), User.objects.filter(is_superuser=True).first()
    today = timezone.localdate(now)
    period, found = Period(today - timedelta(days=364), today), []
    for by in ("area", "cell", "category", "month"):
        taken = min(
            timed(lambda by=by: queries.statistics(viewer, now, period, by)) for _ in range(3)
        )
        goal = taken * MILLION / rows
        what = f"statistics of a year by {by}, {rows} cases"
        found.append(figure(what, taken * 1000, "ms", None, "<= 1 s of 1M cases", goal <= 1))
    return found


def scheduler(clocks: int) -> list[dict]:
    put(PARTS, clocks)
    put(CLOCKS, clocks)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE incidents_clock")
    now = timezone.now()
    busy = timed(lambda: services.supervise_due(now=now))
    idle = min(timed(lambda: services.supervise_due(now=now)) for _ in range(5))
    goal = busy * 100_000 / clocks
    return [
        figure(f"scheduler, {clocks} due clocks", busy, "s", None, "<= 60 s of 100k", goal <= 60),
        figure("scheduler, nothing due", idle * 1000, "ms", None, "<= 50 ms", idle <= 0.05),
    ]


def timed(work) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
