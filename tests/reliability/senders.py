"""Clients that report with ids of their own and send the same bytes again until they are answered."""

import contextlib
import hashlib
import http.client
import json
import random
import threading
import time
import uuid

from tests.reliability.oracle import Journal

SPOTS = ([108.045, 34.255], [108.0441, 34.2519], [108.0477, 34.2583])
GIVE_UP_S = 300  # on a slow machine a worker that is killed every second hardly comes up


class Sender(threading.Thread):
    """One client: at least `reports` reports one after the other, and on until `enough` is set.
    again: of how many it repeats one that was answered already, as a device does that has lost
    the answer."""

    def __init__(
        self,
        port: int,
        journal: Journal,
        reports: int,
        again: float = 0.1,
        enough: threading.Event | None = None,
    ):
        super().__init__(daemon=True)
        self.port, self.journal, self.reports, self.again = port, journal, reports, again
        self.enough = enough
        self.line: http.client.HTTPConnection | None = None
        self.retries, self.longest_s, self.troubles = 0, 0.0, []
        self.start()

    def run(self) -> None:
        made = 0
        while made < self.reports or (self.enough and not self.enough.is_set()):
            made += 1
            key = str(uuid.uuid4())
            content = report_of(key)
            first = self.until_answered(key, content)
            if first and random.random() < self.again:
                second = self.until_answered(key, content)
                if second != first:
                    self.troubles.append((key, first, second))

    def until_answered(self, key: str, content: bytes) -> bytes:
        """The body of the answer; every answer is in the journal before anything else happens."""
        began = time.monotonic()
        digest = hashlib.sha256(content).hexdigest()
        while time.monotonic() - began < GIVE_UP_S:
            status, body = self.put(key, content)
            if status in (200, 201):
                number = json.loads(body)["number"]
                self.journal.note(uuid=key, sha256=digest, status=status, number=number)
                self.longest_s = max(self.longest_s, time.monotonic() - began)
                return body
            if status:
                self.journal.note(uuid=key, sha256=digest, status=status, number="")
            if 400 <= status < 500:
                self.troubles.append((key, status, body))
                return b""
            self.retries += 1
            time.sleep(random.uniform(0.05, 0.3))
        self.troubles.append((key, "never answered"))
        return b""

    def put(self, key: str, content: bytes) -> tuple[int, bytes]:
        """(0, nothing) where no whole answer came."""
        try:
            if self.line is None:
                self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            headers = {"Content-Type": "application/json"}
            self.line.request("PUT", f"/api/v1/incidents/{key}/", content, headers)
            answer = self.line.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            with contextlib.suppress(OSError):
                self.line.close()
            self.line = None
            return 0, b""


def report_of(key: str, **more) -> bytes:
    """The bytes of a report that carries its key in its words; sorted, so that the digest of the
    bytes is the one the server keeps."""
    spot = SPOTS[hash(key) % len(SPOTS)]
    told = {
        "category": "0501",
        "description": key,
        "location": {"point": {"type": "Point", "coordinates": spot}},
        "reporter": {"phone": "13900000000"},
        **more,
    }
    return json.dumps(told, sort_keys=True).encode()


def all_done(senders: list[Sender], seconds: float) -> None:
    ends = time.monotonic() + seconds
    for sender in senders:
        sender.join(max(0.1, ends - time.monotonic()))
    assert not any(sender.is_alive() for sender in senders)
    troubles = [trouble for sender in senders for trouble in sender.troubles]
    assert troubles == [], f"{len(troubles)} troubles, the first: {troubles[:3]}"
