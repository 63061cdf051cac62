"""The oracle can fail: each kind of harm, done on purpose, turns its line red."""

import json
import uuid
from pathlib import Path

import pytest
from django.db import connection

from incidents.models import Attachment, Incident, IncidentEvent
from tests.reliability.oracle import Journal, check
from tests.reliability.processes import Client
from tests.reliability.senders import photo_message, report_of
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


def cut(length: int | None):
    """Its file, to so many bytes; without a number there is none any more."""

    def act(journal):
        path = journal.media / Attachment.objects.get().file.name
        if length is None:
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:length])

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
    "a photo is gone": (harm("DELETE FROM incidents_attachment"), {"photos_wrong"}),
    "its file is gone": (cut(None), {"photos_wrong"}),
    "its file is cut": (cut(4096), {"photos_wrong"}),
    "it is another's": (
        harm(
            "UPDATE incidents_attachment SET incident_id = (SELECT min(id) FROM incidents_incident)"
        ),
        {"photos_wrong"},
    ),
    "a photo twice": (copy_of(Attachment, sha256="x"), {"photos_wrong"}),
    "nothing tells of it": (
        harm("DELETE FROM incidents_incidentevent WHERE kind = 'ATTACHED'"),
        {"photos_wrong"},
    ),
    "never answered after a 500": (promise(500), {"failed"}),
}


@pytest.fixture
def journal(staged, web, tmp_path, worker_key):
    """Three reports that were promised and stored, the last with a photo."""
    kept = Journal(tmp_path / "journal.jsonl", Path(web.environment["MEDIA_ROOT"]))
    client = Client(web)
    for _ in range(3):
        key = str(uuid.uuid4())
        answer = client.ask("PUT", f"/api/v1/incidents/{key}/", report_of(key))
        note(kept, key, report_of(key), answer)
    photo = photo_message(key, json.loads(answer[2])["number"], worker_key)
    (status, *_body) = client.ask(photo.method, photo.path, photo.content, **photo.headers)
    kept.note(**photo.line, status=status)
    return kept


def test_each_harm_is_seen(journal):
    told = check(database_address(), journal)
    assert told.holds
    assert (told.acked, told.photos) == (3, 1)


@pytest.mark.parametrize("name", HARM)
def test_harm_turns_it_red(name, journal):
    act, wanted = HARM[name]
    act(journal)
    told = check(database_address(), journal)
    assert not told.holds
    assert told.red == wanted
