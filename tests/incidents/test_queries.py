"""Readers of the timeline never skip an event that committed late, and nobody waits for a stranger."""

import threading
from contextlib import contextmanager

import psycopg2
import pytest
from django.db import connection, connections, transaction

from incidents import queries, services
from incidents.services import Location, Report
from tests.conftest import CORNER

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def another_session():
    """A psycopg2 connection to the same database, outside Django."""
    params = connection.get_connection_params()
    params.pop("cursor_factory", None)
    session = psycopg2.connect(**params)
    try:
        yield session
    finally:
        session.close()


@pytest.fixture
def incident(ground, categories, now):
    place = Location(lon=CORNER[0] - 0.005, lat=CORNER[1] + 0.005)
    report = Report(category="0501", location=place, occurred_at=now)
    return services.report_incident(report=report, actor=None, now=now)


def kinds_after(position):
    return [row["kind"] for row in queries.events_after(position)]


def test_two_transactions_that_commit_in_reverse_order(incident, now):
    position = queries.end_of_events()
    written, may_commit = threading.Event(), threading.Event()

    def first():
        try:
            with transaction.atomic():
                services.record_event(incident=incident, kind="FIRST", actor=None, now=now)
                written.set()
                assert may_commit.wait(10)
        finally:
            connections.close_all()

    writer = threading.Thread(target=first)
    writer.start()
    assert written.wait(10)
    services.record_event(incident=incident, kind="SECOND", actor=None, now=now)
    assert kinds_after(position) == []
    may_commit.set()
    writer.join()
    assert kinds_after(position) == ["FIRST", "SECOND"]


def test_a_writer_that_rolls_back_holds_nobody_up(incident, now):
    position = queries.end_of_events()
    with pytest.raises(RuntimeError), transaction.atomic():
        services.record_event(incident=incident, kind="LOST", actor=None, now=now)
        raise RuntimeError
    services.record_event(incident=incident, kind="KEPT", actor=None, now=now)
    assert kinds_after(position) == ["KEPT"]


def test_a_long_transaction_that_writes_no_event_delays_nothing(incident, now):
    position = queries.end_of_events()
    with another_session() as stranger, stranger.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
        services.record_event(incident=incident, kind="NEXT", actor=None, now=now)
        assert kinds_after(position) == ["NEXT"]
