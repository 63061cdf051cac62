"""Reports on the test ground, and a client that talks like a page."""

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import time_machine
from rest_framework.test import APIClient

from incidents import services, worktime
from tests.conftest import CORNER

SEED = Path(__file__).parents[2] / "incidents" / "fixtures" / "categories.csv"
MIDDLE = {"A1": (-0.005, 0.005), "A2": (0.005, 0.005), "A3": (-0.005, -0.005)}


@pytest.fixture
def categories(db):
    worktime._calendar_of.cache_clear()
    services.load_categories(path=SEED)


@pytest.fixture
def client():
    return APIClient(raise_request_exception=False)


@pytest.fixture
def as_user(client):
    def switch(user):
        client.force_authenticate(user)
        return client

    return switch


@pytest.fixture
def today(now):
    """The clock stands at `now`."""
    with time_machine.travel(now, tick=False):
        yield now


@pytest.fixture
def report(ground, categories, now):
    """report("A1") files a report in the middle of a cell; report(lon=, lat=) anywhere."""

    phones = count(1111)

    def file(cell="A1", *, lon=None, lat=None, category="0501", before=timedelta(0), phone=None):
        if lon is None:
            lon, lat = (side + shift for side, shift in zip(CORNER, MIDDLE[cell], strict=True))
        told = services.Report(
            category=category,
            location=services.Location(lon=lon, lat=lat),
            occurred_at=now - before,
            reporter_name="孙秘密",
            reporter_phone=phone or f"139{next(phones):08d}",
        )
        return services.report_incident(report=told, actor=None, now=now - before)

    return file
