"""Supervision of slow steps: by the rules, and by hand from a higher office."""

import json
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import sql
from core.errors import Conflict, Invalid, NotAllowed
from geo_grid.models import User
from incidents import queries
from incidents.deadlines import Level
from incidents.models import Clock, Incident, Part, Supervision
from incidents.services.timeline import payloads, record_event

BATCH = 500
KINDS = {
    Level.WARNED: "WARNED",
    Level.REMINDED: "REMINDED",
    Level.SUPERVISED: "SUPERVISED",
    Level.YELLOW: "YELLOW_CARD",
    Level.RED: "RED_CARD",
}


def supervise_due(*, now: datetime, batch: int = BATCH) -> int:
    """What the rules say of every clock whose moment has come, oldest first; answers how many.

    Safe to run twice, late, side by side, and to be killed: each batch is one transaction that
    claims its clocks and cases, skips those in somebody's hands, and moves them on.
    """
    total = 0
    while claimed := _supervise_batch(now, batch):
        total += claimed
    return total


@transaction.atomic
def _supervise_batch(now: datetime, batch: int) -> int:
    """Rows go in by one statement: making objects of them costs more than all the rest."""
    clocks = queries.claim_due(now, batch)
    if not clocks:
        return 0
    shown = payloads([clock.incident for clock in clocks], now)
    told = [
        line | {"payload": shown[line["incident"]]} for one in clocks for line in _climb(one, now)
    ]
    if told:
        rows = json.dumps([{"place": place} | line for place, line in enumerate(told)])
        sql.run("incidents", "give_levels", {"rows": rows, "now": now})
    _move_on(clocks)
    return len(clocks)


def _climb(clock: Clock, now: datetime) -> Iterator[dict]:
    """Every level whose moment has passed, in order; one that stands already is not given again."""
    for level, moment in clock.rungs:
        if level <= clock.fired or moment > now:
            continue
        clock.fired = level
        if level > clock.level:
            clock.level = level
            yield _line(clock, level)
    clock.next_at = clock.after(clock.fired)


def _line(clock: Clock, level: Level) -> dict:
    return {
        "clock": clock.pk,
        "incident": clock.incident_id,
        "part": clock.part_id,
        "level": int(level),
        "kind": KINDS[level],
        "details": {"stage": clock.stage, "due_at": clock.due_at and clock.due_at.isoformat()},
    }


def _move_on(clocks: list[Clock]) -> None:
    sql.run(
        "incidents",
        "move_clocks_on",
        {
            "ids": [clock.pk for clock in clocks],
            "fired": [int(clock.fired) for clock in clocks],
            "levels": [int(clock.level) for clock in clocks],
            "next_at": [clock.next_at for clock in clocks],
        },
    )


@transaction.atomic
def supervise_part(
    *,
    part: Part,
    level: int,
    instruction: str,
    reply_by: datetime,
    actor: User,
    now: datetime,
) -> Supervision:
    """A higher office supervises a slow step: what is to be done, and by when it is answered.

    level: SUPERVISED, YELLOW or RED, above what stands. Raises NotAllowed, Conflict, Invalid.
    """
    incident = Incident.objects.select_for_update(no_key=True).get(pk=part.incident_id)
    clock = _running_clock(part, actor, now)
    if not Level.SUPERVISED <= level <= Level.RED:
        raise Invalid(_("Supervision by hand is ordinary, yellow or red."), "level")
    if level <= clock.level:
        raise Conflict(_("Supervision is only raised."), "level")
    if not instruction.strip():
        raise Invalid(_("Say what is to be done."), "instruction")
    if reply_by <= now:
        raise Invalid(_("The reply date has passed."), "reply_by")
    given = Supervision.objects.create(
        clock=clock,
        incident=incident,
        level=level,
        by_rule=False,
        at=now,
        actor=actor,
        instruction=instruction,
        reply_by=reply_by,
    )
    Clock.objects.filter(pk=clock.pk).update(level=level)
    told = {"level": int(level), "reply_by": reply_by.isoformat()}
    record_event(
        incident=incident,
        kind=KINDS[Level(level)],
        actor=actor,
        now=now,
        note=instruction,
        part=part,
        details=told,
    )
    return given


@transaction.atomic
def supervise_case(
    *, number: str, level: int, instruction: str, reply_by: datetime, actor: User, now: datetime
) -> Supervision:
    """Supervise the body that leads a case now; see `supervise_part`."""
    incident = queries.incident(actor, number, now)
    open_parts = Part.objects.select_related("area", "department", "incident")
    part = open_parts.filter(incident=incident, role=Part.Role.LEAD, ended_at=None).first()
    if part is None:
        raise Conflict(_("Nothing is waited for here."))
    return supervise_part(
        part=part, level=level, instruction=instruction, reply_by=reply_by, actor=actor, now=now
    )


@transaction.atomic
def reply_to_supervision(*, key: int, reply: str, actor: User, now: datetime) -> Supervision:
    """The supervised body says what it has done."""
    incident, given = _locked(key, actor, now)
    if not queries.is_of_office(actor, given.clock.part, now):
        raise NotAllowed(_("Only the supervised office can reply."))
    if given.cancelled_at or given.replied_at or given.by_rule:
        raise Conflict(_("This supervision waits for no reply."))
    if not reply.strip():
        raise Invalid(_("The reply is empty."), "reply")
    given.reply, given.replied_at = reply, now
    given.save(update_fields=["reply", "replied_at"])
    record_event(
        incident=incident,
        kind="SUPERVISION_REPLY",
        actor=actor,
        now=now,
        note=reply,
        part=given.clock.part,
    )
    return given


@transaction.atomic
def cancel_supervision(*, key: int, reason: str, actor: User, now: datetime) -> Supervision:
    """A higher office takes a level back, with a reason; the rules do not give it a second time."""
    incident, given = _locked(key, actor, now)
    if not queries.is_above(actor, given.clock.part, now):
        raise NotAllowed(_("Only a higher office can supervise."))
    if given.cancelled_at:
        raise Conflict(_("This supervision is cancelled already."))
    if not reason.strip():
        raise Invalid(_("A reason is needed."), "reason")
    given.cancelled_at, given.cancel_reason = now, reason
    given.save(update_fields=["cancelled_at", "cancel_reason"])
    standing = Supervision.objects.filter(clock=given.clock_id, cancelled_at=None)
    level = standing.aggregate(level=Max("level"))["level"] or 0
    Clock.objects.filter(pk=given.clock_id).update(level=level)
    record_event(
        incident=incident,
        kind="SUPERVISION_CANCEL",
        actor=actor,
        now=now,
        note=reason,
        part=given.clock.part,
    )
    return given


def _running_clock(part: Part, actor: User, now: datetime) -> Clock:
    if not queries.is_above(actor, part, now):
        raise NotAllowed(_("Only a higher office can supervise."))
    running = Clock.objects.filter(part=part, stopped_at=None)
    clock = running.select_for_update(no_key=True).first()
    if clock is None:
        raise Conflict(_("Nothing is waited for here."))
    return clock


def _locked(key: int, actor: User, now: datetime) -> tuple[Incident, Supervision]:
    """The case first, as every move locks it, then the supervision, if the actor may see them."""
    seen = queries.supervision_of(actor, key, now)
    incident = Incident.objects.select_for_update(no_key=True).get(pk=seen.incident_id)
    related = Supervision.objects.select_related("clock__part__area", "clock__part__department")
    return incident, related.select_for_update(of=("self",), no_key=True).get(pk=key)
