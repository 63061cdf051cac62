"""What is known around a report while it is being taken: the neighbours, and who asked before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from core import sql
from geo_grid import districts
from geo_grid import queries as ground
from geo_grid.models import User
from incidents import deadlines
from incidents.models import Category, Incident
from incidents.queries.cases import visible
from incidents.queries.contacts import of_phone, plain_number
from incidents.queries.search import RELATED, SHOWN, similar
from incidents.worktime import work_calendar

LEAST_DIGITS, LEAST_WORDS = 6, 4


@dataclass(frozen=True, slots=True)
class Around:
    """near: open cases that may be the same matter. of_phone, of_place: what this number reported
    and what else was reported here, open or not. due_at: the deadline, were it reported now."""

    near: list[Incident]
    of_phone: list[Incident]
    of_place: list[Incident]
    due_at: datetime | None


def around(
    viewer: User,
    now: datetime,
    *,
    category: str = "",
    lon: float | None = None,
    lat: float | None = None,
    cell: str = "",
    address: str = "",
    words: str = "",
    phone: str = "",
) -> Around:
    """As far as the viewer may see; by telephone for desks only, as a search.

    A cell without a point stands for its middle, where a report for it would be placed.
    """
    near, lon, lat = [], *_spot(lon, lat, cell, now)
    if category and lon is not None and lat is not None:
        near = similar(viewer, now, category=category, lon=lon, lat=lat, words=words)
    called = _of_phone(viewer, now, phone)
    known = {one.pk for one in (*near, *called)}
    here = _at_place(viewer, now, lon, lat, address.strip())
    return Around(
        near=near,
        of_phone=called,
        of_place=[one for one in here if one.pk not in known][:SHOWN],
        due_at=_due(category, cell[:6], now),
    )


def _spot(lon, lat, cell: str, now: datetime) -> tuple[float | None, float | None]:
    found = ground.cell_by_code(cell, now) if cell and lon is None else None
    return (found["lon"], found["lat"]) if found else (lon, lat)


def _of_phone(viewer: User, now: datetime, phone: str) -> list[Incident]:
    digits = plain_number(phone)
    if not digits.isdigit() or len(digits) < LEAST_DIGITS:
        return []
    found = visible(viewer, now).filter(of_phone(viewer, digits, now))
    return list(found.select_related(*RELATED).order_by("-reported_at", "-id")[:SHOWN])


def _at_place(viewer: User, now: datetime, lon, lat, address: str) -> list[Incident]:
    """What was reported at most SIMILAR_METRES from here or under this address, newest first."""
    since, far = now - timedelta(days=settings.SIMILAR_DAYS), {}
    if lon is not None and lat is not None:
        asked = {"lon": lon, "lat": lat, "now": now, "since": since}
        asked["radius_m"] = settings.SIMILAR_METRES
        far = {row["id"]: row["distance"] for row in sql.rows("incidents", "reported_here", asked)}
    wanted = Q(pk__in=far)
    if len(address) >= LEAST_WORDS:
        wanted |= Q(address=address, reported_at__gt=since, reported_at__lte=now)
    seen = visible(viewer, now).filter(wanted).select_related(*RELATED)
    found = list(seen.order_by("-reported_at", "-id")[: 3 * SHOWN])
    for incident in found:
        if incident.pk in far:
            incident.distance = round(far[incident.pk], 1)
    return found


def _due(code: str, district: str, now: datetime) -> datetime | None:
    """The first deadline of a category, as `set_deadline` gives it; None where that is unknown."""
    category = Category.objects.filter(code=code, active=True).first() if code else None
    if category is None:
        return None
    district = district or settings.HOME_DISTRICT
    zone = districts.of(district).zone
    calendar = work_calendar(now, district=district)
    due = deadlines.due_at(timezone.localtime(now, zone), category.limit, calendar)
    return timezone.localtime(due, zone)
