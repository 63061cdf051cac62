"""Where is the place that somebody names?"""

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from geo_grid import gazetteer, services
from geo_grid.models import Area, Cell, Place
from tests.conftest import COMMUNITY, square


def names(text, now):
    return [(one["kind"], one["name"]) for one in gazetteer.find_place(text, now)]


@pytest.mark.parametrize(
    "said",
    ["陕西省咸阳市杨陵区永安社区第3网格", "永安3网格", "永安社区居委会三网格", "勇安社区３号网格"],
)
def test_a_cell_is_found_in_spite_of_forms_and_small_errors(ground, now, said):
    meant = gazetteer.sure(gazetteer.find_place(said, now))
    assert meant and meant["name"] == "永安第3网格"


def test_a_whole_community_is_a_candidate_and_never_certain(ground, now):
    found = gazetteer.find_place("永安社区", now)
    assert (found[0]["kind"], found[0]["name"], found[0]["score"]) == ("area", "永安社区", 1.0)
    assert gazetteer.sure(found) is None


def test_a_cell_that_does_not_exist_leaves_its_community(ground, now):
    assert ("area", "永安社区") in names("永安社区第9网格", now)
    assert gazetteer.sure(gazetteer.find_place("永安社区第9网格", now)) is None


def test_two_that_fit_alike_are_both_offered(ground, now):
    services.ensure_community(code="610403002001", name="永安社区")
    shape = services.CellShape("610403002001003", "永安第3网格", "610403002001", square(3, 3))
    plan = services.draft_plan(name="x", cells=[shape], srid=4545, provenance="x", now=now)
    services.publish_plan(plan=plan, now=now)
    found = gazetteer.find_place("永安社区第3网格", now)
    assert [one["score"] for one in found[:2]] == [1.0, 1.0]
    assert gazetteer.sure(found) is None


def test_the_number_in_the_name_counts_more_than_the_code(ground, now):
    Cell.objects.filter(code=f"{COMMUNITY}001").update(name="永安第4网格")
    Cell.objects.filter(code=f"{COMMUNITY}004").update(name="永安第1网格")
    found = gazetteer.find_place("永安社区第4网格", now)
    assert [one["code"] for one in found if one["kind"] == "cell"] == [f"{COMMUNITY}001"]


def test_nothing_is_found_for_nothing(ground, now):
    assert gazetteer.find_place("，，", now) == gazetteer.find_place("月球背面", now) == []


def test_a_code_is_an_address_too(ground, now):
    meant = gazetteer.sure(gazetteer.find_place(f"{COMMUNITY}002", now))
    assert meant and meant["code"] == f"{COMMUNITY}002"


@pytest.fixture
def houses(ground):
    for name, lon in (
        ("永安社区3组12号", 108.041),
        ("永安社区13组12号", 108.045),
        ("永安饭店", 108.055),
    ):
        Place.objects.create(name=name, point=Point(lon, 34.255), source="t", district="610403")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("永安社区三组12号", "永安社区3组12号"),
        ("永安社区3组１２号", "永安社区3组12号"),
        ("杨陵区永安社区十三组12号", "永安社区13组12号"),
        ("永安社区3组112号", None),
        ("永安社区3组", None),
        ("永安饭店", "永安饭店"),
        ("永安饭店对面", None),
        ("永安社区3网格", "永安第3网格"),
        ("永安社区3网格对面", None),
        ("永安社区3组12-3号", None),
        ("永安社区3组1-2号", None),
        ("永安社区3，12号", None),
        ("永安社区3组一二号", "永安社区3组12号"),
        ("永安社区零三网格", "永安第3网格"),
        ("永安社区一零三网格", None),
        ("陕西咸阳杨凌示范区永安社区3网格", "永安第3网格"),
        ("西安市雁塔区永安社区第3网格", None),
        ("西安市永安社区3组12号", None),
        ("河北省石家庄市桥西区永安社区3组12号", None),
        ("咸阳市秦都区永安饭店", None),
    ],
)
def test_every_number_of_an_address_must_fit(houses, now, said, meant):
    found = gazetteer.find_place(said, now)
    sure = gazetteer.sure(found)
    assert (sure and sure["name"]) == meant
    if said == "永安社区3组112号":
        assert "永安社区3组12号" not in {one["name"] for one in found}
        assert found[0]["kind"] == "area"


@pytest.fixture
def crossings(ground):
    for name, aliases, lon in (
        ("杨凌大道与康乐路十字", "", 108.041),
        ("农科城广场", "后稷路神农路口", 108.045),
        ("西农路", "", 108.050),
        ("邰城路", "", 108.055),
    ):
        told = {"name": name, "aliases": aliases, "source": "t", "district": "610403"}
        Place.objects.create(point=Point(lon, 34.255), **told)


@pytest.mark.parametrize(
    ("said", "meant", "offered"),
    [
        ("杨凌大道与康乐路交叉口", "杨凌大道与康乐路十字", []),
        ("康乐路和杨凌大道路口", "杨凌大道与康乐路十字", []),
        ("杨陵区杨凌大道、康乐路十字路口", "杨凌大道与康乐路十字", []),
        ("杨凌大道与康乐路交叉口东北侧", None, ["杨凌大道与康乐路十字"]),
        ("杨凌大道与康泰路交叉口", None, ["杨凌大道与康乐路十字"]),
        ("神农路与后稷路交叉口", "农科城广场", []),
        ("西农路与邰城路交叉口", None, ["西农路", "邰城路"]),
        ("西安市雁塔区杨凌大道与康乐路交叉口", None, []),
    ],
)
def test_a_crossing_is_where_both_roads_are_named(crossings, now, said, meant, offered):
    found = gazetteer.find_place(said, now)
    sure = gazetteer.sure(found)
    assert (sure and sure["name"]) == meant
    assert set(offered) <= {one["name"] for one in found}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("康乐路与东五巷路口", "康乐路与东五巷路口"),
        ("东五巷与康乐路交叉口", "康乐路与东五巷路口"),
        ("康乐路与东七巷路口", None),
        ("建设路与5巷交叉口", "建设路与5巷十字"),
        ("建设路与五巷交叉口", "建设路与5巷十字"),
        ("建设路与6巷交叉口", None),
        ("永安社区五巷12号", "永安社区5巷12号"),
        ("永安社区6巷12号", None),
        ("永安社区5巷13号", None),
        ("永安社区5巷12号斜对面", None),
        ("永安社区8号院3号楼", "永安社区8号院3号楼"),
        ("永安社区8号院", None),
        ("永安社区8号3号楼", None),
        ("永安社区8排3号", None),
    ],
)
def test_numbered_lanes_are_houses_and_roads_and_never_another_one(ground, now, said, meant):
    for lon, name in (
        (108.041, "康乐路与东五巷路口"),
        (108.045, "建设路与5巷十字"),
        (108.055, "永安社区5巷12号"),
        (108.056, "永安社区8号院3号楼"),
    ):
        Place.objects.create(name=name, point=Point(lon, 34.255), source="t", district="610403")
    sure = gazetteer.sure(gazetteer.find_place(said, now))
    assert (sure and sure["name"]) == meant


@pytest.mark.parametrize(
    ("known", "said", "offered"),
    [
        ("永安社区4组5巷与康乐路交叉口", "永安社区3组5巷与康乐路交叉口", False),
        ("康乐路与东五巷路口", "5号院康乐路与东五巷路口", True),
        ("六星村5巷与康乐路交叉口", "五星村5巷与康乐路交叉口", True),
        ("农机公司老家属院3期12号", "农机公司老家属院4期12号", None),
        ("农机公司老家属院3期", "农机公司老家属院4期", None),
        ("第二排水站", "水站2排", False),
        ("第二排水站", "第三排水站", False),
        ("建设路5号", "建设路5号院", True),
        ("建设路5号", "建设路5号院3号楼", True),
        ("农业高新技术示范园东门", "农业高新技术示范园西门", True),
        ("农业高新技术示范园A座", "农业高新技术示范园B座", True),
        ("农业高新技术示范园东门", "农业高新技术示范园东门往南200米", True),
        ("农业高新技术示范园", "六星村农业高新技术示范园", True),
        ("永安第3网格活动室", "永安社区3网格往东200米", False),
        ("永安第3网格活动室", "永安社区3网格与4网格交界处", False),
        ("永安第3网格活动室", "永安社区3网格和4网格之间", False),
        ("永安第3网格活动室", "永安社区3网格斜对过", False),
        *(
            ("永安第3网格活动室", f"永安社区3网格{words}", False)
            for words in (
                "以东",
                "东邻",
                "一带",
                "附近那家",
                "隔壁的村",
                "对面的超市",
                "和粮站之间",
            )
        ),
        ("农机公司老家属院8室8村民小组4单元", "农机公司老家属院8号8村民小组4单元", True),
    ],
)
def test_what_is_only_like_it_is_offered_and_never_certain(ground, now, known, said, offered):
    services.ensure_community(code=f"{COMMUNITY[:9]}002", name="六星村")
    Place.objects.create(name=known, point=Point(108.045, 34.255), source="t", district="610403")
    found = gazetteer.find_place(said, now)
    assert gazetteer.sure(found) is None
    assert offered in (None, known in {one["name"] for one in found})


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ("第二排水站", "第二排水站"),
        ("西北角广场东侧", "西北角广场东侧"),
        ("农业高新技术示范园东门", "永安社区农业高新技术示范园东门"),
        ("永安社区4组5巷与康乐路交叉口", "永安社区四组康乐路与五巷路口"),
        ("农机公司老家属院3期12号", "农机公司老家属院三期12号"),
    ],
)
def test_the_same_in_other_words_is_certain(ground, now, known, said):
    Place.objects.create(name=known, point=Point(108.045, 34.255), source="t", district="610403")
    assert gazetteer.sure(gazetteer.find_place(said, now))["name"] == known


@pytest.mark.parametrize(("town", "certain"), [("杨村镇", True), ("揉谷镇", False), ("", True)])
def test_a_house_in_another_town_than_was_said_is_not_certain(ground, now, town, certain):
    services.ensure_community(code="610403009001", name="汤家村", above="揉谷镇")
    own = Area.objects.get(code=COMMUNITY[:9])
    Area.objects.filter(pk=own.pk).update(name="杨村镇")
    Place.objects.create(
        name="汤家村3组12号", point=Point(108.045, 34.255), source="t", district="610403"
    )
    found = gazetteer.find_place(f"{town}汤家村3组12号", now)
    assert found[0]["kind"] == "place"
    assert (gazetteer.sure(found) is not None) == certain


def test_of_too_many_the_likest_come_along_and_always_the_same(ground, now):
    Place.objects.bulk_create(
        Place(name=f"永安社区{n}组{m}号", point=Point(108.04, 34.255), source="t", district="6")
        for n in range(1, 11)
        for m in range(1, 81)
    )
    for said, meant in (
        ("永安社区十组80号", "永安社区10组80号"),
        ("永安村1组1号", "永安社区1组1号"),
    ):
        found = gazetteer.find_place(said, now)
        assert found[0]["name"] == meant and found == gazetteer.find_place(said, now)


def test_a_citys_own_address_service_can_take_its_place(ground, now, settings):
    settings.ADDRESS_RESOLVER = "tests.geo_grid.test_gazetteer.one_answer"
    assert gazetteer.find_place("anything", now)[0]["name"] == "门牌 7"


def one_answer(text, at, limit):
    place = {"kind": "place", "code": "7", "name": "门牌 7", "lon": 108.045, "lat": 34.255}
    return [{**place, "score": 1.0}]


def test_the_database_compares_chinese_names(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT similarity('杨凌街道', '杨陵街道')")
        assert cursor.fetchone()[0] > 0
