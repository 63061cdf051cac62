"""Shapes of statistics: the columns with their words, JSON, and spreadsheets that cannot bite."""

import csv
import io
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from rest_framework import serializers

from core.fields import DayField
from incidents.indicators import Period, change, mean, percent, signed
from incidents.queries import DIMENSIONS, Row, Table, zone_asked

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """One figure: the field, its word, what exactly it counts."""

    name: str
    title: Any
    meaning: Any


CASES = (
    Column("reported", _("reported"), _("Cases reported in the period, without legacy cases")),
    Column("accepted", _("accepted"), _("Of the reported ones, taken up by a body")),
    Column("closed", _("closed"), _("Of the reported ones, closed by the end of the period")),
    Column("open", _("open"), _("Of the reported ones, still open at the end of the period")),
    Column("void", _("void"), _("Of the reported ones, void or refused")),
    Column("settled_rate", _("closing rate of reports"), _("closed ÷ (reported − void)")),
    Column(
        "due", _("to be closed"), _("Deadline in the period or carried over, extensions granted")
    ),
    Column(
        "suspended",
        _("suspended"),
        _("Of those to be closed, standing still: not counted in rates"),
    ),
    Column("due_closed", _("closed of these"), _("Of those to be closed, closed by the end")),
    Column("close_rate", _("closing rate"), _("closed of these ÷ (to be closed − suspended)")),
    Column(
        "due_on_time", _("closed in time"), _("Of those to be closed, closed by their deadline")
    ),
    Column("on_time_rate", _("in-time rate"), _("closed in time ÷ (to be closed − suspended)")),
    Column(
        "late_close_rate",
        _("late closing rate"),
        _("(closed of these − closed in time) ÷ (to be closed − suspended)"),
    ),
    Column("overdue", _("overdue"), _("Open past their deadline at the end of the period")),
    Column("open_rate", _("open rate"), _("open ÷ reported")),
    Column("rework_rate", _("rework rate"), _("with rework ÷ (to be closed − suspended)")),
    Column("extension_rate", _("extension rate"), _("with extension ÷ (to be closed − suspended)")),
)
MONTHS = CASES[:6]
OFFICES = (
    Column("received", _("received"), _("Parts that came to the body in the period")),
    Column("accepted", _("accepted"), _("Of the received ones, accepted")),
    Column("accept_on_time_rate", _("in-time acceptance"), _("accepted in time ÷ accepted")),
    Column("passed_on", _("passed on"), _("Dispatched or escalated in the period")),
    Column("pass_on_time_rate", _("in-time dispatch"), _("passed on in time ÷ passed on")),
    Column("returned", _("sent back"), _("Sent back to the office before, in the period")),
    Column(
        "due", _("to be handled"), _("Deadline in the period or carried over, extensions granted")
    ),
    Column(
        "suspended",
        _("suspended"),
        _("Of those to be handled, standing still: not counted in rates"),
    ),
    Column("handled", _("handled"), _("Of those to be handled, handled by the end")),
    Column("handle_rate", _("handling rate"), _("handled ÷ (to be handled − suspended)")),
    Column(
        "handled_on_time",
        _("handled in time"),
        _("Of those to be handled, handled by their deadline"),
    ),
    Column(
        "handle_on_time_rate",
        _("in-time handling"),
        _("handled in time ÷ (to be handled − suspended)"),
    ),
    Column("overdue", _("overdue"), _("Open past their deadline at the end of the period")),
    Column("late_rate", _("overdue rate"), _("overdue ÷ (to be handled − suspended)")),
    Column(
        "extension_rate", _("extension rate"), _("with extension ÷ (to be handled − suspended)")
    ),
    Column("yellow", _("yellow cards"), _("Parts on which a yellow card stands")),
    Column("red", _("red cards"), _("Parts on which a red card stands")),
    Column("called", _("called"), _("Times it was called to a place in the period")),
    Column("call_refused", _("calls refused"), _("Of these, refused with a reason")),
    Column(
        "call_arrived", _("arrived when called"), _("Of these, seen at the place by the caller")
    ),
    Column("mean_score", _("mean score"), _("Mean of the callers' scores, from 1 to 5")),
)
TITLES = {
    "area": _("Area"),
    "cell": _("Cell"),
    "category": _("Category"),
    "worker": _("Worker"),
    "month": _("Month"),
    "office": _("Office"),
}


class StatisticsIn(serializers.Serializer):
    """Which statistic. Without a period: this year up to today."""

    first = DayField(required=False)
    last = DayField(required=False)
    by = serializers.ChoiceField(choices=DIMENSIONS, default="area")
    area = serializers.RegexField(r"^(\d{6}(\d{3}){0,2})?$", required=False, default="")
    category = serializers.RegexField(r"^(\d{2}(\d{2})?)?$", required=False, default="")

    def question(self, viewer, now) -> dict:
        """Arguments of `queries.statistics`."""
        told = self.validated_data
        today = timezone.localdate(now, zone_asked(viewer, now, told["area"]))
        first = told.get("first") or today.replace(month=1, day=1)
        last = told.get("last") or max(today, first)
        return {
            "period": Period(first, last),
            **{name: told[name] for name in ("by", "area", "category")},
        }


def columns_of(by: str) -> tuple[Column, ...]:
    """The columns of a statistic by a dimension."""
    return {"office": OFFICES, "month": MONTHS}.get(by, CASES)


def main_count(by: str) -> str:
    """The count that is compared with last year."""
    return "received" if by == "office" else "reported"


def as_lines(table: Table) -> list[dict]:
    """For people: each line with its cells as text, ready for a page or a sheet; the sum is last."""
    columns, main = columns_of(table.by), main_count(table.by)
    lines = []
    for row in [*table.rows, table.total]:
        told = asdict(row.now) | {name: percent(one) for name, one in row.now.rates().items()}
        told |= {name: mean(one) for name, one in row.now.means().items()}
        now, before = getattr(row.now, main), getattr(row.before, main)
        lines.append(
            {
                "code": row.code,
                "name": row.name,
                "depth": row.depth,
                "cells": [told[one.name] for one in columns],
                "before": before,
                "change": signed(change(now, before)),
            }
        )
    return lines


def as_statistics(table: Table) -> dict:
    """JSON: counts as integers, rates as shares of one with six digits, null where there is none."""
    return {
        "by": table.by,
        "first": table.period.first,
        "last": table.period.last,
        "until": timezone.localtime(table.until, table.zone).isoformat(),
        "total": _as_row(table.total),
        "rows": [_as_row(row) for row in table.rows],
    }


def _as_row(row: Row) -> dict:
    return {"code": row.code, "name": row.name, "depth": row.depth} | {
        when: asdict(counts) | {name: _share(one) for name, one in _derived(counts)}
        for when, counts in (("now", row.now), ("before", row.before))
    }


def _derived(counts) -> list[tuple[str, Fraction | None]]:
    return [*counts.rates().items(), *counts.means().items()]


def _share(rate: Fraction | None) -> float | None:
    return None if rate is None else round(float(rate), 6)


def as_grid(table: Table) -> list[list]:
    """Header line and lines of a spreadsheet; what people have named is defused."""
    titles = [str(one.title) for one in columns_of(table.by)]
    head = [str(_("Code")), str(TITLES[table.by]), *titles, str(_("last year")), str(_("change"))]
    lines = [
        [
            defused(line["code"]),
            defused(line["name"]),
            *line["cells"],
            line["before"],
            line["change"],
        ]
        for line in as_lines(table)
    ]
    return [head, *lines]


def defused(text: str) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def as_csv(table: Table) -> bytes:
    """CSV in UTF-8 with a byte order mark, as spreadsheets in China expect it."""
    text = io.StringIO()
    csv.writer(text).writerows(as_grid(table))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(table: Table) -> bytes:
    """A workbook with one sheet: period above, header frozen, widths that fit Chinese words."""
    book = Workbook()
    sheet = book.active
    sheet.title = str(TITLES[table.by])
    sheet.append([f"{table.period.first} – {table.period.last}"])
    grid = as_grid(table)
    for line in grid:
        sheet.append(line)
    for cell in sheet[2]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DCE6F2")
    sheet.freeze_panes = "C3"
    for number, column in enumerate(zip(*grid, strict=True), start=1):
        width = max(sum(2 if mark > "\u2e80" else 1 for mark in str(cell)) for cell in column)
        sheet.column_dimensions[get_column_letter(number)].width = min(width + 2, 40)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
