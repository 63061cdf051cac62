"""Whatever differs from a known place in one thing is at best offered, and the place itself certain.

The words after numbers are those of the rows of `addresses.FORMS`: a new row is tried as well.
"""

from random import Random

import pytest
from django.contrib.gis.geos import Point

from geo_grid import gazetteer, services
from geo_grid.addresses import FORMS, NUMBERED
from geo_grid.models import Place
from tests.conftest import COMMUNITY

HOMES = ("永安社区", "六星村", "五星村", "上川口村", "东卜村")
NAMES = ("康乐小区", "农机公司老家属院", "农业高新技术示范园", "实验小学", "建设路", "人民医院分院")
ENDS = ("", "东门", "西门", "A座", "B座", "1期", "三期", "第3分店", "第4分店")
BESIDE = ("对面", "斜对门", "往东100米", "东侧200米", "后面", "楼下", "南头", "附近")
WORDS = tuple(one.words.split("|")[0] for one in FORMS if one.reads == NUMBERED)


def told(home, name, end, numbers) -> str:
    return home + name + end + "".join(f"{number}{word}" for number, word in numbers)


def some_place(chance: Random) -> tuple:
    words = chance.sample(WORDS, chance.choice((0, 1, 1, 2, 3)))
    numbers = tuple((chance.randint(1, 30), word) for word in words)
    return chance.choice(("", *HOMES)), chance.choice(NAMES), chance.choice(ENDS), numbers


def others(chance: Random, place: tuple):
    """What people say who mean another place: one thing differs."""
    home, name, end, numbers = place
    yield told(home, chance.choice([one for one in NAMES if one != name]), end, numbers)
    yield told(home, name, chance.choice([one for one in ENDS if one != end]), numbers)
    yield told(home, name, end, (*numbers, (chance.randint(1, 9), chance.choice(WORDS))))
    yield told(*place) + chance.choice(BESIDE)
    if home:
        yield told(chance.choice([one for one in HOMES if one != home]), name, end, numbers)
    for number, word in numbers[:1]:
        yield told(home, name, end, ((number + chance.choice((1, 10)), word), *numbers[1:]))
        word = chance.choice([one for one in WORDS if one != word])
        yield told(home, name, end, ((number, word), *numbers[1:]))


@pytest.mark.parametrize("seed", range(4))
def test_one_difference_is_never_certain(ground, now, seed):
    for number, home in enumerate(HOMES[1:]):
        services.ensure_community(code=f"{COMMUNITY[:9]}1{number:02d}", name=home)
    chance, wrong = Random(seed), []
    for _turn in range(120):
        place = some_place(chance)
        Place.objects.all().delete()
        Place.objects.create(
            name=told(*place), point=Point(108.045, 34.255), source="t", district="610403"
        )
        if not gazetteer.sure(gazetteer.find_place(told(*place), now)):
            wrong.append((told(*place), "is not certain of itself"))
        for said in others(chance, place):
            if gazetteer.sure(gazetteer.find_place(said, now)):
                wrong.append((told(*place), said))
    assert wrong == []
