"""A role is complete: what a new row of geo_grid/roles.py still lacks is said here."""

import re

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import override

from core.errors import Invalid
from geo_grid import services
from geo_grid.codes import LEVEL_BY_LENGTH
from geo_grid.models import Area, Department, Post
from geo_grid.models.people import GROUNDS
from geo_grid.roles import ANSWERING, AREAS, CELL, DEPARTMENT, ROLES, WORKER, seeing
from geo_grid.services import rosters
from geo_grid.titles import title_of
from incidents import workflow
from screens.kiosk import rules
from screens.navigation import FOR_EVERYBODY, PAGES
from tests.conftest import COMMUNITY


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_role_says_its_name_in_both_languages_and_where_it_is_held(role):
    assert re.fullmatch(r"[A-Z_]{1,13}", role.name)
    for language, title in zip(("zh-hans", "en"), role.title, strict=True):
        with override(language):
            assert Post(role=role.name).get_role_display() == title
    assert role.held_at and role.held_at <= set(GROUNDS)
    assert not (role.draws or role.reviews) or role.held_at <= AREAS
    assert role.works != WORKER or role.held_at == {CELL}
    assert CELL not in role.held_at or role.works in ("", WORKER)


def test_the_kiosk_has_words_for_whoever_may_answer(db):
    for language in ("zh-hans", "en"):
        with override(language):
            told = rules()
            assert set(told) == {name + one for name in ANSWERING for one in ("", "_DEPUTY")}
            for role in ROLES:
                assert not role.answers or title_of(role) in told[role.name]


def test_a_post_is_held_where_its_role_may_be(ground, qian, now):
    area = Area.objects.get(code=COMMUNITY)
    with pytest.raises(Invalid, match="网格员：该岗位不设在村（社区）"):
        services.appoint(user=qian, role="WORKER", since=now, area=area)
    with pytest.raises(Invalid, match="没有岗位 KING"):
        services.appoint(user=qian, role="KING", since=now, area=area)
    assert services.appoint(user=qian, role="OFFICER", since=now, area=area).level == "COMMUNITY"


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_a_list_of_posts_knows_every_role_by_its_titles_at_its_grounds(ground, role):
    Department.objects.create(code="D07", name="城管局", name_en="x", district=COMMUNITY[:6])
    places = {CELL: ("cell", f"{COMMUNITY}001"), DEPARTMENT: ("department", "D07")}
    places |= {level: ("area", COMMUNITY[:size]) for size, level in LEVEL_BY_LENGTH.items()}
    for n, (level, (column, code)) in enumerate(places.items()):
        told = dict.fromkeys(rosters.FIELDS, "") | {"since": "2026-01-01", column: code}
        lines = [
            (n, told | {"name": word, "account": f"u{n}.{m}", "role": word})
            for m, word in enumerate((*role.title, role.name))
        ]
        done = services.import_posts(lines=lines, district=COMMUNITY[:6])
        assert done.appointed == (3 if level in role.held_at else 0), done.rejected
    shown = [line for line in services.posts_of(district=COMMUNITY[:6]) if line[2] in role.title]
    assert len(shown) == 3 * len(role.held_at)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_role_sees_pages_that_are_listed_and_begins_at_one(role):
    listed = {name for name, _title in PAGES}
    assert role.pages and role.pages <= listed and not role.pages & FOR_EVERYBODY
    assert role.start is None or role.start[1] in role.pages
    assert role.name in seeing(min(role.pages))


def test_whoever_stands_at_a_desk_sees_it():
    for name in (*workflow.DESK, *workflow.HELPERS):
        assert name in seeing("desk")


def test_pages_that_are_linked_exist():
    missing = []
    for name, _title in PAGES:
        try:
            reverse(name)
        except NoReverseMatch:
            missing.append(name)
    assert set(missing) <= {"field", "reports"}  # of later packages
