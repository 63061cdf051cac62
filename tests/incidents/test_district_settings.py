"""Reports of a district with a clock and holidays of its own, beside one of ours."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import geopandas
import pytest
from django.core.management import call_command
from shapely import box

from core.errors import Invalid
from geo_grid import districts
from geo_grid import services as ground_services
from geo_grid.models import Area, User
from incidents import board, queries, services, worktime
from incidents.indicators import Period
from incidents.models import Clock, Incident
from incidents.serializers.statistics import StatisticsIn, as_statistics
from tests.conftest import person
from tests.incidents.conftest import appoint_to

NIGHT = datetime(2026, 10, 2, 1, 30, tzinfo=UTC)  # Thursday 21:30 in Boston, Friday 09:30 here
BOSTON = services.Location(lon=-71.095, lat=42.305)
AREAS = "code,name,level,parent\nBOS,Boston,district,\nT,Town,town,BOS\nC,Community,community,T\n"


@pytest.fixture
def boston(ground, rules, tmp_path):
    """One cell; 12 October is a holiday there, and nothing of China's is."""
    (tmp_path / "areas.csv").write_text(AREAS)
    (tmp_path / "days.csv").write_text("date,workday,note\n2026-10-12,0,Columbus Day\n")
    call_command("import_areas", tmp_path / "areas.csv", stdout=StringIO())
    ground_services.set_district(district="BOS", time_zone="America/New_York", metric_srid=32619)
    districts.forget()
    services.publish_district_days(path=tmp_path / "days.csv", district="BOS")
    worktime._calendar_of.cache_clear()
    table = geopandas.GeoDataFrame(
        {"code": ["A1"], "home": ["C"]}, geometry=[box(-71.1, 42.3, -71.09, 42.31)], crs=4326
    )
    table.to_file(tmp_path / "cells.gpkg")
    call_command(
        "import_boundaries",
        tmp_path / "cells.gpkg",
        code_field="code",
        name_field="code",
        community_field="home",
        district="BOS",
        publish=True,
        stdout=StringIO(),
    )
    yield Area.objects.get(own_code="BOS")
    districts.forget()


def report(location):
    told = services.Report(category="0501", location=location, occurred_at=NIGHT)
    return services.report_incident(report=told, actor=None, now=NIGHT)


def test_the_day_in_the_number_is_the_districts(boston):
    assert report(BOSTON).number.startswith("261001")
    assert report(services.Location(lon=108.045, lat=34.255)).number.startswith("261002")


def test_deadlines_keep_the_districts_clock_and_holidays(boston):
    """Four business hours: on Friday in Boston; after the national holidays in Yangling."""
    there, here = report(BOSTON), report(services.Location(lon=108.045, lat=34.255))
    assert there.due_at == datetime(2026, 10, 2, 18, 30, tzinfo=UTC)  # 14:30 in Boston
    assert here.due_at == datetime(2026, 10, 8, 6, 30, tzinfo=UTC)  # 14:30 in Yangling
    clock = Clock.objects.get(incident=there, stage="ACCEPT")
    assert clock.due_at == there.due_at  # no office has longer than the category itself
    calendar = queries.work_calendar(NIGHT, district=boston.code)
    columbus, here_at_work = date(2026, 10, 12), date(2026, 10, 10)
    assert not calendar.is_workday(columbus) and not calendar.is_workday(here_at_work)
    ours = queries.work_calendar(NIGHT, district="610403")
    assert ours.is_workday(columbus) and ours.is_workday(here_at_work)


def test_lists_and_counts_of_an_officer_end_at_the_district(boston, now):
    mine, other = report(BOSTON), report(services.Location(lon=108.045, lat=34.255))
    for code, seen in ((boston, mine), (Area.objects.get(code="610403"), other)):
        user = person(f"u{code.code}", "某")
        since = datetime(2020, 1, 1, tzinfo=UTC)
        ground_services.appoint(user=user, role="OFFICER", area=code, since=since)
        assert list(queries.incidents(user, NIGHT)) == [seen]
        assert queries.counts(user, NIGHT)["open"] == 1


def test_bulk_and_single_reports_of_a_district_get_the_same_deadline(boston, tmp_path):
    single = report(BOSTON)
    file = tmp_path / "rows.csv"
    file.write_text(
        "id,lon,lat,time,kind\n1,-71.095,42.305,2026-10-01 21:30,0501\n2,0,0,2026-10-01 21:30,0501"
    )
    call_command(
        "import_incidents",
        file,
        lon="lon",
        lat="lat",
        time="time",
        category="kind",
        external_id="id",
        district="BOS",
        stdout=StringIO(),
        stderr=StringIO(),
    )
    row, outside = Incident.objects.exclude(external_id="").order_by("external_id")
    assert (row.occurred_at, row.due_at) == (NIGHT, single.due_at)
    assert row.number.startswith("261001") and row.cell == single.cell
    assert (outside.cell, outside.district) == (None, boston.code)


HERE = services.Location(lon=108.045, lat=34.255)
LATER = NIGHT + timedelta(hours=2)  # still Thursday in Boston


@pytest.fixture
def officers(boston):
    """One of Boston, one of here, and one of both."""
    grounds = {"bo": [boston], "yl": [Area.objects.get(code="610403")]}
    grounds["both"] = grounds["bo"] + grounds["yl"]
    made = {}
    for name, areas in grounds.items():
        made[name] = person(name, "某")
        for area in areas:
            since = datetime(2020, 1, 1, tzinfo=UTC)
            ground_services.appoint(user=made[name], role="OFFICER", area=area, since=since)
    return made


def test_a_reporter_is_told_the_time_on_the_clock_of_the_district(boston):
    there, here = (services.answer_to(incident=report(one)) for one in (BOSTON, HERE))
    assert there["reported_at"] == "2026-10-01T21:30:00-04:00"
    assert there["due_at"] == "2026-10-02T14:30:00-04:00"
    assert here["reported_at"] == "2026-10-02T09:30:00+08:00"
    zones = [queries.track(one["number"])["zone"] for one in (there, here)]
    assert zones == ["America/New_York", "Asia/Shanghai"]


def test_a_day_of_the_statistics_is_one_of_the_district_where_one_is_meant(boston, officers):
    report(BOSTON), report(HERE)

    def counted(viewer, day, area=""):
        period = Period(date(2026, 10, day), date(2026, 10, day))
        table = queries.statistics(viewer, LATER, period, "area", area)
        return table.total.now.reported

    assert [counted(officers["bo"], day) for day in (1, 2)] == [1, 0]
    assert [counted(officers["yl"], day) for day in (1, 2)] == [0, 1]
    for both in (officers["both"], User.objects.create_superuser("root", password="x")):
        assert [counted(both, day) for day in (1, 2)] == [0, 2]  # the clock of the site
        assert [counted(both, day, boston.code) for day in (1, 2)] == [1, 0]


def test_an_unasked_period_ends_today_in_the_district(officers):
    for name, today in (("bo", date(2026, 10, 1)), ("yl", date(2026, 10, 2))):
        asked = StatisticsIn(data={})
        asked.is_valid(raise_exception=True)
        question = asked.question(officers[name], LATER)
        assert question["period"].last == today
        told = as_statistics(queries.statistics(officers[name], LATER, **question))
        assert datetime.fromisoformat(told["until"]).date() == today


def test_today_on_the_board_is_today_in_the_district(officers):
    report(BOSTON), report(HERE)
    noon = NIGHT + timedelta(hours=8)  # Friday 05:30 in Boston, 17:30 here
    for name, new in (("bo", 0), ("yl", 1)):
        assert queries.counts(officers[name], noon)["today"] == new
    friday = date(2026, 10, 2)
    begins = {name: board.day_of(one, friday, noon)[0] for name, one in officers.items()}
    assert begins["bo"] == datetime(2026, 10, 2, 4, tzinfo=UTC)
    assert begins["yl"] == begins["both"] == datetime(2026, 10, 1, 16, tzinfo=UTC)


def test_pages_show_the_clock_of_the_viewer_s_district(officers, client):
    zones = {"bo": "America/New_York", "yl": "Asia/Shanghai", "both": "Asia/Shanghai"}
    for name, zone in zones.items():
        client.force_login(officers[name])
        for address in ("/desk/", "/command/", "/wall/"):
            assert f'data-zone="{zone}"' in client.get(address).content.decode(), (name, address)
    code = Area.objects.get(own_code="C").code
    assert 'data-zone="America/New_York"' in client.get(f"/kiosk/{code}/").content.decode()


def test_a_date_to_wait_for_lies_ahead_on_the_clock_of_the_district(boston, move):
    officers = [appoint_to(person(one, "某"), Area.objects.get(own_code=one).code) for one in "CT"]
    case = report(BOSTON)
    move(case, "accept", officers[0], LATER)
    with pytest.raises(Invalid):
        move(case, "suspend", officers[1], LATER, note="等", until=date(2026, 10, 1))
    move(case, "suspend", officers[1], LATER, note="等", until=date(2026, 10, 2))
