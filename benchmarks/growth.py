"""Does a single report get slower when the tables grow? 10k to 1M incidents, 404 to 40,000 cells."""

import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection
from django.utils import timezone

from benchmarks.bulk import by_command, write
from benchmarks.figures import figure
from geo_grid import queries
from incidents.services import Location, Report, report_incident

CELLS = """
INSERT INTO geo_grid_cell (code, name, kind, district)
SELECT 'G' || i, 'grown ' || i, 'GENERAL', '999999' FROM generate_series(1, %s) AS i
"""
BOUNDARIES = """
INSERT INTO geo_grid_cellboundary
    (cell_id, name, kind, community_id, plan_id, record, geom, valid_during, sha256, area_m2)
SELECT
    c.id, '', 'GENERAL', (SELECT min(id) FROM geo_grid_area WHERE level = 'COMMUNITY'),
    (SELECT min(id) FROM geo_grid_boundaryplan), ''::bytea,
    ST_Multi(ST_MakeEnvelope(x, y, x + 0.01, y + 0.01, 4326)), tstzrange(NULL, NULL), '', 1
FROM (
    SELECT id, 109 + mod(row_number() OVER (), 200) * 0.01 AS x,
        34 + (row_number() OVER () / 200) * 0.01 AS y
    FROM geo_grid_cell WHERE district = '999999'
) AS c
"""


def main() -> None:
    count = int(sys.argv[1])
    grow_incidents("ten_thousand", 10_000)
    few = reports()
    grow_incidents("many", count)
    many = reports()
    small = assignments()
    grow_cells(40_000 - 404)
    large = assignments()
    print(
        json.dumps(
            [
                grown(f"one report, {count} incidents", many, "10,000 incidents", few),
                grown("one assignment, 40,000 cells", large, "404 cells", small),
            ]
        )
    )


def grown(what: str, large: float, than: str, small: float) -> dict:
    peer, ratio = (than, small * 1000), large / small
    return figure(what, large * 1000, "ms", peer, "<= 1.2", ratio <= 1.2)


def grow_incidents(name: str, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        write(path, count)
        by_command(path)


def grow_cells(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CELLS, [count])
        cursor.execute(BOUNDARIES)
        cursor.execute("ANALYZE geo_grid_cell; ANALYZE geo_grid_cellboundary")


def reports(number: int = 400) -> float:
    """Median seconds of receiving one report: locate, assign, set the deadline, record."""
    chance, taken = random.Random(6), []
    for _ in range(number):
        place = Location(lon=chance.uniform(107.99, 108.10), lat=chance.uniform(34.25, 34.29))
        now = timezone.now()
        report = Report(category="0501", location=place, occurred_at=now)
        begun = time.perf_counter()
        report_incident(report=report, actor=None, now=now)
        taken.append(time.perf_counter() - begun)
    return sorted(taken)[number // 2]


def assignments(number: int = 1500) -> float:
    """Median seconds of finding cell and worker of a point."""
    chance, now, taken = random.Random(5), timezone.now(), []
    for _ in range(number):
        point = (chance.uniform(107.99, 108.10), chance.uniform(34.25, 34.29))
        begun = time.perf_counter()
        cell = queries.cell_at(*point, now)
        if cell:
            queries.responsible_for([cell["cell_id"]], now)
        taken.append(time.perf_counter() - begun)
    return sorted(taken)[number // 2]


if __name__ == "__main__":
    sys.exit(main())
