"""Reads of the board: the figures of the day, what is open, a past day, two periods, who is who."""

import json
from datetime import datetime, timedelta

from django.db.models import F, FloatField, Func, Q
from django.utils import timezone

from core import sql
from geo_grid import districts
from geo_grid.models import Area, AreaOutline, Department, Post, User
from geo_grid.roles import IN_CELL
from geo_grid.scope import Reach, reach
from incidents import queries
from incidents.models import Category, Incident

MOST = 20_000  # up to so many a screen holds them all; above it draws tiles and asks for pages
PAGE = 300
FILTERS = ("status", "lamp", "category", "area", "cell", "department", "since", "until")
FOUND = 8


def figures(viewer: User, now: datetime, **wanted) -> str:
    """JSON: open by lamp, urgent, unassigned, reported and closed today, and where and what.

    wanted: the FILTERS. `places` are the towns, or what lies just below `area`.
    """
    zone = districts.zone_of(viewer, now)
    midnight = timezone.localtime(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    width = {0: 9, 6: 9, 9: 12}.get(len(wanted.get("area") or ""), 20)
    asked = {"midnight": midnight, "width": width, "zone": zone.key}
    (row,) = sql.rows("incidents", "board_figures", _asked(viewer, now, wanted) | asked)
    return row["told"]


def open_now(viewer: User, now: datetime, **wanted) -> str:
    """JSON: everything open (at most MOST, otherwise the newest PAGE) with its stream position.

    The position is read first: the stream after it and these rows together miss nothing.
    """
    position = queries.end_of_events()
    return _rows(viewer, now, {**wanted, "start": None, "finish": None}, position)


def open_between(viewer: User, now: datetime, start: datetime, finish: datetime, **wanted) -> str:
    """JSON: what was open at some time of a period, so that a screen can play it again."""
    return _rows(viewer, now, {**wanted, "start": start, "finish": finish}, 0)


def _rows(viewer: User, now: datetime, wanted: dict, position: int) -> str:
    west, south, east, north = wanted.pop("bbox", None) or (None,) * 4
    box = {"west": west, "south": south, "east": east, "north": north}
    span = {"start": wanted["start"], "finish": wanted["finish"]}
    asked = _asked(viewer, now, wanted) | span | box | {"by_due": wanted.get("order") == "due"}
    (found,) = sql.rows("incidents", "board_number", {**asked, "limit": MOST + 1})
    whole = found["number"] <= MOST
    (row,) = sql.rows("incidents", "board_rows", {**asked, "limit": MOST if whole else PAGE})
    head = json.dumps({"at": now.timestamp(), "position": str(position), "whole": whole})
    return f'{head[:-1]}, "rows": {row["told"]}}}'


def _asked(viewer: User, now: datetime, wanted: dict) -> dict:
    given = {name: wanted.get(name) or None for name in FILTERS}
    seen = reach(viewer, now).parameters()
    return {"now": now, "open": [str(status) for status in Incident.OPEN], **seen, **given}


def comparison(viewer: User, now: datetime, first: tuple, second: tuple, **wanted) -> list[dict]:
    """Two periods (since, until) side by side: rows of kind, code, name and six numbers."""
    asked = _asked(viewer, now, wanted) | {
        "first_since": first[0],
        "first_until": first[1],
        "second_since": second[0],
        "second_until": second[1],
    }
    names = dict(Category.objects.filter(parent=None).values_list("code", "name"))
    names |= dict(Area.objects.filter(level="TOWN").values_list("code", "name"))
    found: dict[tuple, dict] = {("all", ""): {"kind": "all", "code": "", "name": None}}
    for row in sql.rows("incidents", "board_comparison", asked):
        key = (row["kind"], row["code"])
        line = found.setdefault(key, {"kind": key[0], "code": key[1], "name": names.get(key[1])})
        side = "first" if row["side"] == 1 else "second"
        line[side] = {name: row[name] for name in ("reported", "closed", "in_time")}
    nothing = {"reported": 0, "closed": 0, "in_time": 0}
    return [{"first": nothing, "second": nothing, **line} for line in found.values()]


def words(viewer: User, now: datetime) -> dict:
    """The names a board shows: categories, departments, areas with their level and box in degrees."""
    sides = {
        side: Func(F("geom"), function=f"ST_{side}", output_field=FloatField())
        for side in ("XMin", "YMin", "XMax", "YMax")
    }
    areas = AreaOutline.objects.filter(area__active=True).order_by("area__code")
    named = areas.values_list("area__code", "area__name", "area__level", *sides.values())
    categories = Category.objects.filter(active=True).order_by("code")
    return {
        "categories": list(categories.values("code", "name", "name_en")),
        "departments": list(Department.objects.order_by("code").values("code", "name", "name_en")),
        "areas": [
            {"code": code, "name": name, "level": level, "box": box}
            for code, name, level, *box in named
        ],
    }


def search(viewer: User, now: datetime, text: str) -> dict:
    """Incidents by the beginning of their number, and people on duty by name, with their cell."""
    text = text.strip()
    numbers = queries.visible(viewer, now).filter(number__startswith=text).order_by("-id")
    found = (
        [] if len(text) < 4 or not text.isdigit() else numbers.select_related("category", "cell")
    )
    people = Post.objects.filter(
        _held_within(reach(viewer, now), now), user__display_name__contains=text
    )
    return {
        "incidents": [
            {
                "number": one.number,
                "category_name": one.category.name,
                "cell_name": one.cell and one.cell.name,
                "point": one.point and [one.point.x, one.point.y],
            }
            for one in found[:FOUND]
        ],
        "workers": []
        if text.isdigit()
        else list(
            people.values(
                name=F("user__display_name"),
                phone=F("user__phone"),
                cell_code=F("cell__code"),
                cell_name=F("cell__name"),
            )[:FOUND]
        ),
    }


def _held_within(seen: Reach, now: datetime) -> Q:
    """Filter of worker posts held now in cells a viewer reaches."""
    held = Q(role__in=IN_CELL, held_during__contains=now)
    if seen.everything:
        return held
    there = Q(
        cell__boundaries__community__in=seen.communities,
        cell__boundaries__valid_during__contains=now,
    )
    return held & (Q(cell__district__in=seen.districts) | Q(cell__in=seen.cells) | there)


def day_of(viewer: User, date, now: datetime) -> tuple[datetime, datetime]:
    """Midnight to midnight of a day on the viewer's clock."""
    here = timezone.localtime(now, districts.zone_of(viewer, now))
    start = here.replace(
        year=date.year, month=date.month, day=date.day, hour=0, minute=0, second=0, microsecond=0
    )
    return start, start + timedelta(days=1)
