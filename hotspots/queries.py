"""Reads: an analysis over what a viewer may see, and the version of what is kept."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from geopandas import GeoDataFrame

from core import sql
from core.errors import Invalid
from core.frames import frame
from core.layer import NOTHING
from geo_grid.models import User
from geo_grid.scope import reach
from hotspots import engine
from incidents.layers import REPORTED

GI_STAR = "gi_star"
LEAST_CELLS, LEAST_EVENTS, MOST_CELLS = 30, 60, 5000
WARNINGS = {
    "people_not_counted": _("Counts, not rates: a cell with more people has more reports."),
    "few_cells": _("Fewer than 30 cells: no significance is shown."),
    "few_events": _("Fewer than 60 reports: no significance is shown."),
    "open_edge": _("Cells at the edge have fewer neighbours: what lies outside is not seen."),
}


@dataclass(frozen=True, slots=True)
class Analysis:
    """Where reports cluster.

    table: the layer of reports per cell (EPSG:4326) with `boundary`, `neighbours`, `expected`
    (reports of the neighbourhood if they were spread evenly), `seen` (those there are), `z`, `p`
    (NaN where there is none), `level` (-3 to 3) and `reason` (why there is no z).
    """

    since: datetime
    until: datetime
    table: GeoDataFrame
    parameters: dict
    warnings: list[str]


def hotspots(
    *,
    viewer: User,
    since: datetime,
    until: datetime,
    now: datetime,
    category: str = "",
    area: str = "",
) -> Analysis:
    """Gi* of the reports of a period [since, until) over the cells that a viewer reaches."""
    return analysed(since, until, reach(viewer, now).parameters(), now, category, area)


def hotspots_of_district(
    *, district: str, since: datetime, until: datetime, now: datetime
) -> Analysis:
    """Gi* of the reports of a period over a whole district, for a run that is kept."""
    return analysed(since, until, {**NOTHING, "districts": [district]}, now)


def analysed(
    since: datetime, until: datetime, seen: dict, now: datetime, category: str = "", area: str = ""
) -> Analysis:
    """The analysis over the cells of a reach, on the boundaries in force at `now`."""
    told = {"since": since.isoformat(), "until": until.isoformat()}
    told |= {name: text for name, text in (("category", category), ("area", area)) if text}
    table = frame(REPORTED, REPORTED.parameters(told, at=now, reach=seen))
    if len(table) > MOST_CELLS:
        raise Invalid(_("More than %d cells: name an area.") % MOST_CELLS, "area")
    counts = table["reported"].to_numpy(dtype=np.int64)
    weights = engine.contiguity(table.to_crs(settings.METRIC_SRID).geometry.to_numpy())
    enough = _enough(len(table), int(counts.sum()))
    _add_columns(table, counts, weights, tested=not enough)
    parameters = {
        **told,
        "method": GI_STAR,
        "cells": len(table),
        "reports": int(counts.sum()),
        "weights": "queen",
        "links": int(weights.nnz - len(table)),
        "srid": settings.METRIC_SRID,
        "test": "exact mid-p of the total, two-sided",
        "correction": "Benjamini-Hochberg over the cells of this map",
    }
    return Analysis(since, until, table, parameters, ["people_not_counted", "open_edge", *enough])


def _enough(cells: int, reports: int) -> list[str]:
    """Warnings because of which nothing is called significant."""
    few = {"few_cells": cells < LEAST_CELLS, "few_events": reports < LEAST_EVENTS}
    return [name for name, holds in few.items() if holds]


def _add_columns(table: GeoDataFrame, counts, weights, *, tested: bool) -> None:
    z, table["reason"] = engine.gi_star(counts, weights)
    p = np.full(len(counts), np.nan)
    if tested:
        p = np.where(np.isnan(z), np.nan, engine.mid_p(*engine.exact_total(counts, weights)))
    table["neighbours"] = engine.neighbours(weights)
    table["seen"] = np.rint(weights @ counts).astype(np.int64)
    table["expected"] = (table["neighbours"] + 1) * (counts.mean() if len(counts) else 0.0)
    table["z"], table["p"], table["level"] = z, p, engine.bins(z, p)


def version_of_runs(at: datetime) -> str:
    """A word that changes with every run that is kept."""
    return sql.rows("hotspots", "version_runs", {"at": at})[0]["version"]
