"""The scheduler as a process: killed, started twice, late."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from config.management.commands.scheduler import KEY
from incidents import services
from incidents.models import Category, Clock, Incident, IncidentEvent, Part, Supervision

NUMBER = 2000
HELD = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE locktype = 'advisory' AND classid = %s AND datname = current_database()
"""
COMMAND = [sys.executable, "manage.py", "scheduler"]


@pytest.fixture
def due_clocks(transactional_db, ground):
    """Many clocks that were due long ago, each with two levels to reach."""
    services.load_categories(path=settings.ROOT / "incidents" / "fixtures" / "categories.csv")
    make_due_clocks(ground["A1"], NUMBER)


def make_due_clocks(cell, number):
    start = timezone.now() - timedelta(days=30)
    boundary = cell.boundaries.get()
    shared = {
        "category": Category.objects.get(code="0501"),
        "cell": cell,
        "community_id": boundary.community_id,
        "district": cell.district,
        "reason": "INSIDE",
        "occurred_at": start,
        "reported_at": start,
        "status": "REPORTED",
    }
    cases = Incident.objects.bulk_create(
        Incident(number=f"{index:013d}", **shared) for index in range(number)
    )
    parts = Part.objects.bulk_create(
        Part(
            incident=case,
            role="LEAD",
            area_id=boundary.community_id,
            state="WAITING",
            opened_at=start,
        )
        for case in cases
    )
    Clock.objects.bulk_create(
        Clock(
            part=part,
            incident=part.incident,
            stage="ACCEPT",
            started_at=start,
            unit="workday",
            yellow=1,
            warn_at=start + timedelta(days=1),
            due_at=start + timedelta(days=2),
            next_at=start + timedelta(days=1),
        )
        for part in parts
    )


def environment():
    server = connection.settings_dict
    host = server["HOST"].replace("/", "%2F")
    address = (
        f"postgis://{server['USER']}:{server['PASSWORD']}@{host}:{server['PORT']}/{server['NAME']}"
    )
    return os.environ | {"DATABASE_URL": address}


def start():
    return subprocess.Popen(COMMAND, cwd=settings.ROOT, env=environment(), stderr=subprocess.PIPE)


def waiting():
    return Clock.objects.filter(next_at__isnull=False).count()


def nobody_holds_the_lock():
    with connection.cursor() as cursor:
        cursor.execute(HELD, [KEY >> 32])
        return cursor.fetchone()[0] == 0


def until(condition, seconds=40):
    for _ in range(seconds * 50):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("did not happen")


def test_a_killed_scheduler_fires_nothing_twice_and_skips_nothing(due_clocks):
    killed_at = []
    for _round in range(3):
        process, left = start(), waiting()
        until(lambda left=left: waiting() < left or not waiting())
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed_at.append(waiting())
    assert 0 < killed_at[0] < NUMBER, "the kill came in the middle"
    until(nobody_holds_the_lock)  # the database hears of a death after its last statement
    call_command("scheduler", "--once")
    assert waiting() == 0
    for level, kind in ((1, "WARNED"), (4, "YELLOW_CARD")):
        assert Supervision.objects.filter(level=level, by_rule=True).count() == NUMBER
        told = IncidentEvent.objects.filter(kind=kind)
        assert told.count() == NUMBER == told.values("incident").distinct().count()
    call_command("scheduler", "--once")
    assert Supervision.objects.count() == IncidentEvent.objects.count() == 2 * NUMBER


@pytest.mark.soak
def test_a_second_scheduler_stands_by_and_takes_over(due_clocks):
    first = start()
    until(lambda: waiting() == 0)
    second = start()
    Clock.objects.filter(fired=4).update(fired=1, level=1, next_at=timezone.now())
    Supervision.objects.filter(level=4).delete()
    until(lambda: waiting() == 0)
    cut_off(first)
    assert b"lost" in first.communicate(timeout=20)[1]
    assert first.returncode == 1
    Clock.objects.filter(fired=4).update(fired=1, level=1, next_at=timezone.now())
    Supervision.objects.filter(level=4).delete()
    until(lambda: waiting() == 0)
    second.send_signal(signal.SIGTERM)
    assert second.wait(20) == 0
    second.communicate()


def cut_off(process):
    """End the database connection that holds the scheduler's lock."""
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        " AND granted AND (classid::bigint << 32) = %s"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with connections["default"].cursor() as cursor:
        cursor.execute(end, [KEY])
        assert cursor.rowcount == 1, process.pid
