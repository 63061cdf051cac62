"""What publishing a plan would change, counted by pieces before anybody decides."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import shapely

from core import sql
from geo_grid import plan_checks, plan_queries, queries, succession
from geo_grid.coordinates import served_copy
from geo_grid.models import BoundaryPlan, Cell, Post, User
from geo_grid.pieces import Piece, pieces_between
from geo_grid.roles import IN_CELL, KEEPING
from incidents.models import Incident

YEAR = timedelta(days=365)
PRECISION = 1e-7


@dataclass(frozen=True, slots=True)
class Count:
    """Incidents: open now, and reported within the last year."""

    open: int = 0
    year: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.open + other.open, self.year + other.year)

    def __sub__(self, other: "Count") -> "Count":
        return Count(self.open - other.open, self.year - other.year)


def impact(plan: BoundaryPlan, now: datetime) -> dict:
    """Table, map and totals of a plan: cells before and after, pieces that change hands, posts."""
    drawing = plan_checks.drawing_of(plan)
    pieces = pieces_between(
        {code: one.shape for code, one in drawing.old.items()},
        {code: one.shape for code, one in drawing.new.items()},
    )
    moving = [piece for piece in pieces if piece.moves]
    counts = count_in_pieces(moving, plan.record_srid, now)
    cells = _cells(drawing, moving, counts, now)
    posts = _posts(drawing, pieces, now)
    return {
        "plan": plan.pk,
        "content_hash": plan.content_hash,
        "summary": _summary(drawing, moving, counts, posts),
        "cells": cells,
        "posts": posts,
        "pieces": _as_map(moving, counts, plan.record_srid),
        "diagrams": sorted(
            {one.community for one in [*drawing.old.values(), *drawing.new.values()]}
        ),
        "other_plans": plan_queries.also_drawn(plan, drawing.codes),
    }


def count_in_pieces(pieces: Sequence[Piece], srid: int, now: datetime) -> list[Count]:
    """Open incidents and a year's of every piece."""
    if not pieces:
        return []
    shapes = [served_copy(piece.shape, srid) for piece in pieces]
    params = {
        "numbers": list(range(len(pieces))),
        "shapes": list(shapely.to_wkb(np.array(shapes))),
        "open": [str(status) for status in Incident.OPEN],
        "since": now - YEAR,
    }
    found = sql.rows("incidents", "count_in_pieces", params)
    known = {row["number"]: Count(row["open"], row["year"]) for row in found}
    return [known.get(number, Count()) for number in range(len(pieces))]


def _cells(drawing, moving: Sequence[Piece], counts: Sequence[Count], now: datetime) -> list[dict]:
    ids = dict(Cell.objects.filter(code__in=drawing.codes).values_list("code", "pk"))
    params = {"cells": list(ids.values()), "since": now - YEAR}
    params["open"] = [str(status) for status in Incident.OPEN]
    rows = sql.rows("incidents", "count_in_cells", params)
    held = {row["cell_id"]: Count(row["open"], row["year"]) for row in rows}
    workers = queries.responsible_for(list(ids.values()), now)
    told = []
    for code in drawing.codes:
        old, new = drawing.old.get(code), drawing.new.get(code)
        before = held.get(ids.get(code, 0), Count()) if old else Count()
        after = before
        for piece, count in zip(moving, counts, strict=True):
            after = after + count if piece.result == code else after
            after = after - count if piece.origin == code else after
        worker = workers.get(ids.get(code, 0))
        told.append(
            {
                "code": code,
                "name": (new or old).name,
                "change": "changed" if old and new else "new" if new else "gone",
                "worker": worker["name"] if worker and old else "",
                **_measured("before", old, before),
                **_measured("after", new, after if new else Count()),
            }
        )
    return told


def _measured(when: str, drawn, count: Count) -> dict:
    return {
        f"area_m2_{when}": round(drawn.shape.area, 1) if drawn else 0.0,
        f"border_m_{when}": round(drawn.shape.length, 1) if drawn else 0.0,
        f"community_{when}": drawn.community if drawn else "",
        f"open_{when}": count.open,
        f"year_{when}": count.year,
    }


def _posts(drawing, pieces: Sequence[Piece], now: datetime) -> list[dict]:
    """Posts that end with their cell and posts that begin in a new one."""
    closed = [code for code in drawing.old if code not in drawing.new]
    fresh = [code for code in drawing.new if code not in drawing.old]
    ending = Post.objects.filter(role__in=IN_CELL, held_during__contains=now, cell__code__in=closed)
    rows = [
        {
            "user": str(post.user),
            "user_id": post.user_id,
            "cell": post.cell.code,
            "role": post.role,
            "change": "ends",
        }
        for post in ending.select_related("user", "cell").order_by("cell__code")
    ]
    heirs = [
        (code, role, user)
        for role in IN_CELL
        for code, found in succession.inherited(fresh, pieces, now, role).items()
        for user in found
    ]
    users = User.objects.in_bulk({user for _code, _role, user in heirs})
    return rows + [
        {"user": str(users[user]), "user_id": user, "cell": code, "role": role, "change": "begins"}
        for code, role, user in sorted(heirs)
    ]


def _summary(drawing, moving, counts: Sequence[Count], posts: Sequence[Mapping]) -> dict:
    total = sum(counts, Count())
    fresh = {code for code in drawing.new if code not in drawing.old}
    begins = [row for row in posts if row["change"] == "begins"]
    kept = {row["cell"] for row in begins if row["role"] in KEEPING}
    return {
        "changed": len(drawing.old.keys() & drawing.new.keys()),
        "new": len(fresh),
        "gone": len(drawing.old.keys() - drawing.new.keys()),
        "open_moved": total.open,
        "year_moved": total.year,
        "area_m2_moved": round(sum(piece.area_m2 for piece in moving), 1),
        "without_worker": sorted(fresh - kept),
        "with_two_cells": _with_two_cells(posts),
        "posts_ending": sum(row["change"] == "ends" for row in posts),
        "posts_beginning": len({row["cell"] for row in begins}),
    }


def _with_two_cells(posts: Sequence[Mapping]) -> list[str]:
    """People who would work in more than one cell: what they keep and what they are given."""
    begun = [row for row in posts if row["change"] == "begins"]
    ended = {row["cell"] for row in posts if row["change"] == "ends"}
    names = {row["user_id"]: row["user"] for row in begun}
    kept = Post.objects.filter(
        role__in=IN_CELL, held_during__endswith=None, user__in=list(names)
    ).exclude(cell__code__in=ended)
    held = set(kept.values_list("user", "cell__code"))
    held |= {(row["user_id"], row["cell"]) for row in begun}
    cells = Counter(user for user, _cell in held)
    return sorted(names[user] for user in names if cells[user] > 1)


def _as_map(moving: Sequence[Piece], counts: Sequence[Count], srid: int) -> dict:
    features = []
    for piece, count in zip(moving, counts, strict=True):
        shape = shapely.set_precision(served_copy(piece.shape, srid), PRECISION)
        properties = {
            "origin": piece.origin,
            "result": piece.result,
            "area_m2": round(piece.area_m2, 1),
            "open": count.open,
            "year": count.year,
        }
        geometry = json.loads(shapely.to_geojson(shape))
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return {"type": "FeatureCollection", "features": features}
