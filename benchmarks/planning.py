"""Goals G1 to G6 of boundary plans: proof, edits, preview, publication, roll-back, any date."""

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import numpy as np
import shapely
from django.db import connection
from django.utils import timezone

from benchmarks.figures import figure, percentile
from core.errors import DomainError
from geo_grid import plan_queries, queries
from geo_grid import services as ground
from geo_grid.coordinates import SERVED, transformer
from geo_grid.models import Area, BoundaryPlan, CellBoundary, GridRevision, User
from geo_grid.tiling import canonical, prove
from incidents import impact, services
from incidents.models import Handover, Incident

DISTRICT = "610403"
OPEN_SHARE = 0.05


def main() -> None:
    rows = int(sys.argv[1])
    figures = [*proofs(rows)]
    load(rows)
    author, reviewer = planners()
    few, times = drawn(author, 20)
    figures.append(
        figure(
            "edit with the database, p95, 404 cells",
            percentile(times, 0.95) * 1e3,
            "ms",
            wanted="<= 50",
            ok=percentile(times, 0.95) <= 0.05,
        )
    )
    figures += previewed(few, "20 edits", 0.3, rows)
    figures += published(few, author, reviewer, "20 edits", rows)
    many, _times = drawn(author, 400)
    figures += previewed(many, "400 edits", 1.5, rows)
    figures += published(many, author, reviewer, "400 edits", rows)
    figures += taken_back(many, author, reviewer)
    figures += any_date()
    print(json.dumps(figures))


def timed(action):
    begun = time.perf_counter()
    result = action()
    return time.perf_counter() - begun, result


def proofs(rows: int):
    """G1 on synthetic coverages; the big one only in a full run."""
    sizes = [(404, 11.0, 0.15)] + ([(100_000, 5.0, 3.0)] if rows >= 1_000_000 else [])
    for cells, step, limit in sizes:
        shapes = synthetic(cells, step)
        outline = shapely.coverage_union_all(shapes)
        taken = min(timed(lambda s=shapes, o=outline: prove(s, o))[0] for _ in range(3))
        peer = timed(lambda s=shapes: shapely.coverage_is_valid(s))[0]
        vertices = shapely.get_num_coordinates(shapes).sum()
        yield figure(
            f"exact proof of {len(shapes)} cells, {vertices} vertices",
            taken * 1e3,
            "ms",
            ("coverage_is_valid, which is no proof", peer * 1e3),
            f"<= {limit * 1e3:.0f}",
            taken <= limit,
        )


def synthetic(cells: int, step: float) -> np.ndarray:
    chance, size = np.random.default_rng(1), 20_000
    spots = chance.uniform(0, size, (cells, 2))
    box = shapely.box(0, 0, size, size)
    lines = shapely.voronoi_polygons(shapely.multipoints(spots), only_edges=True, extend_to=box)
    inner = shapely.intersection(shapely.set_precision(lines, 0.001), box, grid_size=0.001)
    noded = shapely.union(inner, box.boundary, grid_size=0.001)
    return shapely.get_parts(shapely.polygonize([canonical(shapely.segmentize(noded, step))]))


def load(rows: int) -> None:
    """Incidents all over the district, one in twenty of them open."""
    chance, now = random.Random(7), timezone.now()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.csv"
        with path.open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["id", "lon", "lat", "time", "closed", "category"])
            for number in range(rows):
                at = now - timedelta(days=chance.randrange(1, 700), hours=chance.randrange(24))
                done = "" if chance.random() < OPEN_SHARE else (at + timedelta(hours=5)).isoformat()
                lon, lat = chance.uniform(107.95, 108.12), chance.uniform(34.23, 34.33)
                out.writerow(
                    [f"P{number}", f"{lon:.6f}", f"{lat:.6f}", at.isoformat(), done, "0501"]
                )
        command = [sys.executable, "manage.py", "import_incidents", str(path)]
        names = ["--lon", "lon", "--lat", "lat", "--time", "time", "--closed", "closed"]
        more = ["--category", "category", "--external-id", "id", "--source", "planning"]
        subprocess.run([*command, *names, *more], check=True, stdout=sys.stderr)


def planners() -> tuple[User, User]:
    area, found = Area.objects.get(code=DISTRICT), []
    for name in ("bench-draws", "bench-reviews"):
        user = User.objects.create_user(name, display_name=name)
        since = timezone.now() - timedelta(days=1)
        ground.appoint(user=user, role="PLANNER", area=area, since=since)
        found.append(user)
    return found[0], found[1]


def drawn(author: User, number: int) -> tuple[BoundaryPlan, list[float]]:
    """A plan of so many random transfers, splits and moved vertices."""
    chance = random.Random(number)
    plan = ground.begin_plan(name=f"{number}", district=DISTRICT, author=author, now=timezone.now())
    to_served = transform_of(plan)
    times: list[float] = []
    cells = plan_queries.cells_of(plan)
    while len(times) < number:
        kind, asked = random_edit(cells, chance, to_served)
        asked = {"asked": asked, "expected": plan.sequence, "actor": author, "now": timezone.now()}
        begun = time.perf_counter()
        try:
            plan = ground.edit_plan(plan=plan, kind=kind, **asked).plan
        except DomainError:
            continue
        times.append(time.perf_counter() - begun)
    return plan, times


def transform_of(plan: BoundaryPlan):
    return transformer(f"EPSG:{plan.record_srid}", SERVED).transform


def random_edit(cells, chance: random.Random, to_served):
    code = chance.choice(sorted(cells))
    shape = cells[code].shape
    x, y = chance.choice(shapely.get_coordinates(shape).tolist())
    wide = shape.area**0.5

    def place(px, py):
        return {"type": "Point", "coordinates": list(to_served(px, py))}

    kind = chance.choice(["TRANSFER", "TRANSFER", "SPLIT", "MOVE_VERTEX"])
    if kind == "MOVE_VERTEX":
        near = (x + chance.uniform(-9, 9), y + chance.uniform(-9, 9))
        return kind, {"at": place(x, y), "to": place(*near)}
    if kind == "SPLIT":
        west, south, east, north = shape.bounds
        at = chance.uniform(west + wide / 3, east - wide / 3)
        line = [list(to_served(at, py)) for py in (south - 9, north + 9)]
        return kind, {"cell": code, "lines": [{"type": "LineString", "coordinates": line}]}
    blob = shapely.Point(x, y).buffer(wide / 4, quad_segs=4)
    ring = [list(to_served(*spot)) for spot in shapely.get_coordinates(blob).tolist()]
    return kind, {"region": {"type": "Polygon", "coordinates": [ring]}, "to_cell": code}


def previewed(plan: BoundaryPlan, what: str, limit: float, rows: int):
    taken = min(timed(lambda: impact.impact(plan, timezone.now()))[0] for _ in range(3))
    peer, _found = timed(reassign_all)
    return [
        figure(
            f"preview of {what} over {rows} incidents",
            taken,
            "s",
            ("testing every incident", peer),
            f"<= {limit}",
            taken <= limit,
        )
    ]


def reassign_all() -> int:
    """What a system without pieces does: find the cell of every incident again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM incidents_incident AS i INNER JOIN geo_grid_cellboundary AS b"
            " ON ST_Intersects(b.geom, i.point) AND b.valid_during @> now()"
        )
        return cursor.fetchone()[0]


def approved(plan: BoundaryPlan, author: User, reviewer: User) -> BoundaryPlan:
    for decision, who in (("SUBMITTED", author), ("APPROVED", reviewer)):
        plan = ground.decide_plan(
            plan=plan,
            decision=decision,
            content_hash=plan.content_hash,
            actor=who,
            now=timezone.now(),
        )
    return plan


def published(plan: BoundaryPlan, author: User, reviewer: User, what: str, rows: int):
    plan = approved(plan, author, reviewer)
    taken, revision = timed(
        lambda: services.publish_plan(plan=plan, actor=reviewer, now=timezone.now())
    )
    moved = Handover.objects.filter(plan=plan).count()
    still = Incident.objects.filter(status__in=Incident.OPEN).count()
    return [
        figure(
            f"publication of {what} over {rows} incidents", taken, "s", wanted="<= 2", ok=taken <= 2
        ),
        figure(f"handed over by {what}, of {still} open", moved, "incidents"),
        figure(
            f"edges without a partner after {what}",
            revision.residual,
            "edges",
            wanted="0",
            ok=revision.residual == 0,
        ),
    ]


def taken_back(plan: BoundaryPlan, author: User, reviewer: User):
    before = plan.base.sha256
    begun = time.perf_counter()
    back = ground.revert_plan(plan=plan, author=author, now=timezone.now())
    back = approved(back, author, reviewer)
    revision = services.publish_plan(plan=back, actor=reviewer, now=timezone.now())
    taken = time.perf_counter() - begun
    return [
        figure(
            "roll-back of 400 edits, drawn, approved, published",
            taken,
            "s",
            wanted="<= 2, equal by hash",
            ok=taken <= 2 and revision.sha256 == before,
        )
    ]


def any_date():
    moment = GridRevision.objects.order_by("effective_at").last().effective_at
    wanted = CellBoundary.objects.filter(valid_during__contains=moment)
    cells = percentile([timed(lambda: list(wanted.values_list("pk")))[0] for _ in range(50)], 0.95)
    chance = random.Random(3)
    points = percentile(
        [
            timed(
                lambda: queries.cell_at(
                    chance.uniform(107.97, 108.1), chance.uniform(34.25, 34.31), moment
                )
            )[0]
            for _ in range(300)
        ],
        0.95,
    )
    return [
        figure("cells of any date, p95", cells * 1e3, "ms", wanted="<= 10", ok=cells <= 0.01),
        figure("point and date, p95", points * 1e3, "ms", wanted="<= 5", ok=points <= 0.005),
    ]


if __name__ == "__main__":
    main()
