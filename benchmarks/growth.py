"""Does a single report get slower when the tables grow? 10k to 1M incidents, 404 to 40,000 cells."""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection
from django.utils import timezone

from benchmarks.bulk import by_command, write
from benchmarks.databases import copied, demo_database, dropped
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


# name of the database: what is put into it
GROUNDS = {"few": (10_000, 0), "many": (None, 0), "wide": (10_000, 40_000 - 404)}
TURNS = 20


def main() -> None:
    """Three databases, asked in turn: what else the machine does falls on all of them alike."""
    if sys.argv[1] in GROUNDS:
        return answer_in_turns(sys.argv[1], int(sys.argv[2]))
    beside, count = os.environ["DATABASE_URL"], sys.argv[1]
    first = demo_database(beside, "gridkeeper_growth_few")
    others = {name: copied(first, f"gridkeeper_growth_{name}") for name in ("many", "wide")}
    addresses = {"few": first} | others
    started = {name: child(name, address, count) for name, address in addresses.items()}
    for one in started.values():
        heard(one)  # it has grown
    taken = {name: [] for name in started}
    for _turn in range(TURNS):
        for name, one in started.items():
            taken[name].append(heard(one, "go"))
    for name, one in started.items():
        one.communicate()
        dropped(addresses[name])
    few, many, wide = (medians(turns) for turns in taken.values())
    print(
        json.dumps(
            [
                grown(f"one report, {count} incidents", many[0], "10,000 incidents", few[0]),
                grown("one report, 40,000 cells", wide[0], "404 cells", few[0]),
                grown("one assignment, 40,000 cells", wide[1], "404 cells", few[1]),
            ]
        )
    )


def child(name: str, address: str, count: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.growth", name, count],
        env=os.environ | {"DATABASE_URL": address},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def heard(one: subprocess.Popen, word: str = ""):
    """What a child says, after a word to it where one is given."""
    if word:
        one.stdin.write(f"{word}\n")
        one.stdin.flush()
    line = one.stdout.readline()
    if not line:
        sys.exit("a part of the benchmark failed")
    return json.loads(line)


def medians(turns: list[list[list[float]]]) -> list[float]:
    """Of the reports and of the assignments of all turns, seconds."""
    return [statistics.median(chain.from_iterable(kind)) for kind in zip(*turns, strict=True)]


def answer_in_turns(name: str, count: int) -> None:
    incidents, cells = GROUNDS[name]
    grow_incidents(name, incidents or count)
    if cells:
        grow_cells(cells)
    chance = random.Random(6)
    reports(chance, 100)  # plans and caches are made
    print("true", flush=True)
    for _word in sys.stdin:
        print(json.dumps([reports(chance, 40), assignments(chance, 150)]), flush=True)


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


def reports(chance: random.Random, number: int) -> list[float]:
    """Seconds of receiving one report: locate, assign, set the deadline, record."""
    taken = []
    for _ in range(number):
        place = Location(lon=chance.uniform(107.99, 108.10), lat=chance.uniform(34.25, 34.29))
        now = timezone.now()
        report = Report(category="0501", location=place, occurred_at=now)
        begun = time.perf_counter()
        report_incident(report=report, actor=None, now=now)
        taken.append(time.perf_counter() - begun)
    return taken


def assignments(chance: random.Random, number: int) -> list[float]:
    """Seconds of finding cell and worker of a point."""
    now, taken = timezone.now(), []
    for _ in range(number):
        point = (chance.uniform(107.99, 108.10), chance.uniform(34.25, 34.29))
        begun = time.perf_counter()
        cell = queries.cell_at(*point, now)
        if cell:
            queries.responsible_for([cell["cell_id"]], now)
        taken.append(time.perf_counter() - begun)
    return taken


if __name__ == "__main__":
    sys.exit(main())
