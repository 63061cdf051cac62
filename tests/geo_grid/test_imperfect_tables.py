"""Tables of Shapefiles as other programs leave them: codes, names, deleted rows, capitals."""

import geopandas
import pytest
from django.core.management import CommandError, call_command
from shapely import box

from geo_grid import services
from geo_grid.models import BoundaryPlan, Cell, CellBoundary
from tests.conftest import COMMUNITY
from tests.geo_grid.files import bring, zipped
from tests.geo_grid.test_import_boundaries import shapefile
from tests.geo_grid.test_misplaced_boundaries import report, strangers, upload
from tests.geo_grid.test_plan_files_hostile import planner

__all__ = ["planner"]


def table_of(rows, width, language):
    """The bytes of a DBF with fields `code` and `name`, of 4 and `width` bytes."""
    fields = b"".join(
        name.ljust(11, b"\0") + b"C" + bytes(4) + bytes([size]) + bytes(15)
        for name, size in ((b"code", 4), (b"name", width))
    )
    sizes = len(rows).to_bytes(4, "little") + (97).to_bytes(2, "little")
    head = b"\x03\x7e\x01\x01" + sizes + (5 + width).to_bytes(2, "little") + bytes(17)
    told = b"".join(b" " + code.ljust(4) + name.ljust(width) for code, name in rows)
    return head + bytes([language]) + bytes(2) + fields + b"\r" + told + b"\x1a"


def named(folder, *names, language=0, cpg=None, width=None):
    """A zipped Shapefile whose names are these bytes, padded with blanks to the width."""
    rows = [(f"N{n}".encode(), name) for n, name in enumerate(names)]
    table = geopandas.GeoDataFrame(
        {"code": [""] * len(names)},
        geometry=[box(108 + n, 34.2, 108.01 + n, 34.21) for n in range(len(names))],
        crs=4326,
    )
    parts = shapefile(folder / "parts", table)
    parts["cells.dbf"] = table_of(rows, width or max(map(len, names)), language)
    del parts["cells.cpg"]
    if cpg:
        parts["cells.cpg"] = cpg.encode()
    return zipped(folder / "cells.zip", parts)


def names():
    return list(CellBoundary.objects.order_by("pk").values_list("name", flat=True))


# --- encodings --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "encoding", "language", "cpg"),
    [
        ("Müller Straße", "cp1252", 0x57, None),
        ("渋谷区", "cp932", 0x13, None),
        ("揉谷社区", "gbk", 0x4D, None),
        ("中正區", "cp950", 0x78, None),
        ("강남구", "cp949", 0x79, None),
        ("Müller", "cp1252", 0, "ANSI 1252"),
        ("Müller", "iso8859-1", 0, "88591"),
        ("Müller", "iso8859-1", 0, "ISO-8859-1"),
        ("中正區", "big5", 0, "BIG5"),
        ("揉谷社区", "gbk", 0, "936"),
        ("揉谷社区", "utf-8", 0, "65001"),
        ("渋谷区", "cp932", 0, "932"),
        ("Ťukov", "cp1250", 0, "windows-1250"),
    ],
)
def test_what_a_table_says_of_its_encoding_holds(db, tmp_path, text, encoding, language, cpg):
    bring(named(tmp_path, text.encode(encoding), language=language, cpg=cpg))
    assert names() == [text]
    assert report() == []


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
@pytest.mark.parametrize(("language", "cpg"), [(0x57, None), (0, "ISO-8859-1"), (0, "1252")])
def test_chinese_that_says_to_be_western_is_chinese_and_noted(
    db, tmp_path, encoding, language, cpg
):
    bring(named(tmp_path, "揉谷社区".encode(encoding), language=language, cpg=cpg))
    assert names() == ["揉谷社区"]
    assert [one["kind"] for one in report()] == ["encoding"]


@pytest.mark.parametrize(("encoding", "size"), [("utf-8", 10), ("utf-8", 11), ("gbk", 7)])
def test_a_name_cut_inside_a_character_does_not_change_the_encoding(db, tmp_path, encoding, size):
    cut = "揉谷社区居委会".encode(encoding)[:size]
    bring(named(tmp_path, cut, "揉谷".encode(encoding), width=size))
    assert names() == ["揉谷社", "揉谷"]
    (found,) = [one for one in report() if one["kind"] == "cut"]
    assert "揉谷社" in found["note"] and not found["grave"]


# --- rows and files ---------------------------------------------------------------------------
def test_deleted_rows_are_no_cells(db, tmp_path):
    parts = shapefile(tmp_path / "parts", strangers())
    raw = bytearray(parts["cells.dbf"])
    raw[int.from_bytes(raw[8:10], "little")] = ord("*")
    parts["cells.dbf"] = bytes(raw)
    bring(zipped(tmp_path / "cells.zip", parts))
    assert list(Cell.objects.values_list("code", flat=True)) == ["N2"]
    assert CellBoundary.objects.get().geom.extent[0] == pytest.approx(108.01)
    assert [one["kind"] for one in report()] == ["deleted"]


def test_a_shapefile_in_capitals_is_read(db, tmp_path):
    for name, content in shapefile(tmp_path / "parts", strangers()).items():
        (tmp_path / name.upper()).write_bytes(content)
    bring(tmp_path / "CELLS.SHP")
    assert names() == ["N1", "N2"]


def test_a_name_that_cannot_be_stored_is_refused_with_its_cell(db, tmp_path):
    table = strangers()
    table["name"] = ["fine", "x" * 300]
    path = tmp_path / "cells.geojson"
    path.write_text(table.to_json())
    with pytest.raises(CommandError, match="N2.*300"):
        bring(path)


def test_a_file_with_a_long_name_is_read(db, tmp_path):
    path = tmp_path / f"{'x' * 200}.geojson"
    strangers().to_file(path)
    bring(path)
    assert len(BoundaryPlan.objects.get().name) == 120


def test_the_notes_of_the_reader_reach_who_sends_a_file(planner, tmp_path):
    table = strangers()
    code = f"{COMMUNITY}001"
    boundary = CellBoundary.objects.get(cell__code=code)
    table = geopandas.GeoDataFrame(
        {"code": [code], "name": ["x" * 8]},
        geometry=geopandas.GeoSeries.from_wkb([bytes(boundary.geom.wkb)]),
        crs=4326,
    )
    parts = shapefile(tmp_path / "parts", table)
    parts["cells.dbf"] = parts["cells.dbf"].replace(b"x" * 8, "揉谷社区".encode("gbk"))
    del parts["cells.cpg"]
    answer = upload(planner, zipped(tmp_path / "cells.zip", parts), name_field="name")
    assert [one["kind"] for one in answer.json()["notes"]] == ["encoding"]
    checks = planner.get(f"/api/v1/plans/{answer.json()['id']}/checks/").json()["findings"]
    assert ("encoding", "WARNING") in {(one["kind"], one["level"]) for one in checks}


# --- names and codes of drafts ----------------------------------------------------------------
def test_a_published_name_is_the_name_of_the_cell(db, tmp_path):
    table, path = strangers(), tmp_path / "cells.geojson"
    for name, publish in (("draft", False), ("first", True), ("second", True), ("idle", False)):
        table["name"] = [name, name]
        table.to_file(path)
        bring(path, publish=publish)
    assert set(Cell.objects.values_list("name", flat=True)) == {"second"}


def test_a_draft_under_the_wrong_district_takes_no_codes(db, tmp_path):
    path = tmp_path / "cells.geojson"
    strangers().to_file(path)
    bring(path, community="990001001001")
    wrong = BoundaryPlan.objects.get()
    bring(path, community="990002001001", publish=True)
    assert set(Cell.objects.values_list("district", flat=True)) == {"990002"}
    with pytest.raises(CommandError, match="N1"):
        bring(path, community="990003001001")
    with pytest.raises(Exception, match="N1"):
        services.publish_plan(plan=wrong, now=wrong.created_at, replace=True)


def test_a_draft_is_dropped_with_its_codes_and_a_published_plan_is_not(db, tmp_path):
    path = tmp_path / "cells.geojson"
    strangers().to_file(path)
    bring(path)
    call_command("drop_plan", str(BoundaryPlan.objects.get().pk))
    assert not BoundaryPlan.objects.exists() and not Cell.objects.exists()
    bring(path, publish=True)
    bring(path)
    published, draft = BoundaryPlan.objects.order_by("pk")
    call_command("drop_plan", str(draft.pk))
    assert Cell.objects.count() == 2
    for number in (published.pk, 0):
        with pytest.raises(CommandError):
            call_command("drop_plan", str(number))
