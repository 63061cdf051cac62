"""Posts follow the ground: who works in what became of a cell."""

from collections.abc import Sequence
from datetime import datetime

from geo_grid.models import Post
from geo_grid.pieces import Piece


def inherited(
    fresh: Sequence[str], pieces: Sequence[Piece], since: datetime, role: str
) -> dict[str, list[int]]:
    """New cell -> ids of the users who will hold a role in it: those it had when it was closed, or else
    those of the cell that most of its ground came from. Cells that have one are left out."""
    origins = {piece.origin for piece in pieces}
    workers = Post.objects.filter(role=role, cell__code__in={*fresh, *origins})
    holders: dict[str, list[int]] = {}
    for code, user in workers.filter(held_during__contains=since).values_list("cell__code", "user"):
        holders.setdefault(code, []).append(user)
    heirs = {}
    for code in fresh:
        if holders.get(code):
            continue
        before = _last_holders(workers.filter(cell__code=code, held_during__endswith__lte=since))
        heirs[code] = before or sorted(set(holders.get(_main_origin(code, pieces), [])))
    return {code: users for code, users in heirs.items() if users}


def _last_holders(past) -> list[int]:
    """Those whose posts ended last, together."""
    ended = list(past.values_list("held_during", "user"))
    last = max((during.upper for during, _user in ended), default=None)
    return sorted({user for during, user in ended if during.upper == last})


def _main_origin(code: str, pieces: Sequence[Piece]) -> str:
    sources = [(piece.area_m2, piece.origin) for piece in pieces if piece.result == code]
    return max(sources, default=(0.0, ""))[1]
