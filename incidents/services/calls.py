"""Follow-up calls: after closing, the reporter is asked; who is dissatisfied gets it done again."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid, NotAllowed
from geo_grid.models import User
from incidents import queries, workflow
from incidents.models import FollowUpCall, Incident
from incidents.services.effects import bring_back
from incidents.services.messages import tell_reporters
from incidents.services.parts import open_part
from incidents.services.timeline import record_event

AGAIN_AFTER, MOST_CALLS = timedelta(days=1), 3


@transaction.atomic
def record_call(*, number: str, result: str, note: str, actor: User, now: datetime) -> FollowUpCall:
    """What the reporter said. DISSATISFIED reopens the case; UNREACHED is tried three times.

    Raises NotFound, NotAllowed, Conflict where no call is due, Invalid naming the field.
    """
    if result not in FollowUpCall.Result.values:
        raise Invalid(_("There is no such result of a call."), "result")
    if result == FollowUpCall.Result.DISSATISFIED and not note:
        raise Invalid(_("Say what the reporter is not satisfied with."), "note")
    seen = queries.incident(actor, number, now)
    incident = Incident.objects.select_for_update(no_key=True).get(pk=seen.pk)  # as a move does
    call = FollowUpCall.objects.filter(incident=incident, done_at=None).first()
    if call is None or incident.is_open:
        raise Conflict(_("No call is due for this case."), "result")
    case = queries.case_of(incident)
    seat = queries.calling_seat(case, queries.seats(actor, now))
    if seat is None:
        raise NotAllowed(_("Only the office that closed it, or a higher one, calls."))
    call.result, call.note, call.caller, call.done_at = result, note, actor, now
    call.save()
    details = {"result": result}
    record_event(incident=incident, kind="CALLED", actor=actor, now=now, details=details)
    if result == FollowUpCall.Result.DISSATISFIED:
        _reopen(case, seat, note, actor, now)
    if result == FollowUpCall.Result.UNREACHED and _calls_since_closing(incident) < MOST_CALLS:
        FollowUpCall.objects.create(incident=incident, due_at=now + AGAIN_AFTER)
    return call


def _calls_since_closing(incident: Incident) -> int:
    """A case that was reopened and closed again is asked about anew."""
    return incident.calls.filter(done_at__gte=incident.closed_at).count()


def _reopen(case: queries.Case, seat: queries.Seat, note: str, actor: User, now: datetime) -> None:
    """The office that closed it handles it again: so the rule wants it, whoever made the call.

    An assistant may call and not reopen, so this is no move of the caller; the case, its clock and
    its timeline become what the move makes of them.
    """
    incident, lead = case.incident, case.lead
    details = bring_back(incident)
    opened = open_part(
        incident=incident,
        office=lead.office,
        role=workflow.LEAD,
        state=workflow.HANDLING,
        stage=workflow.HANDLE,
        came_from=lead,
        now=now,
    )
    incident.status = workflow.status_after(opened.state, opened.outcome, accepted=True)
    incident.save()
    event = record_event(
        incident=incident,
        kind="REOPENED",
        actor=actor,
        now=now,
        note=note,
        part=lead,
        to_part=opened,
        post_id=seat.post_id,
        from_state=lead.state,
        to_state=lead.state,
        details=details | {"result": FollowUpCall.Result.DISSATISFIED},
    )
    tell_reporters(event=event, first=False, now=now)
