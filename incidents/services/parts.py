"""Parts: a step of an office begins."""

from datetime import datetime

from geo_grid.models import Area
from incidents import queries, workflow
from incidents.models import Clock, Incident, Part
from incidents.queries import NewCase
from incidents.services.clocks import draft_first_clock, stop_clock


def first_office(incident: Incident) -> Area:
    """The community of its cell; without a cell the district centre."""
    return incident.community or queries.district_office(incident.district)


def draft_first_part(*, incident: Incident, new: NewCase, now: datetime) -> tuple[Part, Clock]:
    """A new case waits at its first office: the step and its clock, not stored yet."""
    part = draft_part(
        incident=incident,
        office=first_office(incident),
        role=workflow.LEAD,
        state=workflow.WAITING,
        now=now,
    )
    part.pk = new.part
    clock = draft_first_clock(part=part, stage=workflow.ACCEPT, now=now)
    clock.pk = new.clock
    return part, clock


def open_part(
    *, incident: Incident, office, role: str, state: str, stage: str, now: datetime, came_from=None
) -> Part:
    """An office gets a part, and its clock starts. stage: "" for none."""
    part = draft_part(
        incident=incident, office=office, role=role, state=state, now=now, came_from=came_from
    )
    part.save(force_insert=True)
    if stage:
        draft_first_clock(part=part, stage=stage, now=now).save(force_insert=True)
    return part


def draft_part(
    *, incident: Incident, office, role: str, state: str, now: datetime, came_from=None
) -> Part:
    """A part of an office, not yet stored."""
    return Part(
        incident=incident,
        role=role,
        area=office if isinstance(office, Area) else None,
        department=None if isinstance(office, Area) else office,
        state=state,
        opened_at=now,
        accepted_at=now if state in (workflow.HANDLING, workflow.REWORK) else None,
        came_from=came_from,
    )


def end_part(*, part: Part, state: str, outcome: str, now: datetime) -> Part:
    """An office's step is over, and so is its clock."""
    part.state, part.outcome = state, outcome
    part.ended_at = max(now, part.opened_at)  # a server's time may step back
    part.save(update_fields=["state", "outcome", "ended_at", "accepted_at"])
    stop_clock(part=part, now=now)
    return part
