"""Reads for supervision: clocks that are due, who stands above whom, and the lists to look at."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import NotFound
from geo_grid.models import User
from incidents import workflow
from incidents.deadlines import Level
from incidents.models import Clock, FollowUpCall, Incident, Part, Supervision
from incidents.queries.cases import FILTERS, visible
from incidents.queries.cases import incident as find_incident
from incidents.queries.handling import Case, Seat, body_of, seats, standing

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
    return actor.is_superuser or _stand_above(_desks(actor, now), part)


def _stand_above(desks: list[Seat], part: Part) -> bool:
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
    return _are_of_office(_desks(actor, now), part)


def _are_of_office(desks: list[Seat], part: Part) -> bool:
    return any(body_of(seat.office) == body_of(part.office) for seat in desks)


def supervision_acts(
    actor: User, given: Iterable[Supervision], now: datetime
) -> dict[int, list[str]]:
    """supervision -> what the actor may say about it now: reply, cancel."""
    desks, acts = _desks(actor, now), {}
    for one in given:
        part, waits = one.clock.part, one.waits_for_reply
        acts[one.pk] = ["reply"] if waits and _are_of_office(desks, part) else []
        if not one.cancelled_at and (actor.is_superuser or _stand_above(desks, part)):
            acts[one.pk].append("cancel")
    return acts


def levels_open(actor: User, case: Case, clocks: dict[int, Clock], now: datetime) -> list[str]:
    """The levels at which the actor may supervise the body that leads a case now; lowest first."""
    lead = case.lead
    clock = lead and lead.is_open and clocks.get(lead.pk)
    if not clock or clock.stopped_at or not is_above(actor, lead, now):
        return []
    return [level.name for level in BY_HAND if level > clock.level]


def _desks(actor: User, now: datetime) -> list[Seat]:
    return [seat for seat in seats(actor, now) if seat.office and seat.role in workflow.DESK]


def _clock(**wanted) -> Exists:
    return Exists(Clock.objects.filter(incident=OuterRef("pk"), stopped_at=None, **wanted))


WAITING = {"reply_by__isnull": False, "replied_at": None, "cancelled_at": None}
BY_HAND = (Level.SUPERVISED, Level.YELLOW, Level.RED)


def _waits() -> Exists:
    return Exists(Supervision.objects.filter(incident=OuterRef("pk"), **WAITING))


def _call_waits() -> Exists:
    return Exists(FollowUpCall.objects.filter(incident=OuterRef("pk"), done_at=None))


OPEN = Q(status__in=Incident.OPEN)
LISTS: dict[str, Callable[[datetime], Q]] = {
    "overdue": lambda now: OPEN & Q(_clock(suspended_at=None, due_at__lt=now)),
    "unassigned": lambda now: OPEN & Q(cell=None),
    "unanswered": lambda now: Q(status="CLOSED", answered_at=None, unanswered=""),
    "unreplied": lambda now: OPEN & Q(_waits()),
    "suspended": lambda now: OPEN & Q(_clock(suspended_at__isnull=False)),
    "extended": lambda now: OPEN & Q(_clock(extension__gt=0)),
    "returned": lambda now: OPEN & Q(returns__gte=RETURNED_OFTEN),
    "calls": lambda now: Q(status="CLOSED") & Q(_call_waits()),
}
TITLES = {
    "overdue": gettext_lazy("overdue"),
    "unassigned": gettext_lazy("unassigned"),
    "unanswered": gettext_lazy("closed, reporter not answered"),
    "unreplied": gettext_lazy("supervision without reply"),
    "suspended": gettext_lazy("suspended"),
    "extended": gettext_lazy("extended"),
    "returned": gettext_lazy("sent back three times"),
    "calls": gettext_lazy("follow-up calls due"),
}


def watch_list(
    viewer: User, name: str, now: datetime, before: tuple[datetime, int] | None = None
) -> QuerySet[Incident]:
    """The incidents of a list that the viewer may see, newest first. name: one of LISTS.

    Each comes with what a row tells: `leads` (the newest leading part first), `running` clocks,
    `unreplied` supervisions and `waiting_calls`. before: the last row of the page before.
    """
    if name not in LISTS:
        raise NotFound(_("There is no list %s.") % name)
    found = visible(viewer, now).filter(LISTS[name](now))
    if before:
        found = found.filter(FILTERS["before"](before, now))
    found = found.select_related("category", "cell", "community").prefetch_related(*_beside())
    return found.order_by("-reported_at", "-pk")


def _beside() -> list[Prefetch]:
    leads = Part.objects.filter(role=workflow.LEAD).select_related("area", "department")
    given = Supervision.objects.filter(**WAITING).order_by("reply_by")
    return [
        Prefetch("parts", leads.order_by("-pk"), to_attr="leads"),
        Prefetch("clocks", Clock.objects.filter(stopped_at=None), to_attr="running"),
        Prefetch("supervisions", given, to_attr="unreplied"),
        Prefetch("calls", FollowUpCall.objects.filter(done_at=None), to_attr="waiting_calls"),
    ]


def watch_counts(viewer: User, now: datetime) -> dict[str, int]:
    """How many stand on each list: exactly as many as `watch_list` shows."""
    seen = visible(viewer, now)
    return {name: seen.filter(wanted(now)).count() for name, wanted in LISTS.items()}


def supervisions(viewer: User, number: str, now: datetime) -> QuerySet[Supervision]:
    """What was said about the slow steps of one case, newest first."""
    return supervisions_of(find_incident(viewer, number, now))


def supervisions_of(incident: Incident) -> QuerySet[Supervision]:
    """The same of a case that was found already."""
    related = ("actor", "clock__part__area", "clock__part__department")
    return incident.supervisions.select_related(*related).order_by("-at", "-pk")


def supervision_of(viewer: User, key: int, now: datetime) -> Supervision:
    """One supervision, if the viewer may see its case."""
    found = Supervision.objects.filter(pk=key, incident__in=visible(viewer, now)).first()
    if found is None:
        raise NotFound(_("There is no such supervision that you may see."))
    return found
