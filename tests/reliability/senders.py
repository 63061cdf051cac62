"""Clients that report with ids of their own and send the same bytes again until they are answered."""

import contextlib
import hashlib
import http.client
import io
import json
import random
import threading
import time
import uuid
from dataclasses import dataclass

from PIL import Image

from tests.reliability.oracle import Journal

SPOTS = ([108.045, 34.255], [108.0441, 34.2519], [108.0477, 34.2583])
GIVE_UP_S = 300  # on a slow machine a worker that is killed every second hardly comes up


@dataclass(frozen=True)
class Photos:
    """One in so many reports gets a photo or a paper. key: the API token of its worker."""

    key: str
    one_in: int = 20


@dataclass(frozen=True)
class Message:
    """What is sent until it is answered; `line` goes into the journal with each answer."""

    method: str
    path: str
    content: bytes
    headers: dict
    line: dict


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
        photos: Photos | None = None,
    ):
        super().__init__(daemon=True)
        self.port, self.journal, self.reports, self.again = port, journal, reports, again
        self.enough, self.photos = enough, photos
        self.line: http.client.HTTPConnection | None = None
        self.retries, self.longest_s, self.troubles = 0, 0.0, []
        self.start()

    def run(self) -> None:
        made = 0
        while made < self.reports or (self.enough and not self.enough.is_set()):
            made += 1
            key = str(uuid.uuid4())
            first = self.send(report_message(key))
            if first and self.photos and random.randrange(self.photos.one_in) == 0:
                self.send(photo_message(key, json.loads(first)["number"], self.photos.key))

    def send(self, message: Message) -> bytes:
        """The body of the answer; a repeated message must get the same."""
        first = self.until_answered(message)
        if first and random.random() < self.again:
            second = self.until_answered(message)
            if second != first:
                self.troubles.append((message.path, first, second))
        return first

    def until_answered(self, message: Message) -> bytes:
        """The body of the answer; every answer is in the journal before anything else happens."""
        began = time.monotonic()
        while time.monotonic() - began < GIVE_UP_S:
            status, body = self.ask(message)
            if status in (200, 201):
                number = message.line.get("number") or json.loads(body)["number"]
                self.journal.note(**message.line | {"status": status, "number": number})
                self.longest_s = max(self.longest_s, time.monotonic() - began)
                return body
            if status:
                self.journal.note(**{"number": ""} | message.line | {"status": status})
            if 400 <= status < 500:
                self.troubles.append((message.path, status, body))
                return b""
            self.retries += 1
            time.sleep(random.uniform(0.05, 0.3))
        self.troubles.append((message.path, "never answered"))
        return b""

    def ask(self, message: Message) -> tuple[int, bytes]:
        """(0, nothing) where no whole answer came."""
        try:
            if self.line is None:
                self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            self.line.request(message.method, message.path, message.content, message.headers)
            answer = self.line.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            with contextlib.suppress(OSError):
                self.line.close()
            self.line = None
            return 0, b""


def report_message(key: str) -> Message:
    content = report_of(key)
    line = {"uuid": key, "sha256": hashlib.sha256(content).hexdigest()}
    headers = {"Content-Type": "application/json"}
    return Message("PUT", f"/api/v1/incidents/{key}/", content, headers, line)


def photo_message(key: str, number: str, token: str) -> Message:
    """A photo or a paper of a case, named after its report; no two have the same content."""
    paper = random.random() < 0.5
    content = b"%PDF-" + random.randbytes(200_000) if paper else noise()
    name = f"{key}.{'pdf' if paper else 'jpg'}"
    head = f'--{key}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    digest = hashlib.sha256(content).hexdigest() if paper else ""
    line = {"uuid": key, "sha256": digest, "photo": name, "number": number}
    headers = {
        "Content-Type": f"multipart/form-data; boundary={key}",
        "Authorization": f"Token {token}",
    }
    body = head.encode() + content + f"\r\n--{key}--\r\n".encode()
    return Message("POST", f"/api/v1/incidents/{number}/attachments/", body, headers, line)


def noise() -> bytes:
    """A photo that cannot be made small."""
    kept = io.BytesIO()
    Image.frombytes("RGB", (320, 240), random.randbytes(320 * 240 * 3)).save(kept, "JPEG")
    return kept.getvalue()


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
