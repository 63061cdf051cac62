"""Writes: a run that is kept."""

from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from core import sql
from geo_grid.models import Area, CellBoundary
from hotspots import queries
from hotspots.models import HotspotRun, HotspotValue

__all__ = ["keep_run", "keep_runs"]

WINDOW = timedelta(days=30)
KEPT = timedelta(days=400)  # as long as a map of the past may be asked for


def keep_runs(*, now: datetime) -> int:
    """A run of the last thirty days of every district; answers how many. May run twice."""
    districts = Area.objects.filter(level=Area.Level.DISTRICT, active=True)
    kept = [keep_run(district=code, now=now) for code in districts.values_list("code", flat=True)]
    HotspotRun.objects.filter(made_at__lt=now - KEPT).delete()
    return len([run for run in kept if run])


@transaction.atomic
def keep_run(*, district: str, now: datetime) -> HotspotRun | None:
    """Analyse the last thirty days of a district and keep what was found; None where no cell is."""
    sql.patiently()
    found = queries.hotspots_of_district(district=district, since=now - WINDOW, until=now, now=now)
    if found.table.empty:
        return None
    run = HotspotRun.objects.create(
        district=district,
        method=queries.GI_STAR,
        since=found.since,
        until=found.until,
        made_at=now,
        parameters=found.parameters,
        warnings=found.warnings,
    )
    boundaries = dict(
        CellBoundary.objects.filter(
            valid_during__contains=now, cell__district=district
        ).values_list("cell__code", "pk")
    )
    HotspotValue.objects.bulk_create(
        HotspotValue(
            run=run,
            boundary_id=boundaries[row.code],
            reported=row.reported,
            z=_number(row.z),
            p=_number(row.p),
            level=row.level,
            reason=row.reason,
        )
        for row in found.table.itertuples()
    )
    return run


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
