"""What the system checks say of the database."""

from django.db import connection

from config.checks import durability


def test_a_database_that_may_lose_answered_reports_is_warned_of(db, settings):
    settings.TESTING = False
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        told = durability(None, ["default"])
        cursor.execute("SET LOCAL synchronous_commit = on")
        less = durability(None, ["default"])
    assert {one.id for one in told} == {"gridkeeper.W002"}
    assert [one.msg for one in told if "synchronous_commit" in one.msg]
    assert not [one.msg for one in less if "synchronous_commit" in one.msg]
    assert durability(None, []) == []


def test_tests_are_not_warned(db):
    assert durability(None, ["default"]) == []
