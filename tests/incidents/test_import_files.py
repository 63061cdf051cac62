"""Report files as other systems write them: encodings, times, ids, and what is wrong with them."""

import gzip
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError

from geo_grid import services
from geo_grid.tables import defused
from incidents.models import Incident
from tests.conftest import square
from tests.incidents.test_import_incidents import bring
from tests.incidents.test_import_rows import rejects_of

AT = datetime(2026, 3, 5, 1, tzinfo=UTC)  # 9 in the morning there
SPOT = "108.045,34.255"
HEADER = "id,lon,lat,time,closed,text\n"


@pytest.fixture
def written(ground, categories, tmp_path):
    def write(rows, encoding="utf-8", name="rows.csv", packed=False):
        content = (HEADER + "".join(f"{row}\n" for row in rows)).encode(encoding)
        file = tmp_path / name
        file.write_bytes(gzip.compress(content) if packed else content)
        return file

    return write


def row(number, time="2026-03-05 09:00", closed="", words="路灯不亮"):
    return f"{number},{SPOT},{time},{closed},{words}"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("name", ["rows.csv", "packed.csv"])
def test_every_encoding_packed_or_not_by_its_bytes(written, encoding, name):
    file = written([row(1)], encoding, name, packed=name == "packed.csv")
    _out, err = bring(file, description="text", closed="closed")
    assert Incident.objects.get().description == "路灯不亮"
    assert ("GB18030" in err) == (encoding == "gb18030")


def test_an_encoding_that_is_said_is_taken(written):
    bring(
        written([row(1, words="Müllerstraße größer")], "latin-1"),
        description="text",
        encoding="latin-1",
    )
    assert Incident.objects.get().description == "Müllerstraße größer"


def test_one_bad_byte_in_utf8_is_damage_and_told_by_its_line(written):
    file = written([row(number) for number in range(50)])
    content = file.read_bytes().splitlines(keepends=True)
    content[7] = content[7].replace("灯".encode(), b"\xe7\x81")
    file.write_bytes(b"".join(content))
    with pytest.raises(CommandError, match="8"):
        bring(file)
    assert not Incident.objects.exists()


def test_days_first_are_never_taken_for_months(written):
    file = written([row(1, "05/03/2026 09:00"), row(2, "25/03/2026 09:00")])
    with pytest.raises(CommandError, match="time-format"):
        bring(file)
    assert not Incident.objects.exists()
    bring(file, time_format="%d/%m/%Y %H:%M")
    assert {one.occurred_at.month for one in Incident.objects.all()} == {3}


def test_months_first_are_read_and_what_could_be_either_is_said(written):
    _out, err = bring(written([row(1, "03/05/2026 09:00"), row(2, "03/25/2026 09:00")]))
    assert "time-format" not in err and Incident.objects.count() == 2
    _out, err = bring(written([row(3, "03/05/2026 09:00")], name="either.csv"))
    assert "time-format" in err


def test_impossible_times_are_rejected_and_closed_too_early_is_closed_at_once(written):
    rows = [
        row(1, "2026-03-05 09:00", "2026-03-01 09:00"),
        row(2, "2099-03-05 09:00"),
        row(3, "2026-03-05 09:00", "2099-03-01 09:00"),
        row(4, "2026-03-05 09:00", "2026-03-05 09:00"),
    ]
    file = written(rows)
    _out, err = bring(file, closed="closed")
    assert list(rejects_of(file)) == ["3", "4"]
    found = Incident.objects.values_list("external_id", "occurred_at", "closed_at")
    assert {key: (since, until) for key, since, until in found} == dict.fromkeys("14", (AT, AT))
    assert "1 rows" in err or "1 \u884c" in err


def test_ids_keep_their_length_and_their_signs(written):
    long = "x" * 80
    signed = defused("=1+1")
    file = written([row(long + "1"), row(long + "2"), row(long), row(signed)])
    bring(file)
    assert list(rejects_of(file)) == ["2", "3"]
    assert set(Incident.objects.values_list("external_id", flat=True)) == {long, "=1+1"}


def test_an_underscore_makes_no_number_and_a_field_may_be_too_long(written):
    underscore = f"1,1_08.045,34.255,2026-03-05 09:00,,{'y' * 100}"
    file = written([underscore, row(2, words="y" * 140_000)])
    bring(file)
    rejects = rejects_of(file)
    assert "1_08.045" in rejects["2"] and "field" in rejects["3"] and len(rejects) == 2


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"time_zone": "../x"}, "../x"),
        ({"encoding": "martian"}, "martian"),
        ({"lon": "nix"}, "nix"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_no_file(written, changed, word):
    file = written([row(1)])
    with pytest.raises(CommandError, match=word):
        bring(file, **changed)
    assert not file.with_name("rows.csv.rejects.csv").exists()


def test_a_damaged_archive_is_one_sentence(written):
    file = written([row(number) for number in range(500)], packed=True)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(bytes(content))
    with pytest.raises(CommandError):
        bring(file)


def test_a_closing_that_comes_later_is_told_and_what_a_file_leaves_out_is_not(written):
    bring(written([row(1), row(2)]), description="text", source="x")
    later = written([row(1, closed="2026-03-06 09:00"), row(2)], name="later.csv")
    _out, err = bring(later, closed="closed", source="x")
    assert "1" in err and "2" not in err.partition("\uff1a")[2]
    assert not Incident.objects.filter(closed_at__isnull=False).exists()


def test_a_cell_is_looked_up_in_the_district_of_the_file(ground, categories, tmp_path):
    services.ensure_community(code="990001001001", name="x", above="elsewhere")
    shape = services.CellShape("de0", "de0", "990001001001", square(8, 8))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    plan = services.draft_plan(name="x", cells=[shape], srid=4545, provenance="x", now=now)
    services.publish_plan(plan=plan, now=now)
    file = tmp_path / "cells.csv"
    file.write_text("id,lon,lat,time,cell\n1,,,2026-03-05 09:00,de0\n")
    bring(file, cell="cell")
    assert "de0" in rejects_of(file)["2"] and not Incident.objects.exists()
    bring(file, cell="cell", district="990001", again=True)
    assert Incident.objects.get().district == "990001"
