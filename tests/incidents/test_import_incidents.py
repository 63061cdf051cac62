"""Bulk reports: assigned by the same rule, idempotent, rejects named."""

import gzip
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from io import StringIO
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from config.ticks import TICKS
from geo_grid import queries as ground_queries
from geo_grid.models import CellBoundary
from incidents import services
from incidents.management.commands import import_incidents
from incidents.models import Category, Clock, Incident, IncidentEvent, Part
from tests.conftest import CORNER
from tests.servers import database_address


def bring(path, **options):
    out, err = StringIO(), StringIO()
    fields = {"lon": "lon", "lat": "lat", "time": "time", "external_id": "id"} | options
    call_command("import_incidents", str(path), stdout=out, stderr=err, **fields)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def path(tmp_path, ground, categories):
    lines = ["id,lon,lat,time"]
    for n in range(60):
        lines.append(
            f"{n},{CORNER[0] - 0.009 + n * 0.0003:.6f},{CORNER[1] + 0.005},2026-09-01 10:{n:02d}:00"
        )
    lines += [
        "x1,abc,34,2026-09-01 10:00:00",
        "x2,108,34,soon",
        "x3,34.25,108.05,2026-09-01 10:00:00",
    ]
    file = tmp_path / "reports.csv"
    file.write_text("\n".join(lines))
    return file


def test_every_row_gets_the_cell_a_single_report_would(path):
    bring(path)
    assert Incident.objects.count() == 60
    for row in Incident.objects.select_related("cell"):
        cell = ground_queries.cell_at(row.point.x, row.point.y, row.occurred_at)
        assert row.cell_id == (cell and cell["cell_id"])
    assert IncidentEvent.objects.count() == 60


LIMITS = [("0501", 2, "workday"), ("0601", 4, "work_hour"), ("0102", 30, "clock_hour")]


def test_a_row_gets_what_a_single_report_would(path, lin, wang, settings):
    """On borders and corners, outside, on any second of the day, by days and by hours."""
    for code, value, unit in LIMITS:
        Category.objects.filter(code=code).update(limit_value=value, limit_unit=unit)
    chance = random.Random(11)
    corners = [
        spot for one in CellBoundary.objects.all() for ring in one.geom[0].coords for spot in ring
    ]
    lines = ["id,lon,lat,time,kind"]
    for number in range(300):
        lon, lat = chance.choice(corners)
        if number % 3:
            lon, lat = lon + chance.uniform(-0.004, 0.004), lat + chance.uniform(-0.004, 0.004)
        if number % 7 == 0:
            lon, lat = CORNER[0] - 0.01 - chance.uniform(0, 4e-4), CORNER[1] + 0.003
        moment = (
            f"2026-09-{chance.randint(1, 27):02d} {chance.randint(0, 23):02d}:17:{number % 60:02d}"
        )
        lines.append(f"{number},{lon!r},{lat!r},{moment},{chance.choice(LIMITS)[0]}")
    path.write_text("\n".join(lines))
    bring(path, category="kind")
    rows = list(Incident.objects.select_related("category"))
    assert len(rows) == 300 and len({row.reason for row in rows}) == 4
    for row in rows:
        place = services.Location(lon=row.source_lon, lat=row.source_lat)
        told = services.Report(row.category.code, place, row.occurred_at)
        single = services.report_incident(report=told, actor=None, now=row.occurred_at)
        for name in SAME:
            assert getattr(row, name) == getattr(single, name), (
                name,
                row.source_lon,
                row.source_lat,
            )


SAME = (
    *("cell_id", "boundary_id", "community_id", "district", "reason", "distance_m"),
    *("worker_id", "worker_post_id", "worker_rule", "due_at"),
)


def test_an_id_that_comes_twice_in_a_file_counts_once(path):
    path.write_text(
        "id,lon,lat,time\n1,108.045,34.255,2026-03-05 09:00\n1,108.046,34.255,2026-03-05 09:00\n"
    )
    _out, err = bring(path)
    assert Incident.objects.get().source_lon == 108.045 and "1" in err


def test_imported_open_cases_come_into_the_trays_once(path, capsys, now):
    """Asked for at once, or by the scheduler a minute later."""
    bring(path)
    call_command("open_imported")
    assert capsys.readouterr().out.startswith("60 cases")
    path.write_text(path.read_text().replace("\n0,", "\nlate,"))
    bring(path)
    assert Part.objects.count() == 60
    for _twice in range(2):
        for tick in TICKS:
            tick.run(now=now)
        assert Part.objects.filter(role="LEAD", state="WAITING").count() == 61
    call_command("open_imported")
    assert capsys.readouterr().out.startswith("0 cases")
    parts = Part.objects.filter(ended_at=None, role="LEAD")
    assert parts.count() == Clock.objects.filter(stopped_at=None, stage="ACCEPT").count() == 61
    assert all(part.area_id == part.incident.community_id for part in parts if part.incident.cell)


def test_a_second_run_adds_nothing(path):
    bring(path)
    bring(path)
    assert Incident.objects.count() == 60


def test_rejects_have_line_and_reason(path):
    bring(path)
    rejects = path.with_name("reports.csv.rejects.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in rejects] == ["line", "62", "63", "64"]
    assert "swapped" in rejects[3]


def test_a_default_coordinate_is_noticed(path):
    with path.open("a") as file:
        file.writelines(f"\nd{n},108.05,34.25,2026-09-01" for n in range(80))
    _out, err = bring(path)
    assert "108.05" in err


def test_gzip_and_a_wrong_column(path, tmp_path):
    packed = tmp_path / "r.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    bring(packed)
    assert Incident.objects.count() == 60
    with pytest.raises(CommandError, match="nix"):
        bring(path, lon="nix", source="r")
    (tmp_path / "broken.csv.gz").write_bytes(packed.read_bytes()[:50])
    with pytest.raises(CommandError):
        bring(tmp_path / "broken.csv.gz")


ROWS = (
    "id,lon,lat,time,text\n"
    '1,108.045,34.255,2026-03-05 09:00,"第一行\n第二行，含逗号"\n'
    "2,,34.255,2026-03-05 09:01,缺\n"
    '3,"108,0450","34,2550",2026-03-05 09:02,逗\n'
    "000123,108.045,34.255,2026-03-05 09:03,好\n"
    "123,108.045,34.255,2026-03-05 09:04,好\n"
)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_bad_rows_are_left_out_and_the_others_come_whole(ground, categories, tmp_path, encoding):
    file = tmp_path / "rows.csv"
    file.write_bytes(ROWS.encode(encoding))
    out, _err = bring(file, description="text")
    found = dict(Incident.objects.values_list("external_id", "description"))
    assert found == {"1": "第一行\n第二行，含逗号", "000123": "好", "123": "好"}
    rejects = file.with_name("rows.csv.rejects.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in rejects] == ["line", "4", "5"]
    assert "经度" in rejects[1] and "108,0450" in rejects[2] and "5" in out
    file.write_bytes(ROWS.partition("\n")[2].encode(encoding))
    with pytest.raises(CommandError, match="lon, lat, time, id, text[;\uff1b]"):
        bring(file, description="text")


def test_a_shell_learns_of_rejected_rows_by_the_exit_code(monkeypatch):
    monkeypatch.setattr(BaseCommand, "run_from_argv", lambda self, argv: None)
    command = import_incidents.Command()
    for rejected, told in ((2, pytest.raises(SystemExit, match="3")), (0, nullcontext())):
        command.rejects = SimpleNamespace(number=rejected)
        with told:
            command.run_from_argv([])


def test_rows_that_differ_are_named_and_not_doubled(path):
    bring(path)
    text = path.read_text().replace("10:07:00", "11:07:00").replace("10:09:00", "11:09:00")
    path.write_text(text + f"\nnew,{CORNER[0]},{CORNER[1]},2026-09-01")
    _out, err = bring(path)
    assert Incident.objects.count() == 61
    assert "7, 9" in err


def test_rows_without_an_id_are_not_stored_twice_unasked(path):
    bring(path, external_id="")
    with pytest.raises(CommandError, match="reports"):
        bring(path, external_id="")
    assert Incident.objects.count() == 60
    bring(path, external_id="", again=True)
    assert Incident.objects.count() == 120


def test_words_that_are_no_category_are_told(path):
    path.write_text(
        path.read_text().replace("lat,time", "lat,time,kind").replace(":00\n", ":00,puff\n")
    )
    _out, err = bring(path, category="kind")
    assert "60" in err and "99" in err


SLOWLY = """
import sys, time, django
django.setup()
from django.core.management import call_command
from incidents.services import bulk
bulk.BLOCK = bulk.BATCH = 200
blocks = bulk._blocks
def slowly(rows, size):
    for block in blocks(rows, size):
        yield block
        time.sleep(0.1)
bulk._blocks = slowly
call_command("import_incidents", sys.argv[1], "--lon=lon", "--lat=lat", "--time=time", "--external-id=id")
"""


def test_an_import_that_is_killed_is_gone_on_with(transactional_db, request, tmp_path):
    for name in ("ground", "categories"):
        request.getfixturevalue(name)
    file = tmp_path / "many.csv"
    rows = (f"{n},{108.041 + n * 3e-6:.6f},34.255,2026-09-01 10:00:00" for n in range(5000))
    file.write_text("\n".join(["id,lon,lat,time", *rows]))
    about = {"DATABASE_URL": database_address(), "DJANGO_SETTINGS_MODULE": "config.settings"}
    run = subprocess.Popen(
        [sys.executable, "-c", SLOWLY, str(file)],
        env=os.environ | about,
        cwd=settings.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while Incident.objects.count() < 1000 and run.poll() is None:
            time.sleep(0.05)
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    half = Incident.objects.count()
    assert 1000 <= half < 5000 and half % 200 == 0
    out, _err = bring(file)
    assert str(5000 - half) in out and str(half) in out
    assert Incident.objects.count() == IncidentEvent.objects.count() == 5000
    assert Incident.objects.values("external_id").distinct().count() == 5000


def test_a_nul_in_an_id_is_a_space(path):
    path.write_text("id,lon,lat,time\na\0b,108.045,34.255,2026-03-05 09:00\n")
    bring(path)
    assert Incident.objects.get().external_id == "a b"


def test_many_blocks_with_words_that_come_late(path, monkeypatch):
    """The file is read on while rows are written: nothing may be asked of the database then."""
    for name, size in (("BLOCK", 20), ("BATCH", 5)):
        monkeypatch.setattr(services.bulk, name, size)
    lines = [f"{n},108.04{n % 9},34.255,2026-03-05 09:{n % 60:02d},{n}" for n in range(90)]
    path.write_text("\n".join(["id,lon,lat,time,kind", *lines]))
    out, _err = bring(path, category="kind")
    assert Incident.objects.count() == 90 and "90" in out


def test_rows_that_another_import_stored_meanwhile(path, monkeypatch):
    bring(path)
    monkeypatch.setattr(services.bulk.sql, "rows", blind(services.bulk.sql.rows))
    with pytest.raises(CommandError, match="导入"):
        bring(path)
    assert Incident.objects.count() == 60


def blind(rows):
    """Knows of no report that is stored already."""
    return lambda package, name, *told: (
        [] if name == "known_reports" else rows(package, name, *told)
    )
