"""The cast and the ground they stand on: four square cells in one community.

A1 | A2        each cell is 0.01 degrees wide; the shared corner is at 108.05, 34.25
---+---        worker Lin has A1, station head Wang the community, officer Zhao the
A3 | A4        district, stranger Qian nothing
"""

import gc
import os
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from importlib import import_module

import pytest
import shapely
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.cache import cache as kept

from core import recent
from geo_grid import districts, services
from geo_grid.coordinates import SERVED, transformer
from geo_grid.models import Area, Cell, User

COMMUNITY = "610403001001"
CORNER = (108.05, 34.25)
SIZE = 0.01


def pytest_collection_finish():
    """What is loaded by now stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _all_views():
    """Views read their throttles when they are imported: not while a test has others."""
    import_module(settings.ROOT_URLCONF)


@pytest.fixture(autouse=True)
def _clean_cache():
    kept.clear()
    recent.forget()
    districts.forget()


@pytest.fixture
def now():
    return datetime(2026, 9, 29, 2, 0, tzinfo=UTC)  # 10:00 in Yangling, a Tuesday


def square(column: int, row: int) -> shapely.Polygon:
    """A cell of the test ground in the metric CRS, with vertices shared by its neighbours."""
    west, south = CORNER[0] + (column - 1) * SIZE, CORNER[1] + (row - 1) * SIZE
    shape = shapely.box(west, south, west + SIZE, south + SIZE)
    to_metric = transformer(SERVED, f"EPSG:{settings.METRIC_SRID}").transform
    return shapely.transform(shape, to_metric, interleaved=False)


@pytest.fixture
def ground(db, now):
    """Four published cells; {"A1": Cell, ...}."""
    services.ensure_community(code=COMMUNITY, name="永安社区")
    places = {"A1": (0, 1), "A2": (1, 1), "A3": (0, 0), "A4": (1, 0)}
    shapes = [
        services.CellShape(
            f"{COMMUNITY}{int(name[1]):03d}", f"永安第{name[1]}网格", COMMUNITY, square(*spot)
        )
        for name, spot in places.items()
    ]
    plan = services.draft_plan(
        name="test", cells=shapes, srid=settings.METRIC_SRID, provenance="test", now=now
    )
    services.publish_plan(plan=plan, now=now)
    return {f"A{int(cell.code[-3:])}": cell for cell in Cell.objects.all()}


@cache
def hashed(password: str) -> str:
    """Argon2 takes its time on purpose: once for each worker is enough."""
    return make_password(password)


def person(username: str, name: str) -> User:
    return User.objects.create(
        username=username, password=hashed("x"), display_name=name, phone="19900000001"
    )


@pytest.fixture
def lin(ground, now):
    """Worker of cell A1."""
    user = person("lin", "林小雨")
    services.appoint(
        user=user, role="WORKER", cell=ground["A1"], since=datetime(2020, 1, 1, tzinfo=UTC)
    )
    return user


@pytest.fixture
def wang(ground, now):
    """Head of the community."""
    user = person("wang", "王建国")
    area = Area.objects.get(code=COMMUNITY)
    services.appoint(user=user, role="CELL_HEAD", area=area, since=datetime(2020, 1, 1, tzinfo=UTC))
    return user


@pytest.fixture
def zhao(ground, now):
    """Officer of the district."""
    user = person("zhao", "赵敏")
    area = Area.objects.get(code="610403")
    services.appoint(user=user, role="OFFICER", area=area, since=datetime(2020, 1, 1, tzinfo=UTC))
    return user


@pytest.fixture
def sun(ground, now):
    """Planner of the town: draws."""
    user = person("sun", "孙立")
    area = Area.objects.get(code=COMMUNITY[:9])
    services.appoint(user=user, role="PLANNER", area=area, since=datetime(2020, 1, 1, tzinfo=UTC))
    return user


@pytest.fixture
def zhou(ground, now):
    """Planner of the district: reviews and publishes."""
    user = person("zhou", "周敏")
    area = Area.objects.get(code="610403")
    services.appoint(user=user, role="PLANNER", area=area, since=datetime(2020, 1, 1, tzinfo=UTC))
    return user


@pytest.fixture
def qian(db):
    """A stranger with an account and no post."""
    return person("qian", "钱多多")


@pytest.fixture(scope="session")
def static_root(tmp_path_factory):
    """The collected static files, once for all tests of a worker."""
    folder = str(tmp_path_factory.mktemp("static"))
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(collect, env=os.environ | {"STATIC_ROOT": folder}, cwd=settings.ROOT, check=True)
    return folder
