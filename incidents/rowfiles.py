"""Rows of report files: CSV, also gzipped. Pure reading; a bad line becomes a reject."""

import codecs
import csv
import gzip
import hashlib
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


def digest_of(path: Path) -> str:
    """SHA-256 of a file's text as it is unpacked: the same file under another name has the same."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def lines(file: TextIO, wanted: list[str]) -> Iterator[tuple[range, list[str] | BadRow]]:
    """(line numbers, the wanted columns, or why they cannot be read); KeyError names every column
    that is not there."""
    rows = csv.reader(file, strict=True)
    header = next(rows, [])
    missing = [name for name in wanted if name not in header]
    if missing:
        raise KeyError(f"{', '.join(missing)} (the file has {', '.join(header)})")
    places = [header.index(name) for name in wanted]
    while True:
        before = rows.line_num
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield range(before + 1, rows.line_num + 1), BadRow("quotes", str(error))
            continue
        if row is None:
            return
        at = range(rows.line_num, rows.line_num + 1)
        if len(row) == len(header):
            yield at, [row[place] for place in places]
        elif row:
            yield at, BadRow("columns", f"{len(row)}/{len(header)}")


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
