"""What a case looks like, and what must hold of it after any moves."""

from incidents import workflow
from incidents.models import Clock, Incident

TIMED = {"WAITING": "ACCEPT", "HANDLING": "HANDLE", "REWORK": "HANDLE", "SUSPENDED": "HANDLE"}


def chain(incident):
    """office code and state of every part, oldest first."""
    return [
        (part.office.code, part.role, part.state)
        for part in incident.parts.select_related("area", "department").order_by("id")
    ]


def lead(incident):
    return incident.parts.get(role="LEAD", ended_at=None)


def check(incident):
    """What must hold after any moves. Raises AssertionError."""
    incident = Incident.objects.get(pk=incident.pk)
    parts = list(incident.parts.order_by("id"))
    open_leads = [part for part in parts if part.role == "LEAD" and part.is_open]
    assert len(open_leads) == (1 if incident.is_open else 0)
    newest = [part for part in parts if part.role == "LEAD"][-1]
    accepted = any(part.accepted_at for part in parts)
    assert incident.status == workflow.status_after(newest.state, newest.outcome, accepted)
    for part in parts:
        running = list(Clock.objects.filter(part=part, stopped_at=None))
        if part.is_open and part.role != "COPY" and part.state != "TO_CLOSE":
            assert [clock.stage for clock in running] == [TIMED.get(part.state, "VERIFY")]
            assert (running[0].suspended_at is not None) == (part.state == "SUSPENDED")
        else:
            assert running == [], part
        if not incident.is_open and part.is_open:
            assert part.role == "COPY"
    if not incident.is_open:
        assert incident.answer or incident.unanswered
        assert incident.closed_at
