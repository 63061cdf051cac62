"""The fault tests can fail: a product or a database that breaks its promise turns the line red.

What only a power failure shows (fsync off) is not here: the kernel keeps what a killed process wrote.
"""

import time
from contextlib import contextmanager

import pytest
from django.db import connection

from incidents.models import ReportReceipt
from tests.reliability import processes
from tests.reliability.oracle import Journal, check
from tests.reliability.senders import Photos, Sender
from tests.servers import database_address, until

CLIENTS, REPORTS, LATE_S = 8, 6, 2
RECEIPTS = ReportReceipt._meta.db_table


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "journal.jsonl", tmp_path / "media")


def red_after(
    server, address: str, journal: Journal, fault=None, late_s: float = 0, **manner
) -> set[str]:
    """What is red once CLIENTS have reported and the fault came in the middle. manner: of them."""
    told = {"again": 0, **manner}
    senders = [Sender(server.port, journal, REPORTS, **told) for _ in range(CLIENTS)]
    if fault:
        assert until(lambda: len(journal.lines()) >= CLIENTS * REPORTS // 2, 60)
        fault()
    assert until(lambda: not any(sender.is_alive() for sender in senders), 60)
    time.sleep(late_s * 1.5)  # what is still to come has come
    told = check(address, journal)
    print(told)
    assert not told.holds
    return told.red


@contextmanager
def broken(promise: str, **more: str):
    told = {"BROKEN": promise, "LATE_S": str(LATE_S), **more}
    server = processes.Broken(database_address(), **told)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def without_key():
    """The receipts without what makes their ids unique; given back to an empty table."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, RECEIPTS)
        (key,) = (
            name
            for name, told in found.items()
            if told["columns"] == ["client_uuid"] and told["unique"]
        )
        cursor.execute(f'ALTER TABLE {RECEIPTS} DROP CONSTRAINT "{key}"')
        try:
            yield
        finally:
            cursor.execute(f"TRUNCATE {RECEIPTS}")
            cursor.execute(f'ALTER TABLE {RECEIPTS} ADD CONSTRAINT "{key}" UNIQUE (client_uuid)')


def test_without_the_unique_key_a_second_try_is_a_second_report(staged, journal):
    with without_key(), broken("no_key") as server:
        assert "dup" in red_after(server, database_address(), journal, again=1)


def test_an_answer_before_the_commit_is_a_lost_report(staged, journal):
    with broken("early") as server:
        told = {"fault": server.strike, "late_s": LATE_S}
        assert red_after(server, database_address(), journal, **told) == {"lost"}


def test_an_event_outside_the_transaction_is_a_torn_report(staged, journal):
    with broken("loose") as server:
        told = {"fault": server.strike, "late_s": LATE_S}
        assert red_after(server, database_address(), journal, **told) == {"torn"}


def test_a_file_written_in_its_place_is_a_torn_photo(staged, journal, worker_key):
    with broken("half", MEDIA_ROOT=str(journal.media)) as server:
        told = {"fault": server.strike, "photos": Photos(worker_key, one_in=1)}
        assert red_after(server, database_address(), journal, **told) == {"photos_wrong"}


def test_a_commit_that_does_not_wait_for_the_disk_is_a_lost_report(cluster, journal):
    cluster.set(synchronous_commit="off", wal_writer_delay="10s")
    server = processes.start(cluster.address)

    def fault():
        cluster.kill()
        cluster.start()

    try:
        assert red_after(server, cluster.address, journal, fault) >= {"lost"}
    finally:
        server.stop()
