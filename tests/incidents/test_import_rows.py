"""Rows of report files that are not as they should be, or that time has overtaken."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from django.core.management import CommandError
from django.utils import timezone

from core import sql
from geo_grid import services as services_of_ground
from incidents import services
from incidents.models import Incident
from incidents.services import bulk
from tests.conftest import COMMUNITY, square
from tests.incidents.test_import_incidents import SAME, bring


def rejects_of(file):
    lines = file.with_name(f"{file.name}.rejects.csv").read_text("utf-8-sig").splitlines()
    return dict(line.split(",", 1) for line in lines[1:])


def test_rows_that_do_not_fit_the_header_or_never_close_a_quote(ground, categories, tmp_path):
    file = tmp_path / "rows.csv"
    good = "108.045,34.255,2026-03-05 09:00"
    rows = [
        "id,lon,lat,time,text",
        f"1,{good},sound",
        f"2,108,5,34,2,{good[-16:]},decimal comma",
        f"3,{good}",
        f'4,{good},"shut"not',
        f"5,{good},sound",
        f'6,{good},"open',
        f"7,{good},swallowed",
    ]
    file.write_text("\n".join(rows) + "\n")
    out, _err = bring(file, description="text")
    assert set(Incident.objects.values_list("external_id", flat=True)) == {"1", "5"}
    rejects = rejects_of(file)
    assert list(rejects) == ["3", "4", "5", "7", "8"]
    assert "7/5" in rejects["3"] and "4/5" in rejects["4"] and rejects["8"]
    assert "7" in out and "2" in out


def test_a_blank_id_is_refused_where_ids_are_named(ground, categories, tmp_path):
    file = tmp_path / "rows.csv"
    good = "108.045,34.255,2026-03-05 09:00"
    file.write_text(f"id,lon,lat,time\n1,{good}\n,{good}\n  ,{good}\n")
    for _twice in range(2):
        bring(file)
        assert Incident.objects.count() == 1
        assert list(rejects_of(file)) == ["3", "4"]


def test_a_renamed_copy_is_not_stored_twice_unasked(ground, categories, tmp_path):
    path, copy, packed = (tmp_path / name for name in ("reports.csv", "copy.csv", "packed.csv.gz"))
    good = "108.045,34.255,2026-03-05 09:00"
    path.write_text("id,lon,lat,time\n" + "".join(f"{n},{good}\n" for n in range(3)))
    copy.write_bytes(path.read_bytes())
    packed.write_bytes(gzip.compress(path.read_bytes()))
    bring(path)
    for other in (copy, packed):
        for external_id in ("id", ""):
            with pytest.raises(CommandError, match="reports"):
                bring(other, external_id=external_id)
    bring(copy, source="reports")
    assert Incident.objects.count() == 3
    bring(copy, again=True)
    assert Incident.objects.count() == 6


def test_a_row_without_a_point_is_located_by_the_code_of_its_cell(
    ground, categories, lin, tmp_path
):
    code = ground["A1"].code
    file = tmp_path / "rows.csv"
    file.write_text(
        "id,lon,lat,time,cell\n"
        "000123,108.055,34.255,2026-03-05 09:00,\n"
        f"123,,,2026-03-05 09:05,{code}\n"
        f"both,108.055,34.255,2026-03-05 09:05,{code}\n"
        "x,,,2026-03-05 09:05,610403001001999\n"
        "y,,,2026-03-05 09:05,\n"
        f"z,,34.255,2026-03-05 09:05,{code}\n"
    )
    for _twice in range(2):
        _out, err = bring(file, cell="cell")
        found = dict(Incident.objects.values_list("external_id", "cell__code"))
        assert found == {"000123": ground["A2"].code, "123": code, "both": ground["A2"].code}
        assert set(rejects_of(file)) == {"5", "6", "7"} and not err
    told = services.Report("0501", services.Location(cell=code), path_moment())
    single = services.report_incident(report=told, actor=None, now=path_moment())
    row = Incident.objects.get(external_id="123")
    for name in (*SAME[:-1], "source_lon", "datum", "point"):
        assert getattr(row, name) == getattr(single, name), name


def path_moment():
    return datetime(2026, 3, 5, 1, 5, tzinfo=UTC)


def redraw(ground, now):
    """A1 falls to A2: whose ground it is today."""
    whole = shapely.union_all([square(0, 1), square(1, 1)])
    shapes = [services_of_ground.CellShape(ground["A2"].code, "A2", COMMUNITY, whole)]
    plan = services_of_ground.draft_plan(name="", cells=shapes, srid=4545, provenance="", now=now)
    services_of_ground.publish_plan(plan=plan, now=now, replace=True, effective_at=now)


def test_an_open_row_of_ground_redrawn_since_comes_to_the_cell_of_today(
    ground, categories, lin, qian, tmp_path, now
):
    services_of_ground.appoint(
        user=qian, role="WORKER", cell=ground["A2"], since=datetime(2020, 1, 1, tzinfo=UTC)
    )
    old = ground["A1"].boundaries.get()
    redraw(ground, now)
    file = tmp_path / "rows.csv"
    spot = "108.045,34.255,2026-09-01 10:00"
    file.write_text(
        f"id,lon,lat,time,closed,cell\nopen,{spot},,\nshut,{spot},2026-09-02 10:00,\n"
        f"code,,,2026-09-01 10:00,,{ground['A1'].code}\n"
    )
    bring(file, closed="closed", cell="cell")
    rows = {row.external_id: row for row in Incident.objects.all()}
    for name in ("open", "code"):
        row = rows[name]
        assert (row.cell, row.worker, row.boundary) == (ground["A2"], qian, old)
    assert (rows["shut"].cell, rows["shut"].boundary) == (ground["A1"], old)
    told = services.Report("0501", services.Location(lon=108.045, lat=34.255), now - DAY)
    single = services.report_incident(report=told, actor=None, now=now + DAY)
    for name in ("cell_id", "boundary_id", "community_id", "district", "worker_id", "worker_rule"):
        assert getattr(rows["open"], name) == getattr(single, name), name


DAY = timedelta(days=1)


def test_ids_that_come_again_in_the_next_block(ground, categories, tmp_path, monkeypatch):
    """It is read while the block before is still being written."""
    monkeypatch.setattr(bulk, "BLOCK", 2)
    monkeypatch.setattr(bulk, "BATCH", 1)
    file = tmp_path / "rows.csv"
    good, other = ("108.045,34.255,2026-03-05 09:00", "108.055,34.255,2026-03-05 09:00")
    rows = [f"a,{good}", f"b,{good}", f"b,{good}", f"a,{other}", f"b,{other}", f"c,{good}"]
    file.write_text("\n".join(["id,lon,lat,time", *rows]) + "\n")
    _out, err = bring(file)
    found = dict(Incident.objects.values_list("external_id", "source_lon"))
    assert found == {"a": 108.045, "b": 108.045, "c": 108.045}
    assert "2" in err and "a, b" in err


def test_a_row_whose_line_was_refused_may_come_in_the_next_block(
    ground, categories, tmp_path, monkeypatch
):
    monkeypatch.setattr(bulk, "BLOCK", 1)
    file = tmp_path / "rows.csv"
    moment = "2026-03-05 09:00"
    rows = [f"x,,,{moment},610403001001999", f"x,108.045,34.255,{moment},"]
    file.write_text("\n".join(["id,lon,lat,time,cell", *rows]) + "\n")
    bring(file, cell="cell")
    assert Incident.objects.get().cell == ground["A1"] and list(rejects_of(file)) == ["2"]


def test_a_plan_published_while_a_block_is_made_ready(
    ground, categories, tmp_path, now, monkeypatch
):
    """It is located again: on the map that holds when it is stored."""
    file = tmp_path / "rows.csv"
    later = timezone.localtime(now + DAY).strftime("%Y-%m-%d %H:%M")
    file.write_text(f"id,lon,lat,time\n1,108.045,34.255,{later}\n")
    wait, plans = sql.Behind.wait, [(redraw, ground, now)]

    def publish_and_wait(writer):
        if plans:
            writer.give(*plans.pop())
        wait(writer)

    monkeypatch.setattr(sql.Behind, "wait", publish_and_wait)
    out, _err = bring(file)
    row = Incident.objects.get()
    assert row.cell == ground["A2"] and row.boundary.valid_during.lower == now
    event = row.events.get()
    assert len(event.details["file"]) == 64 and out.count("INSIDE") == 1


def test_a_blank_category_is_told_like_an_unknown_one(ground, categories, tmp_path):
    file = tmp_path / "rows.csv"
    row = "108.045,34.255,2026-03-05 09:00"
    file.write_text(f"id,lon,lat,time,kind\n1,{row},0501\n2,{row},\n3,{row},噪音扰民\n")
    _out, err = bring(file, category="kind")
    assert "\u201c\u201d" in err and "噪音扰民" in err
    told = dict(Incident.objects.values_list("external_id", "category__code"))
    assert told == {"1": "0501", "2": "99", "3": "99"}
