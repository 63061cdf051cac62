"""The oracle can fail: each kind of harm, done on purpose, turns its line red."""

import uuid

import pytest
from django.db import connection

from incidents.models import Incident, IncidentEvent
from tests.reliability.oracle import Journal, check
from tests.reliability.processes import Client
from tests.reliability.senders import report_of
from tests.reliability.test_crashes import note
from tests.servers import database_address


def harm(words: str):
    """Past every key and trigger, as a broken disk or a hand in the database would."""

    def act(_journal):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET session_replication_role = replica; {words}; RESET session_replication_role"
            )

    return act


def copy_of(model, **changed):
    def act(_journal):
        row = model.objects.first()
        row.pk = None
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(force_insert=True)

    return act


def promise(status: int):
    def act(journal):
        journal.note(uuid=str(uuid.uuid4()), sha256="0" * 64, status=status, number="2600000000001")

    return act


ONE = "WHERE id = (SELECT min(id) FROM {table})"


def of_one(words: str, table: str):
    return harm(f"{words} {ONE.format(table=table)}")


HARM = {
    "a receipt is gone": (
        of_one("DELETE FROM incidents_reportreceipt", "incidents_reportreceipt"),
        {"lost", "torn"},
    ),
    "an incident is gone": (
        of_one("DELETE FROM incidents_incident", "incidents_incident"),
        {"lost"},
    ),
    "its words are another's": (
        of_one("UPDATE incidents_incident SET description = 'x'", "incidents_incident"),
        {"lost", "torn"},
    ),
    "a receipt of other bytes": (
        of_one("UPDATE incidents_reportreceipt SET body_hash = 'x'", "incidents_reportreceipt"),
        {"lost"},
    ),
    "promised before it was stored": (promise(201), {"lost"}),
    "an incident twice": (
        copy_of(Incident, number="2600000000002"),
        {"dup", "torn", "orphan_assignments"},
    ),
    "an event is gone": (
        of_one("DELETE FROM incidents_incidentevent", "incidents_incidentevent"),
        {"torn"},
    ),
    "a reporter is gone": (
        of_one("DELETE FROM incidents_reporter", "incidents_reporter"),
        {"torn"},
    ),
    "an answer is empty": (
        of_one("UPDATE incidents_reportreceipt SET answer = NULL", "incidents_reportreceipt"),
        {"lost", "torn"},
    ),
    "nobody leads": (
        of_one("DELETE FROM incidents_part", "incidents_part"),
        {"orphan_assignments"},
    ),
    "no worker": (
        of_one("UPDATE incidents_incident SET worker_id = NULL", "incidents_incident"),
        {"orphan_assignments"},
    ),
    "a clock stands": (
        of_one("UPDATE incidents_clock SET stopped_at = now(), next_at = NULL", "incidents_clock"),
        {"stuck_jobs"},
    ),
    "an event twice": (copy_of(IncidentEvent), {"side_effects_twice"}),
    "never answered after a 500": (promise(500), {"failed"}),
}


@pytest.fixture
def journal(staged, web, tmp_path):
    """Three reports that were promised and stored."""
    kept, client = Journal(tmp_path / "journal.jsonl"), Client(web)
    for _ in range(3):
        key = str(uuid.uuid4())
        answer = client.ask("PUT", f"/api/v1/incidents/{key}/", report_of(key))
        note(kept, key, report_of(key), answer)
    return kept


def test_each_harm_is_seen(journal):
    assert check(database_address(), journal).holds


@pytest.mark.parametrize("name", HARM)
def test_harm_turns_it_red(name, journal):
    act, wanted = HARM[name]
    act(journal)
    told = check(database_address(), journal)
    assert not told.holds
    red = {
        field for field, count in vars(told).items() if field not in ("acked", "stored") and count
    }
    assert red == wanted
