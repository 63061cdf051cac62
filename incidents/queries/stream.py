"""The timeline as a stream: every committed event once, none skipped."""

import json
from dataclasses import dataclass
from datetime import datetime

from core import sql


@dataclass(frozen=True, slots=True)
class News:
    """Events after a position.

    position: where to go on. held: later events wait for a writer. last_id: the last one given
    out; a position beyond it is of another database.
    """

    rows: list[dict]
    position: int
    held: bool
    last_id: int


def news_after(position: int, limit: int = 2000) -> News:
    """Committed events after a position, in an order no later commit can break."""
    end, given = _horizon()
    found = sql.rows(
        "incidents", "events_between", {"position": position, "end": end, "limit": limit}
    )
    rows = [{**row, "payload": json.loads(row["payload"])} for row in found]
    full = len(rows) == limit
    return News(rows, rows[-1]["position"] if full else max(end, position), given > end, given)


def events_after(position: int, limit: int = 2000) -> list[dict]:
    """The events of `news_after` alone."""
    return news_after(position, limit).rows


def end_of_events() -> int:
    """The position up to which nothing can be added any more."""
    return _horizon()[0]


def _horizon() -> tuple[int, int]:
    """The end of what is final, and the last id given out.

    Three statements in this order: the last id given out, who still writes, then the events.
    One who joins after the first takes an id above it; one who has left before the second has
    committed and is seen by the third.
    """
    (given,) = sql.rows("incidents", "last_event_id")
    (held,) = sql.rows("incidents", "oldest_event_writer")
    return min(given["id"], given["id"] if held["id"] is None else held["id"]), given["id"]


def version_of_incidents(at: datetime) -> str:
    """A word that changes with every event, and every ten seconds because lamps turn."""
    return f"{end_of_events():x}-{int(at.timestamp()) // 10:x}"


def version_of_the_day(at: datetime) -> str:
    """A word that changes every hour: what the public sees is a day old."""
    return f"{int(at.timestamp()) // 3600:x}"
