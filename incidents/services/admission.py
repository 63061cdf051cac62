"""Admission of new matters (事项准入): a department asks, the district decides, and it may expire."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid, NotAllowed
from geo_grid.models import User
from incidents import queries
from incidents.models import Category, ServiceItem


@transaction.atomic
def ask_admission(
    *,
    owner: str,
    name: str,
    actor: User,
    now: datetime,
    temporary: bool = False,
    valid_until: datetime | None = None,
) -> ServiceItem:
    """A department asks to bring a matter into the grid; a temporary one names its end.

    owner: the code of the department, in which the actor has a post.
    """
    mine = {one.code: one for one in queries.asking_departments(actor, now)}
    if owner not in mine:
        raise NotAllowed(_("Only the department itself asks for it."))
    if temporary and valid_until is None:
        raise Invalid(_("A temporary matter needs an end."), "valid_until")
    if valid_until is not None and valid_until <= now:
        raise Invalid(_("The date must lie in the future."), "valid_until")
    if ServiceItem.objects.filter(name=name).exists():
        raise Conflict(_("There is a matter of this name."), "name")
    return ServiceItem.objects.create(
        name=name,
        owner=mine[owner],
        temporary=temporary,
        valid_until=valid_until,
        asked_by=actor,
        asked_at=now,
    )


@transaction.atomic
def decide_admission(
    *, key: int, admit: bool, opinion: str, actor: User, now: datetime
) -> ServiceItem:
    """The district centre admits a matter or declines it, with an opinion; never its own asker."""
    seen = queries.matter(actor, key, now)
    locked = ServiceItem.objects.select_for_update(of=("self",), no_key=True)
    item = locked.select_related("owner", "asked_by").get(pk=seen.pk)
    if not queries.decides(actor, queries.seats(actor, now), item):
        raise NotAllowed(_("The district centre decides, and never who asked."))
    if item.state != ServiceItem.State.ASKED:
        raise Conflict(_("This was decided already."))
    if not opinion.strip():
        raise Invalid(_("An opinion is needed."), "opinion")
    item.state = ServiceItem.State.ADMITTED if admit else ServiceItem.State.DECLINED
    item.decided_by, item.decided_at, item.opinion = actor, now, opinion
    item.save()
    return item


def refuse_unadmitted(category: Category, now: datetime) -> None:
    """No new case of a matter that is not admitted or has expired. Raises Invalid."""
    item = category.service_item
    if item is None:
        return
    expired = item.valid_until is not None and item.valid_until <= now
    if item.state != ServiceItem.State.ADMITTED or expired:
        raise Invalid(_("The matter %s is not admitted at this time.") % item.name, "category")
