"""Finding cases: by number, words, address, reporter; and those that may be the same matter."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from core import sql
from geo_grid.models import User
from incidents.models import Incident
from incidents.queries.cases import visible
from incidents.queries.contacts import of_phone, plain_number

RELATED = ("category", "cell", "community")
LEAST_SCORE = 0.35
SHOWN = 5


def search(viewer: User, words: str, now: datetime, limit: int = 30) -> list[Incident]:
    """Cases the viewer may see whose number, words or address hold what was typed, newest first.

    A telephone number finds the cases of its reporter, for desks only.
    """
    words = words.strip()
    digits = plain_number(words)
    if digits.isdigit() and len(digits) >= 6:
        wanted = Q(number__startswith=digits) | of_phone(viewer, digits, now)
    else:
        wanted = Q(address__contains=words) | Q(
            description__contains=words, category__sensitive=False
        )
    found = visible(viewer, now).filter(wanted).select_related(*RELATED)
    return list(found.order_by("-reported_at", "-id")[:limit])


def similar(
    viewer: User, now: datetime, *, category: str, lon: float, lat: float, words: str, but: int = 0
) -> list[Incident]:
    """Open cases that may be the same matter, most alike first, with `score` (0..1), `distance` in m.

    Same category family, at most SIMILAR_METRES away and SIMILAR_DAYS old; similar words raise the
    score. A hint only: nothing is merged by itself.
    """
    age = timedelta(days=settings.SIMILAR_DAYS)
    wanted = {
        "lon": lon,
        "lat": lat,
        "code": category,
        "words": words,
        "now": now,
        "since": now - age,
        "age_s": age.total_seconds(),
        "radius_m": settings.SIMILAR_METRES,
        "but": but,
    }
    rows = {row["id"]: row for row in sql.rows("incidents", "similar", wanted)}
    near = [key for key, row in rows.items() if row["score"] >= LEAST_SCORE]
    seen = {
        one.pk: one for one in visible(viewer, now).filter(pk__in=near).select_related(*RELATED)
    }
    found = [seen[key] for key in near if key in seen][:SHOWN]
    for incident in found:
        incident.score = rows[incident.pk]["score"]
        incident.distance = round(rows[incident.pk]["distance"], 1)
    return found


def similar_to(viewer: User, incident: Incident, now: datetime) -> list[Incident]:
    """The same for a case that is here already."""
    if incident.point is None or not incident.is_open:
        return []
    return similar(
        viewer,
        now,
        category=incident.category.code,
        lon=incident.point.x,
        lat=incident.point.y,
        words=incident.description,
        but=incident.pk,
    )
