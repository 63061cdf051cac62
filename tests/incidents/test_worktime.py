"""The work calendar in the database: loaded, edited, and missed long before it is needed."""

from datetime import UTC, date, datetime, time

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction

from config.checks import work_calendar
from core.errors import Invalid
from geo_grid.models import Area
from incidents import services, worktime
from incidents.models import OfficeCalendar, WorkCalendar, WorkCalendarDay

AUTUMN = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def loaded(db):
    worktime._calendar_of.cache_clear()
    services.load_work_calendar(first_year=2025)


def test_2026_10_10_is_a_workday_and_edits_survive_loading(loaded):
    assert worktime.work_calendar(AUTUMN).is_workday(date(2026, 10, 10))
    WorkCalendarDay.objects.filter(date=date(2026, 10, 10)).update(
        morning_from=None, morning_to=None, afternoon_from=None, afternoon_to=None
    )
    services.load_work_calendar(first_year=2025)
    worktime._calendar_of.cache_clear()
    assert not worktime.work_calendar(AUTUMN).is_workday(date(2026, 10, 10))


def test_a_missing_year_is_told_long_before(loaded):
    assert worktime.missing_years(datetime(2026, 9, 1, tzinfo=UTC)) == []
    assert worktime.missing_years(AUTUMN) == [2027]
    WorkCalendarDay.objects.create(date=date(2027, 1, 1), note="somebody was early")
    assert worktime.missing_years(AUTUMN) == [2027]


def test_the_system_check_warns(db):
    missing = work_calendar(None, ["default"])
    assert {warning.id for warning in missing} == {"gridkeeper.W001"}
    assert work_calendar(None, None) == []


def test_a_published_year_is_loaded_from_its_exceptions(loaded, tmp_path):
    file = tmp_path / "2027.csv"
    file.write_text("date,workday,note\n2027-01-01,0,元旦\n2027-01-02,1,调休\n")
    assert services.publish_year(path=file) == 365
    worktime._calendar_of.cache_clear()
    assert worktime.missing_years(AUTUMN) == []
    calendar = worktime.work_calendar(AUTUMN)
    days = [calendar.is_workday(date(2027, 1, day)) for day in (1, 2, 3, 4)]
    assert days == [False, True, False, True]


@pytest.mark.parametrize("line", ["2028-01-01,0,", "2027-13-01,0,", "2027-01-01,yes,"])
def test_a_gap_or_a_wrong_line_loads_nothing(loaded, tmp_path, line):
    file = tmp_path / "year.csv"
    file.write_text(f"date,workday,note\n{line}\n")
    before = WorkCalendarDay.objects.count()
    with pytest.raises(Invalid):
        services.publish_year(path=file)
    assert WorkCalendarDay.objects.count() == before


def test_the_database_refuses_impossible_hours(loaded):
    wrong = [
        {"morning_from": time(12), "morning_to": time(8)},
        {"morning_to": time(15)},
        {"afternoon_to": None},
    ]
    for hours in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkCalendarDay.objects.create(date=date(2030, 1, 1), **hours)


def test_a_calendar_in_use_cannot_be_deleted_in_the_admin(loaded, ground, rf, zhao):
    request, zhao.is_superuser, zhao.is_staff = rf.get("/"), True, True
    request.user = zhao
    own = WorkCalendar.objects.create(name="market days")
    pages = admin.site._registry[WorkCalendar]
    assert pages.has_delete_permission(request, own)
    OfficeCalendar.objects.create(calendar=own, area=Area.objects.get(code="610403"))
    assert not pages.has_delete_permission(request, own)
