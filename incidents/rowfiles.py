"""Rows of report files: CSV, also gzipped. Pure reading; a bad line becomes a reject."""

import codecs
import csv
import gzip
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TextIO

DAY_AND_MONTH = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}\b")
MOSTLY = 20  # so many sound lines for one bad one: the bad one is damaged, not of another encoding
US_TIMES = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")


class BadRow(ValueError):
    """A line that cannot be brought in. key: which reason; text: what stands there."""

    def __init__(self, key: str, text: str):
        super().__init__(f"{key}: {text[:30]!r}")
        self.key, self.text = key, text[:30]


class BadFile(ValueError):
    """A file that cannot be brought in. key: which reason; told: what its words need."""

    def __init__(self, key: str, **told: int | str):
        super().__init__(f"{key}: {told}")
        self.key, self.told = key, told


def open_text(path: Path, encoding: str = "") -> TextIO:
    """A CSV file, gzipped or not, in the encoding that is given or that it has by `encoding_of`."""
    encoding = encoding or encoding_of(path)
    return _opener(path)(path, "rt", encoding=encoding, newline="")


def _opener(path: Path):
    """For packed files or for others: as the first bytes say, whatever the file is called."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    return gzip.open if packed else open


def encoding_of(path: Path) -> str:
    """UTF-8, with or without BOM, where all of the file is; UTF-16 with a BOM; else GB18030.

    Raises BadFile where few lines are not what the others are: the file is damaged.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _opener(path)(path, "rb") as raw:
        block = raw.read(1 << 20)
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        try:
            while block:
                decoder.decode(block)
                block = raw.read(1 << 20)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raw.seek(0)
            _refuse_damaged(raw)
            return "gb18030"
    return "utf-8-sig"


def _refuse_damaged(lines: Iterable[bytes]) -> None:
    sound, bad = 0, []
    for place, line in enumerate(lines, 1):
        if not line.isascii():
            try:
                line.decode("utf-8")
                sound += 1
            except UnicodeDecodeError:
                bad.append(place)
    if sound >= MOSTLY * len(bad):
        raise BadFile("damaged", line=bad[0])


def digest_of(path: Path) -> str:
    """SHA-256 of a file's text as it is unpacked: the same file under another name has the same."""
    with _opener(path)(path, "rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def lines(file: TextIO, wanted: list[str]) -> Iterator[tuple[range, list[str] | BadRow]]:
    """(line numbers, the wanted columns, or why they cannot be read); BadFile names every column
    that is not there."""
    rows = csv.reader(file, strict=True)
    header = next(rows, [])
    missing = [name for name in wanted if name not in header]
    if missing:
        raise BadFile("columns", missing=", ".join(missing), header=", ".join(header)[:500])
    places = [header.index(name) for name in wanted]
    while True:
        before = rows.line_num
        try:
            row = next(rows, None)
        except csv.Error as error:
            key = "field" if "field limit" in str(error) else "quotes"
            yield range(before + 1, rows.line_num + 1), BadRow(key, str(error))
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
        if "_" not in text:  # Python's own way of writing numbers, nobody else's
            return float(text)
    except ValueError:
        pass
    raise BadRow(name, text)


def order_of_days(texts: Iterable[str]) -> str:
    """What times such as 05/03/2026 begin with: "day" or "month" where one of them can only be that,
    "either" where none can, "" where there are no such times. A day wins: it would be rejected."""
    found = ""
    for text in texts:
        if told := DAY_AND_MONTH.match(text):
            first, second = int(told[1]), int(told[2])
            if first > 12:
                return "day"
            found = "month" if second > 12 else found or "either"
    return found


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
