"""Admission of new matters (事项准入): a department asks, the district decides, and it may expire."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid, NotAllowed
from geo_grid.models import Department, User
from incidents import queries, workflow
from incidents.models import Category, ServiceItem


@transaction.atomic
def ask_admission(
    *,
    owner: Department,
    name: str,
    actor: User,
    now: datetime,
    temporary: bool = False,
    valid_until: datetime | None = None,
) -> ServiceItem:
    """A department asks to bring a matter into the grid; a temporary one names its end."""
    if not any(seat.office == owner for seat in queries.seats(actor, now)):
        raise NotAllowed(_("Only the department itself asks for it."))
    if temporary and valid_until is None:
        raise Invalid(_("A temporary matter needs an end."), "valid_until")
    if valid_until is not None and valid_until <= now:
        raise Invalid(_("The date must lie in the future."), "valid_until")
    if ServiceItem.objects.filter(name=name).exists():
        raise Conflict(_("There is a matter of this name."), "name")
    return ServiceItem.objects.create(
        name=name,
        owner=owner,
        temporary=temporary,
        valid_until=valid_until,
        asked_by=actor,
        asked_at=now,
    )


@transaction.atomic
def decide_admission(
    *, item: ServiceItem, admit: bool, opinion: str, actor: User, now: datetime
) -> ServiceItem:
    """The district centre admits a matter or declines it, with an opinion; never its own asker."""
    item = ServiceItem.objects.select_for_update().select_related("owner").get(pk=item.pk)
    if item.state != ServiceItem.State.ASKED:
        raise Conflict(_("This was decided already."))
    district = [seat for seat in queries.seats(actor, now) if _is_district(seat, item)]
    if not district or item.asked_by_id == actor.pk:
        raise NotAllowed(_("The district centre decides, and never who asked."))
    if not opinion.strip():
        raise Invalid(_("An opinion is needed."), "opinion")
    item.state = ServiceItem.State.ADMITTED if admit else ServiceItem.State.DECLINED
    item.decided_by, item.decided_at, item.opinion = actor, now, opinion
    item.save()
    return item


def _is_district(seat: queries.Seat, item: ServiceItem) -> bool:
    if seat.office is None or seat.role not in workflow.DESK:
        return False
    body = queries.body_of(seat.office)
    return body.level == workflow.DISTRICT and body.code == item.owner.district


def refuse_unadmitted(category: Category, now: datetime) -> None:
    """No new case of a matter that is not admitted or has expired. Raises Invalid."""
    item = category.service_item
    if item is None:
        return
    expired = item.valid_until is not None and item.valid_until <= now
    if item.state != ServiceItem.State.ADMITTED or expired:
        raise Invalid(_("The matter %s is not admitted at this time.") % item.name, "category")
