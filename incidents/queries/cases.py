"""Incidents: which ones a viewer may see, and their figures."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.gis.geos import Polygon
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core import sql
from core.errors import NotFound
from geo_grid import districts
from geo_grid.models import User
from geo_grid.scope import reach
from incidents.models import Clock, Incident, IncidentEvent, Part


@dataclass(frozen=True, slots=True)
class NewCase:
    """The number of a case to come: YYMMDD of the district's day and seven digits that never
    repeat; and the ids of its first rows."""

    number: str
    incident: int
    part: int
    clock: int


def next_case(now: datetime, district: str = "") -> NewCase:
    """What the next case will be called, and where its first rows will lie."""
    (row,) = sql.rows_again("incidents", "next_case")
    ids = {name: row[name] for name in ("number", "incident", "part", "clock")}
    day = f"{timezone.localtime(now, districts.of(district).zone):%y%m%d}"
    return NewCase(**ids | {"number": f"{day}{row['number'] % 10_000_000:07d}"})


def visible(viewer: User, now: datetime) -> QuerySet[Incident]:
    """The incidents a viewer may see: by ground, or because the department has a part in it.

    Each knows whether it is `suspended`: such a one is overdue nowhere.
    """
    seen = reach(viewer, now)
    wanted = seen.incidents()
    if seen.departments:
        parts = Part.objects.filter(department__in=seen.departments)
        wanted |= Q(pk__in=parts.values("incident"))
    return Incident.objects.filter(wanted).annotate(suspended=SUSPENDED)


SUSPENDED = Exists(Clock.objects.filter(incident=OuterRef("pk"), suspended_at__isnull=False))


def _overdue(now: datetime) -> Q:
    return Q(status__in=Incident.OPEN, due_at__lt=now) & ~Q(SUSPENDED)


def incidents(viewer: User, now: datetime, **wanted) -> QuerySet[Incident]:
    """Incidents for the map and lists, newest first.

    wanted: bbox (west, south, east, north), status, category, area, cell, since, overdue, before.
    """
    found = visible(viewer, now).select_related("category", "cell", "community")
    for name, value in wanted.items():
        if value not in (None, "", False):
            found = found.filter(FILTERS[name](value, now))
    return found.order_by("-reported_at", "-id")


def _bbox(box: tuple[float, float, float, float], now: datetime) -> Q:
    return Q(point__bboverlaps=Polygon.from_bbox(box))


def _status(status: str, now: datetime) -> Q:
    return Q(status__in=Incident.OPEN) if status == "open" else Q(status=status)


FILTERS = {
    "bbox": _bbox,
    "status": _status,
    "category": lambda code, now: Q(category__code__startswith=code),
    "area": lambda code, now: Q(community__code__startswith=code),
    "cell": lambda code, now: Q(cell__code=code),
    "since": lambda moment, now: Q(reported_at__gte=moment),
    "overdue": lambda wanted, now: _overdue(now),
    "before": lambda place, now: (
        Q(reported_at__lt=place[0]) | Q(reported_at=place[0], id__lt=place[1])
    ),
}


def incident(viewer: User, number: str, now: datetime) -> Incident:
    """One incident by its number, if the viewer may see it."""
    related = ("category__department", "category__parent__department", "cell", "worker")
    related = (*related, "community__parent__parent", "merged_into")
    found = visible(viewer, now).select_related(*related).filter(number=number).first()
    if found is None:
        raise NotFound(_("There is no incident %s that you may see.") % number)
    return found


def timeline(viewer: User, number: str, now: datetime) -> QuerySet[IncidentEvent]:
    """The events of one incident, oldest first, with the offices between which it moved."""
    found = incident(viewer, number, now)
    offices = ("part__area", "part__department", "to_part__area", "to_part__department")
    return found.events.select_related("actor", "post", *offices).order_by("at", "id")


def counts(viewer: User, now: datetime) -> dict:
    """Open, new today, overdue and unassigned, as far as the viewer sees."""
    here = timezone.localtime(now, districts.zone_of(viewer, now))
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    is_open = Q(status__in=Incident.OPEN)
    wanted = is_open | Q(reported_at__gte=midnight)
    return (
        visible(viewer, now)
        .filter(wanted)
        .aggregate(
            open=Count("pk", filter=is_open),
            today=Count("pk", filter=Q(reported_at__gte=midnight)),
            overdue=Count("pk", filter=_overdue(now)),
            unassigned=Count("pk", filter=is_open & Q(cell=None)),
        )
    )


def imported_before(source: str) -> datetime | None:
    """When rows of another system came in that carry no id of theirs; None where none did."""
    events = IncidentEvent.objects.filter(
        kind="IMPORTED", incident__external_source=source, incident__external_id=""
    )
    return events.order_by("-id").values_list("at", flat=True).first()


def file_imported(digest: str) -> tuple[str, datetime] | None:
    """(source, moment) of the first import of a file with these bytes; None where none was."""
    events = IncidentEvent.objects.filter(kind="IMPORTED", details__file=digest).order_by("id")
    return events.values_list("incident__external_source", "at").first()
