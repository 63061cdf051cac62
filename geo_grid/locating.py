"""Many points at once: the same answers as `queries.cell_at`, some ten thousand times a second.

What touches a cell, within BORDER_DEGREES, lies in it here and in PostGIS: a point on a border gets
the same cell both ways.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from django.conf import settings

from core import sql
from geo_grid.queries import BORDER_DEGREES

DEGREE_M = 110_000  # less than a degree of latitude anywhere: nothing near is left out


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a point lies. reason: INSIDE, ON_BORDER or NEAREST; distance_m: 0 unless NEAREST."""

    boundary: int
    cell: int
    community: int
    district: str
    reason: str
    distance_m: float = 0.0


@contextmanager
def holding_map() -> Iterator[None]:
    """No plan is published meanwhile, over several transactions of this connection."""
    sql.rows("geo_grid", "hold_map_over")
    try:
        yield
    finally:
        sql.rows("geo_grid", "let_map_go")


class Locator:
    """Every boundary that was ever in force, as `read` found them."""

    def __init__(self):
        self.version: dict = {}
        self.inside: list[Spot] = []

    def read(self) -> bool:
        """Read them again where one was added or ended; whether it was so."""
        (version,) = sql.rows("geo_grid", "version_boundaries")
        if version == self.version:
            return False
        rows = sql.rows("geo_grid", "boundaries_ever")
        self.inside = [_spot(row, "INSIDE") for row in rows]  # one for all points in it
        self.on_border = [_spot(row, "ON_BORDER") for row in rows]
        self.shapes = np.array(shapely.from_wkb([bytes(row["shape"]) for row in rows]))
        self.since = np.array([_stamp(row["since"], -np.inf) for row in rows])
        self.until = np.array([_stamp(row["until"], np.inf) for row in rows])
        self.version = version
        return True

    def locate(self, points: np.ndarray, moments: Sequence[datetime]) -> list[Spot | None]:
        """The cell of each point at its moment, of the boundaries read; None where there is none.

        points: n x 2, degrees of WGS84.
        """
        spots: list[Spot | None] = [None] * len(points)
        which, hit = self._hits(points, np.array([moment.timestamp() for moment in moments]))
        # Boundaries come in the order of their codes: the first hit of a point is the lowest.
        places, first, counts = np.unique(hit, return_index=True, return_counts=True)
        found = zip(places.tolist(), which[first].tolist(), counts.tolist(), strict=True)
        for place, row, many in found:
            spots[place] = (self.on_border if many > 1 else self.inside)[row]
        outside = [place for place, spot in enumerate(spots) if spot is None]
        outside = [outside[one] for one in self._close(points[outside])]
        for row in _nearest([(*points[place].tolist(), moments[place]) for place in outside]):
            spots[outside[row["place"] - 1]] = _spot(row, "NEAREST", row["distance_m"])
        return spots

    def _hits(self, points: np.ndarray, stamps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pairs (boundary, point) that touch at the point's moment, ordered by boundary."""
        if not self.inside:
            return np.empty(0, int), np.empty(0, int)
        # Polygons ask the tree of points, so that each is prepared once for all of them.
        tree = shapely.STRtree(shapely.points(points))
        which, hit = tree.query(self.shapes, predicate="dwithin", distance=BORDER_DEGREES)
        there = (self.since[which] <= stamps[hit]) & (stamps[hit] < self.until[which])
        return which[there], hit[there]

    def _close(self, points: np.ndarray) -> list[int]:
        """Which points may lie within the tolerance of a boundary, by plane degrees."""
        if not self.inside or not len(points):
            return []
        narrow = max(np.cos(np.radians(np.abs(points[:, 1]).max())), 0.01)
        degrees = settings.NEAREST_TOLERANCE_M / DEGREE_M / narrow
        tree = shapely.STRtree(shapely.points(points))
        return np.unique(tree.query(self.shapes, predicate="dwithin", distance=degrees)[1]).tolist()


def _stamp(moment: datetime | None, ever: float) -> float:
    return moment.timestamp() if moment else ever


def _spot(row: dict, reason: str, distance_m: float = 0.0) -> Spot:
    ground = (row[name] for name in ("boundary", "cell", "community", "district"))
    return Spot(*ground, reason=reason, distance_m=round(distance_m, 2))


def _nearest(loose: list[tuple[float, float, datetime]]) -> list[dict]:
    if not loose:
        return []
    lons, lats, moments = (list(column) for column in zip(*loose, strict=True))
    told = {"lons": lons, "lats": lats, "moments": moments}
    return sql.rows(
        "geo_grid", "nearest_many", told | {"tolerance_m": settings.NEAREST_TOLERANCE_M}
    )
