"""What anybody may know of a report by its number: how far it is. Nothing personal, no words."""

from django.utils.translation import gettext as _

from core.errors import NotFound
from geo_grid import districts
from incidents import workflow
from incidents.models import Incident
from incidents.queries.handling import case_of
from incidents.queries.sheet import lead_office

STEPS = {
    "REPORTED": "reported",
    "ACCEPTED": "accepted",
    "DISPATCHED": "passed_on",
    "ESCALATED": "passed_on",
    "EXTENDED": "extended",
    "SUSPENDED": "suspended",
    "RESUMED": "resumed",
    "RESOLVED": "resolved",
    "REWORK": "reworked",
    "CLOSED": "closed",
    "REFUSED": "refused",
    "VOIDED": "void",
    "MERGED": "merged",
    "REOPENED": "reopened",
    "UNMERGED": "reopened",
}


def track(number: str) -> dict:
    """The state of a report and its dated steps, for the reporter who knows the number.

    zone: the clock its dates are meant by. main: of a merged report, the case it went on with.
    """
    found = Incident.objects.filter(number=number).select_related("category", "merged_into")
    incident = found.first()
    if incident is None:
        raise NotFound(_("There is no report of this number."))
    sensitive = incident.category.sensitive
    case = case_of(incident)
    events = incident.events.filter(kind__in=STEPS).order_by("at", "id")
    return {
        "number": incident.number,
        "status": incident.status,
        "merged": incident.merged_into_id is not None,
        "main": _main(incident.merged_into),
        "category": "" if sensitive else incident.category.name,
        "office": "" if sensitive else lead_office(case.parts),
        "reported_at": incident.reported_at,
        "due_at": incident.due_at if incident.is_open else None,
        "closed_at": incident.closed_at,
        "answered": incident.answered_at is not None,
        "suspended": any(part.state == workflow.SUSPENDED for part in case.parts),
        "zone": districts.of(incident.district).zone.key,
        "steps": [{"step": STEPS[kind], "at": at} for kind, at in events.values_list("kind", "at")],
    }


def _main(case: Incident | None) -> dict | None:
    """The number and state of the case that another report is in."""
    if case is None:
        return None
    return {
        "number": case.number,
        "status": case.status,
        "closed_at": case.closed_at,
        "answered": case.answered_at is not None,
    }
