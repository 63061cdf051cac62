"""A city with codes of its own form: areas, posts, settings, and that it keeps apart from ours."""

from datetime import UTC, datetime
from io import StringIO

import geopandas
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from shapely import box

from geo_grid import districts, queries, services
from geo_grid.models import Area, Cell, CellBoundary, Post, User
from geo_grid.scope import reach
from tests.conftest import person

AREAS = """code,name,level,parent
BOS,波士顿,区,
W-01,第一片,镇,BOS
01/a,甲社区,社区,W-01
01/b,乙社区,社区,W-01
"""
SQUARES = [box(327000, 4685000, 328000, 4686000), box(328000, 4685000, 329000, 4686000)]
HEADER = "账号,姓名,岗位,网格,区域,部门,起,止,电话\n"


@pytest.fixture(autouse=True)
def _fresh_settings():
    districts.forget()
    yield
    districts.forget()


def run(name, *args, **options):
    out, err = StringIO(), StringIO()
    call_command(name, *map(str, args), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def listed(folder, text, name="list.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def city(db, now, tmp_path):
    """Two communities with one cell each, and the clock of New York."""
    run("import_areas", listed(tmp_path, AREAS, "areas.csv"))
    run("set_district", "BOS", time_zone="America/New_York", metric_srid=32619)
    shapes = [
        services.CellShape(code, code, Area.objects.get(own_code=home).code, shape)
        for code, home, shape in zip(("007", "306.0"), ("01/a", "01/b"), SQUARES, strict=True)
    ]
    plan = services.draft_plan(name="", cells=shapes, srid=32619, provenance="", now=now)
    services.publish_plan(plan=plan, now=now)
    return Area.objects.get(own_code="BOS")


def test_areas_of_any_form_keep_their_own_codes_and_come_once(db, tmp_path):
    path = listed(tmp_path, AREAS, encoding="gb18030")
    out, _err = run("import_areas", path)
    assert "4" in out
    own = {area.own_code: area for area in Area.objects.all()}
    assert set(own) == {"BOS", "W-01", "01/a", "01/b"}
    assert own["01/b"].parent.parent == own["BOS"]
    assert all(area.code.startswith(own["BOS"].code) for area in own.values())
    before = list(Area.objects.order_by("pk").values())
    run("import_areas", path)
    assert list(Area.objects.order_by("pk").values()) == before


def test_codes_of_our_form_stay_as_they_are(db, tmp_path):
    text = "代码,名称,级别,上级代码\n610403,杨陵区,区,\n610403001,杨陵街道,街道,610403\n"
    run("import_areas", listed(tmp_path, text))
    assert set(Area.objects.values_list("code", "own_code")) == {("610403", ""), ("610403001", "")}


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("01/c,丙,社区,BOS", "01/c"),  # a community right below a district
        ("01/c,丙,社区,W-02", "01/c"),  # nobody above
        ("01/a,又,社区,W-01", "01/a"),  # twice
        ("01/c,,社区,W-01", "01/c"),
        ("01/c,丙,省,W-01", "01/c"),
    ],
)
def test_a_wrong_line_refuses_the_whole_list_and_is_named(db, tmp_path, line, word):
    with pytest.raises(CommandError, match=word):
        run("import_areas", listed(tmp_path, AREAS + line))
    assert not Area.objects.exists()


def test_a_list_without_a_header_names_what_it_lacks(db, tmp_path):
    with pytest.raises(CommandError, match="代码"):
        run("import_areas", listed(tmp_path, AREAS.partition("\n")[2]))


@pytest.mark.parametrize(
    ("zone", "srid"), [("Mars/Olympus", 32619), ("Asia/Shanghai", 3857), ("Asia/Shanghai", 4326)]
)
def test_no_false_clock_and_no_crs_that_distorts(city, zone, srid):
    with pytest.raises(CommandError):
        run("set_district", "BOS", time_zone=zone, metric_srid=srid)
    assert districts.of(city.code).metric_srid == 32619


def test_cells_of_a_file_find_their_communities_by_the_citys_own_codes(city, tmp_path):
    table = geopandas.GeoDataFrame(
        {"code": ["007", "306.0"], "home": ["01/b", "01/a"]}, geometry=SQUARES, crs=32619
    )
    table.to_file(tmp_path / "cells.gpkg")
    options = {"code_field": "code", "name_field": "code", "community_field": "home"}
    run("import_boundaries", tmp_path / "cells.gpkg", district="BOS", publish=True, **options)
    in_force = CellBoundary.objects.filter(valid_during__contains=timezone.now())
    homes = dict(in_force.values_list("cell__code", "community__own_code"))
    assert homes == {"007": "01/b", "306.0": "01/a"}
    assert set(in_force.values_list("plan__record_srid", flat=True)) == {32619}
    table["home"] = "01/z"
    table.to_file(tmp_path / "wrong.gpkg")
    with pytest.raises(CommandError, match="01/z"):
        run("import_boundaries", tmp_path / "wrong.gpkg", district="BOS", **options)


def test_two_districts_keep_apart(ground, city, now):
    """Measured in its own CRS; an officer of one sees nothing of the other."""
    assert set(Cell.objects.filter(district=city.code).values_list("code", flat=True)) == {
        "007",
        "306.0",
    }
    plans = dict(CellBoundary.objects.values_list("cell__code", "plan__record_srid"))
    assert (plans["007"], plans[ground["A1"].code]) == (32619, 4545)
    assert districts.of("610403").zone.key == "Asia/Shanghai"
    user = person("eve", "伊芙")
    since = datetime(2020, 1, 1, tzinfo=UTC)
    services.appoint(user=user, role="OFFICER", area=city, since=since)
    assert reach(user, now).districts == {city.code}
    for row, mine in ((city.code, {"007", "306.0"}), ("610403", set(plans) - {"007", "306.0"})):
        assert {found["code"] for found in queries.boundaries_at(now, row)} == mine


POSTS = HEADER + (
    "amy,艾米,网格员,007,,,2026-01-01,2026-12-31,0617000\n"
    ",鲍勃,网格长,,01/a,,2026/1/5,,0617001\n".replace("2026/1/5", "2026-01-05")
)


def test_posts_come_once_and_an_end_that_is_added_ends_them(city, tmp_path):
    path = listed(tmp_path, POSTS)
    run("import_posts", path, district="BOS")
    assert Post.objects.count() == 2
    amy = Post.objects.get(user__username="amy")
    assert amy.held_during.lower == datetime(2026, 1, 1, 5, tzinfo=UTC)  # midnight in Boston
    assert amy.held_during.upper == datetime(2027, 1, 1, 5, tzinfo=UTC)  # after the last day
    assert User.objects.get(display_name="鲍勃").phone == "0617001"
    out, _err = run("import_posts", path, district="BOS")
    assert Post.objects.count() == 2 and out.count("2") == 1
    run("import_posts", listed(tmp_path, POSTS.replace("2026-12-31", "2026-06-30")), district="BOS")
    amy.refresh_from_db()
    assert amy.held_during.upper == datetime(2026, 7, 1, 4, tzinfo=UTC)


def test_bad_lines_are_written_with_line_and_reason_and_the_good_ones_stored(
    ground, city, tmp_path
):
    bad = [
        "x1,甲,皇帝,007,,,2026-01-01,,1",
        f"x2,乙,网格员,{ground['A1'].code},,,2026-01-01,,1",  # a cell of another district
        "x3,丙,网格员,,01/a,,2026-01-01,,1",
        "x4,丁,网格员,007,,,昨天,,1",
        "x5,戊,网格员,007,,,2026-02-01,2026-01-01,1",
        "amy,别人,网格员,007,,,2026-01-01,,1",
        ",己,网格员,007,,,2026-01-01,,",
        "amy,艾米,网格员,007,,,2026-03-01,,1",  # held already
        "a b,庚,网格员,007,,,2026-01-01,,1",
    ]
    path = listed(tmp_path, POSTS + "\n".join(bad))
    _out, err = run("import_posts", path, district="BOS")
    assert "rejects" in err and Post.objects.count() == 2
    lines = (tmp_path / "list.csv.rejects.csv").read_text("utf-8-sig").splitlines()[1:]
    assert [line.partition(",")[0] for line in lines] == [str(n) for n in range(4, 13)]
    assert all(line.partition(",")[2] for line in lines)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_is_written_is_read_again_without_a_change(city, tmp_path, ending):
    run("import_posts", listed(tmp_path, POSTS), district="BOS")
    User.objects.filter(username="amy").update(display_name="=1+1", phone="+0617000")
    path = tmp_path / f"posts.{ending}"
    run("export_posts", path, district="BOS")
    if ending == "xlsx":
        rows = list(load_workbook(path).active.iter_rows(values_only=True))
        values = {value for row in rows for value in row if value}
        assert {"007", "'=1+1", "'+0617000", "01/a", "2026-12-31"} <= values
    before = list(Post.objects.order_by("pk").values())
    out, _err = run("import_posts", path, district="BOS")
    assert list(Post.objects.order_by("pk").values()) == before
    assert not list(tmp_path.glob("*.rejects.csv")) and User.objects.count() == 2


def test_numbers_and_dates_of_a_workbook_are_read_as_text(city, tmp_path):
    book = Workbook()
    book.active.append(["姓名", "角色", "网格编码", "开始日期", "联系电话"])
    book.active.append(["艾米", "grid worker", "007", datetime(2026, 1, 1), 6170001])  # noqa: DTZ001
    book.save(tmp_path / "posts.xlsx")
    run("import_posts", tmp_path / "posts.xlsx", district="BOS")
    assert Post.objects.get().user.phone == "6170001"
    (tmp_path / "broken.xlsx").write_bytes(b"PK")
    with pytest.raises(CommandError):
        run("import_posts", tmp_path / "broken.xlsx", district="BOS")
