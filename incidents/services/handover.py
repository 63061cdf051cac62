"""A plan is published, and what is open in its cells follows the ground: all or nothing."""

from collections.abc import Collection, Sequence
from datetime import datetime

import numpy as np
import shapely
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core import sql
from core.errors import Conflict, DomainError
from geo_grid import plan_queries
from geo_grid import queries as ground
from geo_grid import services as ground_services
from geo_grid.coordinates import served_copy
from geo_grid.models import BoundaryPlan, CellBoundary, GridRevision, User
from geo_grid.pieces import kernel_and_strip
from incidents.models import Handover, Incident, IncidentEvent
from incidents.services.timeline import payloads

PAGE = 2000


@transaction.atomic
def publish_plan(
    *, plan: BoundaryPlan, actor: User | None, now: datetime, content_hash: str = ""
) -> GridRevision:
    """Put an approved plan into force and hand over what is open in the ground that it moves.

    Reports on their way are waited for, later ones wait until the commit: each is located on
    exactly one map. Closed incidents keep their cell and their version. actor: None for the
    scheduler; content_hash: of what the person saw.
    """
    sql.patiently()
    done = ground_services.put_in_force(plan=plan, actor=actor, now=now, content_hash=content_hash)
    ground.change_map()
    moved = _moved(done)
    _hand_over(moved, done.since)
    sql.run(
        "incidents",
        "follow_redrawn",
        {"cells": list(done.cells.values()), "ended": list(done.ended), "since": done.since},
    )
    _tell(moved, done, actor)
    done.revision.handed_over_at = now
    done.revision.save(update_fields=["handed_over_at"])
    return done.revision


@transaction.atomic
def publish_coverage(
    *,
    plan: BoundaryPlan,
    now: datetime,
    effective_at: datetime | None = None,
    replace: bool = False,
    accepted: Collection[str] = (),
) -> BoundaryPlan:
    """Put a whole coverage of a file into force, as `geo_grid.services.publish_plan` does. It hands
    nothing over: refused where open incidents lie in cells that it redraws or ends."""
    ground.change_map()
    done = ground_services.publish_plan(
        plan=plan, now=now, effective_at=effective_at, replace=replace, accepted=accepted
    )
    ended = CellBoundary.objects.filter(valid_during__endswith=effective_at or now)
    left = Incident.objects.filter(status__in=Incident.OPEN, cell__in=ended.values("cell")).count()
    if left:
        text = _(
            "%d open incidents lie in cells that this file redraws or ends: draw the change as a "
            "plan, which hands them over, or close them first."
        )
        raise Conflict(text % left, "plan")
    return done


def publish_due_plans(*, now: datetime) -> list[dict]:
    """Publish the scheduled plans whose moment has come, each in a transaction of its own; one
    that cannot be published is returned to its author with the reason."""
    told = []
    for plan in plan_queries.due_plans(now):
        try:
            revision = publish_plan(plan=plan, actor=None, now=now)
        except DomainError as error:
            ground_services.give_back(plan=plan, why=str(error.message), now=now)
            told.append({"plan": plan.pk, "published": False, "why": str(error.message)})
        else:
            told.append({"plan": plan.pk, "published": True, "version": revision.number})
    return told


def _moved(done: ground_services.Publication) -> list[dict]:
    """The incidents in the pieces, with the cell each belongs to now."""
    srid = done.plan.record_srid
    both = [kernel_and_strip(piece.shape) for piece in done.pieces]
    kernels = [
        (done.cells[piece.result], kernel)
        for piece, (kernel, _strip) in zip(done.pieces, both, strict=True)
        if not kernel.is_empty
    ]
    params = {
        "results": [cell for cell, _kernel in kernels],
        "kernels": served([kernel for _cell, kernel in kernels], srid),
        "strips": served([strip for _kernel, strip in both], srid),
        "gone": list(done.gone),
        "plan": done.plan.pk,
        "open": [str(status) for status in Incident.OPEN],
        "since": done.since,
        "tolerance_m": settings.NEAREST_TOLERANCE_M,
        "border_degrees": ground.BORDER_DEGREES,
    }
    return sql.rows("incidents", "moved_by_pieces", params) if done.pieces else []


def served(shapes: Sequence[shapely.Geometry], srid: int) -> list[bytes]:
    """Shapes in a metric CRS as WKB in EPSG:4326, as they are compared with points."""
    if not len(shapes):
        return []
    return list(shapely.to_wkb(np.array([served_copy(shape, srid) for shape in shapes])))


def _hand_over(moved: list[dict], since: datetime) -> None:
    if not moved:
        return
    found = ground.responsible_for(sorted({row["cell_id"] for row in moved}), since)
    workers = list(found.values())
    params = {
        "ids": [row["id"] for row in moved],
        "cells": [row["cell_id"] for row in moved],
        "communities": [row["community_id"] for row in moved],
        "boundaries": [row["boundary_id"] for row in moved],
        "reasons": [row["reason"] for row in moved],
        "worked": [row["cell_id"] for row in workers],
        "users": [row["user_id"] for row in workers],
        "posts": [row["post_id"] for row in workers],
        "rules": [row["rule"] for row in workers],
        "since": since,
    }
    sql.run("incidents", "hand_over", params)


def _tell(moved: list[dict], done: ground_services.Publication, actor: User | None) -> None:
    """The journal, and an entry in the timeline of each incident that changed its cell."""
    changed = {r["id"]: r["old_cell_id"] for r in moved if r["old_cell_id"] != r["cell_id"]}
    if not changed:
        return
    codes = {cell: code for code, cell in done.cells.items()}
    ids = sorted(changed)
    left = {row["id"]: row["was"] for row in moved}
    for start in range(0, len(ids), PAGE):
        page = Incident.objects.filter(pk__in=ids[start : start + PAGE]).order_by("pk")
        incidents = list(page.select_related("category", "cell", "community"))
        told = payloads(incidents, done.since, left)
        Handover.objects.bulk_create(
            Handover(
                plan=done.plan,
                incident=incident,
                old_cell_id=changed[incident.pk],
                new_cell_id=incident.cell_id,
                at=done.since,
            )
            for incident in incidents
        )
        IncidentEvent.objects.bulk_create(
            IncidentEvent(
                incident=incident,
                kind="HANDED_OVER",
                at=done.since,
                actor=actor,
                note=_("from cell %(old)s by plan %(plan)d")
                % {"old": codes.get(changed[incident.pk], ""), "plan": done.plan.pk},
                payload=told[incident.pk],
            )
            for incident in incidents
        )
