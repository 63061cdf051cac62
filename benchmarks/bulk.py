"""File to stored, assigned rows, against a bare COPY; and containment against its peers."""

import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import psycopg2
import shapely

from benchmarks.figures import figure


TABLES = ("incidents_incident", "incidents_incidentevent")
IMPORTED = {  # the rows that the command has just stored, whatever other benchmarks left here
    "incidents_incident": "WHERE external_source = 'reports'",
    "incidents_incidentevent": (
        "WHERE kind = 'IMPORTED' AND incident_id IN"
        " (SELECT id FROM incidents_incident WHERE external_source = 'reports')"
    ),
}
FOREIGN_KEYS = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'
"""


def main() -> None:
    count = int(sys.argv[1])
    address = os.environ["DATABASE_URL"].replace("postgis://", "postgresql://")
    connection = psycopg2.connect(address)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.csv"
        write(path, count)
        with Watch(address) as watch:
            taken = by_command(path)
    bare = by_copy(connection)
    contains, tree, same = containment(connection, min(count, 200_000))
    print(
        json.dumps(
            [
                figure(
                    f"import of {count} rows",
                    taken,
                    "s",
                    ("bare COPY of the rows", bare),
                    "<= 1.2 times",
                    taken <= 1.2 * bare,
                ),
                figure("import", count / taken, "rows per s"),
                figure(
                    "longest transaction of the import seen (looked each 10 ms)",
                    watch.longest,
                    "s",
                    None,
                    "< 0.2",
                    watch.longest < 0.2,
                ),
                figure("PostGIS assigns 200k points", contains, "s", ("shapely STRtree", tree)),
                figure("points with another answer", same, "points"),
            ]
        )
    )


class Watch:
    """Looks at the transactions of others that write, while it is open."""

    LOOK = """
        SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float
        FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'
            AND backend_xid IS NOT NULL"""

    def __init__(self, address: str):
        self.longest, self.ended = 0.0, threading.Event()
        self.looks = threading.Thread(target=self._look, args=(address,))

    def _look(self, address: str) -> None:
        with closing(psycopg2.connect(address)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            while not self.ended.wait(0.01):
                cursor.execute(self.LOOK)
                self.longest = max(self.longest, cursor.fetchone()[0])

    def __enter__(self):
        self.looks.start()
        return self

    def __exit__(self, *_error):
        self.ended.set()
        self.looks.join()


def write(path: Path, count: int) -> None:
    chance = random.Random(7)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "lon", "lat", "time", "category"])
        for number in range(count):
            lon, lat = chance.uniform(107.97, 108.11), chance.uniform(34.24, 34.31)
            day = f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}T08:{number % 60:02d}:00"
            rows.writerow([number, f"{lon:.6f}", f"{lat:.6f}", day, "0501"])


def by_command(path: Path) -> float:
    fields = ["--lon", "lon", "--lat", "lat", "--time", "time", "--category", "category"]
    begun = time.perf_counter()
    subprocess.run(
        [
            sys.executable,
            "manage.py",
            "import_incidents",
            str(path),
            *fields,
            "--external-id",
            "id",
        ],
        check=True,
        stdout=sys.stderr,
    )
    return time.perf_counter() - begun


def by_copy(connection) -> float:
    """COPY the very rows that the command stored into two tables with the same columns, indexes,
    checks and foreign keys: cases and their events, in one transaction."""
    with connection.cursor() as cursor:
        files = {table: tempfile.TemporaryFile("w+") for table in TABLES}
        for table, file in files.items():
            cursor.copy_expert(f"COPY (SELECT * FROM {table} {IMPORTED[table]}) TO STDOUT", file)
            file.seek(0)
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
            cursor.execute(FOREIGN_KEYS, [table])
            for number, (definition,) in enumerate(cursor.fetchall()):
                words = definition.replace(
                    "REFERENCES incidents_incident(", "REFERENCES bare_incidents_incident("
                )
                cursor.execute(
                    f"ALTER TABLE bare_{table} ADD CONSTRAINT key_{number}_{table} {words}"
                )
        connection.commit()
        begun = time.perf_counter()
        for table, file in files.items():
            cursor.copy_expert(f"COPY bare_{table} FROM STDIN", file)
        connection.commit()
        taken = time.perf_counter() - begun
        for table in reversed(TABLES):
            cursor.execute(f"DROP TABLE bare_{table}")
        connection.commit()
    return taken


def containment(connection, count: int) -> tuple[float, float, int]:
    chance = np.random.default_rng(3)
    points = np.column_stack(
        [chance.uniform(107.97, 108.11, count), chance.uniform(34.24, 34.31, count)]
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE spots (id int, lon float, lat float)")
        lines = "\n".join(f"{n}\t{lon!r}\t{lat!r}" for n, (lon, lat) in enumerate(points.tolist()))
        cursor.copy_expert("COPY spots FROM STDIN", io.StringIO(lines))
        cursor.execute(
            "SELECT c.code, ST_AsBinary(b.geom) FROM geo_grid_cellboundary b "
            "JOIN geo_grid_cell c ON c.id = b.cell_id WHERE b.valid_during @> now() ORDER BY c.code"
        )
        cells = cursor.fetchall()
        begun = time.perf_counter()
        cursor.execute(
            "SELECT s.id, min(c.code) FROM spots s JOIN geo_grid_cellboundary b "
            "ON ST_Intersects(b.geom, ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326)) "
            "JOIN geo_grid_cell c ON c.id = b.cell_id WHERE b.valid_during @> now() GROUP BY s.id"
        )
        by_postgis = dict(cursor.fetchall())
        postgis = time.perf_counter() - begun
    begun = time.perf_counter()
    tree = shapely.STRtree(shapely.from_wkb([bytes(shape) for _code, shape in cells]))
    spots, found = tree.query(shapely.points(points), predicate="intersects")
    by_tree: dict[int, str] = {}
    for spot, index in zip(spots.tolist(), found.tolist(), strict=True):
        by_tree[spot] = min(by_tree.get(spot, "~"), cells[index][0])
    shapely_s = time.perf_counter() - begun
    different = sum(by_postgis.get(n) != by_tree.get(n) for n in range(count))
    return postgis, shapely_s, different


if __name__ == "__main__":
    main()
