"""Plans begun, brought to a new base, sent on their way: submitted, approved, scheduled."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid, NotAllowed
from geo_grid import intents, plan_queries
from geo_grid.edits import Drawn
from geo_grid.models import BoundaryPlan, CellBoundary, GridRevision, PlanCell, PlanReview, User
from geo_grid.scope import draws_in, must_draw_in, reviews_in
from geo_grid.services import drawing

Status = BoundaryPlan.Status
Decision = PlanReview.Decision


@transaction.atomic
def begin_plan(
    *, name: str, district: str, author: User, now: datetime, note: str = "", reverts=None
) -> BoundaryPlan:
    """Begin a plan on the version of the map now in force."""
    must_draw_in(author, district, now)
    base = plan_queries.revision_at(district, now)
    if base is None:
        raise Conflict(_("This district has no cells in force yet."), "district")
    plan = BoundaryPlan(
        name=name,
        district=district,
        author=author,
        note=note,
        base=base,
        reverts=reverts,
        record_srid=base.plan.record_srid,
        provenance=_("Drawn on version %d.") % base.number,
        synthetic=base.plan.synthetic,
        created_at=now,
    )
    plan.save(force_insert=True)
    plan.content_hash = plan_queries.content_hash(plan)
    plan.save(update_fields=["content_hash"])
    return plan


@transaction.atomic
def rebase_plan(
    *, plan: BoundaryPlan, expected: int, actor: User, now: datetime, leave_out: tuple = ()
) -> BoundaryPlan:
    """Bring a plan to the version now in force by drawing its edits again.

    Edits that no longer apply stand in the Conflict; `leave_out` names the sequences to drop.
    """
    plan = drawing.open_for_drawing(plan=plan, actor=actor, now=now, expected=expected)
    head = plan_queries.revision_at(plan.district, now)
    if head.pk == plan.base_id:
        raise Conflict(_("The plan is drawn on the version in force already."), "plan")
    edits = [edit for edit in plan_queries.effective_edits(plan) if edit.kind != "REBASE"]
    PlanCell.objects.filter(plan=plan, until=None).update(until=plan.sequence + 1)
    plan.base = head
    plan.save(update_fields=["base"])
    told = {"revision": head.number}
    drawing.store(
        plan=plan, kind="REBASE", parameters=told, change=drawing.Change({}), actor=actor, now=now
    )
    _draw_again(plan, [e for e in edits if e.sequence not in leave_out], actor, now)
    note_step(plan, Decision.REBASED, actor, now, _("on version %d") % head.number)
    return plan


def _draw_again(plan: BoundaryPlan, edits: list, actor: User, now: datetime) -> None:
    """Replay edits on another base. Codes given away meanwhile are given anew."""
    renamed: dict[str, str] = {}
    failed = []
    for edit in edits:
        stored = {**edit.parameters}
        codes = [code for code, _name in stored.pop("codes", [])]
        wanted = _with_new_codes(intents.again(stored), renamed)
        try:
            with transaction.atomic():
                fresh = drawing.draw(plan=plan, kind=edit.kind, wanted=wanted, actor=actor, now=now)
        except (Conflict, Invalid, NotAllowed) as error:
            plan.refresh_from_db()
            failed.append({"sequence": edit.sequence, "kind": edit.kind, "why": str(error.message)})
            continue
        given = [code for code, _name in fresh.parameters["codes"]]
        renamed |= dict(zip(codes, given, strict=True))
    if failed:
        text = _("%d edits no longer apply on the version in force.") % len(failed)
        raise Conflict(text, "leave_out", edits=failed)


def _with_new_codes(wanted, renamed: dict[str, str]):
    if isinstance(wanted, str):
        return renamed.get(wanted, wanted)
    if isinstance(wanted, list):
        return [_with_new_codes(one, renamed) for one in wanted]
    if isinstance(wanted, dict):
        return {key: _with_new_codes(value, renamed) for key, value in wanted.items()}
    return wanted


# --- on its way -------------------------------------------------------------------------------
MOVES = {  # decision: (from, to)
    Decision.SUBMITTED: ((Status.DRAFT, Status.RETURNED), Status.SUBMITTED),
    Decision.APPROVED: ((Status.SUBMITTED,), Status.APPROVED),
    Decision.RETURNED: (
        (Status.SUBMITTED, Status.APPROVED, Status.SCHEDULED),
        Status.RETURNED,
    ),
    Decision.SCHEDULED: ((Status.APPROVED,), Status.SCHEDULED),
    Decision.WITHDRAWN: (BoundaryPlan.OPEN, Status.WITHDRAWN),
}


@transaction.atomic
def decide_plan(
    *,
    plan: BoundaryPlan,
    decision: str,
    content_hash: str,
    actor: User,
    now: datetime,
    comment: str = "",
    effective_at: datetime | None = None,
) -> BoundaryPlan:
    """A step of a plan: submit, approve, return, schedule, withdraw; about exactly the content
    that the person saw (`content_hash`). Author and approver differ."""
    plan = BoundaryPlan.objects.select_for_update().get(pk=plan.pk)
    came_from, goes_to = MOVES[Decision(decision)]
    if plan.status not in came_from:
        raise Conflict(_("The plan is %s.") % plan.get_status_display(), "plan", state=plan.status)
    refuse_who_may_not(plan, decision, actor, now)
    if content_hash != plan.content_hash:
        raise Conflict(
            _("The plan was changed after you looked at it."), "content_hash", now=plan.content_hash
        )
    if decision == Decision.SUBMITTED and not plan.head:
        raise Conflict(_("The plan changes nothing."), "plan")
    if decision == Decision.SCHEDULED:
        _refuse_the_past(effective_at, now)
        plan.effective_at = effective_at
    plan.status = goes_to
    plan.save(update_fields=["status", "effective_at"])
    note_step(plan, decision, actor, now, comment)
    return plan


@transaction.atomic
def give_back(*, plan: BoundaryPlan, why: str, now: datetime) -> BoundaryPlan:
    """A scheduled plan that cannot be published goes back to its author, with the reason."""
    plan = BoundaryPlan.objects.select_for_update().get(pk=plan.pk)
    plan.status = Status.RETURNED
    plan.save(update_fields=["status"])
    note_step(plan, Decision.RETURNED, None, now, why)
    return plan


def note_step(plan: BoundaryPlan, decision: str, actor: User | None, now: datetime, comment=""):
    """Append who did what, when, why, about which content."""
    PlanReview.objects.create(
        plan=plan,
        decision=decision,
        content_hash=plan.content_hash,
        comment=comment,
        reviewer=actor,
        at=now,
    )


def approval_of(plan: BoundaryPlan) -> PlanReview | None:
    """The approval of exactly the content that the plan has now."""
    found = plan.reviews.filter(decision=Decision.APPROVED, content_hash=plan.content_hash)
    return found.exclude(reviewer=plan.author).order_by("-at", "-pk").first()


def refuse_who_may_not(plan: BoundaryPlan, decision: str, actor: User, now: datetime) -> None:
    """Planners submit and withdraw; those of the district do all else, but approve nothing that
    they drew themselves."""
    allowed = draws_in if decision in (Decision.SUBMITTED, Decision.WITHDRAWN) else reviews_in
    if not any(plan.district.startswith(code[:6]) for code in allowed(actor, now)):
        raise NotAllowed(_("Your post does not allow this step of a plan."))
    drew = decision == Decision.APPROVED and (
        plan.author_id == actor.pk or plan.edits.filter(actor=actor).exists()
    )
    if drew:
        raise NotAllowed(_("Who drew a plan does not approve it."))


def _refuse_the_past(effective_at: datetime | None, now: datetime) -> None:
    if effective_at is None or effective_at <= now:
        raise Invalid(_("A plan takes effect in the future, never in the past."), "effective_at")


# --- undoing what was published ---------------------------------------------------------------
@transaction.atomic
def revert_plan(*, plan: BoundaryPlan, author: User, now: datetime, note: str = "") -> BoundaryPlan:
    """Begin a plan that takes a published plan back: its cells as they were just before it."""
    plan = BoundaryPlan.objects.get(pk=plan.pk)
    must_draw_in(author, plan.district, now)
    done = plan.revisions.order_by("effective_at").first()
    if done is None or plan.status not in (Status.PUBLISHED, Status.SUPERSEDED):
        raise Conflict(_("Only a published plan can be taken back."), "plan")
    before = GridRevision.objects.filter(district=done.district, number=done.number - 1).first()
    if before is None:
        raise Conflict(_("There was no map before this plan."), "plan")
    name = (_("Take back: %s") % plan.name)[:120]
    fresh = begin_plan(
        name=name, district=done.district, author=author, now=now, note=note, reverts=plan
    )
    _refuse_later_changes(plan, fresh)
    old = plan_queries.cells_at(done.district, before.effective_at, fresh.record_srid)
    new = plan_queries.cells_at(done.district, done.effective_at, fresh.record_srid)
    back = {code: as_given(drawn) for code, drawn in old.items() if new.get(code) != drawn}
    wanted = {"drawn": back, "gone": sorted(code for code in new if code not in old)}
    drawing.draw(plan=fresh, kind="REVERT", wanted=wanted, actor=author, now=now)
    return fresh


def as_given(drawn: Drawn) -> dict:
    """The fields of a cell as an edit of the kinds REVERT and IMPORT holds them."""
    told = {"name": drawn.name, "kind": drawn.kind, "community": drawn.community}
    return {**told, "shape": drawn.shape}


def _refuse_later_changes(plan: BoundaryPlan, fresh: BoundaryPlan) -> None:
    mine = CellBoundary.objects.filter(plan=plan)
    ended = mine.filter(valid_during__endswith__lte=fresh.base.effective_at)
    later = sorted(ended.values_list("cell__code", flat=True))
    if later:
        text = _("Later plans have changed the same cells: take those back first.")
        raise Conflict(text, "plan", cells=later)
