"""Shapes of handling: moves in, the case sheet, the in-tray, the timeline, search."""

import json
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.fields import DayField, MomentField, NumberField
from incidents import workflow
from incidents.models import (
    Attachment,
    Clock,
    Extension,
    FollowUpCall,
    Incident,
    IncidentEvent,
    Part,
)
from incidents.queries import Around, Seat, Sheet, Tray, body_of
from incidents.serializers.callouts import as_callout
from incidents.serializers.reports import Strict, as_feature
from incidents.serializers.supervision import SupervisionOut
from incidents.services import Moved, Told

NOTE = 2000


class TextField(serializers.CharField):
    """A text that may be left out; spaces alone are nothing."""

    def __init__(self, **options):
        super().__init__(required=False, allow_blank=True, default="", **options)


class MoveIn(Strict):
    """One move of a case. Which fields it needs stands in the table of moves."""

    move = serializers.ChoiceField(choices=workflow.NAMES)
    note = TextField(max_length=NOTE)
    part = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    to = TextField(max_length=20)
    cell = TextField(max_length=20)
    other = TextField(max_length=13)
    workdays = serializers.IntegerField(required=False, min_value=1, max_value=366)
    until = DayField(required=False)
    answer = TextField(max_length=NOTE)
    unanswered = serializers.ChoiceField(
        choices=Incident.Unanswered.choices, required=False, allow_blank=True, default=""
    )
    closing = serializers.ChoiceField(
        choices=Incident.Closing.choices, required=False, allow_blank=True, default=""
    )
    departments = serializers.ListField(
        child=serializers.CharField(max_length=20), required=False, max_length=40
    )
    place = TextField(max_length=120)
    hour = MomentField(required=False)
    category = TextField(max_length=60)
    description = TextField(max_length=4000)

    def told(self) -> Told:
        """What was said with the move."""
        return Told(**{name: v for name, v in self.validated_data.items() if name != "move"})


class ManyIn(Strict):
    """Numbers of cases to accept at once."""

    numbers = serializers.ListField(
        child=serializers.RegexField(r"^\d{13}$"), min_length=1, max_length=200
    )


class TrayCursor(serializers.CharField):
    """due~part of the last row of the page before."""

    def to_internal_value(self, data):
        due, _tilde, part = super().to_internal_value(data).partition("~")
        if not part.isdigit() or len(part) > 18:
            raise serializers.ValidationError(_("This cursor is not one of ours."))
        if due != "infinity":
            due = MomentField().to_internal_value(due).isoformat()
        return due, int(part)


class TrayIn(serializers.Serializer):
    """Which part of an in-tray."""

    office = serializers.CharField(max_length=20, required=False)
    lamp = serializers.ChoiceField(choices=["red", "yellow", "green"], required=False)
    state = serializers.ChoiceField(choices=workflow.OPEN, required=False)
    role = serializers.ChoiceField(choices=Part.Role.choices, required=False)
    after = TrayCursor(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50)


class SearchIn(serializers.Serializer):
    """Words, a number, or the telephone of a reporter."""

    q = serializers.CharField(min_length=2, max_length=60)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=30)


class DuplicatesIn(serializers.Serializer):
    """A report that is being taken in: what it is about, and where."""

    category = serializers.RegexField(r"^\d{2}(\d{2})?$")
    lon = NumberField(min_value=-180, max_value=180)
    lat = NumberField(min_value=-90, max_value=90)
    description = TextField(max_length=4000)


class AroundIn(Strict):
    """A report that is being taken in, as far as it is known by now."""

    category = serializers.RegexField(r"^(\d{2}(\d{2})?)?$", required=False, default="")
    lon = NumberField(min_value=-180, max_value=180, required=False)
    lat = NumberField(min_value=-90, max_value=90, required=False)
    cell = TextField(max_length=20)
    address = TextField(max_length=200)
    description = TextField(max_length=4000)
    phone = TextField(max_length=30)

    def validate(self, attrs):
        if not self.initial_data:
            raise serializers.ValidationError(_("Nothing is known of the report yet."))
        if ("lon" in attrs) != ("lat" in attrs):
            raise serializers.ValidationError(_("A Point has two coordinates."))
        return attrs


class CallIn(Strict):
    """What the reporter said on the telephone."""

    result = serializers.ChoiceField(choices=FollowUpCall.Result.choices)
    note = TextField(max_length=NOTE)


class FileIn(serializers.Serializer):
    """A photo or a PDF, as a form sends it."""

    file = serializers.FileField(max_length=200)


class RevealIn(Strict):
    """Why a contact is opened."""

    reason = serializers.CharField(min_length=4, max_length=200)


def as_office(office) -> dict | None:
    """An office: code, name, level."""
    return office and {"code": office.code, "name": office.name, "level": body_of(office).level}


def as_clock(clock: Clock | None, now: datetime) -> dict | None:
    """The newest clock of a part."""
    return clock and {
        "stage": clock.stage,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "lamp": clock.lamp(now),
        "supervision": clock.level,
        "suspended_at": clock.suspended_at,
        "stopped_at": clock.stopped_at,
    }


def as_part(part: Part, sheet: Sheet, now: datetime) -> dict:
    """One step of the case with its clock and the moves that the viewer may make on it."""
    return {
        "id": part.pk,
        "role": part.role,
        "state": part.state,
        "office": as_office(part.office),
        "opened_at": part.opened_at,
        "accepted_at": part.accepted_at,
        "ended_at": part.ended_at,
        "outcome": part.outcome,
        "came_from": part.came_from_id,
        "clock": as_clock(sheet.clocks.get(part.pk), now),
        "moves": sheet.moves.get(part.pk, ()),
    }


def as_extension(asked: Extension) -> dict:
    """More time that was asked for, and what was decided."""
    return {
        "part": asked.part_id,
        "state": asked.state,
        "wanted": asked.wanted,
        "granted": asked.granted,
        "asked_at": asked.asked_at,
        "asked_by": asked.asked_by.display_name,
        "decided_by": asked.decided_by and asked.decided_by.display_name,
    }


def as_sheet(sheet: Sheet, now: datetime) -> dict:
    """A case for a page: the report, the parts, what may be done, what belongs to it."""
    return _of_the_matter(sheet.incident, now) | {
        "contacts": sheet.contacts,
        "similar": as_found(sheet.similar, now)["found"],
        "parts": [as_part(part, sheet, now) for part in sheet.case.parts],
        "attachments": [as_attachment(one) for one in sheet.attachments],
        "proposed": [as_office(office) for office in sheet.proposed],
        "extensions": [as_extension(one) for one in sheet.extensions],
        "related": [as_feature(one, now)["properties"] for one in sheet.related],
        "callouts": [as_callout(one, sheet.acts, sheet.cancellable) for one in sheet.callouts],
        "duplicates": [as_feature(one, now)["properties"] for one in sheet.duplicates],
        "supervisions": [
            SupervisionOut(one).data | {"acts": sheet.replies[one.pk]} for one in sheet.supervisions
        ],
        "levels": sheet.levels,
        "call": sheet.call
        and {
            "due_at": sheet.call.due_at,
            "done_at": sheet.call.done_at,
            "result": sheet.call.result,
            "note": sheet.call.note,
            "may_record": sheet.calls and sheet.call.done_at is None,
        },
    }


def _of_the_matter(incident: Incident, now: datetime) -> dict:
    """What was reported, and what became of it."""
    worker, feature = incident.worker, as_feature(incident, now)
    return feature["properties"] | {
        "geometry": json.loads(incident.shape.geojson) if incident.shape else feature["geometry"],
        "description": incident.description,
        "address": incident.address,
        "occurred_at": incident.occurred_at,
        "closed_at": incident.closed_at,
        "channel": incident.channel,
        "urgent": incident.urgent,
        "legacy": incident.legacy,
        "closing": incident.closing,
        "answer": incident.answer,
        "answered_at": incident.answered_at,
        "unanswered": incident.unanswered,
        "counts": {
            name: getattr(incident, name) for name in ("returns", "shirks", "reworks", "reopenings")
        },
        "worker": worker and {"name": worker.display_name, "phone": worker.phone},
        "area": as_office(incident.community),
        "merged_into": incident.merged_into and incident.merged_into.number,
        "needs": {
            "photo": incident.category.needs_photo,
            "verify": incident.category.needs_verify,
            "call": incident.category.needs_call,
        },
    }


def as_moved(moved: Moved) -> dict:
    """What became of a case by a move: its state, where it is now, what may be done next."""
    lead = moved.case.lead
    return {
        "number": moved.incident.number,
        "status": moved.incident.status,
        "due_at": moved.incident.due_at,
        "part": lead.pk,
        "state": lead.state,
        "office": as_office(lead.office),
        "moves": {str(part): names for part, names in moved.moves.items()},
    }


def as_tray(tray: Tray, address: str) -> dict:
    """A page of an in-tray. sensitive cases show no words in a list."""
    columns = ("part", "role", "state", "stage", "opened_at", "due_at", "lamp", "supervision")
    of_case = ("number", "status", "address", "urgent", "legacy", "reported_at", "reworks")
    named = ("returns", "category", "category_name", "cell", "cell_name", "office", "office_name")
    join = "&" if "?" in address else "?"
    return {
        "offices": [as_office(office) for office in tray.offices],
        "figures": tray.figures,
        "rows": [
            {name: row[name] for name in (*columns, *of_case, *named)}
            | {"description": "" if row["sensitive"] else row["description"]}
            for row in tray.rows
        ],
        "next": tray.more and f"{address}{join}after={tray.more[0]}~{tray.more[1]}",
    }


def as_found(rows, now: datetime) -> dict:
    """Cases that were found, best first; `score` where one is known."""
    found = []
    for incident in rows:
        told = as_feature(incident, now)["properties"]
        words = "" if incident.category.sensitive else incident.description
        told |= {"description": words, "address": incident.address}
        for name in ("score", "distance"):
            if hasattr(incident, name):
                told[name] = getattr(incident, name)
        found.append(told)
    return {"found": found}


def as_around(around: Around, now: datetime) -> dict:
    """What is known around a report that is being taken, with the places of the cases."""

    def placed(rows) -> list[dict]:
        told = as_found(rows, now)["found"]
        for one, incident in zip(told, rows, strict=True):
            one["geometry"] = as_feature(incident, now)["geometry"]
        return told

    return {
        "found": placed(around.near),
        "asked": {"phone": placed(around.of_phone), "place": placed(around.of_place)},
        "due_at": around.due_at,
    }


class EventOut(serializers.ModelSerializer):
    """One line of the timeline."""

    actor = serializers.CharField(source="actor.display_name", default=None)
    post = serializers.CharField(source="post.get_role_display", default=None)
    office = serializers.SerializerMethodField()
    to_office = serializers.SerializerMethodField()

    class Meta:
        model = IncidentEvent
        fields = (
            *("id", "kind", "at", "actor", "post", "office", "to_office"),
            *("from_state", "to_state", "note", "details"),
        )

    def get_office(self, event) -> str | None:
        return event.part and str(event.part.office)

    def get_to_office(self, event) -> str | None:
        return event.to_part and str(event.to_part.office)


def as_attachment(attachment: Attachment) -> dict:
    """A photo or paper, with the address where it is read."""
    return {
        "id": attachment.pk,
        "name": attachment.name,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "added_by": attachment.added_by.display_name,
        "added_at": attachment.added_at,
        "address": f"/api/v1/attachments/{attachment.pk}/",
    }


def as_call(call: FollowUpCall) -> dict:
    """A call that waits or was made."""
    return {
        "number": call.incident.number,
        "category": call.incident.category.name,
        "due_at": call.due_at,
        "done_at": call.done_at,
        "result": call.result,
        "note": call.note,
    }


def as_department(department) -> dict:
    """A department of the directory with its members and what it takes."""
    return {
        "code": department.code,
        "name": department.name,
        "name_en": department.name_en,
        "members": [
            {"name": post.user.display_name, "phone": post.user.phone}
            for post in department.members
        ],
        "categories": [{"code": one.code, "name": one.name} for one in department.categories.all()],
        "duties": [
            {
                "category": duty.category.code,
                "name": duty.category.name,
                "area": duty.area and duty.area.name,
            }
            for duty in department.tasks
        ],
    }


def as_seats(seats: list[Seat]) -> list[dict]:
    """The offices in which somebody works."""
    return [as_office(seat.office) | {"role": seat.role} for seat in seats if seat.office]
