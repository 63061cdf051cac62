"""Rows of report files: CSV, also gzipped. Pure reading; a bad line becomes a reject."""

import codecs
import csv
import gzip
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TextIO

US_TIMES = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")


class BadRow(ValueError):
    """A line that cannot be brought in. key: which reason; text: what stands there."""

    def __init__(self, key: str, text: str):
        super().__init__(f"{key}: {text[:30]!r}")
        self.key, self.text = key, text[:30]


def open_text(path: Path) -> TextIO:
    """A CSV file, gzipped or not, in UTF-8 with or without BOM, or in GB18030."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as raw:
        encoding = _encoding_of(raw.read)
    return opened(path, "rt", encoding=encoding, newline="")


def _encoding_of(read: Callable[[int], bytes]) -> str:
    """UTF-8 where all of the file is; read block by block, because a file may be large."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := read(1 << 20):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def lines(file: TextIO, wanted: list[str]) -> Iterator[tuple[int, list[str]]]:
    """(line number, the wanted columns); KeyError names a column that is not there."""
    rows = csv.reader(file)
    header = next(rows, [])
    missing = [name for name in wanted if name not in header]
    if missing:
        raise KeyError(f"{missing[0]} (the file has {', '.join(header)})")
    places = [header.index(name) for name in wanted]
    for row in rows:
        if row:
            yield rows.line_num, [row[place] if place < len(row) else "" for place in places]


def number(text: str, name: str) -> float:
    """A number; BadRow with `name` as its key where it is none."""
    try:
        return float(text)
    except ValueError:
        raise BadRow(name, text) from None


def reader_of_times(zone: tzinfo, form: str = "") -> Callable[[str], datetime]:
    """A function that reads ISO, the usual US forms or the given form; naive times are in `zone`."""
    known = [form] if form else list(US_TIMES)

    def read(text: str) -> datetime:
        found = None if form else _iso(text)
        for pattern in known:
            if found is not None:
                break
            found = _by_pattern(text, pattern, known)
        if found is None:
            raise BadRow("time", text)
        if not 1950 <= found.year <= 2100:
            raise BadRow("year", text)
        return found if found.tzinfo else found.replace(tzinfo=zone)

    return read


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _by_pattern(text: str, pattern: str, known: list[str]) -> datetime | None:
    """Try one form; the one that fits moves to the front, because a file keeps its form."""
    try:
        found = datetime.strptime(text, pattern)  # noqa: DTZ007  the zone is given by the caller
    except ValueError:
        return None
    if known[0] != pattern:
        known.remove(pattern)
        known.insert(0, pattern)
    return found
