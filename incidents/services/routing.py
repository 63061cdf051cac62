"""Moves of a case: one door for all of them, driven by the table in incidents/workflow.py."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from geo_grid.models import User
from incidents import queries, workflow
from incidents.models import Incident, Part
from incidents.queries import Case, Seat
from incidents.services import clocks
from incidents.services.effects import EFFECTS
from incidents.services.messages import tell_reporters
from incidents.services.parts import end_part, open_part
from incidents.services.timeline import record_event
from incidents.workflow import Move


@dataclass(frozen=True, slots=True)
class Told:
    """What comes with a move. Which fields one needs stands in its row (`note`, `wants`).

    part: the step that was seen on the page, so that a step that is over is noticed.
    to, cell, other: codes of an office or cell, number of another case. answer, unanswered:
    what the reporter is told, or why nothing. closing: only where it is MISTAKEN or SPECIAL.
    departments, place, hour: whom a call from below calls, where to, and when. category,
    description: of the second matter, where a case is split.
    """

    note: str = ""
    part: int | None = None
    to: str = ""
    cell: str = ""
    other: str = ""
    workdays: int | None = None
    until: date | None = None
    answer: str = ""
    unanswered: str = ""
    closing: str = ""
    departments: tuple[str, ...] = ()
    place: str = ""
    hour: datetime | None = None
    category: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move made of a case. moves: part id -> what the actor may do next."""

    case: Case
    moves: dict[int, tuple[str, ...]]

    @property
    def incident(self) -> Incident:
        return self.case.incident


@dataclass(slots=True)
class Act:
    """A move about to be made: what is allowed, on which part, in which seat, with what result."""

    row: Move
    case: Case
    part: Part
    seat: Seat
    seats: list[Seat]
    told: Told
    actor: User
    now: datetime
    details: dict = field(default_factory=dict)
    opened: Part | None = None

    @property
    def incident(self) -> Incident:
        return self.case.incident


@transaction.atomic
def accept_cases(*, numbers: list[str], actor: User, now: datetime) -> dict[str, str]:
    """Accept many at once; answers number -> "" or why it was not accepted. Each stands alone."""
    outcome = {}
    for number in sorted(set(numbers)):
        try:
            with transaction.atomic():
                make_move(number=number, move="accept", told=Told(), actor=actor, now=now)
            outcome[number] = ""
        except DomainError as error:
            outcome[number] = str(error.message)
    return outcome


@transaction.atomic
def make_move(*, number: str, move: str, told: Told, actor: User, now: datetime) -> Moved:
    """An officer moves a case. The row of the incident is locked: of two at once, one wins.

    Raises NotFound (404) where the actor may not see it, NotAllowed (403) where the post does not
    allow the move, Conflict (409) where the state does not, Invalid (400) naming a field.
    """
    if move not in workflow.NAMES:
        raise Invalid(_("There is no move %s.") % move, "move", allowed=list(workflow.NAMES))
    incident = _locked(number, told.other, actor, now)
    act = _allowed(incident, move, told, actor, now)
    _complete(act)
    before, was_reported = act.part.state, incident.status == Incident.Status.REPORTED
    stored = _columns(incident)
    EFFECTS.get(move, lambda act: None)(act)
    _shift(act)
    _restate(act)
    changed = [name for name, value in _columns(incident).items() if value != stored[name]]
    if changed:
        incident.save(update_fields=changed)
    event = record_event(
        incident=incident,
        kind=act.row.event,
        actor=actor,
        now=now,
        note=told.note,
        part=act.part,
        to_part=act.opened,
        post_id=act.seat.post_id,
        from_state=before,
        to_state=act.part.state,
        details=act.details,
    )
    tell_reporters(event=event, first=was_reported, now=now)
    return Moved(act.case, queries.moves_open(act.case, act.seats))


def _locked(number: str, other: str, actor: User, now: datetime) -> Incident:
    """The case, locked with the other one of a merge in the order of their ids."""
    related = ("category__parent", "cell", "community", "worker")
    wanted = queries.visible(actor, now).filter(number__in={number, other} - {""})
    rows = wanted.select_related(*related).select_for_update(of=("self",), no_key=True)
    found = {one.number: one for one in rows.order_by("id")}
    if number not in found:
        raise NotFound(_("There is no incident %s that you may see.") % number)
    return found[number]


def _allowed(incident: Incident, move: str, told: Told, actor: User, now: datetime) -> Act:
    """The move on the part it fits best: own before lower offices, lead before the rest."""
    case, held = queries.case_of(incident), queries.seats(actor, now)
    for part in _aimed_at(case, told.part):
        standings = {seat: one for seat in held if (one := queries.standing(seat, part))}
        if not standings:
            continue
        step = queries.step_of(case, part)
        row = workflow.find_move(move, step, standings.values())
        if row:
            seat = next(s for s, one in standings.items() if workflow.may_by_post(row, step, one))
            return Act(row, case, part, seat, held, told, actor, now)
    raise _refusal(case, held, move)


def _aimed_at(case: Case, part_id: int | None) -> list[Part]:
    if part_id is None:
        order = {workflow.LEAD: 0, workflow.SUPPORT: 1, workflow.COPY: 2}
        return sorted(case.movable, key=lambda part: order[part.role])
    return [part for part in case.movable if part.pk == part_id]


def _refusal(case: Case, held: list[Seat], move: str) -> Exception:
    """Why not: the post (403) or the state (409), what is allowed, and who was here last.

    It is the state where the post would allow the move on any step of the case, also one that is
    over: then somebody was faster.
    """
    names = {name for moves in queries.moves_open(case, held).values() for name in moves}
    allowed = [name for name in workflow.NAMES if name in names]
    if _own_work(move, case, held):
        text = _("Another person than the one who resolved it checks it.")
        return NotAllowed(text, "move", allowed=allowed, move=move)
    if not any(_by_post(move, case, part, held) for part in case.parts):
        text = _("Your post does not allow this here.")
        return NotAllowed(text, "move", allowed=allowed, move=move)
    last = case.incident.events.select_related("actor").order_by("-id").first()
    who = last.actor.display_name if last and last.actor else ""
    told = {"kind": last.kind, "at": last.at.isoformat(), "by": who} if last else None
    text = _("The state of the case does not allow this now.")
    if who:
        text = _("The state of the case does not allow this now. Last changed by %s.") % who
    return Conflict(
        text, "move", allowed=allowed, move=move, status_now=case.incident.status, last=told
    )


def _own_work(move: str, case: Case, held: list[Seat]) -> bool:
    """Whether somebody would check what he has resolved."""
    if not any(row.by_another for row in workflow.MOVES if row.name == move):
        return False
    resolvers = {part.resolved_by for part in case.movable}
    return any(seat.user_id in resolvers for seat in held)


def _by_post(move: str, case: Case, part: Part, held: list[Seat]) -> bool:
    step = queries.step_of(case, part)
    standings = [one for seat in held if (one := queries.standing(seat, part))]
    rows = [row for row in workflow.MOVES if row.name == move]
    return any(workflow.may_by_post(row, step, one) for row in rows for one in standings)


def _complete(act: Act) -> None:
    """Refuse what lacks a field, naming the first."""
    wanted = (*(("note",) if act.row.note else ()), *act.row.wants)
    for name in wanted:
        if not getattr(act.told, name):
            raise Invalid(_("This field is needed for this move."), name)


def _shift(act: Act) -> None:
    """Change the part, open the next one, and move the clock as the row says."""
    row, part, now = act.row, act.part, act.now
    if row.to:
        part.state = row.to
        if row.to == workflow.HANDLING and part.accepted_at is None:
            part.accepted_at = max(now, part.opened_at)
        if row.outcome:
            end_part(part=part, state=row.to, outcome=row.outcome, now=now)
        else:
            part.save(update_fields=["state", "accepted_at"])
    if row.opens:
        role, state = row.opens
        stage = (
            row.clock if row.clock in (workflow.ACCEPT, workflow.HANDLE, workflow.VERIFY) else ""
        )
        act.opened = open_part(
            incident=act.incident,
            office=_office(act, role),
            role=role,
            state=state,
            stage=stage,
            came_from=part,
            now=now,
        )
        act.case.parts.append(act.opened)
    else:
        _move_clock(act)


def _move_clock(act: Act) -> None:
    row, part, now = act.row, act.part, act.now
    if row.clock in (workflow.ACCEPT, workflow.HANDLE, workflow.VERIFY):
        clocks.start_clock(part=part, stage=row.clock, now=now)
    elif row.clock == workflow.STOP:
        clocks.stop_clock(part=part, now=now)
    elif row.clock == workflow.SUSPEND:
        clocks.suspend_clock(part=part, now=now, reason=act.told.note)
    elif row.clock == workflow.RESUME:
        clocks.resume_clock(part=part, now=now)
    elif row.clock == workflow.EXTEND:
        clocks.extend_clock(part=part, workdays=act.details["granted"], now=now)


def _office(act: Act, role: str):
    """The office that gets the next part."""
    office = {
        workflow.TOLD: lambda: _told_office(act),
        workflow.UP: lambda: act.part.area.parent,
        workflow.TOP: lambda: act.part.area.parent.parent,
        workflow.BACK: lambda: act.case.sender(act.part),
        workflow.CLOSER: lambda: act.case.closer(act.part),
        workflow.HANDLER: lambda: act.case.before(act.part).office,
        workflow.SAME: lambda: act.part.office,
        workflow.GROUND: lambda: act.incident.community,
    }[act.row.opens_at]()
    if any(one.is_open and one.role == role and one.office == office for one in act.case.parts):
        raise Conflict(_("%s has this part already.") % office, "to")
    return office


def _told_office(act: Act):
    office = queries.office_by_code(act.told.to, "to")
    sender, target = queries.body_of(act.part.office), queries.body_of(office)
    if not workflow.may_receive(act.row.name, sender, target):
        raise Invalid(_("This office cannot get it from here."), "to")
    return office


def _columns(incident: Incident) -> dict:
    return {field.attname: getattr(incident, field.attname) for field in incident._meta.fields}


def _overtake(act: Act) -> None:
    """Support ends with the case; which steps did is kept, because a merge can be undone."""
    helping = [one for one in act.case.parts if one.is_open and one.role == workflow.SUPPORT]
    for part in helping:
        end_part(part=part, state=workflow.DONE, outcome="OVERTAKEN", now=act.now)
    if helping:
        act.details["overtaken"] = [part.pk for part in helping]


def _restate(act: Act) -> None:
    """The state of the whole case, by its newest leading part."""
    incident, lead = act.incident, act.case.lead
    accepted = any(part.accepted_at for part in act.case.parts)
    incident.status = workflow.status_after(lead.state, lead.outcome, accepted)
    if not incident.is_open:
        incident.closed_at = act.now
        _overtake(act)
    if act.row.opens_at == workflow.TOP:
        open_part(
            incident=incident,
            office=act.part.area.parent,
            role=workflow.COPY,
            state=workflow.TO_READ,
            stage="",
            came_from=act.part,
            now=act.now,
        )
