"""Suspensions end by themselves on the day that was said."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo_grid import districts
from incidents import queries, workflow
from incidents.models import Incident, IncidentEvent, Part
from incidents.services import clocks
from incidents.services.timeline import record_event


def end_suspensions(*, now: datetime) -> int:
    """Every suspended step whose day has come goes on; answers how many. Safe to run twice."""
    suspended = Part.objects.filter(state=Part.State.SUSPENDED).order_by("id")
    return sum(_end(*found, now) for found in suspended.values_list("pk", "incident_id"))


@transaction.atomic
def _end(part_id: int, incident_id: int, now: datetime) -> bool:
    rows = Incident.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    incident = rows.select_related("category", "cell", "community").filter(pk=incident_id).first()
    part = Part.objects.filter(pk=part_id, state=Part.State.SUSPENDED).first()
    if incident is None or part is None or _last_day(part) > _today(incident, now):
        return False
    case = queries.case_of(incident)
    part = next(one for one in case.parts if one.pk == part_id)
    redone = workflow.REDONE in queries.step_of(case, part).facts
    part.state = workflow.REWORK if redone else workflow.HANDLING
    part.save(update_fields=["state"])
    clocks.resume_clock(part=part, now=now)
    record_event(
        incident=incident,
        kind="RESUMED",
        actor=None,
        now=now,
        note=_("The day until which it was suspended has come."),
        part=part,
        from_state=workflow.SUSPENDED,
        to_state=part.state,
    )
    return True


def _last_day(part: Part) -> date:
    events = IncidentEvent.objects.filter(part=part, kind="SUSPENDED").order_by("-id")
    return date.fromisoformat(events.values_list("details", flat=True)[0]["until"])


def _today(incident: Incident, now: datetime) -> date:
    return timezone.localdate(now, districts.of(incident.district).zone)
