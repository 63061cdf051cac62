"""Reports in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from core import sql
from core.errors import Invalid
from geo_grid.models import User
from incidents import queries
from incidents.models import Incident
from incidents.services.admission import refuse_unadmitted
from incidents.services.answer import doubts_of
from incidents.services.assignment import assign_incident, set_deadline
from incidents.services.location import Location, locate_incident
from incidents.services.parts import draft_first_part
from incidents.services.reporters import keep_reporter
from incidents.services.timeline import draft_event

LONGEST_QUEUE = timedelta(days=400)  # older than that is a clock that was reset
CLOCK_TOLERANCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody tells us. category: a code or an exact Chinese name.

    channel: the way it came in; what nobody with an account reports came from the public. queued: it
    waited on a device whose clock may be wrong, and must not be lost for that.
    """

    category: str
    location: Location
    occurred_at: datetime
    description: str = ""
    reporter_name: str = ""
    reporter_phone: str = ""
    reporter_mail: str = ""
    channel: str = ""
    queued: bool = False


Beside = Callable[[Incident], Model]


def take_report(
    *, report: Report, actor: User | None, now: datetime, beside: Beside | None = None
) -> Incident:
    """A report comes in: locate, assign, set the deadline, record. In the caller's transaction.

    beside: makes of the incident, once it has its number, one more object to be stored with it.
    """
    doubted = _clock_doubt(report, now)
    category = queries.category(report.category)
    refuse_unadmitted(category, now)
    incident = Incident(
        category=category,
        description=report.description,
        occurred_at=report.occurred_at,
        reported_at=now,
        clock_doubt=doubted,
        channel=report.channel if actor else Incident.Channel.PUBLIC,
    )
    locate_incident(incident=incident, location=report.location)
    assign_incident(incident=incident, now=now)
    set_deadline(incident=incident)
    record_report(incident=incident, actor=actor, now=now, beside=beside)
    keep_reporter(
        incident=incident,
        name=report.reporter_name,
        phone=report.reporter_phone,
        mail=report.reporter_mail,
    )
    return incident


report_incident = transaction.atomic(take_report)


def record_report(
    *, incident: Incident, actor: User | None, now: datetime, beside: Beside | None = None
) -> None:
    """Number it, lay it before its first office, and say so on the timeline."""
    new = queries.next_case(now, incident.district)
    incident.number, incident.pk = new.number, new.incident
    part, clock = draft_first_part(incident=incident, new=new, now=now)
    step = {"to_part": part, "to_state": part.state, "note": doubts_of(incident)}
    event = draft_event(incident=incident, kind="REPORTED", actor=actor, now=now, **step)
    sql.insert_together(incident, part, clock, event, *([beside(incident)] if beside else []))


def _clock_doubt(report: Report, now: datetime) -> bool:
    """Whether the time of a queued report is implausible; a future time is refused otherwise."""
    ahead = report.occurred_at > now + CLOCK_TOLERANCE
    if ahead and not report.queued:
        raise Invalid(_("It cannot have happened in the future."), "occurred_at")
    return ahead or (report.queued and report.occurred_at < now - LONGEST_QUEUE)
