"""Follow-up calls: after closing, the reporter is asked; who is dissatisfied gets it done again."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid, NotAllowed
from geo_grid.models import User
from incidents import queries, workflow
from incidents.models import FollowUpCall, Incident
from incidents.services.routing import Told, make_move
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
    incident = queries.incident(actor, number, now)
    calls = FollowUpCall.objects.select_for_update().filter(incident=incident, done_at=None)
    call = calls.first()
    if call is None:
        raise Conflict(_("No call is due for this case."), "result")
    if not _may_call(incident, actor, now):
        raise NotAllowed(_("Only the office that closed it, or a higher one, calls."))
    call.result, call.note, call.caller, call.done_at = result, note, actor, now
    call.save()
    details = {"result": result}
    record_event(incident=incident, kind="CALLED", actor=actor, now=now, details=details)
    if result == FollowUpCall.Result.DISSATISFIED and not incident.is_open:
        make_move(number=number, move="reopen", told=Told(note=note), actor=actor, now=now)
    if result == FollowUpCall.Result.UNREACHED and incident.calls.count() < MOST_CALLS:
        FollowUpCall.objects.create(incident=incident, due_at=now + AGAIN_AFTER)
    return call


def _may_call(incident: Incident, actor: User, now: datetime) -> bool:
    lead = queries.case_of(incident).lead
    sides = (workflow.OWN, workflow.ABOVE)
    return any(
        seat.role in workflow.HELPERS
        and (one := queries.standing(seat, lead))
        and one.side in sides
        for seat in queries.seats(actor, now)
    )
