"""Who gets what at every address: the table, and the requests it speaks of."""

import re
import uuid
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver

from geo_grid.codes import COMMUNITY, DISTRICT, TOWN
from geo_grid.roles import AREAS, BY_NAME, CELL, DEPARTMENT, DESK, ROLES

COLUMNS = "anonymous stranger worker elsewhere community town department duty planner assistant head chief deputy admin expired disabled token".split()  # noqa: SIM905

# Name of the address, method (ANY: whatever it is), and the status of each column, asked about what
# lies in the scope of whoever has one. worker: of the cell of the case; elsewhere: of another
# cell; community, town, department: officers; duty, planner, chief (ADMIN): of the district;
# assistant, head (CELL_HEAD): of the community; deputy: of the worker; admin: a superuser;
# expired: an officer whose post has ended; disabled: an account that is; token: of the duty officer,
# scope "read". Methods that are not here are 405 for everybody. Outside their scope all get 404.
# admin:* stands for every page of the administration.
TABLE = """
#                          anon strg work else comm town dept duty plan asst head chef dpty admn expd disd tokn
schema              GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
docs                GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
locate              GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
locate              POST    200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
cells               GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
areas               GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
post-gaps           GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
hotspots            GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
ogc                 GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
ogc-conformance     GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
ogc-collections     GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
ogc-collection      GET     404  200  200  200  200  200  200  200  200  200  200  200  200  200  404  404  200
ogc-items           GET     404  200  200  200  200  200  200  200  200  200  200  200  200  200  404  404  200
ogc-item            GET     404  404  200  404  200  200  200  200  200  200  200  200  200  200  404  404  200
ogc-api             GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
no-ogc              ANY     404  404  404  404  404  404  404  404  404  404  404  404  404  404  404  404  404
area-map            GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
metrics             GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
kiosk               GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
posts               GET     302  200  200  200  200  200  200  200  200  200  200  200  200  200  302  302  302
plans               GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
plans               POST    401  403  403  403  403  403  403  403  201  403  403  403  403  201  401  401  403
plan-import         POST    401  403  403  403  403  403  403  403  400  403  403  403  403  400  401  401  403
plan                GET     401  404  200  200  200  200  200  200  200  200  200  200  404  200  401  401  200
plan-cells          GET     401  404  200  200  200  200  200  200  200  200  200  200  404  200  401  401  200
plan-borders        GET     401  404  200  200  200  200  200  200  200  200  200  200  404  200  401  401  200
plan-edits          GET     401  404  200  200  200  200  200  200  200  200  200  200  404  200  401  401  200
plan-edits          POST    401  404  403  403  403  403  403  403  201  403  403  403  404  201  401  401  403
plan-undo           POST    401  404  403  403  403  403  403  403  409  403  403  403  404  409  401  401  403
plan-redo           POST    401  404  403  403  403  403  403  403  409  403  403  403  404  409  401  401  403
plan-checks         GET     401  404  200  200  200  200  200  200  200  200  200  200  404  200  401  401  200
plan-steps          POST    401  404  403  403  403  403  403  403  409  403  403  403  404  409  401  401  403
plan-rebase         POST    401  404  403  403  403  403  403  403  409  403  403  403  404  409  401  401  403
plan-revert         POST    401  404  403  403  403  403  403  403  409  403  403  403  404  409  401  401  403
plan-export         GET     401  404  200  200  200  200  200  200  200  200  200  200  404  200  401  401  200
versions            GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
lineage             GET     401  404  200  200  200  200  200  200  200  200  200  200  404  200  401  401  200
incidents           GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
incidents           POST    201  201  201  201  201  201  201  201  201  201  201  201  201  201  201  201  403
incident-counts     GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
accept-many         POST    401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  403
tray                GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
search              POST    401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
duplicates          GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
duplicates          POST    401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
calls               GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
incident-once       PUT     201  201  201  201  201  201  201  201  201  201  201  201  201  201  201  201  403
incident            GET     401  404  200  404  200  200  200  200  200  200  200  200  200  200  401  401  200
timeline            GET     401  404  200  404  200  200  200  200  200  200  200  200  200  200  401  401  200
board-figures       GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
board-open          GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
board-day           GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
board-comparison    GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
board-words         GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
board-search        POST    401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
moves               POST    401  404  200  404  200  403  409  403  403  200  200  403  200  403  401  401  403
contact             POST    401  404  403  404  200  200  200  200  403  403  200  403  403  403  401  401  403
attachments         POST    401  404  400  404  400  400  400  400  403  400  400  403  400  403  401  401  403
call-made           POST    401  404  409  404  409  409  409  409  409  409  409  409  409  409  401  401  403
attachment          GET     401  404  200  404  200  200  200  200  200  200  200  200  200  200  401  401  200
receivers           GET     401  404  200  404  200  200  200  200  200  200  200  200  200  200  401  401  200
departments         GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
seats               GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
track-report        GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
plan-impact         GET     401  404  200  200  200  200  200  200  200  200  200  200  404  200  401  401  200
plan-publish        POST    401  404  403  403  403  403  403  403  409  403  403  403  404  409  401  401  403
statistics-data     GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
statistics-file     GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
proposals           POST    401  404  403  403  403  403  403  403  200  403  403  403  404  200  401  401  403
proposal-draw       POST    401  404  403  403  403  403  403  403  400  403  403  403  404  400  401  401  403
case-supervision    GET     401  404  200  404  200  200  200  200  200  200  200  200  200  200  401  401  200
case-supervision    POST    401  404  403  404  403  409  403  409  403  403  403  403  403  409  401  401  403
supervision-reply   POST    401  404  403  404  200  403  403  403  403  403  200  403  403  403  401  401  403
supervision-cancel  POST    401  404  403  404  403  200  403  200  403  403  403  403  403  200  401  401  403
called-answer       POST    401  404  403  404  403  403  200  403  403  403  403  403  403  403  401  401  403
called-arrival      POST    401  404  403  404  200  403  403  403  403  403  200  403  403  403  401  401  403
called-score        POST    401  404  403  404  409  403  403  403  403  403  409  403  403  403  401  401  403
callout-cancel      POST    401  404  403  404  200  403  403  403  403  403  200  403  403  403  401  401  403
watch-counts        GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
watch-list          GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
matters             GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
matters             POST    401  403  403  403  403  403  201  403  403  403  403  403  403  403  401  401  403
matter-decision     POST    401  404  403  403  403  403  403  200  403  403  403  403  404  403  401  401  403
layers              GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
style               GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
overview            GET     404  200  200  200  200  200  200  200  200  200  200  200  200  200  404  404  200
export              GET     404  200  200  200  200  200  200  200  200  200  200  200  200  200  404  404  200
features            GET     404  200  200  200  200  200  200  200  200  200  200  200  200  200  404  404  200
tile                GET     404  200  200  200  200  200  200  200  200  200  200  200  200  200  404  404  200
basemaps            GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
basemaps            POST    401  403  403  403  403  403  403  403  403  403  403  403  403  400  401  401  403
basemap             DELETE  401  403  403  403  403  403  403  403  403  403  403  403  403  204  401  401  403
basemap-tile        GET     404  404  404  404  404  404  404  404  404  404  404  404  404  404  404  404  404
tianditu-tile       GET     404  404  404  404  404  404  404  404  404  404  404  404  404  404  404  404  404
no-api              ANY     404  404  404  404  404  404  404  404  404  404  404  404  404  404  404  404  404
set_language        ANY     302  302  302  302  302  302  302  302  302  302  302  302  302  302  302  302  302
live                GET     401  200  200  200  200  200  200  200  200  200  200  200  200  200  401  401  200
home                GET     302  302  302  302  302  302  302  302  302  302  302  302  302  302  302  302  302
command             GET     302  200  200  200  200  200  200  200  200  200  200  200  200  200  302  302  302
wall                GET     302  200  200  200  200  200  200  200  200  200  200  200  200  200  302  302  302
desk                GET     302  200  200  200  200  200  200  200  200  200  200  200  200  200  302  302  302
desk-lists          GET     302  200  200  200  200  200  200  200  200  200  200  200  200  200  302  302  302
intake              GET     302  200  200  200  200  200  200  200  200  200  200  200  200  200  302  302  302
track               GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
track-number        GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
map                 GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
statistics          GET     302  200  200  200  200  200  200  200  200  200  200  200  200  200  302  302  302
statistics-report   GET     302  200  200  200  200  200  200  200  200  200  200  200  200  200  302  302  302
planner             GET     302  200  200  200  200  200  200  200  200  200  200  200  200  200  302  302  302
login               GET     200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
login               POST    200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200  200
password            GET     302  200  200  200  200  200  200  200  200  200  200  200  200  200  302  302  302
password            POST    302  200  200  200  200  200  200  200  200  200  200  200  200  200  302  302  302
logout              POST    302  302  302  302  302  302  302  302  302  302  302  302  302  302  302  302  302
admin:*             ANY     302  302  302  302  302  302  302  302  302  302  302  302  302  200  302  302  302
"""

# Whose column is whose: the role, and the ground at which it is held.
SEATS = {
    "worker": ("WORKER", CELL),
    "community": ("OFFICER", COMMUNITY),
    "town": ("OFFICER", TOWN),
    "department": ("OFFICER", DEPARTMENT),
    "duty": ("DUTY", DISTRICT),
    "planner": ("PLANNER", DISTRICT),
    "assistant": ("ASSISTANT", COMMUNITY),
    "head": ("CELL_HEAD", COMMUNITY),
    "chief": ("ADMIN", DISTRICT),
}
# A role without a column of its own: an account for each ground at which it may be held.
NEWER = {
    f"{role.name} {ground}": (role.name, ground)
    for role in ROLES
    if role.name not in {name for name, _ground in SEATS.values()}
    for ground in sorted(role.held_at)
}
BY_GROUND = {"matters"}  # open to whoever holds a post there, however it works
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
POINT = {"type": "Point", "coordinates": [108.045, 34.255]}
REPORT = {"category": "0501", "location": {"point": POINT}}
DAYS = {
    f"{side}_{end}": f"2026-0{month}-0{day}"
    for side, month in (("first", 1), ("second", 2))
    for end, day in (("from", 1), ("to", 2))
}
HASH = "0" * 64
CELLS = ["610403001001001", "610403001001002"]

# What an address is asked with: its query, and the body of each method (a callable: a form).
QUERIES = {
    "locate": "?lon=108.045&lat=34.255",
    "versions": "?district=610403",
    "duplicates": "?category=0501&lon=108.045&lat=34.255",
    "receivers": "?part={part}&move=copy",
    "board-day": "?date=2026-03-02",
    "board-comparison": "?" + "&".join(f"{name}={day}" for name, day in DAYS.items()),
    "overview": "?layers=incidents",
    "style": "?layers=cells",
}


def form(**fields):
    """A new form with a file for every request."""
    return lambda: {"file": SimpleUploadedFile("a.txt", b"nothing of use"), **fields}


BODIES = {
    ("plans", "POST"): {"name": "新方案", "district": "610403"},
    ("plan-import", "POST"): form(name="x", district="610403", code_field="code"),
    ("plan-edits", "POST"): {"kind": "RENAME", "cell": "610403001001001", "name": "新名"},
    ("plan-steps", "POST"): {"decision": "SUBMITTED", "content_hash": HASH},
    ("plan-publish", "POST"): {"content_hash": HASH},
    ("proposals", "POST"): {"cells": CELLS},
    ("proposal-draw", "POST"): {"cells": CELLS, "name": "no such"},
    ("locate", "POST"): {"address": "永安第1网格"},
    ("incidents", "POST"): REPORT,
    ("incident-once", "PUT"): REPORT,
    ("accept-many", "POST"): {"numbers": ["2601010000001"]},
    ("search", "POST"): {"q": "垃圾"},
    ("board-search", "POST"): {"q": "网格"},
    ("duplicates", "POST"): {"phone": "13900000000"},
    ("moves", "POST"): {"move": "progress", "note": "在办"},
    ("contact", "POST"): {"reason": "回访核实"},
    ("attachments", "POST"): form(),
    ("call-made", "POST"): {"result": "SATISFIED"},
    ("case-supervision", "POST"): {
        "level": "SUPERVISED",
        "instruction": "请抓紧",
        "reply_by": "2030-01-01T00:00+08:00",
    },
    ("supervision-reply", "POST"): {"text": "已办"},
    ("supervision-cancel", "POST"): {"text": "误督"},
    ("matters", "POST"): {"owner": "610403-D07", "name": "夜市整治"},
    ("matter-decision", "POST"): {"admit": True, "opinion": "同意"},
    ("called-answer", "POST"): {"agrees": True},
    ("called-arrival", "POST"): {},
    ("called-score", "POST"): {"score": 4},
    ("callout-cancel", "POST"): {"reason": "已协商解决"},
    ("basemaps", "POST"): form(name="x", title="x", attribution="x"),
    ("password", "POST"): lambda: {"old_password": "wrong"},
    ("login", "POST"): lambda: {"username": "nobody", "password": "wrong"},
    ("set_language", "POST"): lambda: {"language": "en"},
}


@dataclass(frozen=True)
class Route:
    """One address of the resolver."""

    name: str
    pattern: str
    callback: object

    @property
    def about(self) -> str:
        """The object it is about: something that may lie outside a scope."""
        found = re.search(
            r"/(incidents|plans|attachments|supervision|called|callouts|matters)/<\w+:(?:number|key)>",
            self.pattern,
        )
        return found[1] if found else ""

    def path(self, values: dict) -> str:
        """The address with the values of the objects in it."""
        told = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(values[part[1]]), self.pattern)
        return "/" + told + QUERIES.get(self.name, "").format(**values)


def table() -> dict[tuple[str, str], dict[str, int]]:
    """(address, method) -> the status of each column, those of newer roles as of their like."""
    rows = [line.split() for line in TABLE.strip().splitlines() if not line.startswith("#")]
    found = {}
    for name, method, *told in rows:
        row = dict(zip(COLUMNS, map(int, told), strict=True))
        found[name, method] = row | {one: of_its_like(*NEWER[one], name, row) for one in NEWER}
    return found


def of_its_like(name: str, ground: str, address: str, row: dict[str, int]) -> int:
    """What a role gets at a ground: as whoever moves cases as it does there. Where nobody does, as
    whoever does elsewhere and as an officer of that ground, the stricter of both. Where that is
    refused and it draws or reviews plans there, as a planner."""
    role = BY_NAME[name]
    plans = role.reviews and ground == DISTRICT if address == "plan-publish" else role.draws
    alike = _column(role.works, ground)
    asked = [alike] if alike else [_column(role.works), _column(DESK, ground) or "chief"]
    told = [row[column] for column in asked]
    status = 403 if 403 in told and address not in BY_GROUND else told[-1]
    return row["planner"] if status == 403 and plans and ground in AREAS else status


def _column(works: str, ground: str = "") -> str:
    """The first column of whoever works so, at this ground or at any; "" if nobody does."""
    for column, (name, place) in SEATS.items():
        role = BY_NAME[name]
        if role.works == works and not role.draws and ground in ("", place):
            return column
    return ""


def routes() -> list[Route]:
    """Every address there is; one without a name goes by its pattern."""
    return list(_walk(get_resolver(), "", ""))


UNNAMED = {
    "api/v1/basemaps/<slug:name>/<int:z>/<int:x>/<int:y>": "basemap-tile",
    "api/v1/tianditu/<slug:layer>/<int:z>/<int:x>/<int:y>": "tianditu-tile",
    "^api/": "no-api",
    "^ogc/": "no-ogc",
}


def _walk(resolver, before: str, space: str):
    for one in resolver.url_patterns:
        pattern = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from _walk(one, pattern, f"{space}{one.namespace}:" if one.namespace else space)
        else:
            name = space + (one.name or UNNAMED.get(pattern) or pattern)
            yield Route(name, _plain(pattern), one.callback)


def _plain(pattern: str) -> str:
    """A pattern whose regular expressions are parameters like others."""
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern).replace("\\", "").translate(
        {ord("^"): None, ord("$"): None}
    ) + ("nowhere" if pattern.startswith("^") and pattern.endswith("/") else "")


KEYS = {name: name for name in ("attachment", "called", "callout", "matter")}


def values_of(route: Route, objects: dict) -> dict:
    """What stands in an address: the objects of a side, and what is no object."""
    named = {
        "client_uuid": uuid.uuid4(),
        "district": "610403",
        "area": "610403001001",
        "kind": "csv",
        "name": "overdue" if route.name == "watch-list" else "incidents",
        "names": "incidents",
        "layer": "vec",
        "z": 12,
        "x": 3277,
        "y": 1632,
        "url": "nowhere/",
        "number": objects["incident"],
        "key": objects[KEYS.get(route.name.partition("-")[0], "supervision")],
        "part": objects["part"],
        "object_id": 1,
        "content_type_id": 1,
        "app_label": "geo_grid",
        "id": 1,
    }
    if "/plans/" in route.pattern:
        named["number"] = objects["plan"]
    if route.name == "ogc-item":
        named["key"] = objects["incident"]
    if route.name == "lineage":
        named["number"] = 1
    return named
