"""Rows of lists that people keep: CSV in UTF-8 or GB18030, or xlsx, with Chinese or English headers.
Every value is text; a value that a spreadsheet would take for a formula is defused. Pure."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
XLSX = ".xlsx"


class BadTable(ValueError):
    """A list that cannot be read. The message is for the log; `missing` names the columns."""

    def __init__(self, why: str, missing: Sequence[str] = ()):
        super().__init__(why)
        self.missing = tuple(missing)


class BadLine(ValueError):
    """A line that cannot be brought in, with the reason."""


def read(
    path: Path, columns: Mapping[str, Sequence[str]], needed: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, values by our names). columns: our name -> the headers that mean it."""
    lines = _xlsx(path) if path.suffix.lower() == XLSX else _csv(path)
    header = [text.strip().lower() for text in next(lines, (0, []))[1]]
    places = {
        name: next((header.index(one) for one in [name, *others] if one in header), None)
        for name, others in columns.items()
    }
    missing = [columns[name][0] for name in needed if places[name] is None]
    if missing:
        raise BadTable(", ".join(header)[:200], missing)
    for number, values in lines:
        if any(values):
            yield (
                number,
                {
                    name: undefused(values[at].strip())
                    if at is not None and at < len(values)
                    else ""
                    for name, at in places.items()
                },
            )


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise BadTable(str(error)) from None
    rows = csv.reader(io.StringIO(text, newline=""))
    for row in rows:
        yield rows.line_num, row


def _xlsx(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BadTable(str(error)) from None
    for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
        yield number, [_text(value) for value in row]


def _text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def write(path: Path, header: Sequence[str], lines: Iterable[Sequence[str]]) -> int:
    """A list as CSV (UTF-8 with a byte order mark) or xlsx, by the ending; answers how many lines."""
    grid = [[defused(text) for text in line] for line in lines]
    if path.suffix.lower() == XLSX:
        book = Workbook()
        for line in [list(header), *grid]:
            book.active.append(line)
        for row in book.active.iter_rows():
            for cell in row:
                cell.number_format = "@"
        book.save(path)
    else:
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            csv.writer(file).writerows([list(header), *grid])
    return len(grid)


def defused(text: str) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def undefused(text: str) -> str:
    """What was defused on the way out."""
    return text[1:] if text.startswith("'") and text[1:].startswith(DANGEROUS) else text
