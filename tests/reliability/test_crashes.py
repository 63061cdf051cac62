"""Kills, lost answers and storms of the same key: what was promised is there, once.

The short form runs a few seconds. `make soak` runs the long one; KILLS, DATABASE_KILLS, REPORTS
and KEYS in the environment scale it.
"""

import hashlib
import json
import os
import random
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.reliability.oracle import Journal, check
from tests.reliability.processes import Client, Site, start
from tests.reliability.proxy import Swallower
from tests.reliability.senders import Photos, Sender, all_done, report_of
from tests.servers import database_address

CLIENTS = 16


def long(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def site(django_db_setup, media):
    made = Site(database_address(), MEDIA_ROOT=str(media))
    yield made
    made.stop()


@pytest.fixture
def journal(tmp_path, media):
    return Journal(tmp_path / "journal.jsonl", media)


@pytest.fixture
def some(worker_key):
    """Photos, often enough for a short test."""
    return Photos(worker_key, one_in=4)


def verdict(address: str, journal: Journal, photos: Photos | None = None) -> None:
    """Print the one line; it must hold, and must be about something."""
    told = check(address, journal)
    print(told)
    assert told.holds, str(told)
    assert told.acked > 0
    assert bool(told.photos) == bool(photos)


def report_while(server, journal, reports: int, photos, fault, faults: int, pause_s):
    """CLIENTS report together, each its share of the reports, and on until all faults have
    happened; each fault comes at a random moment once the site has come back from the last."""
    enough, share = threading.Event(), -(-reports // CLIENTS)
    told = {"enough": enough, "photos": photos}
    senders = [Sender(server.port, journal, share, **told) for _ in range(CLIENTS)]
    try:
        for _ in range(faults):
            server.wait()
            time.sleep(random.uniform(*pause_s))
            fault()
    finally:
        enough.set()
    all_done(senders, 36_000)
    longest = max(sender.longest_s for sender in senders)
    retries = sum(sender.retries for sender in senders)
    print(f"faults={faults} retries={retries} longest_until_answered={longest:.1f}s")


def kill_web(site, journal, reports, photos, kills, pause_s):
    """A1."""
    report_while(site, journal, reports, photos, site.kill_a_worker, kills, pause_s)
    verdict(database_address(), journal, photos)


def test_a_web_worker_is_killed_while_sixteen_clients_report(staged, site, journal, some):
    kill_web(site, journal, reports=96, photos=some, kills=2, pause_s=(0.1, 0.5))


@pytest.mark.soak
@pytest.mark.timeout(36_000)
def test_five_hundred_kills_and_fifty_thousand_reports(staged, site, journal, worker_key):
    photos = Photos(worker_key)
    kill_web(site, journal, long("REPORTS", 50_000), photos, long("KILLS", 500), (0.5, 2))


# --- the database -----------------------------------------------------------------------------
def kill_database(cluster, journal, reports, photos, kills, pause_s):
    """A2."""
    server = start(cluster.address, MEDIA_ROOT=str(journal.media))

    def fault():
        cluster.kill()
        cluster.start()

    try:
        report_while(server, journal, reports, photos, fault, kills, pause_s)
    finally:
        server.stop()
    verdict(cluster.address, journal, photos)


def test_the_database_is_killed_while_sixteen_clients_report(cluster, journal, some):
    kill_database(cluster, journal, reports=96, photos=some, kills=1, pause_s=(0.3, 0.6))


@pytest.mark.soak
@pytest.mark.timeout(36_000)
def test_two_hundred_kills_of_the_database(cluster, journal, worker_key):
    reports, kills = long("REPORTS", 50_000), long("DATABASE_KILLS", 200)
    kill_database(cluster, journal, reports, Photos(worker_key), kills, (0.5, 2))


# --- answers that never arrive ----------------------------------------------------------------
def swallow(site, journal, reports, photos, chance):
    """A5: the retry gets the same answer, so the journal's number is the one in the database."""
    proxy = Swallower(site.port, chance)
    try:
        share = -(-reports // CLIENTS)
        senders = [Sender(proxy.port, journal, share, photos=photos) for _ in range(CLIENTS)]
        all_done(senders, 3600)
    finally:
        proxy.stop()
    print(f"swallowed={proxy.swallowed}")
    assert proxy.swallowed > 0
    verdict(database_address(), journal, photos)


def test_one_answer_in_ten_is_swallowed_after_the_commit(staged, site, journal, some):
    swallow(site, journal, reports=96, photos=some, chance=0.1)


@pytest.mark.soak
@pytest.mark.timeout(36_000)
def test_the_same_over_twenty_thousand_reports(staged, site, journal, worker_key):
    swallow(site, journal, long("REPORTS", 20_000), Photos(worker_key), 0.1)


# --- the same key -----------------------------------------------------------------------------
def storm(site, journal, keys, size=64):
    """A6: so many identical PUTs at once for each key: one is new, the others get its answer."""
    gate = threading.Barrier(size)
    clients = [Client(site) for _ in range(size)]
    told: Counter = Counter()

    def put(client, key, content):
        gate.wait(60)
        return client.ask("PUT", f"/api/v1/incidents/{key}/", content)

    with ThreadPoolExecutor(size) as pool:
        for _ in range(keys):
            key = str(uuid.uuid4())
            content = report_of(key)
            answers = list(pool.map(lambda c, k=key, b=content: put(c, k, b), clients))
            statuses = Counter(status for status, _media, _body in answers)
            assert set(statuses) <= {200, 201, 409}
            assert statuses[201] == 1
            assert len({body for status, _media, body in answers if status < 300}) == 1
            told += statuses
            note(journal, key, content, answers[0])
    print(f"statuses={dict(told)}")
    verdict(database_address(), journal)


def note(journal, key, content, answer):
    status, _media, body = answer
    digest = hashlib.sha256(content).hexdigest()
    journal.note(uuid=key, sha256=digest, status=status, number=json.loads(body)["number"])


def test_sixty_four_identical_reports_at_once_are_one(staged, site, journal):
    storm(site, journal, keys=3)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_the_same_for_five_hundred_keys(staged, site, journal):
    storm(site, journal, long("KEYS", 500))


def reuse(site, journal, keys):
    """A7: another body under a used key is 422, and the first one stays as it was."""
    client = Client(site)
    for n in range(keys):
        key = str(uuid.uuid4())
        first, other = report_of(key), report_of(key, description=f"other {n}")
        answer = client.ask("PUT", f"/api/v1/incidents/{key}/", first)
        note(journal, key, first, answer)
        changed = client.ask("PUT", f"/api/v1/incidents/{key}/", other)
        again = client.ask("PUT", f"/api/v1/incidents/{key}/", first)
        assert (answer[0], changed[0], again[0]) == (201, 422, 200)
        assert changed[1] == "application/problem+json"
        assert again[2] == answer[2]
    verdict(database_address(), journal)


def test_a_used_key_with_another_body_is_422_and_changes_nothing(staged, site, journal):
    reuse(site, journal, keys=10)


@pytest.mark.soak
def test_the_same_for_many_keys(staged, site, journal):
    reuse(site, journal, long("KEYS", 500))
