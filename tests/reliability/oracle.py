"""The oracle of the crash tests: the journal of a client, and what the database says of it.

The journal is written and fsynced before the client goes on, so it knows what was promised. The
checker reads the database by SQL of its own, and the files by their bytes, and trusts nothing that
the product says of itself.
"""

import hashlib
import json
import os
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg2


class Journal:
    """One line of JSON for each answer: {uuid, sha256, acked_at, status, number}, and `photo`, its
    name, where one was sent for a case. media: where the site keeps its files."""

    def __init__(self, path: Path, media: Path | None = None):
        self.path, self.media, self.lock = path, media, threading.Lock()
        self.file = path.open("a")

    def note(self, **line) -> None:
        with self.lock:
            self.file.write(json.dumps(line | {"acked_at": time.time()}) + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.path.read_text().splitlines()]


@dataclass(frozen=True)
class Verdict:
    """acked: reports that a client was promised; stored: those that are there, as promised.
    photos: those that a client was promised; photos_wrong: not there, not once or not whole."""

    acked: int
    stored: int
    lost: int
    dup: int
    torn: int
    orphan_assignments: int
    stuck_jobs: int
    side_effects_twice: int
    failed: int  # 5xx_without_retry_success
    photos: int
    photos_wrong: int

    @property
    def red(self) -> set[str]:
        """What is not as it must be."""
        return {name for name, count in asdict(self).items() if count} - TOTALS

    @property
    def holds(self) -> bool:
        return self.acked == self.stored and not self.red

    def __str__(self) -> str:
        told = " ".join(f"{name}={count}" for name, count in asdict(self).items())
        return told.replace("failed=", "5xx_without_retry_success=")


TOTALS = {"acked", "stored", "photos"}
PHOTOS = """
    SELECT a.name, i.number, a.file, a.sha256, a.size, (
        SELECT count(*) FROM incidents_incidentevent e
        WHERE e.incident_id = i.id AND e.kind = 'ATTACHED'
            AND (e.details ->> 'attachment')::bigint = a.id) AS told
    FROM incidents_attachment a JOIN incidents_incident i ON a.incident_id = i.id"""
QUESTIONS = {
    # as promised: the receipt, its number, the bytes it was given for, and one incident of it
    "stored": """
        SELECT count(*) FROM incidents_reportreceipt r
        JOIN unnest(%(uuids)s::uuid[], %(digests)s::text[], %(numbers)s::text[])
            AS told (uuid, digest, number) ON told.uuid = r.client_uuid
        WHERE r.body_hash = told.digest AND r.answer ->> 'number' = told.number
            AND EXISTS (SELECT FROM incidents_incident i
                        WHERE i.number = told.number AND i.description = told.uuid::text)""",
    # the client writes its key into the words of the report
    "dup": """
        SELECT coalesce(sum(times - 1), 0) FROM (
            SELECT count(*) AS times FROM incidents_incident GROUP BY description) AS keys""",
    "torn": """
        SELECT (SELECT count(*) FROM incidents_reportreceipt WHERE answer IS NULL)
            + (SELECT count(*) FROM incidents_incident i WHERE NOT EXISTS (
                SELECT FROM incidents_reportreceipt r
                WHERE r.client_uuid::text = i.description AND r.answer ->> 'number' = i.number))
            + (SELECT count(*) FROM incidents_incident i WHERE NOT EXISTS (
                SELECT FROM incidents_incidentevent e
                WHERE e.incident_id = i.id AND e.kind = 'REPORTED'))
            + (SELECT count(*) FROM incidents_incident i WHERE NOT EXISTS (
                SELECT FROM incidents_reporter p WHERE p.incident_id = i.id))""",
    "orphan_assignments": """
        SELECT count(*) FROM incidents_incident i
        WHERE i.worker_id IS NULL OR i.cell_id IS NULL OR 1 <> (
            SELECT count(*) FROM incidents_part p
            WHERE p.incident_id = i.id AND p.role = 'LEAD' AND p.ended_at IS NULL)""",
    # the scheduler acts by clocks: without one that runs and is due, nobody is ever reminded
    "stuck_jobs": """
        SELECT count(*) FROM incidents_part p
        WHERE p.ended_at IS NULL AND 1 <> (
            SELECT count(*) FROM incidents_clock c
            WHERE c.part_id = p.id AND c.stopped_at IS NULL AND c.due_at IS NOT NULL)""",
    "side_effects_twice": """
        SELECT coalesce(sum(times - 1), 0) FROM (
            SELECT count(*) AS times FROM incidents_incidentevent
            GROUP BY incident_id, kind) AS effects""",
}


def check(address: str, journal: Journal) -> Verdict:
    """The one line. address: of the database, postgresql://..."""
    lines = journal.lines()
    acked = {line["uuid"]: line for line in lines if answered(line) and "photo" not in line}
    photos = {line["photo"]: line for line in lines if answered(line) and "photo" in line}
    refused = {line.get("photo", line["uuid"]) for line in lines if line["status"] >= 500}
    told = {
        "uuids": list(acked),
        "digests": [line["sha256"] for line in acked.values()],
        "numbers": [line["number"] for line in acked.values()],
    }
    with psycopg2.connect(address.replace("postgis://", "postgresql://")) as connection:
        cursor, counts = connection.cursor(), {}
        for name, words in QUESTIONS.items():
            cursor.execute(words, told)
            counts[name] = int(cursor.fetchone()[0])
        cursor.execute(PHOTOS)
        counts["photos_wrong"] = wrong_photos(cursor.fetchall(), photos, journal.media)
    connection.close()
    return Verdict(
        acked=len(acked),
        lost=len(acked) - counts["stored"],
        failed=len(refused - set(acked) - set(photos)),
        photos=len(photos),
        **counts,
    )


def answered(line: dict) -> bool:
    return line["status"] in (200, 201)


def wrong_photos(rows: list[tuple], promised: dict[str, dict], media: Path | None) -> int:
    """Photos promised and not there, twice there, or not whole, whether promised or not."""
    whole = Counter(
        (name, number)
        for name, number, file, digest, size, told in rows
        if told == 1
        and is_whole(media / file, digest, size)
        # a paper is kept as it was sent; a photo is written anew, without its metadata
        and promised.get(name, {}).get("sha256", "") in ("", digest)
    )
    kept = sum(whole[name, line["number"]] == 1 for name, line in promised.items())
    return len(promised) - kept + len(rows) - len(whole)


def is_whole(path: Path, digest: str, size: int) -> bool:
    content = path.read_bytes() if path.is_file() else b""
    return len(content) == size and hashlib.sha256(content).hexdigest() == digest
