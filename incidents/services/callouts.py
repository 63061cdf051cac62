"""A call from below: departments answer, are seen to arrive, and are scored by who called them.

To move a call to another hour its office cancels it and calls anew: what was answered was answered
about the old hour.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid, NotAllowed
from geo_grid.models import Department, User
from incidents import queries, workflow
from incidents.models import Called, Callout, Incident, Part
from incidents.models.callouts import BEST, WORST
from incidents.queries import Seat
from incidents.services.parts import open_part
from incidents.services.timeline import record_event

MOST_DEPARTMENTS = 20


def call_out(act) -> None:
    """The move: a call with its departments. Who has no open part gets a copy, to see the case."""
    told, incident = act.told, act.incident
    if told.hour <= act.now:
        raise Invalid(_("The hour must lie in the future."), "hour")
    departments = _departments(act)
    call = Callout.objects.create(
        incident=incident,
        area=act.part.area,
        place=told.place,
        hour=told.hour,
        matter=told.note,
        called_by=act.actor,
        called_at=act.now,
    )
    Called.objects.bulk_create(Called(callout=call, department=one) for one in departments)
    present = {part.office for part in act.case.parts if part.is_open}
    for department in departments:
        if department not in present:
            act.case.parts.append(_copy(act, department))
    names = "、".join(one.name for one in departments)
    act.details |= {"offices": names, "hour": told.hour.isoformat()}


def _departments(act) -> list[Department]:
    codes = list(dict.fromkeys(act.told.departments))
    if len(codes) > MOST_DEPARTMENTS:
        raise Invalid(_("At most %d departments are called.") % MOST_DEPARTMENTS, "departments")
    caller = queries.body_of(act.part.office)
    offices = [queries.office_by_code(code, "departments") for code in codes]
    for office in offices:
        if not workflow.may_receive(act.row.name, caller, queries.body_of(office)):
            raise Invalid(_("Only departments of the own district are called."), "departments")
    return offices


def _copy(act, department: Department) -> Part:
    return open_part(
        incident=act.incident,
        office=department,
        role=workflow.COPY,
        state=workflow.TO_READ,
        stage="",
        came_from=act.part,
        now=act.now,
    )


@transaction.atomic
def answer_callout(*, key: int, agrees: bool, reason: str, actor: User, now: datetime) -> Called:
    """A called department says whether it comes; it refuses only with a reason.

    Raises NotFound, NotAllowed, Conflict, Invalid naming the field.
    """
    incident, called = _locked(key, actor, now)
    seat = queries.desk_seat(queries.seats(actor, now), called.department)
    if seat is None:
        raise NotAllowed(_("Only the called department answers."))
    _refuse_cancelled(called.callout)
    if called.agrees is not None or called.arrived_at:
        raise Conflict(_("This call is answered already."))
    if now >= called.callout.hour:
        raise Conflict(_("The hour of this call has passed."))
    if not agrees and not reason.strip():
        raise Invalid(_("A reason is needed."), "reason")
    called.agrees, called.reason, called.answered_at = agrees, reason.strip(), now
    called.save(update_fields=["agrees", "reason", "answered_at"])
    kind = "CALL_AGREED" if agrees else "CALL_REFUSED"
    parts = incident.parts.filter(department=called.department).select_related("department")
    step = {"note": called.reason, "part": parts.order_by("-id").first()}
    record_event(incident=incident, kind=kind, actor=actor, now=now, post_id=seat.post_id, **step)
    return called


@transaction.atomic
def record_arrival(*, key: int, actor: User, now: datetime) -> Called:
    """Who called sees that a department is there. Raises NotFound, NotAllowed, Conflict."""
    incident, called = _locked(key, actor, now)
    seat = _seat_of_caller(called.callout, actor, now)
    _refuse_cancelled(called.callout)
    if called.agrees is False:
        raise Conflict(_("This department refused to come."))
    if called.arrived_at:
        raise Conflict(_("Its arrival is recorded already."))
    called.arrived_at = now
    called.save(update_fields=["arrived_at"])
    _tell(incident, "CALL_ARRIVED", called, seat, actor, now)
    return called


@transaction.atomic
def score_callout(*, key: int, score: int, note: str, actor: User, now: datetime) -> Called:
    """Who called says, when the hour has come, how a department met the call: from 1 to 5, once.

    Raises NotFound, NotAllowed, Conflict, Invalid naming the field.
    """
    incident, called = _locked(key, actor, now)
    seat = _seat_of_caller(called.callout, actor, now)
    _refuse_cancelled(called.callout)
    if called.score is not None:
        raise Conflict(_("This department is scored already."))
    if now < called.callout.hour:
        raise Conflict(_("The hour of this call has not come yet."))
    if not WORST <= score <= BEST:
        raise Invalid(_("A score is a number from 1 to 5."), "score")
    called.score, called.scored_at = score, now
    called.save(update_fields=["score", "scored_at"])
    _tell(incident, "CALL_SCORED", called, seat, actor, now, note)
    return called


@transaction.atomic
def cancel_callout(*, key: int, reason: str, actor: User, now: datetime) -> Callout:
    """Who called takes a call back, until somebody has arrived or was scored. Nothing follows it.

    Raises NotFound, NotAllowed, Conflict, Invalid naming the field.
    """
    incident = _locked_case(queries.callout_of(actor, key, now).incident_id)
    call = Callout.objects.select_related("area").get(pk=key)
    seat = _seat_of_caller(call, actor, now)
    _refuse_cancelled(call)
    if call.is_met:
        raise Conflict(_("Somebody has arrived or was scored: this call has taken place."))
    if not reason.strip():
        raise Invalid(_("A reason is needed."), "reason")
    call.cancelled_at, call.cancelled_by, call.cancel_reason = now, actor, reason.strip()
    call.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
    called = call.called.select_related("department").order_by("id")
    names = "、".join(one.department.name for one in called)
    record_event(
        incident=incident,
        kind="CALL_CANCELLED",
        actor=actor,
        now=now,
        note=call.cancel_reason,
        post_id=seat.post_id,
        details={"offices": names, "hour": call.hour.isoformat()},
    )
    return call


def _locked(key: int, actor: User, now: datetime) -> tuple[Incident, Called]:
    """The case first, as every move locks it, then the called department, if they may be seen."""
    incident = _locked_case(queries.called_of(actor, key, now).callout.incident_id)
    related = Called.objects.select_related("callout__area", "department")
    return incident, related.select_for_update(of=("self",), no_key=True).get(pk=key)


def _locked_case(key: int) -> Incident:
    cases = Incident.objects.select_related("category", "cell", "community")
    return cases.select_for_update(of=("self",), no_key=True).get(pk=key)


def _refuse_cancelled(call: Callout) -> None:
    if call.cancelled_at:
        raise Conflict(_("This call was cancelled."))


def _seat_of_caller(call: Callout, actor: User, now: datetime) -> Seat:
    seat = queries.desk_seat(queries.seats(actor, now), call.area)
    if seat is None:
        raise NotAllowed(_("Only the office that called says this."))
    return seat


def _tell(
    incident: Incident, kind: str, called: Called, seat: Seat, actor: User, now, note: str = ""
) -> None:
    details = {"offices": called.department.name}
    if kind == "CALL_SCORED":
        details["score"] = called.score
    record_event(
        incident=incident,
        kind=kind,
        actor=actor,
        now=now,
        note=note,
        post_id=seat.post_id,
        details=details,
    )
