"""Shapes of supervision by hand, and of the rows of the lists to look at."""

from datetime import datetime

from rest_framework import serializers

from core.fields import MomentField
from incidents.deadlines import Level, lamp
from incidents.models import Incident, Supervision
from incidents.serializers.reports import CursorField, Strict, as_page


class SuperviseIn(Strict):
    """How severe, what is to be done, and by when it is answered."""

    level = serializers.ChoiceField(choices=["SUPERVISED", "YELLOW", "RED"])
    instruction = serializers.CharField(max_length=2000)
    reply_by = MomentField()

    def order(self) -> dict:
        """Arguments of `services.supervise_case`."""
        return {**self.validated_data, "level": Level[self.validated_data["level"]]}


class WordsIn(Strict):
    """A reply, or the reason for cancelling."""

    text = serializers.CharField(max_length=2000)


class SupervisionOut(serializers.ModelSerializer):
    """One level reached. `office` is the supervised body; without an actor the rules said it."""

    level = serializers.SerializerMethodField()
    office = serializers.CharField(source="clock.part.office.name")
    stage = serializers.CharField(source="clock.stage")
    actor = serializers.CharField(source="actor.display_name", default=None)

    class Meta:
        model = Supervision
        fields = (
            *("id", "level", "office", "stage", "by_rule", "at", "actor", "instruction"),
            *("reply_by", "reply", "replied_at", "cancelled_at", "cancel_reason"),
        )

    def get_level(self, given: Supervision) -> str:
        return Level(given.level).name


class WatchIn(serializers.Serializer):
    """Which part of a list."""

    before = CursorField(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=2000, default=200)


def as_watched(found, name: str, limit: int, now: datetime, address: str) -> dict:
    """A page of a list: each incident with its office and with what it stands there for."""
    rows = list(found[: limit + 1])
    page = as_page(rows, limit, now, address)
    for incident, feature in zip(rows, page["features"], strict=False):
        waits = name in WAITS and WAITS[name](incident, now)
        feature["properties"] |= _of_row(incident) | (waits or _of_step(incident, now))
    return page


def _of_row(incident: Incident) -> dict:
    office = incident.leads[0].office if incident.leads else None
    return {
        "office_name": office and office.name,
        "address": incident.address,
        "description": "" if incident.category.sensitive else incident.description,
        "returns": incident.returns,
        "urgent": incident.urgent,
        "legacy": incident.legacy,
        "closed_at": incident.closed_at,
    }


def _of_step(incident: Incident, now: datetime) -> dict:
    """The running clock that is due first; of a closed case nothing is due."""
    if not incident.running:
        told = {} if incident.is_open else {"due_at": None, "lamp": "none"}
        return told | {"suspended_at": None, "extension": 0}
    clock = min(incident.running, key=lambda one: (one.due_at is None, one.due_at or now))
    return {
        "due_at": clock.due_at,
        "lamp": clock.lamp(now),
        "suspended_at": clock.suspended_at,
        "extension": max(one.extension for one in incident.running),
    }


def _of_reply(incident: Incident, now: datetime) -> dict | None:
    given = next(iter(incident.unreplied), None)  # none where it was answered this moment
    return given and {
        "due_at": given.reply_by,
        "lamp": lamp(given.at, given.reply_by, now),
        "instruction": given.instruction,
    }


def _of_call(incident: Incident, now: datetime) -> dict | None:
    call = next(iter(incident.waiting_calls), None)
    return call and {
        "due_at": call.due_at,
        "lamp": lamp(incident.closed_at, call.due_at, now),
    }


WAITS = {"unreplied": _of_reply, "calls": _of_call}  # what a row is due for, if not its step
