"""The ground, seen by real processes, and somebody who may do everything in it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from deploy.cluster import BIN
from geo_grid import services as ground_services
from geo_grid.models import ApiToken, Area, Department
from incidents import services, worktime
from tests.conftest import COMMUNITY
from tests.reliability import processes
from tests.reliability.clusters import Cluster
from tests.servers import database_address

SEED = Path(__file__).parents[2] / "incidents" / "fixtures" / "categories.csv"


@pytest.fixture
def staged(transactional_db, ground, lin):
    """Ground, worker, categories, limits and calendar, in a database that other processes see."""
    worktime._calendar_of.cache_clear()
    services.load_categories(path=SEED)
    services.load_limits(path=SEED.with_name("limits.csv"))
    services.load_work_calendar(first_year=datetime.now(UTC).year - 1)


@pytest.fixture(scope="module")
def web(django_db_setup, static_root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    more = {"MEDIA_ROOT": str(folder / "media"), "BASE_MAPS": str(folder / "basemaps")}
    more["STATIC_ROOT"] = static_root
    server = processes.start(database_address(), **more)
    yield server
    server.stop()


@pytest.fixture
def zhou(zhou):
    """Planner and officer of the district, officer of its community, and administrator."""
    since = datetime(2020, 1, 1, tzinfo=UTC)
    for code in ("610403", COMMUNITY):
        area = Area.objects.get(code=code)
        ground_services.appoint(user=zhou, role="OFFICER", area=area, since=since)
    Department.objects.create(code="610403-D14", name="水务局", name_en="Water", district="610403")
    zhou.is_staff = zhou.is_superuser = True
    zhou.save()
    return zhou


@pytest.fixture
def token(zhou):
    told = {"now": datetime.now(UTC), "scopes": ApiToken.Scope.values}
    return ground_services.issue_token(user=zhou, label="test", **told)


@pytest.fixture
def case(staged):
    """One case in A1 that waits in its community."""
    report = services.Report(
        category="0501",
        location=services.Location(lon=108.045, lat=34.255),
        occurred_at=datetime.now(UTC),
        reporter_phone="13900000000",
    )
    return services.report_incident(report=report, actor=None, now=datetime.now(UTC))


@pytest.fixture
def plan(staged, zhou):
    return ground_services.begin_plan(
        name="test", district="610403", author=zhou, now=datetime.now(UTC)
    )


@pytest.fixture
def worker_key(staged, lin):
    """A token of whoever has the cell of the reports."""
    told = {"now": datetime.now(UTC), "scopes": ApiToken.Scope.values}
    return ground_services.issue_token(user=lin, label="phone", **told)


@pytest.fixture
def cluster(staged, worker_key):
    if not (BIN / "initdb").exists():
        pytest.skip("no PostgreSQL 15 server programs here")
    made = Cluster()
    try:
        made.fill(connection.settings_dict)
        yield made
    finally:
        made.remove()
