"""Addresses as people say them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_grid import addresses
from geo_grid.addresses import NAMES, Address, Form, all_named, at_home, likeness, parse


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("五泉镇王上村第3网格", Address("五泉镇", "王上村", 3)),
        ("王上村三网格", Address("", "王上村", 3)),
        ("西小寨村第十二网格", Address("", "西小寨村", 12)),
        ("张家岗村一百零五号网格", Address("", "张家岗村", 105)),
        ("杨凌示范区五泉镇王上村", Address("五泉镇", "王上村", above=("杨凌示范区",))),
        (
            "陕西省咸阳市杨陵区李台街道办事处东苑社区居委会第１网格",
            Address("李台街道办事处", "东苑社区居委会", 1, above=("陕西省", "咸阳市", "杨陵区")),
        ),
        (
            "陕西省杨凌示范区杨陵区李台街道",
            Address("李台街道", above=("陕西省", "杨凌示范区", "杨陵区")),
        ),
        ("西安市雁塔区永安社区第3网格", Address("", "永安社区", 3, above=("西安市", "雁塔区"))),
        (
            "河北省石家庄市桥西区永安社区3组12号",
            Address(
                "",
                "永安社区",
                numbers=(("group", 3), ("house", 12)),
                above=("河北省", "石家庄市", "桥西区"),
            ),
        ),
        ("永辉超市12号", Address(rest="永辉超市", numbers=(("house", 12),))),
        ("阳光小区3号楼", Address(rest="阳光小区", numbers=(("building", 3),))),
        ("汤家村十三组１２号", Address("", "汤家村", numbers=(("group", 13), ("house", 12)))),
        ("建设路5排18村民小组", Address(rest="建设路", numbers=(("row", 5), ("group", 18)))),
        ("汤家村二排12号", Address("", "汤家村", numbers=(("row", 2), ("house", 12)))),
        (
            "建设路5号院3号楼斜对过",
            Address(rest="建设路", numbers=(("yard", 5), ("building", 3)), sure=0.8),
        ),
        ("河北饭店门口", Address(rest="河北饭店", sure=0.8)),
        ("五泉镇五泉社区对面", Address("五泉镇", "五泉社区", sure=0.8)),
        (
            "杨陵区杨陵街道西安路3号",
            Address("杨陵街道", rest="西安路", numbers=(("house", 3),), above=("杨陵区",)),
        ),
        ("大寨镇", Address("大寨镇")),
        (
            "杨陵街道 北杨村 三组 5号",
            Address("杨陵街道", "北杨村", numbers=(("group", 3), ("house", 5))),
        ),
        ("官村五组", Address("", "官村", numbers=(("group", 5),))),
        ("汤家村12-3号", Address("", "汤家村", numbers=(("house", 12), ("house", 3)))),
        ("汤家村 12 — 3 号", Address("", "汤家村", numbers=(("house", 12), ("house", 3)))),
        ("汤家村3，12号", Address("", "汤家村", rest="3", numbers=(("house", 12),))),
        ("汤家村三、十二号", Address("", "汤家村", rest="三", numbers=(("house", 12),))),
        ("汤家村一零五号", Address("", "汤家村", numbers=(("house", 105),))),
        ("5栋-二〇三室", Address(numbers=(("building", 5), ("room", 203)))),
        ("王上村一零五网格", Address("", "王上村", 105)),
        ("王上村1234网格", Address("", "王上村", 1234)),
        ("王上村12-3网格", Address("", "王上村", rest="12-3网格")),
        ("西北农林科技大学", Address(rest="西北农林科技大学")),
        ("，；（）", Address()),
        (
            "杨陵区杨陵街道杨凌大道与康乐路交叉口",
            Address(
                "杨陵街道",
                rest="杨凌大道与康乐路交叉口",
                names=("杨凌大道", "康乐路"),
                above=("杨陵区",),
            ),
        ),
        ("人和路、北道路路口", Address(rest="人和路北道路路口", names=("人和路", "北道路"))),
        (
            "和平路和康乐路十字附近",
            Address(rest="和平路和康乐路十字", names=("和平路", "康乐路"), sure=0.8),
        ),
        ("康乐路路口", Address(rest="康乐路路口")),
        ("永安社区5巷12号", Address("", "永安社区", numbers=(("lane", 5), ("house", 12)))),
        (
            "永安社区五巷12号斜对面",
            Address("", "永安社区", numbers=(("lane", 5), ("house", 12)), sure=0.8),
        ),
        (
            "永安社区五巷与六巷交叉口",
            Address("", "永安社区", rest="五巷与六巷交叉口", names=("五巷", "六巷")),
        ),
        ("光明路与5巷交叉口", Address(rest="光明路与5巷交叉口", names=("光明路", "5巷"))),
        (
            "永安社区3组5巷与康乐路交叉口",
            Address(
                "",
                "永安社区",
                rest="5巷与康乐路交叉口",
                numbers=(("group", 3),),
                names=("5巷", "康乐路"),
            ),
        ),
        ("五巷路12号", Address(rest="五巷路", numbers=(("house", 12),))),
        ("3号路12号", Address(rest="3号路", numbers=(("house", 12),))),
        ("5巷口", Address(rest="5巷口")),
    ],
)
def test_an_address_is_taken_apart(said, parts):
    assert parse(said) == parts


WORDS = [*addresses.PARTS.items()]


@pytest.mark.parametrize(("word", "name"), [one for one in WORDS if "村" not in one[0]])
def test_what_is_numbered_takes_nothing_from_the_names_of_roads(word, name):
    assert parse(f"永安社区5{word}").numbers == ((name, 5),)
    road = f"5{word}" if re.fullmatch(addresses.ROAD, word[-1]) else f"5{word}路"
    assert parse(f"光明路与{road}交叉口").names == ("光明路", road)
    assert parse(f"{road}与光明路交叉口").names == (road, "光明路")
    assert parse(f"5{word}路12号") == Address(rest=f"5{word}路", numbers=(("house", 12),))


@given(st.text(max_size=60))
def test_any_text_is_read_without_trouble(said):
    parse(said)


@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_is_a_share_and_one_only_for_the_same(name, said):
    alike = likeness(name, said)
    assert 0 <= alike <= 1
    assert (alike == 1) == (name == said)


def test_a_form_is_one_row(monkeypatch):
    between = Form("between", NAMES, "(.+?)和(.+?)之间", sure=0.8)
    monkeypatch.setattr(addresses, "FORMS", (*addresses.FORMS, between))
    assert parse("永安饭店和粮站之间").names == ("永安饭店", "粮站")


def test_things_named_at_once_fit_in_any_order_and_by_number():
    assert all_named(("康乐路", "杨凌大道"), ("杨陵大道", "康乐路")) > 0.9
    assert all_named(("康乐路", "杨凌大道"), ("杨凌大道", "康泰路")) < 0.85
    assert all_named(("高新连接线一路", "康乐路"), ("高新连接线二路", "康乐路")) == 0
    assert all_named(("康乐路",), ("杨凌大道", "康乐路")) == 0


HOME = ("陕西省", "咸阳市", "杨凌示范区", "杨陵区")


@pytest.mark.parametrize(
    ("said", "home"),
    [
        ("永安社区", True),
        ("陕西省咸阳市杨陵区永安社区", True),
        ("陕西咸阳杨陵区永安社区", True),
        ("杨凌区永安社区", True),
        ("杨凌示范区永安社区", True),
        ("咸阳市雁塔区永安社区", False),
        ("西安市永安社区", False),
        ("陕西省西安市永安社区", False),
        ("河北省石家庄市桥西区永安社区", False),
    ],
)
def test_another_citys_address_is_known_by_what_stands_above(said, home):
    assert at_home(parse(said).above, HOME) is home


def test_what_sounds_the_same_is_more_alike_than_what_differs():
    assert likeness("王上村", "王尚村") > 0.9 > likeness("常乐路社区", "康乐路社区")
    assert likeness("大寨街道", "大寨镇") > likeness("大寨街道", "杨陵街道")
