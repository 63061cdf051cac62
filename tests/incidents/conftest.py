"""Categories, and a client that talks like a phone."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from geo_grid import services as ground_services
from geo_grid.models import Area, Department
from incidents import services, worktime
from incidents.models import Category, Incident, Part
from incidents.services import Location, Report
from tests.conftest import COMMUNITY, person

SEED = Path(__file__).parents[2] / "incidents" / "fixtures" / "categories.csv"
LIMITS = SEED.with_name("limits.csv")


@pytest.fixture
def categories(db):
    worktime._calendar_of.cache_clear()
    services.load_categories(path=SEED)


@pytest.fixture
def rules(categories):
    """Categories, limits and the work calendar."""
    services.load_limits(path=LIMITS)
    services.load_work_calendar(first_year=2025)


@pytest.fixture
def incident(ground, rules, now):
    """Rubbish in cell A1, reported now; its community leads and waits to accept."""
    location = services.Location(lon=108.045, lat=34.255)
    report = services.Report(category="0501", location=location, occurred_at=now)
    return services.report_incident(report=report, actor=None, now=now)


@pytest.fixture
def lead_part(incident):
    """The first part, without its clock, of a matter with five workdays."""
    Incident.objects.update(category=Category.objects.get(code="0102"))
    part = Part.objects.select_related("incident__category", "area").get(role="LEAD")
    part.clocks.all().delete()
    return part


@pytest.fixture
def department_part(incident, now):
    """The same case, now with five workdays, led by a department of the district."""
    Incident.objects.update(category=Category.objects.get(code="0102"))
    water = Department.objects.create(code="D14", name="水务局", name_en="Water", district="610403")
    Part.objects.filter(incident=incident).update(
        state="DONE", outcome="DISPATCHED", ended_at=now, accepted_at=now
    )
    incident.clocks.update(stopped_at=now, next_at=None)
    made = Part.objects.create(
        incident=Incident.objects.get(),
        role="LEAD",
        department=water,
        state="HANDLING",
        opened_at=now,
        accepted_at=now,
    )
    return Part.objects.select_related("incident__category", "department").get(pk=made.pk)


@pytest.fixture
def client():
    return APIClient(raise_request_exception=False)


@pytest.fixture
def as_user(client):
    def switch(user):
        client.force_authenticate(user)
        return client

    return switch


def photo_of(color=(0, 120, 0)):
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), color).save(kept, "JPEG")
    return kept.getvalue()


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def appoint_to(user, code):
    """An officer of the area of a code."""
    since = datetime(2020, 1, 1, tzinfo=UTC)
    area = Area.objects.get(code=code)
    ground_services.appoint(user=user, role="OFFICER", area=area, since=since)
    return user


def in_office(username, name, **ground):
    user = person(username, name)
    ground_services.appoint(
        user=user, role="OFFICER", since=datetime(2020, 1, 1, tzinfo=UTC), **ground
    )
    return user


@pytest.fixture
def tang(ground):
    """Officer of the town."""
    return in_office("tang", "唐丽", area=Area.objects.get(code="610403001"))


@pytest.fixture
def departments(ground):
    """Two departments of the district: urban management and water."""
    names = {"610403-D07": "城市管理执法局", "610403-D14": "水务局"}
    return {
        code: Department.objects.create(code=code, name=name, name_en=name, district="610403")
        for code, name in names.items()
    }


@pytest.fixture
def he(departments):
    """Officer of urban management."""
    return in_office("he", "何刚", department=departments["610403-D07"])


@pytest.fixture
def gao(departments):
    """Officer of the water office."""
    return in_office("gao", "高雪", department=departments["610403-D14"])


@pytest.fixture
def report(ground, rules):
    """File a report at a cell; answers the incident."""

    def send(now, category="0501", cell=f"{COMMUNITY}001", actor=None, **told):
        place = told.pop("location", None) or Location(cell=cell)
        told = {"description": "垃圾成堆", "reporter_phone": "13900000000"} | told
        return services.report_incident(
            report=Report(category=category, location=place, occurred_at=now, **told),
            actor=actor,
            now=now,
        )

    return send


@pytest.fixture
def move():
    """Make a move; answers what the service answers."""

    def make(incident, name, actor, now, **told):
        told = services.Told(**told)
        return services.make_move(
            number=incident.number, move=name, told=told, actor=actor, now=now
        )

    return make


@pytest.fixture
def today():
    return timezone.now()


@pytest.fixture
def case(report, today):
    return report(today, "0102")


@pytest.fixture
def send(as_user):
    def post(user, path, body):
        return as_user(user).post(f"/api/v1/incidents/{path}", body, format="json")

    return post
