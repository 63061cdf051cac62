"""Calls from below: those of a case, and what somebody may do about each called department."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from core.errors import NotFound
from geo_grid.models import User
from incidents import workflow
from incidents.models import Called, Callout, Incident
from incidents.queries.cases import visible
from incidents.queries.handling import Office, Seat

ANSWER, ARRIVE, SCORE = "answer", "arrive", "score"


def callouts_of(incident: Incident) -> list[Callout]:
    """The calls of a case, the newest first, each with its departments."""
    called = Called.objects.select_related("department").order_by("department__code")
    found = incident.callouts.select_related("area", "called_by", "cancelled_by")
    return list(found.prefetch_related(Prefetch("called", called)).order_by("-id"))


def called_of(viewer: User, key: int, now: datetime) -> Called:
    """One called department, if the viewer may see the case."""
    related = ("callout__area", "callout__incident", "department")
    seen = Called.objects.filter(pk=key, callout__incident__in=visible(viewer, now))
    found = seen.select_related(*related).first()
    if found is None:
        raise NotFound(_("There is no such call that you may see."))
    return found


def callout_of(viewer: User, key: int, now: datetime) -> Callout:
    """One call, if the viewer may see the case."""
    found = Callout.objects.filter(pk=key, incident__in=visible(viewer, now)).first()
    if found is None:
        raise NotFound(_("There is no such call that you may see."))
    return found


def desk_seat(held: Iterable[Seat], office: Office) -> Seat | None:
    """The seat at a desk of an office, if one of these is."""
    return next((one for one in held if one.office == office and one.role in workflow.DESK), None)


def acts_open(callouts: Iterable[Callout], held: list[Seat], now: datetime) -> dict[int, list[str]]:
    """called id -> what somebody in these seats may still say: ANSWER, ARRIVE, SCORE."""
    return {
        called.pk: list(_acts(call, called, held, now))
        for call in callouts
        for called in call.called.all()
    }


def cancellable(callouts: Iterable[Callout], held: list[Seat]) -> set[int]:
    """The calls that somebody in these seats may still cancel."""
    return {
        call.pk
        for call in callouts
        if not (call.cancelled_at or call.is_met) and desk_seat(held, call.area)
    }


def _acts(call: Callout, called: Called, held: list[Seat], now: datetime):
    if call.cancelled_at:
        return
    fresh = called.agrees is None and called.arrived_at is None
    if fresh and now < call.hour and desk_seat(held, called.department):
        yield ANSWER
    if not desk_seat(held, call.area):
        return
    if called.agrees is not False and called.arrived_at is None:
        yield ARRIVE
    if called.score is None and now >= call.hour:
        yield SCORE
