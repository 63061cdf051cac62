"""Many reports at once: rows of a file become assigned incidents, in short transactions."""

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import sql
from core.errors import Conflict
from geo_grid import districts
from geo_grid import queries as ground
from geo_grid.coordinates import BD09, CGCS2000, DATUMS, GCJ02, WGS84, to_wgs84
from geo_grid.locating import Locator, Spot, holding_map
from geo_grid.models import CellBoundary
from incidents import deadlines, queries
from incidents.models import Category

BLOCK = 10_000  # rows that find their cells together
BATCH = 2_000  # rows of a transaction: a long one would hold back every live stream
SAME = 1e-9  # degrees
ROUNDED = 2e-7  # degrees: what seven decimals of an export leave
LAST_LATITUDE = 90
MOST_DAYS = 100_000
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\0": " "})
SWAPPED = "swapped"
NULL = r"\N"
NOWHERE = Spot(0, 0, 0, "", "UNASSIGNED")


@dataclass(slots=True)
class Row:
    """One line of a file, converted: degrees of WGS84, aware moments.

    cell: the code of its cell where the file has no coordinates for it.
    """

    line: int
    lon: float | None
    lat: float | None
    source_lon: float | None
    source_lat: float | None
    occurred_at: datetime
    closed_at: datetime | None
    category: Category
    external_id: str
    description: str = ""
    cell: str = ""
    likely_datum: str = ""


@dataclass(slots=True)
class Outcome:
    """What became of the rows. reasons: assignment reason -> rows stored; differing: external ids
    of rows that were known before and say something else now (they are not changed); lost: rows
    whose cell does not exist; swapped: lines that lie in no cell, but with longitude and latitude
    swapped in one (not stored)."""

    read: int = 0
    lost: list[Row] = field(default_factory=list)
    reasons: Counter = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)
    swapped: list[int] = field(default_factory=list)

    @property
    def stored(self) -> int:
        return sum(self.reasons.values())


@dataclass(slots=True)
class Ready:
    """What a block stores. texts: the lines of both tables, a pair for each transaction; lost, swapped:
    the rows that are not stored, as in `Outcome`."""

    texts: list[tuple[str, str]]
    reasons: Counter
    lost: list[Row]
    swapped: list[Row]


@dataclass(slots=True)
class About:
    """What all rows share, read before the first. workers: cell id -> who answers for it today;
    in_force: ids of today's boundaries; file: its digest, kept with the first row that is stored.

    days: (moment, category) -> day of the number and deadline: many rows share them.
    """

    source: str
    datum: str
    home: str
    now: datetime
    workers: dict[int, dict]
    in_force: set[int]
    zone: ZoneInfo
    calendar: deadlines.Calendar
    file: str = ""
    days: dict[tuple[datetime, int], tuple[str, datetime, str]] = field(default_factory=dict)


def import_incidents(
    *,
    rows: Iterable[Row],
    source: str,
    datum: str,
    district: str = "",
    file: str = "",
    now: datetime,
) -> Outcome:
    """Bring reports of another system in; those that came before (same external id) stay as they are.

    Each batch is a transaction of its own, so that no reader of the timeline waits for the file,
    and a run that was killed is gone on with by running it again. district: whose time zone and
    calendar hold, and where reports outside all cells wait. file: its digest. Raises Conflict where another import
    stores the same rows at the same time.
    """
    outcome, locator, home = Outcome(), Locator(), district or settings.HOME_DISTRICT
    in_force = dict(_in_force(now))
    about = About(
        source=source,
        datum=datum,
        home=home,
        now=now,
        workers=ground.responsible_for(list(in_force.values()), now),
        in_force=set(in_force),
        file=file,
        zone=districts.of(home).zone,
        calendar=queries.work_calendar(now, district=home),
    )
    locator.read()
    last: dict[str, tuple] = {}
    with sql.bulk_load(), ExitStack() as held, sql.Behind() as writer:
        for block in _blocks(rows, BLOCK):  # all is made ready while the block before is written
            new, known = _unknown(block, last, about, outcome)
            ready = _ready(new, locator, about)
            writer.wait()
            held.close()  # a plan that waits to be published is
            held.enter_context(holding_map())
            if locator.read():
                ready = _ready(new, locator, about)
            for texts in ready.texts:
                writer.give(_store, *texts)
            if outcome.read == 0:
                writer.give(sql.run, "incidents", "analyze_incidents")
            _note(outcome, ready, len(block))
            for row in (*ready.lost, *ready.swapped):
                known.pop(row.external_id, None)
            last, about.file = known, "" if ready.texts else about.file
        writer.wait()
    return outcome


def _note(outcome: Outcome, ready: Ready, read: int) -> None:
    outcome.read += read - len(ready.swapped)
    outcome.reasons.update(ready.reasons)
    outcome.lost += ready.lost
    outcome.swapped += [row.line for row in ready.swapped]


def _blocks(rows: Iterable, size: int) -> Iterator[list]:
    rest = iter(rows)
    while block := list(islice(rest, size)):
        yield block


def _in_force(now: datetime) -> Iterable[tuple[int, int]]:
    """Boundaries of today and their cells."""
    return CellBoundary.objects.filter(valid_during__contains=now).values_list("pk", "cell_id")


def _unknown(
    block: list[Row], last: dict[str, tuple], about: About, outcome: Outcome
) -> tuple[list[Row], dict[str, tuple]]:
    """The rows that are not stored yet, and what is known of the block's ids after them; an id that
    comes twice in a file counts once. last: what is known of the block before, not all stored yet.
    """
    ids = json.dumps([row.external_id for row in block if row.external_id])
    found = sql.rows("incidents", "known_reports", {"source": about.source, "ids": ids})
    known = {row.pop("external_id"): tuple(row.values()) for row in found}
    new = []
    for row in block:
        told, named = _facts(row), row.external_id
        before = last.get(named) or known.setdefault(named, told) if named else told
        if before is told:
            new.append(row)
        elif _differ(before, told):
            outcome.differing.append(named)
    return new, known


def _facts(row: Row) -> tuple:
    given = (row.source_lon, row.source_lat, row.lon, row.lat)
    return row.occurred_at, row.category.id, row.description, row.closed_at, *given


def _differ(before: tuple, told: tuple) -> bool:
    """Not where the same place comes back in another datum, as an export writes it, nor for words or
    a closing that the file does not tell."""
    same = before[:2] == told[:2] and told[2] in ("", before[2]) and told[3] in (None, before[3])
    place = _near(before[4:6], told[4:6], SAME) or _near(before[6:], told[6:], ROUNDED)
    return not same or not place


def _near(one: tuple, two: tuple, by: float) -> bool:
    pairs = zip(one, two, strict=True)
    return all(a == b or (None not in (a, b) and abs(a - b) <= by) for a, b in pairs)


def _ready(rows: list[Row], locator: Locator, about: About) -> Ready:
    """Locate the rows and write them out; done again where the map has changed."""
    for row in rows:
        row.likely_datum = ""
    found, lost, spots = _located(rows, locator, about)
    swapped = _doubtful(found, spots, about.datum, locator)
    right = [place for place in range(len(found)) if place not in swapped]
    spots = [spots[place] for place in right]
    ids = sql.rows("incidents", "next_cases", {"many": len(right)})
    stored = zip(ids, [found[place] for place in right], spots, strict=True)
    grounds = {spot: _ground(spot, about) for spot in set(spots)}
    texts = [_written(batch, grounds, about) for batch in _blocks(stored, BATCH)]
    if texts and about.file:
        texts[0] = (texts[0][0], _signed(texts[0][1], about.file))
    reasons = Counter(spot.reason for spot in spots)
    return Ready(texts, reasons, lost, [found[place] for place in sorted(swapped)])


def _located(
    rows: list[Row], locator: Locator, about: About
) -> tuple[list[Row], list[Row], list[Spot]]:
    """The rows that have a place, those whose cell does not exist, and the spots of the first: on the
    ground of their moment; the cell that has it today answers for what is open, as with a single
    report."""
    named = {id(row): _by_code(row, about.home) for row in rows if row.cell}
    lost = [row for row in rows if row.cell and named[id(row)] is None]
    found = [row for row in rows if not row.cell or named[id(row)] is not None]
    spots = _locate(found, locator, [row.occurred_at for row in found])
    spots = [named.get(id(row)) or spot for row, spot in zip(found, spots, strict=True)]
    late = [
        place
        for place, (row, spot) in enumerate(zip(found, spots, strict=True))
        if row.closed_at is None and spot.cell and spot.boundary not in about.in_force
    ]
    today = _locate([found[place] for place in late], locator, [about.now] * len(late))
    for place, spot in zip(late, today, strict=True):
        if spot.cell:
            answering = {name: getattr(spot, name) for name in ("cell", "community", "district")}
            spots[place] = replace(spots[place], **answering)
    return found, lost, spots


def _by_code(row: Row, home: str) -> Spot | None:
    """Its cell by the code, which also gives it a point; None where the district has none of that
    code: another one may have it too."""
    cell = ground.cell_by_code(row.cell, row.occurred_at)
    if cell is None or cell["district"] != home:
        return None
    row.lon, row.lat = cell["lon"], cell["lat"]
    names = ("boundary_id", "cell_id", "community_id", "district")
    return Spot(*(cell[name] for name in names), reason="BY_CODE")


def _locate(rows: list[Row], locator: Locator, moments: list[datetime]) -> list[Spot]:
    points = np.array([(row.lon, row.lat) for row in rows], dtype=float).reshape(-1, 2)
    return [spot or NOWHERE for spot in locator.locate(points, moments)]


def _doubtful(rows: list[Row], spots: list[Spot], datum: str, locator: Locator) -> set[int]:
    """Of the rows in no cell: notes the datum in which they would lie in one, as `location` does,
    and answers the places of those that would with their axes swapped."""
    if datum not in DATUMS:
        return set()
    loose = [place for place, spot in enumerate(spots) if spot is NOWHERE]
    readings = [(place, *one) for place in loose for one in _readings(rows[place], datum)]
    points = np.array([degrees for _place, _datum, degrees in readings]).reshape(-1, 2)
    moments = [rows[place].occurred_at for place, _datum, _degrees in readings]
    swapped = set()
    found = zip(readings, locator.locate(points, moments), strict=True)
    for place, other in ((place, other) for (place, other, _degrees), spot in found if spot):
        if other == SWAPPED:
            swapped.add(place)
        elif not rows[place].likely_datum:
            rows[place].likely_datum = other
    return swapped


def _readings(row: Row, datum: str) -> Iterator[tuple[str, tuple[float, float]]]:
    """What the coordinates may mean: (the datum or SWAPPED, degrees of WGS84)."""
    lon, lat = row.source_lon, row.source_lat
    if abs(lon) <= LAST_LATITUDE:
        yield SWAPPED, to_wgs84(lat, lon, datum)
    for other in (WGS84, GCJ02, BD09):
        if other != (WGS84 if datum == CGCS2000 else datum):
            yield other, to_wgs84(lon, lat, other)


def _written(
    batch: list[tuple[dict, Row, Spot]], grounds: dict[Spot, str], about: About
) -> tuple[str, str]:
    """The lines of both tables."""
    points = shapely.points([(row.lon, row.lat) for _ids, row, _spot in batch])
    shapes = shapely.to_wkb(shapely.set_srid(points, 4326), hex=True, include_srid=True)
    lines = (
        _line(new, row, shape, grounds[spot], about)
        for (new, row, spot), shape in zip(batch, shapes.tolist(), strict=True)
    )
    at = about.now.isoformat()
    events = [f"{new['id']}\tIMPORTED\t{at}\t\t{{}}\t{{}}\n" for new, _row, _spot in batch]
    return "".join(lines), "".join(events)


def _signed(events: str, file: str) -> str:
    """The digest of the file in the first of the events."""
    first, end, others = events.partition("{}\n")
    return f'{first}{{"file": "{file}"}}\n{others}'


def _store(lines: str, events: str) -> None:
    """Both tables by COPY: nothing is faster, and the constraints still hold."""
    try:
        with transaction.atomic():
            sql.copy("incidents", "copy_incidents", io.StringIO(lines))
            sql.copy("incidents", "copy_events", io.StringIO(events))
    except IntegrityError as error:
        broken = getattr(error.__cause__, "diag", None) and error.__cause__.diag.constraint_name
        if broken == "one_incident_of_an_external_id":
            text = _("Another import is storing the same rows: run this again when it has ended.")
        else:
            text = _("The database refuses these rows: %s.") % broken
        raise Conflict(text, "source") from None


def _line(new: dict, row: Row, shape: str, ground: str, about: About) -> str:
    """A row of copy_incidents.sql."""
    day, due, due_text = _day_and_due(row.occurred_at, row.category, about)
    occurred, closed = row.occurred_at.isoformat(), row.closed_at
    ended = ("LATE" if closed > due else "NORMAL") + "\tELSEWHERE" if closed else "\t"
    return (
        f"{new['id']}\t{day}{new['number'] % 10_000_000:07d}\t{'CLOSED' if closed else 'REPORTED'}\t"
        f"{row.category.id}\t{_escaped(row.description)}\t{occurred}\t{occurred}\t"
        f"{closed.isoformat() if closed else NULL}\t{due_text}\t{shape}\t{_given(row, about)}\t\t"
        f"{row.likely_datum}\t{ground}\tf\tf\tIMPORT\t{_escaped(about.source)}\t"
        f"{_escaped(row.external_id)}\t{ended}\n"
    )


def _given(row: Row, about: About) -> str:
    """The coordinates of the file and their datum."""
    if row.source_lon is None:
        return f"{NULL}\t{NULL}\t"
    return f"{row.source_lon!r}\t{row.source_lat!r}\t{about.datum}"


def _ground(spot: Spot, about: About) -> str:
    """Where it is and who answers for it: many rows share both."""
    worker = about.workers.get(spot.cell, {})
    ids = (spot.community, spot.cell, spot.boundary)
    post = (_key(worker.get("user_id")), _key(worker.get("post_id")), worker.get("rule", ""))
    place = (spot.district or about.home, *map(_key, ids), spot.reason, str(spot.distance_m))
    return "\t".join((*place, *post))


def _key(value: int | None) -> str:
    return str(value) if value else NULL


def _escaped(text: str) -> str:
    """A text as COPY reads it; most have nothing to escape."""
    return text.translate(ESCAPES) if text and not text.isalnum() else text


def _day_and_due(moment: datetime, category: Category, about: About) -> tuple[str, datetime, str]:
    """Day of the number, and deadline, also as text."""
    if category.limit_unit not in deadlines.HOURS:
        moment = moment.replace(second=0, microsecond=0)  # many rows share the minute
    key = (moment, category.id)
    if key not in about.days:
        if len(about.days) > MOST_DAYS:
            about.days.clear()
        start = timezone.localtime(moment, about.zone)
        due = deadlines.due_at(start, category.limit, about.calendar)
        about.days[key] = f"{start:%y%m%d}", due, due.isoformat()
    return about.days[key]
