"""The answer to a report: what the reporter is told."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from geo_grid import districts
from incidents import deadlines, queries
from incidents.models import Incident


def answer_to(*, incident: Incident) -> dict:
    """JSON-ready: number, cell, worker, assignment, due_at, status."""
    worker, cell = incident.worker, incident.cell
    zone = districts.of(incident.district).zone
    return {
        "number": incident.number,
        "status": incident.status,
        "category": incident.category.code,
        "cell": cell and {"code": cell.code, "name": cell.name},
        "worker": worker and {"name": worker.display_name, "phone": worker.phone},
        "assignment": {
            "reason": incident.reason,
            "distance_m": incident.distance_m,
            "boundary": incident.boundary_id,
            "rule": incident.worker_rule,
            "hint": doubts_of(incident),
        },
        "reported_at": local(incident.reported_at, zone),
        "due_at": local(incident.due_at, zone),
    }


def doubts_of(incident: Incident) -> str:
    """What may be wrong with its place or time, in words; "" where nothing seems to be."""
    told = []
    if incident.likely_datum:
        text = _("The place lies in no cell; taken as %s it would lie in one.")
        told.append(text % incident.likely_datum)
    if incident.clock_doubt:
        told.append(_("The device's time is implausible; the time of receipt counts."))
    year = _year_unknown(incident)
    if year:
        text = _("The work calendar of %d is missing: the deadline counts Monday to Friday.")
        told.append(text % year)
    return " ".join(told)


def _year_unknown(incident: Incident) -> int | None:
    """The year of its deadline where the calendar that was asked for it had no data."""
    if incident.due_at is None or incident.category.limit_unit == deadlines.CLOCK_HOUR:
        return None
    day = timezone.localtime(incident.due_at, districts.of(incident.district).zone).date()
    calendar = queries.work_calendar(incident.reported_at, district=incident.district)
    calendar.spans(day)  # asked for now: what it lacks is known after that
    return day.year if day.year in calendar.missing else None


def local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """A moment in the own time of the case's district, ISO 8601 with offset."""
    return timezone.localtime(moment, zone).isoformat() if moment else None
