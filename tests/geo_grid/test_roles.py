"""A role is complete: what a new row of geo_grid/roles.py still lacks is said here."""

import pytest
from django.conf import settings
from django.urls import NoReverseMatch, reverse

from geo_grid.models import Post
from geo_grid.roles import ANSWERING, IN_CELL, ROLES, seeing
from incidents import workflow
from screens.kiosk import RULES
from screens.navigation import FOR_EVERYBODY, PAGES

SQL = settings.ROOT / "geo_grid" / "sql"


def test_the_table_and_the_model_know_the_same_roles():
    assert [role.name for role in ROLES] == Post.Role.values


def test_the_kiosk_has_words_for_whoever_may_answer():
    wanted = {name + deputy for name in ANSWERING for deputy in ("", "_DEPUTY")}
    assert wanted == set(RULES)


def test_the_map_of_workers_knows_everybody_above_who_answers():
    above = [name for name in ANSWERING if name not in IN_CELL]
    assert (
        "IN ({})".format(", ".join(f"'{name}'" for name in above))
        in (SQL / "layer_workers.sql").read_text()
    )


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
