"""Reads for supervision: clocks that are due, who stands above whom, and the lists to look at."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import NotFound
from geo_grid.models import User
from incidents import workflow
from incidents.models import Clock, Incident, Part, Supervision
from incidents.queries.cases import incident as find_incident
from incidents.queries.cases import visible
from incidents.queries.handling import body_of, seats, standing

RETURNED_OFTEN = 3
SHOWN_WITH = ("incident__category", "incident__cell", "incident__community")


def claim_due(now: datetime, limit: int) -> list[Clock]:
    """Running clocks whose next moment has come, oldest first, locked together with their cases.

    A case that somebody is just moving is left for the next time, so nobody waits for the rules.
    """
    due = Clock.objects.filter(next_at__lte=now).select_related(*SHOWN_WITH)
    locked = due.select_for_update(of=("self", "incident"), skip_locked=True, no_key=True)
    return list(locked.order_by("next_at", "pk")[:limit])


def is_above(actor: User, part: Part, now: datetime) -> bool:
    """Whether a desk of the actor stands above the part's office; the district stands above itself."""
    if actor.is_superuser:
        return True
    desks = _desks(actor, now)
    stands = {(one.side, one.level) for seat in desks if (one := standing(seat, part))}
    return any(
        side == workflow.ABOVE or (side == workflow.OWN and level == workflow.DISTRICT)
        for side, level in stands
    )


def may_supervise(actor: User, now: datetime) -> bool:
    """Whether the actor has a desk that stands above another: of a town or of the district."""
    levels = {body_of(seat.office).level for seat in _desks(actor, now)}
    return actor.is_superuser or bool(levels - {workflow.COMMUNITY, workflow.DEPARTMENT})


def is_of_office(actor: User, part: Part, now: datetime) -> bool:
    """Whether the actor has a desk at the part's own office."""
    return any(body_of(seat.office) == body_of(part.office) for seat in _desks(actor, now))


def _desks(actor: User, now: datetime) -> list:
    return [seat for seat in seats(actor, now) if seat.office and seat.role in workflow.DESK]


def _clock(**wanted) -> Exists:
    return Exists(Clock.objects.filter(incident=OuterRef("pk"), stopped_at=None, **wanted))


def _unreplied(now: datetime) -> Exists:
    waiting = {"reply_by__lt": now, "replied_at": None, "cancelled_at": None}
    return Exists(Supervision.objects.filter(incident=OuterRef("pk"), **waiting))


OPEN = Q(status__in=Incident.OPEN)
LISTS: dict[str, Callable[[datetime], Q]] = {
    "overdue": lambda now: OPEN & Q(_clock(suspended_at=None, due_at__lt=now)),
    "unassigned": lambda now: OPEN & Q(cell=None),
    "unanswered": lambda now: Q(status="CLOSED", answered_at=None, unanswered=""),
    "unreplied": lambda now: OPEN & Q(_unreplied(now)),
    "suspended": lambda now: OPEN & Q(_clock(suspended_at__isnull=False)),
    "extended": lambda now: OPEN & Q(_clock(extension__gt=0)),
    "returned": lambda now: OPEN & Q(returns__gte=RETURNED_OFTEN),
}
TITLES = {
    "overdue": gettext_lazy("overdue"),
    "unassigned": gettext_lazy("unassigned"),
    "unanswered": gettext_lazy("closed, reporter not answered"),
    "unreplied": gettext_lazy("supervision without reply"),
    "suspended": gettext_lazy("suspended"),
    "extended": gettext_lazy("extended"),
    "returned": gettext_lazy("sent back three times"),
}


def watch_list(viewer: User, name: str, now: datetime) -> QuerySet[Incident]:
    """The incidents of a list that the viewer may see, newest first. name: one of LISTS."""
    if name not in LISTS:
        raise NotFound(_("There is no list %s.") % name)
    found = visible(viewer, now).filter(LISTS[name](now))
    return found.select_related("category", "cell", "community").order_by("-reported_at", "-pk")


def watch_counts(viewer: User, now: datetime) -> dict[str, int]:
    """How many stand on each list: exactly as many as `watch_list` shows."""
    seen = visible(viewer, now)
    return {name: seen.filter(wanted(now)).count() for name, wanted in LISTS.items()}


def supervisions(viewer: User, number: str, now: datetime) -> QuerySet[Supervision]:
    """What was said about the slow steps of one case, newest first."""
    found = Supervision.objects.filter(incident=find_incident(viewer, number, now))
    return found.select_related("actor", "clock__part__area", "clock__part__department").order_by(
        "-at", "-pk"
    )


def supervision_of(viewer: User, key: int, now: datetime) -> Supervision:
    """One supervision, if the viewer may see its case."""
    found = Supervision.objects.filter(pk=key, incident__in=visible(viewer, now)).first()
    if found is None:
        raise NotFound(_("There is no such supervision that you may see."))
    return found
