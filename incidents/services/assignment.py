"""Who answers for it, and until when."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from geo_grid import districts
from geo_grid import queries as ground
from incidents import deadlines, queries
from incidents.models import Incident


def assign_incident(*, incident: Incident, now: datetime) -> Incident:
    """Hand it to whoever answers for its cell today; without a cell it waits in the queue."""
    incident.district = incident.district or settings.HOME_DISTRICT
    if incident.cell_id is None:
        return incident
    found = ground.responsible_for([incident.cell_id], now).get(incident.cell_id)
    if found:
        incident.worker = ground.holder_of(found)
        incident.worker_post_id = found["post_id"]
        incident.worker_rule = found["rule"]
    return incident


def set_deadline(*, incident: Incident) -> Incident:
    """The first deadline: the category's limit from the moment of receipt."""
    start = timezone.localtime(incident.reported_at, districts.of(incident.district).zone)
    calendar = queries.work_calendar(incident.reported_at, district=incident.district)
    incident.due_at = deadlines.due_at(start, incident.category.limit, calendar)
    return incident
