"""The one timeline: every change appends an event and wakes the live stream."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from geo_grid.models import User
from incidents.deadlines import lamp
from incidents.models import Clock, Incident, IncidentEvent, Part


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
    if kind == "REPORTED" and (first := step.get("to_part")):
        codes = [first.department.code] if first.department else []
        payload = shown_on_maps(incident, now) | {"departments": codes}
    else:
        payload = payloads([incident], now)[incident.pk]
    if incident.left:
        payload["was"] = incident.left
    return IncidentEvent(
        incident=incident,
        kind=kind,
        at=now,
        actor=actor,
        note=note,
        payload=payload,
        **step,
    )


def payloads(
    incidents: Iterable[Incident], now: datetime, left: Mapping[int, dict] | None = None
) -> dict[int, dict]:
    """What screens are told of each, by its id: what a map needs, and the departments that have or
    had a part. left: the place of those that have moved, so that who saw them there is told."""
    known = {incident.pk: incident for incident in incidents}
    codes = defaultdict(set)
    parts = Part.objects.filter(incident__in=list(known), department__isnull=False)
    for key, code in parts.values_list("incident", "department__code"):
        codes[key].add(code)
    clocks = Clock.objects.filter(incident__in=list(known), suspended_at__isnull=False)
    suspended = set(clocks.values_list("incident", flat=True))
    left = left or {}
    return {
        key: shown_on_maps(incident, now, suspended=key in suspended)
        | {"departments": sorted(codes[key])}
        | ({"was": left[key]} if key in left else {})
        for key, incident in known.items()
    }


def shown_on_maps(incident: Incident, now: datetime, *, suspended: bool = False) -> dict:
    """What a map needs to draw it: nothing personal. suspended: its time stands still."""
    return {
        "number": incident.number,
        "lon": incident.point.x if incident.point else None,
        "lat": incident.point.y if incident.point else None,
        "status": incident.status,
        "lamp": lamp(incident.reported_at, None if suspended else incident.due_at, now),
        "suspended": suspended,
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
