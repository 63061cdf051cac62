"""Tiles of the cells, against tipg, django-vectortiles and MapServer on the same polygons.

The peers read one flat table; we read the product's own tables (cell, boundary, areas, drawing)
and send eight columns to their three. The cells have some 50 vertices each, as surveyed borders do. Two server processes each, in turn, median of the rounds.
What cannot be installed here is left out and named on stderr: a venv under var/peers, and the
Debian packages mapserver-bin, cgi-mapserver, lighttpd, wrk.
"""

import json
import math
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg2
import shapely

from benchmarks import cpu
from benchmarks.figures import figure
from benchmarks.peers import PEERS, ROOT, WORK

STEP_DEGREES, STRAIGHT = 0.00045, 30  # between vertices; fewer a cell are straight borders
SECONDS, ROUNDS, PORT = 4, 3, 8800
ZOOMS = {10: 1, 11: 2, 12: 6, 13: 16, 14: 40, 15: 40, 16: 40, 17: 40}
BOX = (107.985, 34.25, 108.11, 34.30)
DATABASE = cpu.postmaster()
FLAT = """
DROP TABLE IF EXISTS public.gridcell;
CREATE TABLE public.gridcell AS
SELECT b.id, c.code, c.name, a.name AS street, b.geom
FROM geo_grid_cellboundary AS b
INNER JOIN geo_grid_cell AS c ON b.cell_id = c.id
INNER JOIN geo_grid_area AS a ON b.community_id = a.id
WHERE b.valid_during @> now();
ALTER TABLE public.gridcell ADD PRIMARY KEY (id);
CREATE INDEX ON public.gridcell USING gist (geom);
ANALYZE
"""
WALK = """
local paths = {%s}
local at = 0
request = function()
  at = at %% #paths + 1
  return wrk.format("GET", paths[at])
end
"""


def main() -> None:
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: apt-get install wrk")
    WORK.mkdir(parents=True, exist_ok=True)
    prepare()
    servers = {"own": own, "own, kept": own_kept}
    servers |= {name: peer for name, peer in PEERS.items() if available(name, peer)}
    runs: dict[str, list[Run]] = {name: [] for name in servers}
    for _round in range(ROUNDS):
        for name, server in servers.items():
            runs[name] += measure(server)
    print(json.dumps(figures(runs)))


@dataclass(frozen=True, slots=True)
class Run:
    """One load: connections, tiles per second, processor seconds per tile (with the database)."""

    connections: int
    rate: float
    cpu_s: float


def figures(runs: dict[str, list[Run]]) -> list[dict]:
    """Rates with 8 and 1 connections and the work per tile, each beside every peer."""
    rows = []
    for what, connections, part, unit in (
        ("tiles, 8 connections", 8, "rate", "per s"),
        ("tiles, 1 connection", 1, "rate", "per s"),
        ("processor time a tile, 8 connections", 8, "cpu_s", "s"),
    ):
        found = {name: median(taken, connections, part) for name, taken in runs.items()}
        own_value, peers = found["own"], {name: found[name] for name in PEERS if name in found}
        better = max if part == "rate" else min
        for name, value in peers.items():
            best = value == better(peers.values()) and connections == 8
            ratio = own_value / value if part == "rate" else value / own_value
            wanted = (">= 3 times the best", ratio >= 3) if best else ()
            rows.append(figure(what, own_value, unit, (name, value), *wanted))
    kept = median(runs["own, kept"], 8, "rate")
    return [*rows, figure("tiles from memory", kept, "per s", None, ">= 8000", kept >= 8000)]


def median(taken: list[Run], connections: int, part: str) -> float:
    return statistics.median(getattr(run, part) for run in taken if run.connections == connections)


def available(name: str, peer) -> bool:
    """Whether a peer can be started here; says so if not."""
    try:
        peer.prepare()
    except Exception as error:
        print(f"{name} is left out: {type(error).__name__} {error}", file=sys.stderr)
        return False
    return True


def prepare() -> None:
    """Give the demo's straight borders the bends of surveyed ones, and lay the flat table."""
    address = os.environ["DATABASE_URL"].replace("postgis://", "postgresql://")
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, ST_AsBinary(geom) FROM geo_grid_cellboundary")
        keys, words = zip(*cursor.fetchall(), strict=True)
        shapes = shapely.from_wkb([bytes(word) for word in words])
        if shapely.get_num_coordinates(shapes).mean() < STRAIGHT:
            shapes = shapely.transform(shapely.segmentize(shapes, STEP_DEGREES), bent)
            rows = list(zip(shapely.to_wkb(shapes), keys, strict=True))
            cursor.executemany(
                "UPDATE geo_grid_cellboundary SET geom = ST_Multi(ST_GeomFromWKB(%s, 4326)) WHERE id = %s",
                rows,
            )
        cursor.execute("DELETE FROM gridmaps_drawing; DELETE FROM gridmaps_drawnset")
        cursor.execute(FLAT)
    counted = shapely.get_num_coordinates(shapes)
    print(f"{len(counted)} cells, {counted.sum()} vertices", file=sys.stderr)


def bent(at: np.ndarray) -> np.ndarray:
    """Points moved by some metres, by their place alone, so that neighbours stay neighbours."""
    at = at.round(7)
    wave = np.column_stack([np.sin(at[:, 1] * 9000), np.cos(at[:, 0] * 8000)])
    return (at + wave * 4e-5).round(7)


def tiles() -> list[tuple[int, int, int]]:
    """The fixed walk: tiles over the district in a fixed random order."""
    chance, found = random.Random(20), []
    for zoom, number in ZOOMS.items():
        for _ in range(number):
            lon, lat = chance.uniform(BOX[0], BOX[2]), chance.uniform(BOX[1], BOX[3])
            x = int((lon + 180) / 360 * 2**zoom)
            y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
            found.append((zoom, x, y))
    chance.shuffle(found)
    return found


def measure(server) -> list[Run]:
    """Start a server, warm it up, load it with one and with eight connections, stop it."""
    process, template = server.start()
    made = []
    try:
        wait(template)
        load(template, 8, 3)
        for connections in (1, 8):
            before = cpu.used_s(process.pid, DATABASE)
            rate = load(template, connections, SECONDS)
            used = cpu.used_s(process.pid, DATABASE) - before
            made.append(Run(connections, rate, used / rate / SECONDS))
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
    return made


def wait(template: str) -> None:
    z, x, y = tiles()[0]
    for _ in range(150):
        try:
            urllib.request.urlopen(template.format(z=z, x=x, y=y), timeout=10).read()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{template} does not answer")


def load(template: str, connections: int, seconds: int) -> float:
    """Requests per second of wrk walking over the tiles; an error of the server is fatal."""
    host, _slash, path = template.removeprefix("http://").partition("/")
    paths = ",".join(f'"/{path.format(z=z, x=x, y=y)}"' for z, x, y in tiles())
    script = WORK / "walk.lua"
    script.write_text(WALK % paths)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
    told = subprocess.run([*command, f"http://{host}"], capture_output=True, text=True, check=True)
    if "Non-2xx" in told.stdout or "Socket errors" in told.stdout:
        raise SystemExit(f"{template}: {told.stdout}")
    return float(told.stdout.split("Requests/sec:")[1].split()[0])


class Own:
    """The site as the Procfile starts it, with or without the store of finished tiles."""

    def __init__(self, memory_mb: int):
        self.memory_mb = memory_mb

    def start(self):
        granian = Path(sys.executable).parent / "granian"
        options = ["--interface", "wsgi", "--port", str(PORT), "--workers", "2", "--no-ws"]
        limits = ["--blocking-threads", "1", "--backpressure", "64", "--log-level", "warning"]
        process = subprocess.Popen(
            [str(granian), *options, *limits, "config.wsgi:application"],
            env=os.environ | {"TILE_MEMORY_MB": str(self.memory_mb)},
            cwd=ROOT,
            stdout=sys.stderr,
            start_new_session=True,
        )
        base = f"http://127.0.0.1:{PORT}"
        try:
            wait(f"{base}/api/v1/tiles/cells/{{z}}/{{x}}/{{y}}.mvt")
            with urllib.request.urlopen(f"{base}/api/v1/layers/?layers=cells") as answer:
                (told,) = json.load(answer)["layers"]
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return process, base + told["tiles"]


own, own_kept = Own(0), Own(64)

if __name__ == "__main__":
    main()
