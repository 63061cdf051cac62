"""Reads of matters that are to be admitted: which one sees, and who may ask and decide."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.errors import NotFound
from geo_grid import scope
from geo_grid.models import Department, User
from incidents import workflow
from incidents.models import ServiceItem
from incidents.queries.handling import Seat, body_of, seats


@dataclass(frozen=True, slots=True)
class Matters:
    """What a viewer sees, the ids of those the viewer decides now, and for whom one may ask."""

    items: list[ServiceItem]
    decidable: set[int]
    departments: list[Department]


def matters(viewer: User, now: datetime) -> Matters:
    """The matters of the viewer's districts: what waits for a decision, then the newest."""
    items, held = list(_seen(viewer, now)), seats(viewer, now)
    asked = (one for one in items if one.state == ServiceItem.State.ASKED)
    decidable = {one.pk for one in asked if decides(viewer, held, one)}
    return Matters(items, decidable, asking_departments(viewer, now))


def _seen(viewer: User, now: datetime) -> QuerySet[ServiceItem]:
    found = ServiceItem.objects.select_related("owner", "asked_by", "decided_by")
    if not viewer.is_superuser:
        found = found.filter(owner__district__in=scope.districts_of(viewer, now))
    return found.order_by("-decided_at", "-pk")  # nulls come first


def matter(viewer: User, key: int, now: datetime) -> ServiceItem:
    """One matter of a district in which the viewer holds a post."""
    found = _seen(viewer, now).filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is no such matter that you may see."))
    return found


def asking_departments(viewer: User, now: datetime) -> list[Department]:
    """The departments for which the viewer may ask."""
    held = (seat.office for seat in seats(viewer, now))
    return list(dict.fromkeys(office for office in held if isinstance(office, Department)))


def decides(actor: User, held: Iterable[Seat], item: ServiceItem) -> bool:
    """Whether somebody in these seats decides about a matter: a desk of its district, and never who
    asked for it."""
    return item.asked_by_id != actor.pk and any(
        seat.office is not None
        and seat.role in workflow.DESK
        and (body := body_of(seat.office)).level == workflow.DISTRICT
        and body.code == item.owner.district
        for seat in held
    )
