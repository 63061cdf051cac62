"""Posts change, leaves begin and end: what is open follows to whoever answers by now."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import sql
from geo_grid import queries as ground
from incidents.models import Incident, IncidentEvent
from incidents.services.timeline import payloads

PAGE = 500  # incidents in one transaction: streams wait for no long one


def follow_posts(*, now: datetime) -> int:
    """Hand every open incident to whoever answers for its cell now; answers how many moved.

    Clocks go on and old entries keep the old name. May run twice, late, or be killed half-way.
    """
    open_statuses = [str(status) for status in Incident.OPEN]
    rows = sql.rows("incidents", "open_cells", {"open": open_statuses})
    cells = [row["cell_id"] for row in rows]
    holders = ground.responsible_for(cells, now) if cells else {}
    told = [holders.get(cell, {}) for cell in cells]
    params = {
        "cells": cells,
        "users": [one.get("user_id") for one in told],
        "posts": [one.get("post_id") for one in told],
        "rules": [one.get("rule") for one in told],
        "open": open_statuses,
        "most": PAGE,
    }
    moved = 0
    while page := _follow_page(params=params, now=now):
        moved += page
    return moved


@transaction.atomic
def _follow_page(*, params: dict, now: datetime) -> int:
    changed = [row["id"] for row in sql.rows("incidents", "follow_posts", params)]
    if not changed:
        return 0
    found = Incident.objects.filter(pk__in=changed).order_by("pk")
    incidents = list(found.select_related("category", "cell", "community"))
    told = payloads(incidents, now)
    IncidentEvent.objects.bulk_create(
        IncidentEvent(
            incident=incident,
            kind="HANDED_OVER",
            at=now,
            note=_("the post has changed") if incident.worker_id else _("nobody answers any more"),
            details={"rule": incident.worker_rule},
            payload=told[incident.pk],
        )
        for incident in incidents
    )
    return len(changed)
