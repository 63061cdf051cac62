"""Drawing a plan: edits, undo, redo. The server is the only authority on geometry."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid, NotAllowed
from geo_grid import codes, edits, intents, plan_queries
from geo_grid.coordinates import SERVED, transformer
from geo_grid.edits import Change, Drawn
from geo_grid.models import Area, BoundaryPlan, Cell, PlanCell, PlanEdit, User
from geo_grid.refusals import Refused
from geo_grid.scope import draws_in, must_draw_in
from geo_grid.services.records import record_fields
from geo_grid.services.words import ASKED, REFUSED

MAX_EDITS = 20_000


class Names:
    """Codes and names of new cells: free in every open plan, or those given when first drawn."""

    def __init__(self, plan: BoundaryPlan, given: Sequence[Sequence[str]] = ()):
        self.plan = plan
        self.given = [tuple(pair) for pair in given]
        self.told: list[tuple[str, str]] = []

    def __call__(self, community: str, middles: Sequence) -> list[tuple[str, str]]:
        start = len(self.told)
        found = self.given[start : start + len(middles)] or self._fresh(community, list(middles))
        self.told += found
        return found

    def _fresh(self, community: str, middles: list) -> list[tuple[str, str]]:
        area = Area.objects.get(code=community)
        used = set(Cell.objects.filter(code__startswith=community).values_list("code", flat=True))
        drawn = PlanCell.objects.filter(until=None, code__startswith=community)
        open_plans = drawn.filter(plan__status__in=BoundaryPlan.OPEN)
        used |= set(open_plans.values_list("code", flat=True)) | {code for code, _n in self.told}
        try:
            found = codes.further(community, middles, used)
        except ValueError as error:
            raise Conflict(str(error), "community") from None
        return [(code, f"{area.name}第{int(code[-3:])}网格") for code in found]


@transaction.atomic
def edit_plan(
    *,
    plan: BoundaryPlan,
    kind: str,
    asked: Mapping,
    expected: int,
    actor: User,
    now: datetime,
    note: str = "",
) -> PlanEdit:
    """Carry out one edit on a plan, exactly, or refuse it with the place; geometry in degrees."""
    plan = open_for_drawing(plan=plan, actor=actor, now=now, expected=expected)
    srid = f"EPSG:{plan.record_srid}"
    to_metric = transformer(SERVED, srid).transform
    try:
        wanted = intents.read(
            kind, asked, lambda points: np.column_stack(to_metric(*np.asarray(points).T))
        )
    except intents.BadIntent as error:
        raise Invalid(ASKED[error.reason], error.field) from None
    return draw(plan=plan, kind=kind, wanted=wanted, actor=actor, now=now, note=note)


@transaction.atomic
def draw(
    *, plan: BoundaryPlan, kind: str, wanted: Mapping, actor: User | None, now: datetime, note=""
) -> PlanEdit:
    """The same with geometry in the plan's CRS, on a plan that is locked; for proposals too."""
    _refuse_foreign_community(plan, wanted)
    names = Names(plan)
    before, change = carried_out(plan, kind, wanted, names)
    _refuse_foreign_ground(plan, before, change, actor, now)
    parameters = {**intents.written(wanted), "codes": names.told}
    return store(
        plan=plan, kind=kind, parameters=parameters, change=change, actor=actor, now=now, note=note
    )


def carried_out(plan: BoundaryPlan, kind: str, wanted: Mapping, names: Names):
    """The cells around an edit as they are, and what the edit does to them."""
    named = [*edits.named(kind, wanted), *(wanted.get("drawn") or ())]
    ground = plan_queries.cells_of(plan, codes=named)
    reach = edits.reach_of(kind, wanted)
    if kind == "RETIRE":
        reach = [drawn.shape for drawn in ground.values()]
    if reach:
        ground |= plan_queries.cells_of(plan, near=reach)
    try:
        return ground, edits.apply(ground, kind, wanted, names)
    except Refused as refusal:
        raise refused(refusal, plan.record_srid) from None


def refused(refusal: Refused, srid: int) -> Conflict:
    """The error of a refused edit, with its reason, its cells and its place in degrees."""
    place = None
    if refusal.place is not None:
        lon, lat = transformer(f"EPSG:{srid}", SERVED).transform(*refusal.place)
        place = {"lon": round(lon, 8), "lat": round(lat, 8)}
    told = {"reason": refusal.reason, "place": place, "cells": list(refusal.cells)}
    return Conflict(REFUSED[refusal.reason], "edit", **told)


def open_for_drawing(
    *, plan: BoundaryPlan, actor: User, now: datetime, expected: int | None
) -> BoundaryPlan:
    """The plan, locked, if it can be drawn on and nobody was faster."""
    plan = BoundaryPlan.objects.select_for_update().get(pk=plan.pk)
    if plan.status not in BoundaryPlan.EDITABLE:
        raise Conflict(_("This plan can no longer be drawn on."), "plan", state=plan.status)
    must_draw_in(actor, plan.district, now)
    if expected is not None and expected != plan.sequence:
        since = plan.edits.filter(sequence__gt=expected).order_by("sequence")
        changed = [{"sequence": e.sequence, "kind": e.kind, "cells": e.cells} for e in since[:50]]
        text = _("Somebody else has drawn on this plan meanwhile.")
        raise Conflict(text, "If-Match", sequence=plan.sequence, changed=changed)
    if plan.sequence >= MAX_EDITS:
        raise Conflict(_("A plan holds at most %d edits.") % MAX_EDITS, "plan")
    return plan


@transaction.atomic
def undo_edit(*, plan: BoundaryPlan, expected: int, actor: User, now: datetime) -> PlanEdit:
    """Take back the last edit that counts."""
    plan = open_for_drawing(plan=plan, actor=actor, now=now, expected=expected)
    target = plan_queries.undoable(plan)
    if target is None:
        raise Conflict(_("There is nothing to undo."), "plan")
    return _moved_to(plan, target, "UNDO", target.parent, actor, now)


@transaction.atomic
def redo_edit(*, plan: BoundaryPlan, expected: int, actor: User, now: datetime) -> PlanEdit:
    """Put back the edit that was undone last."""
    plan = open_for_drawing(plan=plan, actor=actor, now=now, expected=expected)
    target = plan_queries.redoable(plan)
    if target is None:
        raise Conflict(_("There is nothing to redo."), "plan")
    _refuse_taken_codes(plan, target)
    return _moved_to(plan, target, "REDO", target.sequence, actor, now)


def _moved_to(plan, target: PlanEdit, kind: str, head: int, actor, now) -> PlanEdit:
    """Bring the cells of an edit back to how they were before it, or were made by it."""
    sequence = plan.sequence + 1
    mine = PlanCell.objects.filter(plan=plan, code__in=target.cells)
    mine.filter(until=None).update(until=sequence)
    kept = (
        mine.filter(until=target.sequence) if kind == "UNDO" else mine.filter(since=target.sequence)
    )
    again = list(kept)
    for cell in again:
        cell.pk, cell.since, cell.until = None, sequence, None
    PlanCell.objects.bulk_create(again)
    return _appended(
        plan,
        PlanEdit(kind=kind, undoes=target.sequence, cells=target.cells, parent=plan.head),
        head,
        actor,
        now,
    )


def store(
    *, plan: BoundaryPlan, kind: str, parameters: dict, change: Change, actor, now, note: str = ""
) -> PlanEdit:
    """Append an edit and what it draws."""
    sequence = plan.sequence + 1
    touched = sorted({*change.cells, *change.gone})
    current = PlanCell.objects.filter(plan=plan, until=None, code__in=touched)
    closing = _as_they_were(plan, change.gone)
    current.update(until=sequence)
    areas = _communities(drawn.community for drawn in [*change.cells.values(), *closing.values()])
    rows = [plan_cell(plan, drawn, areas, sequence) for drawn in change.cells.values()]
    rows += [plan_cell(plan, drawn, areas, sequence, gone=True) for drawn in closing.values()]
    PlanCell.objects.bulk_create(rows, batch_size=500)
    edit = PlanEdit(
        kind=kind, parameters=parameters, cells=touched, parent=plan.head, note=note[:200]
    )
    return _appended(plan, edit, sequence, actor, now)


def plan_cell(
    plan: BoundaryPlan, drawn: Drawn, areas: Mapping[str, Area], since: int, gone: bool = False
) -> PlanCell:
    """A row of the plan's overlay."""
    fields = {} if gone else record_fields(drawn.shape, plan.record_srid)
    return PlanCell(
        plan=plan,
        code=drawn.code,
        name=drawn.name,
        kind=drawn.kind,
        community=areas[drawn.community],
        gone=gone,
        since=since,
        **fields,
    )


def _as_they_were(plan: BoundaryPlan, codes_gone: Iterable[str]) -> dict[str, Drawn]:
    return plan_queries.cells_of(plan, codes=codes_gone) if codes_gone else {}


def _communities(codes_wanted: Iterable[str]) -> dict[str, Area]:
    return {area.code: area for area in Area.objects.filter(code__in=set(codes_wanted))}


def _appended(plan: BoundaryPlan, edit: PlanEdit, head: int, actor, now) -> PlanEdit:
    """Write the edit; whatever was submitted or approved is a draft again."""
    plan.sequence += 1
    plan.head = head
    edit.plan, edit.sequence, edit.actor, edit.at = plan, plan.sequence, actor, now
    edit.save(force_insert=True)
    if plan.status != BoundaryPlan.Status.RETURNED:
        plan.status = BoundaryPlan.Status.DRAFT
    plan.content_hash = plan_queries.content_hash(plan)
    plan.save(update_fields=["sequence", "head", "status", "content_hash"])
    return edit


def _refuse_foreign_community(plan: BoundaryPlan, wanted: Mapping) -> None:
    code = wanted.get("community")
    if code is None:
        return
    found = Area.objects.filter(code=code, level=Area.Level.COMMUNITY, active=True)
    if not code.startswith(plan.district) or not found.exists():
        raise Invalid(_("There is no community %s in this district.") % code, "community")


def _refuse_foreign_ground(plan, before: Mapping, change: Change, actor, now) -> None:
    """A town's planner changes cells of the own town only."""
    if actor is None:
        return
    mine = tuple(draws_in(actor, now))
    touched = [*change.cells.values(), *(before[code] for code in change.gone)]
    touched += [before[code] for code in change.cells if code in before]
    foreign = sorted({drawn.code for drawn in touched if not drawn.community.startswith(mine)})
    if foreign:
        text = _("These cells are not in your town: %s.") % ", ".join(foreign[:5])
        raise NotAllowed(text, "edit", cells=foreign)


def _refuse_taken_codes(plan: BoundaryPlan, target: PlanEdit) -> None:
    fresh = [code for code, _name in target.parameters.get("codes", [])]
    taken = set(Cell.objects.filter(code__in=fresh).values_list("code", flat=True))
    drawn = PlanCell.objects.filter(until=None, code__in=fresh).exclude(plan=plan)
    taken |= set(drawn.filter(plan__status__in=BoundaryPlan.OPEN).values_list("code", flat=True))
    if taken:
        raise Conflict(_("The code %s was given away meanwhile.") % sorted(taken)[0], "plan")
