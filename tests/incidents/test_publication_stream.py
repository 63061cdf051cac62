"""Reports stream in while the map is redrawn: each is in exactly one cell, valid at its moment."""

import random
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from geo_grid import queries
from incidents import services
from incidents.models import Incident
from tests.conftest import COMMUNITY, CORNER, SIZE
from tests.incidents.test_handover import Planner, category, line  # noqa: F401

X, Y = CORNER


def stream(per_second, until, failures, seed):
    """Somebody who reports all the time, at random places, many of them on borders."""
    chance = random.Random(seed)
    try:
        while datetime.now(UTC) < until:
            lon = X + chance.choice([0, -SIZE / 2, chance.uniform(-SIZE, SIZE)])
            lat = Y + chance.choice([0, chance.uniform(-SIZE, SIZE)])
            now = datetime.now(UTC)
            told = services.Report("0101", services.Location(lon=lon, lat=lat), now)
            services.report_incident(report=told, actor=None, now=now)
            time.sleep(1 / per_second)
    except Exception as error:
        failures.append(repr(error))
    finally:
        connections.close_all()


def redraw(sun, zhou, number):
    """Cut a cell, or merge the pieces again."""
    now = datetime.now(UTC)
    planner = Planner(sun, zhou, now)
    cell = f"{COMMUNITY}001"
    if number % 2 == 0:
        share = 0.5 if number % 4 else 0.3
        x = X - SIZE + share * SIZE
        planner.draw("SPLIT", cell=cell, lines=[line((x, Y - 0.001), (x, Y + 0.011))])
    else:
        codes = [row["code"] for row in now_in_force() if row["code"] > f"{COMMUNITY}004"]
        planner.draw("MERGE", cells=[cell, *codes], into=cell)
    planner.approve().publish(datetime.now(UTC))


def now_in_force():
    return queries.boundaries_at(datetime.now(UTC))


def run(seconds, per_second, every, request):
    ground = request.getfixturevalue("ground")
    request.getfixturevalue("category")
    sun, zhou = request.getfixturevalue("sun"), request.getfixturevalue("zhou")
    assert ground
    failures = []
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    threads = [
        threading.Thread(target=stream, args=(per_second / 2, until, failures, n)) for n in (1, 2)
    ]
    for thread in threads:
        thread.start()
    number = 0
    while datetime.now(UTC) < until - timedelta(seconds=0.5):
        redraw(sun, zhou, number)
        number += 1
        time.sleep(every)
    for thread in threads:
        thread.join()
    assert failures == []
    return number


def check():
    """Every report against the rule, one by one; open ones belong to a cell of today."""
    later = datetime.now(UTC)
    seen = 0
    for incident in Incident.objects.select_related("boundary"):
        told = queries.cell_at(incident.point.x, incident.point.y, incident.occurred_at)
        today = queries.cell_at(incident.point.x, incident.point.y, later)
        assert incident.occurred_at in incident.boundary.valid_during, incident.pk
        assert incident.boundary_id == told["boundary_id"], incident.pk
        assert incident.cell_id == today["cell_id"], incident.pk
        seen += 1
    return seen


def test_each_report_is_in_one_cell_valid_at_its_moment(transactional_db, request):
    published = run(6, 50, 0.2, request)
    assert published >= 3
    assert check() > 60


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_a_minute_of_it(transactional_db, request):
    assert run(60, 50, 1, request) > 20
    assert check() > 1000
