"""Statements that are planned once, and the second thread of a long load."""

import gc
import io
import threading
import time

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from core import sql

ONE = "SELECT %(n)s::int AS n"


def test_a_cancelled_statement_is_still_known(transactional_db):
    words = "SELECT %(n)s::int AS n, pg_sleep(%(rest)s::float)"
    assert sql.ask_again(words, {"n": 1, "rest": 0})[0]["n"] == 1
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 50")
    with pytest.raises(OperationalError):
        sql.ask_again(words, {"n": 2, "rest": 5})
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
    assert sql.ask_again(words, {"n": 3, "rest": 0})[0]["n"] == 3


def test_a_statement_that_the_server_forgot_is_told_again(db):
    assert sql.ask_again(ONE, {"n": 1}) == [{"n": 1}]
    with connection.cursor() as cursor:
        cursor.execute(f"DEALLOCATE {sql._numbered(ONE)[0]}")  # others are used by other tests
    with pytest.raises(OperationalError), transaction.atomic():  # what was begun is lost
        sql.ask_again(ONE, {"n": 2})
    assert sql.ask_again(ONE, {"n": 3}) == [{"n": 3}]


def test_nothing_is_prepared_behind_a_pooler(db, settings):
    settings.PREPARED = False
    words = "SELECT count(*) AS n FROM pg_prepared_statements WHERE name = %(name)s::text"
    before = sql.ask_again(words, {"name": sql._numbered(words)[0]})
    assert before == [{"n": 0}]


def test_the_thread_behind_writes_in_order_on_the_same_connection(db):
    seen = []
    with sql.Behind() as writer:
        for n in range(3):
            writer.give(lambda n=n: seen.append((n, sql.ask(ONE, {"n": n})[0]["n"])))
        writer.wait()
        assert sql.ask(ONE, {"n": 9}) == [{"n": 9}]
    assert seen == [(0, 0), (1, 1), (2, 2)]


def test_no_whole_garbage_collection_holds_an_open_transaction_up(db):
    with sql.Behind() as writer:
        writer.give(lambda: None)
        assert not gc.isenabled()
        writer.wait()
    assert gc.isenabled()


def test_whoever_asks_while_it_writes_waits_for_one_work_only(db):
    go, seen = threading.Event(), []
    with sql.Behind() as writer:
        writer.give(go.wait)
        writer.give(lambda: (time.sleep(0.05), seen.append("second")))
        threading.Timer(0.2, go.set).start()
        seen.append(sql.ask(ONE, {"n": 1})[0]["n"])
        writer.wait()
    assert seen == [1, "second"]


def test_no_transaction_is_opened_beside_it(db):
    with (
        sql.Behind(),
        pytest.raises(RuntimeError),
        transaction.atomic(),
    ):
        sql.ask(ONE, {"n": 1})


def test_after_a_failure_it_writes_nothing_more_and_says_so(db):
    seen = []

    def fail():
        raise IntegrityError

    with pytest.raises(IntegrityError), sql.Behind() as writer:
        for work in (fail, lambda: seen.append(1)):
            writer.give(work)
        writer.wait()
    assert seen == []


def test_a_failure_that_nobody_waited_for_is_told_at_the_end(db):
    with pytest.raises(ZeroDivisionError), sql.Behind() as writer:
        writer.give(lambda: 1 / 0)


def test_what_was_given_is_written_also_where_reading_fails(db):
    seen = []
    with pytest.raises(ValueError), sql.Behind() as writer:
        writer.give(seen.append, 1)
        writer.give(seen.append, 2)
        raise ValueError
    assert seen == [1, 2]


def test_a_copy_that_is_refused_is_an_error_of_django(ground):
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.copy("incidents", "copy_events", io.StringIO("1\tX\tnow\t\t{}\t\\N\n"))


def test_only_a_transaction_that_says_so_may_stand_still_for_long(transactional_db):
    def limit():
        with connection.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            return cursor.fetchone()[0]

    before = limit()
    with transaction.atomic():
        sql.patiently()
        assert limit() == "15min"
    assert limit() == before
