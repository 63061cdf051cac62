"""Calls from below in the demo: one waits, one is agreed to, one is refused, one was met and scored."""

import random
from datetime import datetime, timedelta

from django.utils import timezone

from geo_grid.models import Area, Department, User
from incidents import services
from incidents.demo.handling import History, Step
from incidents.models import Called, Incident

LONG_AGO = timedelta(days=2)  # so long a case is handled where a call was met already
AGREES = {None: "", True: "", False: "当日全员防汛值守，请改期。"}
PLACE, MATTER = "{}门口", "现场情况超出本级权限，请到场共同处置。"


def call_departments(*, history: History, chance: random.Random) -> int:
    """On open cases that a community or a town handles, as many as there are; answers the number."""
    handled = [
        (incident, steps[-1]) for incident, steps in history.cases if _handles(history, steps[-1])
    ]
    handled.sort(key=lambda one: (one[1].accepted_at, one[0].pk))
    number = 0
    if handled and history.now - handled[0][1].accepted_at > LONG_AGO:
        _meet(history, chance, *handled.pop(0))
        number += 1
    chosen = chance.sample(handled, min(len(AGREES), len(handled)))
    for (agrees, reason), (incident, step) in zip(AGREES.items(), chosen, strict=False):
        _expect(history, chance, incident, step, agrees, reason)
        number += 1
    return number


def _handles(history: History, step: Step) -> bool:
    """Whether an office that may call has the step in work, and somebody sits there."""
    at_work = step.accepted_at is not None and step.ended_at is None and not step.checks
    calls = isinstance(step.office, Area) and step.office.level != Area.Level.DISTRICT
    return at_work and calls and (step.office.pk, None) in history.desks


def _expect(
    history: History,
    chance: random.Random,
    incident: Incident,
    step: Step,
    agrees: bool | None,
    reason: str,
) -> None:
    """A call for tomorrow, called in the last hours; agrees: None where nobody has answered."""
    since = max(step.accepted_at, history.now - timedelta(hours=3))
    hour = _next_day(history.now, chance.choice((9, 10, 15)))
    called = _call(history, chance, incident, step, since + (history.now - since) / 3, hour)
    if agrees is not None:
        services.answer_callout(
            key=called.pk,
            agrees=agrees,
            reason=reason,
            actor=_officer(history, None, called.department_id),
            now=since + (history.now - since) * 2 / 3,
        )


def _meet(history: History, chance: random.Random, incident: Incident, step: Step) -> None:
    """A call of some days ago that was agreed to and met a little before its hour."""
    since = step.accepted_at
    hour = _next_day(since, 10)
    called = _call(history, chance, incident, step, since + timedelta(minutes=20), hour)
    officer = _officer(history, None, called.department_id)
    told = {"key": called.pk, "agrees": True, "reason": "", "actor": officer}
    services.answer_callout(now=since + timedelta(hours=1), **told)
    caller = _officer(history, step.office.pk, None)
    services.record_arrival(key=called.pk, actor=caller, now=hour - timedelta(minutes=5))
    score = chance.choice((4, 5))
    services.score_callout(
        key=called.pk, score=score, note="", actor=caller, now=hour + timedelta(hours=1)
    )


def _next_day(at: datetime, hour: int) -> datetime:
    day = timezone.localtime(at) + timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def _call(
    history: History,
    chance: random.Random,
    incident: Incident,
    step: Step,
    at: datetime,
    hour: datetime,
) -> Called:
    """The department of the category, or any of the district."""
    near = Department.objects.filter(district=incident.district).order_by("code")
    department = incident.category.department or chance.choice(near)
    told = services.Told(
        departments=(department.code,),
        place=PLACE.format(step.office.name),
        hour=hour,
        note=MATTER,
    )
    caller = _officer(history, step.office.pk, None)
    services.make_move(number=incident.number, move="call_out", told=told, actor=caller, now=at)
    return Called.objects.select_related("department").get(
        callout__incident=incident, department=department
    )


def _officer(history: History, area: int | None, department: int | None) -> User:
    return User.objects.get(pk=history.desks[area, department][0])
