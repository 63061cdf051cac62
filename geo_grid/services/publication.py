"""Putting a plan into force at a moment: all of it or nothing.

Readers see the old map until the commit and the new one after it. The hand-over of incidents is
of the package above (`incidents.services.publish_plan`), in the same transaction.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q
from django.utils.translation import gettext as _
from shapely import Geometry

from core import sql
from core.errors import Conflict, Invalid
from geo_grid import plan_checks, plan_queries, queries, succession
from geo_grid.edits import Drawn
from geo_grid.models import (
    Area,
    AreaOutline,
    BoundaryPlan,
    Cell,
    CellBoundary,
    CellLineage,
    GridRevision,
    Post,
    User,
)
from geo_grid.pieces import Piece, pieces_between, shares
from geo_grid.roles import IN_CELL
from geo_grid.services import drafts
from geo_grid.services.plans import refuse_of_another_district
from geo_grid.services.records import record_fields
from geo_grid.tiling import prove

Status = BoundaryPlan.Status
BEGINNING = datetime(
    1900, 1, 1, tzinfo=UTC
)  # of a district's first map, which holds for ever before
TOLD = 10  # findings named in one sentence
PUNCTUAL = timedelta(minutes=5)  # a scheduled plan so little late takes effect when it should


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication did: for the hand-over of what lies in the cells.

    pieces: ground that changed hands, codes of cells; cells: code -> id of old and new cells;
    ended: ids of the boundaries that ended at `since`; gone: ids of cells that are no more.
    """

    plan: BoundaryPlan
    revision: GridRevision
    since: datetime
    pieces: tuple[Piece, ...]
    cells: Mapping[str, int]
    ended: tuple[int, ...]
    gone: tuple[int, ...]


@transaction.atomic
def publish_plan(
    *,
    plan: BoundaryPlan,
    now: datetime,
    effective_at: datetime | None = None,
    replace: bool = False,
    accepted: Collection[str] = (),
) -> BoundaryPlan:
    """Put a whole coverage (`draft_plan`) into force; the boundaries it redraws end there.

    Ground that never had a cell gets its first boundaries for all time before as well, so that
    old reports find their cell. Refused with grave defects that are not among `accepted` (ids of
    the report), and over cells in force that the plan does not redraw, unless `replace` says so.
    """
    plan = BoundaryPlan.objects.select_for_update().get(pk=plan.pk)
    since = effective_at or now
    _refuse_unpublishable(plan, set(accepted))
    codes = plan.boundaries.values_list("community__code", flat=True).distinct()
    districts = sorted({code[:6] for code in codes})
    for district in districts:
        _take_turn(district, since)
    covered = [row["cell_id"] for row in queries.overlapping_in_force(plan.pk, since)]
    if covered and not replace:
        raise Conflict(_("%d cells in force lie on the same ground.") % len(covered), "plan")
    redrawn = list(plan.boundaries.values_list("cell_id", flat=True))
    ended = _end(Q(cell_id__in=[*redrawn, *covered]), since)
    first = effective_at is None and not ended
    _settle_cells(plan)
    plan.boundaries.update(valid_during=DateTimeTZRange(None if first else since, None))
    _in_force(plan, since)
    for district in districts:
        certify(plan=plan, district=district, since=since, now=now, waiting=not first)
    sql.run("geo_grid", "rebuild_outlines", {"now": max(since, now), "districts": districts})
    return plan


def _settle_cells(plan: BoundaryPlan) -> None:
    """The cells are called as the plan says, and are of its district, whatever drafts said."""
    drawn = list(plan.boundaries.select_related("cell", "community").defer("record", "geom"))
    moved = [one.cell for one in drawn if one.cell.district != one.community.code[:6]]
    refuse_of_another_district(moved)
    changed = []
    for one in drawn:
        told = one.name, one.community.code[:6]
        if (one.cell.name, one.cell.district) != told:
            one.cell.name, one.cell.district = told
            changed.append(one.cell)
    Cell.objects.bulk_update(changed, ["name", "district"], batch_size=500)


def _refuse_unpublishable(plan: BoundaryPlan, accepted: set[str]) -> None:
    if plan.status != Status.DRAFT:
        raise Conflict(_("Only a draft can be published."), "plan")
    if plan.base_id is not None:
        raise Conflict(_("This plan needs an approval before it is published."), "plan")
    unknown = sorted(accepted - {defect["id"] for defect in plan.report})
    if unknown:
        raise Invalid(_("The plan has no finding %s.") % ", ".join(unknown[:TOLD]), "accept")
    grave = [d["id"] for d in plan.report if d["grave"] and d["id"] not in accepted]
    if grave:
        text = _("%(n)d findings stand against it and are not accepted: %(ids)s.")
        told = {"n": len(grave), "ids": ", ".join(grave[:TOLD])}
        raise Conflict(text % told, "plan")


@transaction.atomic
def put_in_force(
    *, plan: BoundaryPlan, now: datetime, actor: User | None, content_hash: str = ""
) -> Publication:
    """Put an approved plan into force now, or at its scheduled moment if that has just passed.

    Refused: without the approval of exactly this content by somebody who did not draw it, on
    another base than the map in force, with a blocking finding, while another publication runs.
    """
    plan = BoundaryPlan.objects.select_for_update().get(pk=plan.pk)
    if actor is not None:
        drafts.refuse_who_may_not(plan, drafts.Decision.PUBLISHED, actor, now)
    _refuse_unapproved(plan, content_hash)
    since = _moment(plan, now)
    _take_turn(plan.district, since)
    blocking = [f for f in plan_checks.findings(plan, now) if f.level == plan_checks.BLOCKING]
    if blocking:
        told = [{"kind": f.kind, "text": f.text, "cells": list(f.cells)} for f in blocking[:20]]
        raise Conflict(_("%d findings stand against it.") % len(blocking), "plan", findings=told)
    drawing = plan_checks.drawing_of(plan)
    pieces = pieces_between(_shapes(drawing.old), _shapes(drawing.new))
    ended = _end(Q(cell__code__in=list(drawing.old)), since)
    cells = _identities(drawing)
    _draw(plan, drawing.new, cells, since)
    _in_force(plan, since)
    revision = certify(plan=plan, district=plan.district, since=since, now=now, waiting=True)
    _trace(revision, pieces, cells)
    _hand_on_posts(drawing, pieces, cells, since)
    rebuild_outlines(district=plan.district, communities=_touched(drawing), since=since, now=now)
    drafts.note_step(plan, drafts.Decision.PUBLISHED, actor, now)
    moving = tuple(piece for piece in pieces if piece.moves or _changes_home(piece, drawing))
    ids = {code: cell.pk for code, cell in cells.items()}
    gone = tuple(ids[code] for code in drawing.old if code not in drawing.new)
    return Publication(plan, revision, since, moving, ids, tuple(ended), gone)


def _changes_home(piece: Piece, drawing) -> bool:
    return drawing.old[piece.origin].community != drawing.new[piece.result].community


def _refuse_unapproved(plan: BoundaryPlan, seen: str) -> None:
    if plan.status not in (Status.APPROVED, Status.SCHEDULED):
        raise Conflict(_("The plan is %s.") % plan.get_status_display(), "plan", state=plan.status)
    if seen and seen != plan.content_hash:
        raise Conflict(_("The plan was changed after you looked at it."), "content_hash")
    if plan.content_hash != plan_queries.content_hash(plan) or not drafts.approval_of(plan):
        raise Conflict(_("Nobody has approved what the plan says now."), "plan")


def _moment(plan: BoundaryPlan, now: datetime) -> datetime:
    """When it takes effect: never in the past, but for the delay of a punctual scheduler."""
    if plan.status == Status.SCHEDULED:
        if plan.effective_at > now:
            raise Conflict(_("The plan is scheduled for later."), "plan")
        return plan.effective_at if now - plan.effective_at <= PUNCTUAL else now
    return now


def _take_turn(district: str, since: datetime) -> None:
    """One publication of a district at a time, and each later than the one before."""
    if not sql.rows("geo_grid", "publish_turn", {"district": district})[0]["mine"]:
        raise Conflict(_("Another publication of this district is running."), "plan")
    last = GridRevision.objects.filter(district=district).order_by("-effective_at").first()
    if last is not None and since <= last.effective_at:
        text = _("A version of this map takes effect at the same time or later.")
        raise Invalid(text, "effective_at")


def _shapes(drawn: Mapping[str, Drawn]) -> dict:
    return {code: one.shape for code, one in drawn.items()}


def _touched(drawing) -> set[str]:
    return {drawn.community for drawn in [*drawing.old.values(), *drawing.new.values()]}


def _end(wanted: Q, since: datetime) -> list[int]:
    """End what is in force at `since`; answers the ids."""
    in_force = CellBoundary.objects.filter(wanted, valid_during__contains=since)
    ids = list(in_force.values_list("pk", flat=True))
    if ids:
        sql.run("geo_grid", "end_boundaries", {"ids": ids, "since": since})
    return ids


def _identities(drawing) -> dict[str, Cell]:
    """The cells of all codes, old and new; new ones are made here and never before."""
    known = {cell.code: cell for cell in Cell.objects.filter(code__in=drawing.codes)}
    fresh = [
        Cell(code=code, name=drawn.name, kind=drawn.kind, district=drawn.community[:6])
        for code, drawn in drawing.new.items()
        if code not in known
    ]
    renamed = []
    for code, drawn in drawing.new.items():
        cell = known.get(code)
        told = drawn.name, drawn.kind, drawn.community[:6]
        if cell and (cell.name, cell.kind, cell.district) != told:
            cell.name, cell.kind, cell.district = told
            renamed.append(cell)
    Cell.objects.bulk_update(renamed, ["name", "kind", "district"])
    return known | {cell.code: cell for cell in Cell.objects.bulk_create(fresh)}


def _draw(plan: BoundaryPlan, drawn: Mapping[str, Drawn], cells: Mapping, since) -> None:
    homes = {one.community for one in drawn.values()}
    areas = {area.code: area for area in Area.objects.filter(code__in=homes)}
    valid = DateTimeTZRange(since, None)
    CellBoundary.objects.bulk_create(
        [
            CellBoundary(
                plan=plan,
                cell=cells[code],
                community=areas[one.community],
                name=one.name,
                kind=one.kind,
                valid_during=valid,
                **record_fields(one.shape, plan.record_srid),
            )
            for code, one in sorted(drawn.items())
        ],
        batch_size=500,
    )


def _in_force(plan: BoundaryPlan, since: datetime) -> None:
    """The plan is published; the one it takes back is reverted."""
    plan.status, plan.effective_at = Status.PUBLISHED, since
    plan.save(update_fields=["status", "effective_at"])
    if plan.reverts_id:
        BoundaryPlan.objects.filter(pk=plan.reverts_id).update(status=Status.REVERTED)
    alive = CellBoundary.objects.filter(valid_during__endswith=None, valid_during__isnull=False)
    done = BoundaryPlan.objects.filter(status=Status.PUBLISHED, district=plan.district)
    done.exclude(pk__in=alive.values("plan")).exclude(pk=plan.pk).update(status=Status.SUPERSEDED)


def certify(
    *, plan: BoundaryPlan, district: str, since: datetime, now: datetime, waiting: bool
) -> GridRevision:
    """Count, prove and hash the whole map as it is from `since` on, and keep that."""
    drawn = plan_queries.cells_at(district, since, plan.record_srid)
    codes = sorted(drawn)
    shapes = [drawn[code].shape for code in codes]
    proof = prove(shapes, _outline(shapes))
    number = GridRevision.objects.filter(district=district).count() + 1
    if number == 1 and not waiting:
        since = min(since, BEGINNING)
    return GridRevision.objects.create(
        district=district,
        number=number,
        plan=plan,
        effective_at=since,
        published_at=now,
        handed_over_at=None if waiting else now,
        cells=proof.cells,
        half_edges=proof.half_edges,
        residual=proof.residual,
        area2_mm2=proof.area2,
        sha256=state_hash(drawn[code] for code in codes),
    )


def _outline(shapes: list) -> Geometry:
    """What the cells say their outline is; nothing for a file of invalid ones."""
    try:
        return shapely.coverage_union_all(shapes)
    except shapely.errors.GEOSException:
        return shapely.Polygon()


def state_hash(drawn) -> str:
    """SHA-256 of cells in the order given: equal maps, equal hashes."""
    told = hashlib.sha256()
    for one in drawn:
        words = "\x1f".join((one.code, one.name, one.kind, one.community))
        told.update(words.encode() + b"\x1e" + shapely.to_wkb(one.shape, byte_order=1))
    return told.hexdigest()


def _trace(revision: GridRevision, pieces: Sequence[Piece], cells: Mapping[str, Cell]) -> None:
    of_origin = shares(list(pieces))
    CellLineage.objects.bulk_create(
        CellLineage(
            revision=revision,
            origin=cells[piece.origin],
            result=cells[piece.result],
            area_m2=piece.area_m2,
            share=of_origin[piece.origin, piece.result],
        )
        for piece in pieces
    )


def _hand_on_posts(drawing, pieces: Sequence[Piece], cells: Mapping[str, Cell], since) -> None:
    """Workers of closed cells give their posts up; new cells get theirs from what was before."""
    closed = [code for code in drawing.old if code not in drawing.new]
    fresh = [code for code in drawing.new if code not in drawing.old]
    ending = Post.objects.filter(role__in=IN_CELL, held_during__contains=since)
    for post in ending.filter(cell__code__in=closed, held_during__startswith__lt=since):
        post.held_during = DateTimeTZRange(post.held_during.lower, since)
        post.save(update_fields=["held_during"])
    valid = DateTimeTZRange(since, None)
    Post.objects.bulk_create(
        Post(user_id=user, role=role, cell=cells[code], held_during=valid)
        for role in IN_CELL
        for code, users in succession.inherited(fresh, pieces, since, role).items()
        for user in users
    )


@transaction.atomic
def rebuild_outlines(
    *, district: str, communities: set[str], since: datetime, now: datetime
) -> None:
    """Outlines of the touched communities, their towns and the district: the exact union of the
    served copies, never drawn a second time."""
    found = CellBoundary.objects.filter(
        valid_during__contains=since, community__code__startswith=district
    )
    rows = found.values_list("community__code", "geom")
    members: dict[str, list] = {}
    touched = {code[:n] for code in communities for n in (6, 9, 12)}
    for code, geom in rows:
        shape = shapely.from_wkb(bytes(geom.wkb))
        for above in {code[:6], code[:9], code} & touched:
            members.setdefault(above, []).append(shape)
    for area in Area.objects.filter(code__in=touched):
        if area.code not in members:
            AreaOutline.objects.filter(area=area).delete()
            continue
        parts = shapely.get_parts(shapely.coverage_union_all(members[area.code]))
        geom = GEOSGeometry(
            memoryview(shapely.to_wkb(shapely.MultiPolygon(list(parts)))), srid=4326
        )
        AreaOutline.objects.update_or_create(
            area=area, defaults={"geom": geom, "rebuilt_at": max(since, now)}
        )
