"""Views for QGIS: what they hold, and that the role of a district reads nothing else."""

import re

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from gridmaps.management.commands.qgis_views import VIEWS
from incidents import services
from incidents.models import Incident
from tests.config.test_matrix import FAR, second_district
from tests.conftest import COMMUNITY

PERSONAL = ("孙秘密", "13900001111", "垃圾成堆", "林小雨")
PASSWORD = "correct horse battery"


@pytest.fixture
def role():
    """A role of this database: the cluster has one set of roles for the databases of all workers."""
    return f"reader_{connection.settings_dict['NAME']}".lower()


def rows(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@pytest.fixture
def reading(role):
    """Whether the role may do it, in the transaction of the test."""

    def may(statement, reader=role):
        with transaction.atomic():
            rows_of = connection.cursor()
            rows_of.execute(f'SET LOCAL ROLE "{reader}"')
            try:
                with transaction.atomic():
                    rows_of.execute(statement)
                    return True
            except DatabaseError as error:
                assert re.search("permission denied|must be owner|cannot .* view", str(error))
                return False
            finally:
                rows_of.execute("RESET ROLE")

    return may


def test_the_views_hold_the_ground_and_open_incidents_without_persons(report, lin, role, now):
    one, closed = report("A1"), report("A2")
    Incident.objects.filter(pk=closed.pk).update(
        status="CLOSED", closed_at=now, closing="NORMAL", answer="x"
    )
    Incident.objects.update(description="垃圾成堆")
    for _twice in range(2):
        call_command("qgis_views", role=role)
    assert [len(rows(f"SELECT code FROM qgis_610403.{view}")) for view in ("cells", "areas")] == [
        4,
        3,
    ]
    told = rows("SELECT number, lamp, reported_at, due_at FROM qgis_610403.open_incidents")
    assert [row[0] for row in told] == [one.number]
    text = str([rows(f"SELECT row_to_json(v) FROM qgis_610403.{view} AS v") for view in VIEWS])
    assert one.number in text and not any(word in text for word in PERSONAL)
    names = rows(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'qgis_610403'"
    )
    assert not {"description", "reporter_id", "worker_id", "address"} & {row[0] for row in names}
    shapes = rows(
        "SELECT f_table_name, srid, type FROM geometry_columns WHERE f_table_schema = 'qgis_610403'"
    )
    assert {(view, srid) for view, srid, _type in shapes} == {(view, 4326) for view in VIEWS}
    assert {type_ for _view, _srid, type_ in shapes} <= {"POLYGON", "MULTIPOLYGON", "POINT"}


def test_the_role_reads_the_views_and_nothing_else(ground, role, reading):
    call_command("qgis_views", role=role)
    assert all(reading(f"SELECT * FROM qgis_610403.{view}") for view in VIEWS)
    tables = connection.introspection.table_names()
    assert {"geo_grid_user", "incidents_incident", "incidents_reporter"} <= set(tables)
    read = {name for name in tables if reading(f'SELECT 1 FROM "{name}"')}
    assert read <= {"spatial_ref_sys"}, "what PostGIS tells everybody"
    for statement in (
        "DELETE FROM qgis_610403.cells",
        "UPDATE qgis_610403.areas SET name = 'x'",
        "CREATE TABLE qgis_610403.mine ()",
        "CREATE TABLE public.mine ()",
        "CREATE SCHEMA mine",
        "DROP VIEW qgis_610403.cells",
    ):
        assert not reading(statement), statement


def test_the_role_of_one_district_reads_no_row_of_another(report, lin, role, reading):
    report("A1")
    far = second_district()
    place = services.Location(cell=far)
    told = services.Report(category="0501", location=place, occurred_at=timezone.now())
    there = services.report_incident(report=told, actor=None, now=timezone.now())
    here = Incident.objects.get(cell__code=f"{COMMUNITY}001")
    call_command("qgis_views", role=role)
    call_command("qgis_views", district=FAR[:6], role=f"{role}_far")
    found = {
        district: [
            {row[0] for row in rows(f"SELECT {key} FROM qgis_{district}.{view}")}
            for view, key in (("open_incidents", "number"), ("cells", "code"), ("areas", "code"))
        ]
        for district in ("610403", FAR[:6])
    }
    assert found["610403"][0] == {here.number} and found[FAR[:6]][0] == {there.number}
    assert found[FAR[:6]][1:] == [{far}, {FAR, FAR[:9], FAR[:6]}]
    assert len(found["610403"][1]) == 4
    assert all(code.startswith("610403") for code in found["610403"][1] | found["610403"][2])
    for reader, own, other in ((role, "610403", FAR[:6]), (f"{role}_far", FAR[:6], "610403")):
        for view in VIEWS:
            assert reading(f"SELECT * FROM qgis_{own}.{view}", reader)
            assert not reading(f"SELECT * FROM qgis_{other}.{view}", reader)
    with pytest.raises(CommandError, match=f"{role}.*qgis_610403"):
        call_command("qgis_views", district=FAR[:6], role=role)
    call_command("qgis_views", district=FAR[:6], remove=True)
    assert rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'qgis%'") == [("qgis_610403",)]


def test_a_condition_of_the_reader_sees_no_row_that_the_view_leaves_out(report, lin, role):
    """A cheap function would be asked before the district is, without the barrier."""
    second_district()
    call_command("qgis_views", role=role)
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE TABLE told (code text); GRANT ALL ON told TO PUBLIC;
            CREATE FUNCTION tell(code text) RETURNS boolean COST 0.0001 LANGUAGE plpgsql
            AS 'BEGIN INSERT INTO told VALUES (code); RETURN TRUE; END'"""
        )
    rows("SELECT code FROM qgis_610403.cells WHERE tell(code)")
    assert {code[:6] for (code,) in rows("SELECT code FROM told")} == {"610403"}
    options = "SELECT reloptions FROM pg_class c JOIN pg_namespace n ON relnamespace = n.oid"
    (*barriers,) = rows(f"{options} WHERE nspname = 'qgis_610403' AND relkind = 'v'")
    assert barriers == [(["security_barrier=true"],)] * len(VIEWS)


def test_the_views_of_all_districts_together_go(ground, role):
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA qgis")
    call_command("qgis_views", role=role)
    assert rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'qgis%'") == [("qgis_610403",)]


def test_a_password_makes_the_role_a_login(transactional_db, ground, role, tmp_path):
    """Through the file and a connection of its own, as QGIS opens it."""
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    try:
        call_command("qgis_views", role=role)
        with pytest.raises(psycopg2.OperationalError, match="not permitted to log in"):
            psycopg2.connect(**server(role))
        call_command("qgis_views", role=role, password_file=path)
        (kept,) = rows(f"SELECT rolpassword FROM pg_authid WHERE rolname = '{role}'")
        assert kept[0].startswith("SCRAM-SHA-256$") and PASSWORD not in kept[0]
        with psycopg2.connect(**server(role)) as line, line.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM qgis_610403.cells")
            assert cursor.fetchone() == (4,)
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute("SELECT * FROM geo_grid_user")
        line.close()
    finally:
        call_command("qgis_views", remove=True)
        with connection.cursor() as cursor:
            cursor.execute(f'DROP OWNED BY "{role}"')
            cursor.execute(f'DROP ROLE "{role}"')
    assert rows("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'qgis%'") == []


def server(role):
    told = connection.settings_dict
    return {
        "host": told["HOST"],
        "port": told["PORT"],
        "dbname": told["NAME"],
        "user": role,
        "password": PASSWORD,
    }


def test_what_cannot_be_made_is_one_sentence_and_leaves_nothing(ground, role, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE ROLE "{role}_plain" NOLOGIN')
        cursor.execute(f'GRANT SELECT ON geo_grid_area TO "{role}_plain"')
        cursor.execute(f'SET LOCAL ROLE "{role}_plain"')
        try:
            with pytest.raises(CommandError, match=f"CREATE ROLE {role};"):
                call_command("qgis_views", role=role)
        finally:
            cursor.execute("RESET ROLE")
    assert rows("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'qgis%'") == []
    short, empty = tmp_path / "short", tmp_path / "empty"
    short.write_text("1234")
    empty.write_text("\n")
    for wrong in (
        {"role": 'x"; DROP TABLE y'},
        {"role": role, "password_file": tmp_path / "none"},
        {"role": role, "password_file": short},
        {"role": role, "password_file": empty},
        {"role": role, "district": "610499"},
        {"role": role, "district": '6"; DROP'},
        {"role": role, "district": COMMUNITY},
    ):
        with pytest.raises(CommandError):
            call_command("qgis_views", **wrong)
    assert rows("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'qgis%'") == []
