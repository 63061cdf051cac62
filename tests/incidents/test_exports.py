"""Statistics over HTTP: JSON, and files that open in a spreadsheet and do nothing there."""

import csv
import io

import pytest
from openpyxl import load_workbook

from geo_grid.models import Cell

ASKED = "first=2026-09-01&last=2026-09-30"


@pytest.fixture
def told(report, now, zhao, as_user):
    report(now)
    Cell.objects.filter(code="610403001001001").update(name='=HYPERLINK("http://x","y")')
    return as_user(zhao)


def test_counts_and_rates_as_json(told):
    answer = told.get(f"/api/v1/statistics/?{ASKED}&by=area").json()
    total = answer["total"]
    assert (total["now"]["reported"], total["now"]["close_rate"]) == (1, 0.0)
    assert (total["before"]["reported"], total["before"]["close_rate"]) == (0, None)
    assert [row["name"] for row in answer["rows"]][1] == "永安社区"


def test_a_csv_has_chinese_headers_and_no_formula(told):
    answer = told.get(f"/api/v1/statistics/file.csv?{ASKED}&by=cell")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    head, line, total = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[:4] == ["编码", "网格", "已上报", "已受理"]
    assert line[1].startswith("'=")
    assert total[1:3] == ["合计", "1"]


def test_a_workbook_has_chinese_headers_and_no_formula(told):
    answer = told.get(f"/api/v1/statistics/file.xlsx?{ASKED}&by=cell")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[2]][:3] == ["编码", "网格", "已上报"]
    kinds = {cell.data_type for line in sheet.iter_rows() for cell in line}
    assert "f" not in kinds
    assert "statistics-cell-2026-09-01-2026-09-30.xlsx" in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("first=2026-13-01", "first"),
        ("by=weather", "by"),
        ("first=2026-09-02&last=2026-09-01", "last"),
        ("area=%27;DROP", "area"),
        ("category=1", "category"),
    ],
)
@pytest.mark.parametrize("path", ["statistics/", "statistics/file.csv"])
def test_a_wrong_question_is_a_400_naming_the_field(told, path, asked, field):
    answer = told.get(f"/api/v1/{path}?{asked}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_statistics_want_a_login(client, db):
    assert client.get("/api/v1/statistics/").status_code == 401
