"""Addresses as people say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_grid.addresses import Address, likeness, parse


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("五泉镇王上村第3网格", Address("五泉镇", "王上村", 3)),
        ("王上村三网格", Address("", "王上村", 3)),
        ("西小寨村第十二网格", Address("", "西小寨村", 12)),
        ("张家岗村一百零五号网格", Address("", "张家岗村", 105)),
        ("杨凌示范区五泉镇王上村", Address("五泉镇", "王上村")),
        (
            "陕西省咸阳市杨陵区李台街道办事处东苑社区居委会第１网格",
            Address("李台街道办事处", "东苑社区居委会", 1),
        ),
        ("陕西省杨凌示范区杨陵区李台街道", Address("李台街道")),
        ("阳光小区3号楼", Address(rest="阳光小区", numbers=(("building", 3),))),
        ("汤家村十三组１２号", Address("", "汤家村", numbers=(("group", 13), ("house", 12)))),
        ("河北饭店门口", Address(rest="河北饭店", beside=True)),
        ("五泉镇五泉社区对面", Address("五泉镇", "五泉社区", beside=True)),
        (
            "杨陵区杨陵街道西安路3号",
            Address("杨陵街道", rest="西安路", numbers=(("house", 3),)),
        ),
        ("大寨镇", Address("大寨镇")),
        (
            "杨陵街道 北杨村 三组 5号",
            Address("杨陵街道", "北杨村", numbers=(("group", 3), ("house", 5))),
        ),
        ("官村五组", Address("", "官村", numbers=(("group", 5),))),
        ("西北农林科技大学", Address(rest="西北农林科技大学")),
        ("，；（）", Address()),
    ],
)
def test_an_address_is_taken_apart(said, parts):
    assert parse(said) == parts


@given(st.text(max_size=60))
def test_any_text_is_read_without_trouble(said):
    parse(said)


@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_is_a_share_and_one_only_for_the_same(name, said):
    alike = likeness(name, said)
    assert 0 <= alike <= 1
    assert (alike == 1) == (name == said)


def test_what_sounds_the_same_is_more_alike_than_what_differs():
    assert likeness("王上村", "王尚村") > 0.9 > likeness("常乐路社区", "康乐路社区")
    assert likeness("大寨街道", "大寨镇") > likeness("大寨街道", "杨陵街道")
