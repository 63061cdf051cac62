"""What feeds the live streams of a process.

One task listens; a notification only wakes it, then everything after the last position is read
from the table, so a lost notification costs delay and never an event. Another looks again, every
few seconds, at what each viewer may see.
"""

import asyncio
import contextlib
import gc
import itertools
import json
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg2
from django.db import close_old_connections, connection, connections
from django.utils import timezone

from core.live import CHANNEL
from geo_grid.queries import user_of_token, users_of_sessions, version_of_cells
from geo_grid.scope import Reach, reaches
from incidents import queries

log = logging.getLogger("gridkeeper.live")

SAFETY_POLL_S, JOIN_S, HELD_S, AGAIN_S, CHECK_S = 5, 0.02, 0.3, 1, 5
PAGE, THREADS, MOST_WAITING = 2000, 4, 4_000_000
SWEEP_EVERY = 720  # checks, hence an hour

Credential = tuple[str, str]
RESET = b"event: reset\ndata: {}\n\n"


@dataclass(frozen=True, slots=True)
class Item:
    """One event as it is sent: made once for all streams. gone: to who saw the case where it was."""

    position: int
    payload: dict
    text: bytes
    gone: bytes = b""

    def text_for(self, seen: Reach) -> bytes:
        """What is told of it to one who sees so much."""
        if not self.payload or seen.sees(self.payload):
            return self.text if self.payload else b""
        return self.gone if seen.saw(self.payload) else b""


@dataclass(eq=False, slots=True)
class Told:
    """Events after a position; the rest as in `incidents.queries.News`."""

    items: list[Item]
    begin: int
    position: int
    held: bool
    last_id: int
    texts: dict[Reach, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all events together."""
        return sum(len(item.text) for item in self.items)

    def text_for(self, seen: Reach, after: int) -> bytes:
        """The events above `after` that may be seen; one text for all who see the same."""
        if after > self.begin:
            return self._join(seen, after)
        if seen not in self.texts:
            self.texts[seen] = self._join(seen, self.begin)
        return self.texts[seen]

    def _join(self, seen: Reach, after: int) -> bytes:
        return b"".join(item.text_for(seen) for item in self.items if item.position > after)


@dataclass(eq=False, slots=True)
class Stream:
    """One open stream: who reads it, what they see, and how far they have got.

    waiting: bytes that are given and not yet taken. following: the replay is over.
    """

    credential: Credential
    seen: Reach
    sent: int = 0
    waiting: int = 0
    closed: bool = False
    following: bool = False
    queue: asyncio.Queue = field(default_factory=asyncio.Queue)
    task: asyncio.Task | None = None

    def give(self, batch: Told | bytes, size: int = 0) -> None:
        """Put a batch behind the others; a reader that had left too much waiting is cut off."""
        behind, self.waiting = self.waiting, self.waiting + size
        self.queue.put_nowait(batch)
        if behind > MOST_WAITING:
            self.close()
            if self.task is not None:
                self.task.cancel()

    def skip(self, told: Told) -> bool:
        """Pass over a batch with nothing to see, without waking who reads; False if that is not
        possible, because others wait before it."""
        if not self.following or not self.queue.empty():
            return False
        self.sent = max(self.sent, told.position)
        return True

    def take(self, told: Told) -> bytes:
        """The text of those events that are new here and may be seen."""
        text = told.text_for(self.seen, self.sent)
        self.sent = max(self.sent, told.position)
        return text

    async def next_text(self) -> bytes:
        """What comes next, as soon as it comes; may be nothing that is seen here."""
        batch = await self.queue.get()
        if isinstance(batch, bytes):
            return batch
        self.waiting -= batch.size
        return self.take(batch)

    def close(self) -> None:
        """End it; the browser resumes by itself."""
        self.closed = True
        self.queue.put_nowait(b"")


class Hub:
    """The streams of this process and the tasks that serve them."""

    def __init__(self):
        self.groups: dict[Reach, set[Stream]] = {}
        self.tasks: list[asyncio.Task] = []
        self.ready = asyncio.Event()
        self.position = 0
        self.fresh_at = ""
        self.ground = ""  # version of the cells in force

    async def join(self, stream: Stream) -> None:
        """Feed a stream from now on; waits until the first read of the database."""
        if not self.tasks:
            self.tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._check())]
        stream.task = asyncio.current_task()
        await self.ready.wait()
        self.groups.setdefault(stream.seen, set()).add(stream)

    def leave(self, stream: Stream) -> None:
        group = self.groups.get(stream.seen, set())
        group.discard(stream)
        if not group:
            self.groups.pop(stream.seen, None)

    @property
    def streams(self) -> list[Stream]:
        """All that are open."""
        return [stream for group in self.groups.values() for stream in group]

    async def _listen(self) -> None:
        """Listen for ever; after any trouble wait a second and connect again."""
        while True:
            try:
                await self._follow()
            except Exception as error:
                log.warning("the live stream connects again after %s", type(error).__name__)
                await asyncio.sleep(AGAIN_S)

    async def _follow(self) -> None:
        loop, wake = asyncio.get_running_loop(), asyncio.Event()
        line = await in_database(listening_connection)
        try:
            if not self.ready.is_set():
                self.position = await in_database(queries.end_of_events)
                self.fresh_at = timezone.now().isoformat()
                self.ground = await in_database(version_of_cells, timezone.now())
                self.ready.set()
            wake.set()
            while True:
                loop.add_reader(line.fileno(), wake.set)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(wake.wait(), SAFETY_POLL_S)
                await asyncio.sleep(JOIN_S)
                wake.clear()
                loop.remove_reader(line.fileno())
                told = await in_database(_poll_and_read, line, self.position)
                self._push(told)
                if len(told.items) == PAGE:
                    wake.set()
                elif told.held:  # the writer may go without a word
                    loop.call_later(HELD_S, wake.set)
        finally:
            with contextlib.suppress(ValueError, psycopg2.Error):
                loop.remove_reader(line.fileno())
            line.close()

    def _push(self, told: Told) -> None:
        """Give the events to every stream; one that cannot keep up is cut off."""
        if not told.held or told.position > self.position:
            self.fresh_at = timezone.now().isoformat()  # else what comes next waits for a writer
        self.position = told.position
        if told.position > told.last_id:  # the database is an older one than before
            self.position = told.last_id
            for stream in self.streams:
                stream.sent = told.last_id
                stream.give(RESET)
        if told.items:
            self._spread(told)

    def _spread(self, told: Told) -> None:
        """Only who may see something of it is woken: most see little of what happens."""
        size = told.size
        for seen, group in list(self.groups.items()):
            nothing = not told.text_for(seen, told.begin)
            for stream in list(group):
                if nothing and stream.skip(told):
                    continue
                stream.give(told, size)
                if stream.closed:
                    self.leave(stream)

    async def _check(self) -> None:
        """Look again at the ground, and at what each viewer sees; close the streams of those who
        see nothing."""
        for turn in itertools.count():
            await asyncio.sleep(CHECK_S)
            settle(turn)
            try:
                wanted = {stream.credential for stream in self.streams}
                found = await in_database(reaches_now, wanted)
                ground = await in_database(version_of_cells, timezone.now())
            except Exception as error:
                log.warning("posts cannot be looked at again: %s", type(error).__name__)
                continue
            for stream in self.streams:
                seen = found.get(stream.credential, stream.seen)
                if seen != stream.seen:
                    self.leave(stream)
                    self._see(stream, seen)
            self._stand_on(ground)

    def _stand_on(self, ground: str) -> None:
        """Tell everybody where other cells are in force; those who come back hear it by the clock."""
        if ground == self.ground:
            return
        self.ground = ground
        for stream in self.streams:
            stream.give(f'event: ground\ndata: {{"ground": "{ground}"}}\n\n'.encode())

    def _see(self, stream: Stream, seen: Reach | None) -> None:
        """From now on it sees something else, or nothing any more."""
        if seen is None:
            stream.close()
            return
        stream.seen = seen
        self.groups.setdefault(seen, set()).add(stream)
        stream.give(RESET)


def settle(turn: int) -> None:
    """Spare the collector what stays: to look through 5,000 streams stops everything for a second.

    Hardly anything here is garbage that only a collector finds; once an hour it looks at all.
    """
    if turn % SWEEP_EVERY == SWEEP_EVERY - 1:
        gc.unfreeze()
        gc.collect()
    gc.freeze()


hub = Hub()
pool = ThreadPoolExecutor(THREADS, "live-database")


async def in_database(work, *arguments):
    """Run work in one of a few threads that keep their database connections.

    However many streams are open, no more connections are.
    """
    return await asyncio.get_running_loop().run_in_executor(pool, _tidily, work, arguments)


def _tidily(work, arguments):
    close_old_connections()
    try:
        return work(*arguments)
    except Exception:
        connections.close_all()
        raise


def listening_connection():
    """A connection of its own that the database wakes."""
    line = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    line.autocommit = True
    with line.cursor() as cursor:
        cursor.execute(f"LISTEN {CHANNEL}")
    return line


def _poll_and_read(line, position: int) -> Told:
    line.poll()
    line.notifies.clear()
    return news(position)


def news(position: int) -> Told:
    """The next events after a position as text."""
    found = queries.news_after(position, PAGE)
    items = [Item(row["position"], row["payload"], _text(row), _gone(row)) for row in found.rows]
    return Told(items, position, found.position, found.held, found.last_id)


def _text(row: dict) -> bytes:
    told = {**row["payload"], "kind": row["kind"], "at": row["at"].isoformat()}
    words = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return f"id: {row['position']}\nevent: incident\ndata: {words}\n\n".encode()


def _gone(row: dict) -> bytes:
    """It has left what somebody sees: its number and no more."""
    payload = row["payload"]
    if "was" not in payload:
        return b""
    return _text(row | {"payload": {"number": payload["number"], "status": "GONE"}})


def reaches_now(wanted: Iterable[Credential]) -> dict[Credential, Reach | None]:
    """What each credential sees now; None where it is no longer good."""
    now, wanted = timezone.now(), list(wanted)
    sessions = users_of_sessions([key for kind, key in wanted if kind == "session"], now)
    viewers = {
        (kind, key): user_of_token(key, now) if kind == "token" else sessions.get(key)
        for kind, key in wanted
    }
    accounts = {viewer.pk: viewer for viewer in viewers.values() if viewer}
    known = reaches(list(accounts.values()), now)
    return {one: known[viewer.pk] if viewer else None for one, viewer in viewers.items()}
