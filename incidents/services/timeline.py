"""The one timeline: every change appends an event and wakes the live stream."""

from datetime import datetime

from geo_grid.models import User
from incidents.deadlines import lamp
from incidents.models import Incident, IncidentEvent, Part


def record_event(
    *, incident: Incident, kind: str, actor: User | None, now: datetime, note: str = "", **step
) -> IncidentEvent:
    """Append an event, in the transaction of the change it records.

    step: part, to_part, post, from_state, to_state, details of a move.
    """
    event = draft_event(incident=incident, kind=kind, actor=actor, now=now, note=note, **step)
    event.save(force_insert=True)
    return event


def draft_event(
    *, incident: Incident, kind: str, actor: User | None, now: datetime, note: str = "", **step
) -> IncidentEvent:
    """An event with what screens are told, not yet stored."""
    told = _departments_in(incident, step.get("to_part") if kind == "REPORTED" else None)
    payload = shown_on_maps(incident, now) | {"departments": sorted(told)}
    return IncidentEvent(
        incident=incident,
        kind=kind,
        at=now,
        actor=actor,
        note=note,
        payload=payload,
        **step,
    )


def _departments_in(incident: Incident, only: Part | None) -> set[str]:
    """Codes of the departments that have a part. only: the part a new case begins with."""
    if only:
        return {only.department.code} if only.department else set()
    taken = incident.parts.filter(department__isnull=False)
    return set(taken.values_list("department__code", flat=True))


def shown_on_maps(incident: Incident, now: datetime) -> dict:
    """What a map needs to draw it: nothing personal."""
    return {
        "number": incident.number,
        "lon": incident.point.x if incident.point else None,
        "lat": incident.point.y if incident.point else None,
        "status": incident.status,
        "lamp": lamp(incident.reported_at, incident.due_at, now),
        "category": incident.category.code,
        "category_name": incident.category.name,
        "cell": incident.cell.code if incident.cell else None,
        "cell_name": incident.cell.name if incident.cell else None,
        "community": incident.community.code if incident.community else None,
        "district": incident.district,
        "urgent": incident.urgent,
        "reported_at": incident.reported_at.isoformat(),
        "due_at": incident.due_at.isoformat() if incident.due_at else None,
    }
