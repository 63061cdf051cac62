"""Reads of the ground: which cell, who answers, what is where."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.sessions.models import Session
from django.db.models import Count, F, Q, QuerySet
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from core import sql
from core.errors import Invalid, NotFound
from geo_grid import gazetteer, roles
from geo_grid.models import ApiToken, Area, AreaOutline, Cell, CellBoundary, Post, User
from geo_grid.scope import Reach, may_come_in, reach

BORDER_DEGREES = 1.5e-8  # one to two millimetres: what a border and a point on it are rounded by


def cell_at(lon: float, lat: float, at: datetime) -> dict | None:
    """The cell of a WGS84 point at a moment, with `on_border` and `distance_m`; None if in none.

    On a shared border the lowest cell code wins; outside all cells the nearest within
    NEAREST_TOLERANCE_M metres.
    """
    far = {"tolerance_m": settings.NEAREST_TOLERANCE_M, "border_degrees": BORDER_DEGREES}
    found = sql.rows_again("geo_grid", "cell_at", {"lon": lon, "lat": lat, "at": at} | far)
    return {**found[0], "on_border": len(found) > 1} if found else None


def hold_map() -> None:
    """Keep the map as it is until this transaction ends: nothing is published meanwhile."""
    sql.rows_again("geo_grid", "hold_map")


def change_map() -> None:
    """Wait until nobody locates on the old map; whoever comes later waits for the new one."""
    sql.rows("geo_grid", "change_map")


def cell_by_code(code: str, at: datetime) -> dict | None:
    """The cell of that code where it lies at a moment, with a point inside it (lon, lat)."""
    found = sql.rows_again("geo_grid", "cell_by_code", {"code": code, "at": at})
    return found[0] if found else None


def responsible_for(cell_ids: list[int], at: datetime) -> dict[int, dict]:
    """Who answers for each cell at a moment, and by which rule; cells without anybody are absent."""
    ask = sql.rows_again if len(cell_ids) == 1 else sql.rows
    told = {"cells": list(cell_ids), "at": at, "answering": roles.ANSWERING}
    found = ask("geo_grid", "responsible", told)
    return {row["cell_id"]: row for row in found}


def locate(
    viewer: User, now: datetime, at: datetime | None = None, *, lon=None, lat=None, **words: str
) -> dict:
    """What `GET locate/` answers: the cell with its chain and worker, by point, `address` or `cell`.

    For an address the candidates as well, and a cell only where one of them is certain. Whom to
    call now is published; who held a post at another moment is told to accounts only.
    """
    found = _located(at or now, lon, lat, **words)
    return found if at is None or viewer.is_authenticated else {**found, "worker": None}


def _located(at: datetime, lon, lat, address: str = "", cell: str = "") -> dict:
    if cell:
        return _card_of(cell_by_code(cell, at), at) | {"reason": "BY_CODE"}
    if address:
        candidates = gazetteer.find_place(address, at)
        meant = gazetteer.sure(candidates)
        found = _who_answers(meant["lon"], meant["lat"], at) if meant else NOWHERE
        return {**found, "candidates": candidates}
    return _who_answers(lon, lat, at)


NOWHERE = {"reason": "UNASSIGNED", "cell": None, "areas": [], "worker": None}


def _who_answers(lon: float, lat: float, at: datetime) -> dict:
    cell = cell_at(lon, lat, at)
    return _card_of(cell, at) | {"reason": reason_of(cell)} if cell else NOWHERE


def _card_of(cell: dict | None, at: datetime) -> dict:
    if cell is None:
        raise NotFound(_("There is no cell with this code."), "cell")
    worker = responsible_for([cell["cell_id"]], at).get(cell["cell_id"])
    return {
        "distance_m": round(cell["distance_m"], 2),
        "boundary": cell["boundary_id"],
        "cell": {"code": cell["code"], "name": cell["name"]},
        "areas": area_chain(cell["community_id"]),
        "worker": worker and {key: worker[key] for key in ("name", "phone", "rule")},
    }


def cell_of(row: dict) -> Cell:
    """The cell in a row of `cell_at` or `cell_by_code`; other columns are read when asked for."""
    return sql.instance(
        Cell, id=row["cell_id"], **{key: row[key] for key in ("code", "name", "district")}
    )


def community_of(row: dict) -> Area:
    """The community in such a row."""
    return sql.instance(
        Area,
        id=row["community_id"],
        code=row["community"],
        name=row["community_name"],
        level=Area.Level.COMMUNITY,
    )


def holder_of(row: dict) -> User:
    """Who answers, in a row of `responsible_for`."""
    return sql.instance(User, id=row["user_id"], display_name=row["name"], phone=row["phone"])


def reason_of(cell: dict) -> str:
    """INSIDE, ON_BORDER or NEAREST of a row of `cell_at`."""
    if cell["distance_m"] > 0:
        return "NEAREST"
    return "ON_BORDER" if cell["on_border"] else "INSIDE"


def area_chain(community_id: int) -> list[dict]:
    """Community, town, district of a community, nearest first."""
    return sql.rows_again("geo_grid", "area_chain", {"community": community_id})


def areas_below(area: Area) -> list[Area]:
    """The active areas directly below, by code."""
    return list(area.children.filter(active=True).order_by("code"))


def contact_cards(area: str, at: datetime) -> list[dict]:
    """The published card of every cell below an area: code, name, and who answers with the phone.

    `worker` is None where nobody does. Nothing else about a person is on a card.
    """
    cells = (
        boundaries_in(area, at).values("cell_id", "cell__code", "cell__name").order_by("cell__code")
    )
    holders = responsible_for([cell["cell_id"] for cell in cells], at)
    return [
        {
            "code": cell["cell__code"],
            "name": cell["cell__name"],
            "worker": (found := holders.get(cell["cell_id"]))
            and {key: found[key] for key in ("name", "phone", "rule")},
        }
        for cell in cells
    ]


def boundaries_in(area: str, at: datetime) -> QuerySet[CellBoundary]:
    """The boundaries in force at a moment below an area."""
    return CellBoundary.objects.filter(valid_during__contains=at, community__code__startswith=area)


def area_named(name: str, level: str, district: str = "") -> Area:
    """The area of that level whose code or own code that is; Invalid where there is not exactly one."""
    named = Area.objects.filter(level=level, code__startswith=district)
    found = named.filter(code=name).first()
    own = list(named.filter(own_code=name)[:2]) if name and not found else []
    if found is None and len(own) != 1:
        raise Invalid(_("There is no area %s, or more than one.") % name[:40], level.lower())
    return found or own[0]


def boundaries_at(at: datetime, area: str = "") -> QuerySet[CellBoundary]:
    """The boundaries in force at a moment, with names and GeoJSON, below an area if one is given."""
    found = CellBoundary.objects.filter(valid_during__contains=at)
    if area:
        found = found.filter(community__code__startswith=area)
    return found.annotate(shape=AsGeoJSON("geom", precision=7)).values(
        "shape",
        "cell__name",
        "plan__synthetic",
        code=F("cell__code"),
        community_code=F("community__code"),
        community_name=F("community__name"),
        town_code=F("community__parent__code"),
        town_name=F("community__parent__name"),
    )


def outlines(level: str = "") -> QuerySet[AreaOutline]:
    """Derived outlines of areas, with GeoJSON."""
    found = AreaOutline.objects.filter(area__active=True)
    if level:
        found = found.filter(area__level=level)
    return found.annotate(shape=AsGeoJSON("geom", precision=7)).values(
        "shape", code=F("area__code"), name=F("area__name"), level=F("area__level")
    )


def workers_in_force(now: datetime) -> Q:
    """Filter of cells of which somebody who answers for them holds the post now."""
    return Q(posts__role__in=roles.KEEPING, posts__held_during__contains=now)


def vacant_cells(now: datetime) -> QuerySet[Cell]:
    """Cells in force for which nobody holds the post of worker."""
    in_force = Cell.objects.filter(boundaries__valid_during__contains=now)
    return in_force.exclude(pk__in=Cell.objects.filter(workers_in_force(now)).values("pk"))


def doubly_held_cells(now: datetime) -> QuerySet[Cell]:
    """Cells in which a role that answers for them is held by more than one at once."""
    held = Post.objects.filter(role__in=roles.KEEPING, held_during__contains=now)
    twice = held.values("cell", "role").annotate(holders=Count("pk")).filter(holders__gt=1)
    return Cell.objects.filter(pk__in=twice.values("cell"))


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where a post needs somebody's hand. cells: {code, name, community, holder}.

    vacant: without a worker, with whoever answers meanwhile. uncovered: nobody answers at all.
    doubled: more than one worker. ending: posts {role, holder, ground, ends_at}, the first first.
    """

    vacant: list[dict]
    uncovered: list[dict]
    doubled: list[dict]
    ending: list[dict]


def gaps(*, viewer: User, now: datetime, days: int = 30) -> Gaps:
    """The gaps in the posts of the ground that a viewer reaches, and what ends within `days`."""
    seen = reach(viewer, now)
    boundaries = CellBoundary.objects.filter(seen.boundaries(), valid_during__contains=now)
    holders = responsible_for(list(boundaries.values_list("cell_id", flat=True)), now)
    empty = set(vacant_cells(now).values_list("pk", flat=True))
    double = set(doubly_held_cells(now).values_list("pk", flat=True))
    rows = [
        {
            "cell_id": boundary.cell_id,
            "code": boundary.cell.code,
            "name": boundary.cell.name,
            "community": boundary.community.name,
            "holder": holders.get(boundary.cell_id, {}).get("name", ""),
        }
        for boundary in boundaries.select_related("cell", "community")
        .only("cell__code", "cell__name", "community__name")
        .order_by("cell__code")
    ]
    return Gaps(
        vacant=[row for row in rows if row["cell_id"] in empty and row["holder"]],
        uncovered=[row for row in rows if not row["holder"]],
        doubled=[row for row in rows if row["cell_id"] in double],
        ending=_ending(seen, [row["cell_id"] for row in rows], now, now + timedelta(days=days)),
    )


def _ending(seen: Reach, cells: list[int], now: datetime, until: datetime) -> list[dict]:
    ours = seen.posts() if seen.everything else seen.posts() | Q(cell__in=cells)
    found = Post.objects.filter(
        ours, held_during__contains=now, held_during__endswith__lte=until
    ).select_related("user", "cell", "area", "department")
    rows = [
        {
            "role": post.role,
            "holder": post.user.display_name,
            "ground": str((post.cell or post.area or post.department).name),
            "ends_at": post.held_during.upper,
        }
        for post in found
    ]
    return sorted(rows, key=lambda row: row["ends_at"])


def account(key: int, now: datetime) -> User | None:
    """An account that may come in, or None."""
    columns = ", ".join(f"u.{field.column}" for field in User._meta.concrete_fields)
    found = _who_may_come_in("account", {"user": key, "now": now}, columns=columns)
    return sql.instance(User, **found[0]) if found else None


def _who_may_come_in(name: str, params: dict, **parts: str) -> list[dict]:
    """Asked with every request, so it is planned once."""
    rule = sql.text("geo_grid", "may_come_in")
    return sql.ask_again(sql.filled("geo_grid", name, may_come_in=rule, **parts), params)


def users_of_sessions(keys: list[str], now: datetime) -> dict[str, User]:
    """The accounts that are logged in by these session keys and may still come in.

    As `django.contrib.auth.get_user`, for many sessions by two questions.
    """
    keys = [key for key in keys if key.isalnum()]
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=now) if keys else ()
    told = {row.session_key: row.get_decoded() for row in rows}
    known = {data.get(SESSION_KEY) for data in told.values()} - {None}
    accounts = User.objects.filter(may_come_in(now), pk__in=known).in_bulk() if known else {}
    found = {}
    for key, data in told.items():
        user = accounts.get(int(data.get(SESSION_KEY, 0)))
        if user and data.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS:
            hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
            told_hash = data.get(HASH_SESSION_KEY, "")
            if any(constant_time_compare(told_hash, one) for one in hashes):
                found[key] = user
    return found


def token_of(key: str, now: datetime) -> ApiToken | None:
    """The API token of a key with its account, or None where it is no longer good."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    found = _who_may_come_in("token", {"digest": digest, "now": now})
    if not found:
        return None
    (row,) = found
    own = {name: row.pop(name) for name in ("id", "user_id", "label", "scopes", "last_used_on")}
    return sql.instance(ApiToken, **own, user=sql.instance(User, id=own["user_id"], **row))


def user_of_token(key: str, now: datetime, scope: str = ApiToken.Scope.READ) -> User | None:
    """The account of an API token that is good for a scope, or None."""
    token = token_of(key, now)
    return token.user if token and scope in token.scopes else None


def overlapping_in_force(plan_id: int, since: datetime | None) -> list[dict]:
    """Cells of other plans in force whose ground a plan would cover, with the common area in m²."""
    return sql.rows("geo_grid", "overlapping_in_force", {"plan": plan_id, "since": since})


def version_of_cells(at: datetime) -> str:
    """A word that changes with the boundaries in force at a moment and the names on them."""
    return sql.rows("geo_grid", "version_cells", {"at": at})[0]["version"]


def version_of_areas(at: datetime) -> str:
    """A word that changes with the outlines and their names."""
    return sql.rows("geo_grid", "version_areas")[0]["version"]


def version_of_places(at: datetime) -> str:
    """A word that changes with the gazetteer."""
    return sql.rows("geo_grid", "version_places")[0]["version"]


def version_of_duty(at: datetime) -> str:
    """A word that changes every ten seconds: leaves begin and posts end by the clock."""
    return f"{int(at.timestamp()) // 10:x}"
