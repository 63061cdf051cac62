"""Shapes of calls from below."""

from rest_framework import serializers

from incidents.models import Called, Callout
from incidents.models.callouts import BEST, WORST
from incidents.serializers.reports import Strict


class AnswerIn(Strict):
    """Whether the called department comes, and why not."""

    agrees = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)


class ScoreIn(Strict):
    """How a department met the call."""

    score = serializers.IntegerField(min_value=WORST, max_value=BEST)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)


class CancelIn(Strict):
    """Why a call is cancelled."""

    reason = serializers.CharField(max_length=500)


class NothingIn(Strict):
    """Nothing more has to be said."""


def as_called(called: Called) -> dict:
    """One called department: what it answered, when it was there, its score."""
    return {
        "id": called.pk,
        "department": called.department.name,
        "agrees": called.agrees,
        "reason": called.reason,
        "answered_at": called.answered_at,
        "arrived_at": called.arrived_at,
        "score": called.score,
    }


def as_cancelled(call: Callout) -> dict:
    """Whether, by whom and why a call was cancelled."""
    return {
        "cancelled_at": call.cancelled_at,
        "cancelled_by": call.cancelled_by and call.cancelled_by.display_name,
        "cancel_reason": call.cancel_reason,
    }


def as_callout(call: Callout, acts: dict[int, list[str]], cancellable: set[int]) -> dict:
    """A call with its departments and what the viewer may still say about it and about each."""
    return {
        "id": call.pk,
        "office": call.area.name,
        "place": call.place,
        "hour": call.hour,
        "matter": call.matter,
        "called_by": call.called_by.display_name,
        "called_at": call.called_at,
        "may_cancel": call.pk in cancellable,
        **as_cancelled(call),
        "called": [as_called(one) | {"acts": acts[one.pk]} for one in call.called.all()],
    }
