"""Clocks of parts. Only the moves listed in the workflow call these; a comment never does.

Each is called inside the transaction of a move, which has locked the incident and writes the
event; `recompute_clock` is an act of its own and writes its own.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Sum, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from core import recent
from core.errors import Conflict, Invalid
from geo_grid import districts
from geo_grid.models import User
from incidents import deadlines, workflow, worktime
from incidents.deadlines import Calendar, Limit
from incidents.models import Clock, Extension, Incident, LimitRule, Part, Suspension
from incidents.models.clocks import MOMENTS
from incidents.services.timeline import record_event

MOST_UNITS, LONGEST = 366 * 24, timedelta(days=366)


def start_clock(*, part: Part, stage: str, now: datetime) -> Clock:
    """A body's stage begins: its time runs from now; the stage before it is over.

    stage: ACCEPT, HANDLE or VERIFY. Without a rule for it the clock runs with no limit.
    """
    stop_clock(part=part, now=now)
    clock = draft_first_clock(part=part, stage=stage, now=now)
    clock.save(force_insert=True)
    _case_is_not_due_before(clock, now)
    return clock


def draft_first_clock(*, part: Part, stage: str, now: datetime) -> Clock:
    """The clock of a part that was opened just now, by today's rules; not yet stored."""
    rule = worktime.limit_rule(stage, part)
    return draft_clock(part=part, stage=stage, now=now, rule=rule, calendar=_calendar_of(part, now))


def draft_clock(
    *, part: Part, stage: str, now: datetime, rule: LimitRule | None, calendar: Calendar
) -> Clock:
    """A clock with its moments, not yet stored."""
    clock = Clock(part=part, incident=part.incident, stage=stage, started_at=now)
    _take_rule(clock, rule)
    _set_moments(clock, calendar)
    return clock


def stop_clock(*, part: Part, now: datetime) -> Clock | None:
    """The stage is over. Answers the stopped clock; None where none was running."""
    clock = _running(part)
    if clock is None:
        return None
    if clock.suspended_at:
        _end_suspension(clock, now)
    clock.stopped_at, clock.next_at = max(now, clock.started_at), None
    clock.save()
    return clock


@transaction.atomic
def restart_clock(*, part: Part) -> Clock:
    """The newest clock of a step that lives again goes on as if it had not stopped.

    Its moments stay; one that stood still when it stopped stands still again.
    """
    clock = Clock.objects.select_for_update(no_key=True).filter(part=part).latest("id")
    clock.stopped_at = None
    if part.state == workflow.SUSPENDED:
        suspension = clock.suspensions.latest("id")
        suspension.until, clock.suspended_at = None, suspension.since
        suspension.save(update_fields=["until"])
    clock.next_at = None if clock.suspended_at else clock.after(clock.fired)
    clock.save()
    return clock


@transaction.atomic
def suspend_clock(*, part: Part, now: datetime, reason: str = "") -> Clock:
    """Time stands still for an accepted reason (挂起). Raises Conflict where nothing runs."""
    clock = _running_or_refuse(part)
    if clock.suspended_at:
        raise Conflict(_("This clock is suspended already."))
    clock.suspended_at, clock.next_at = now, None
    clock.save()
    Suspension.objects.create(clock=clock, incident_id=clock.incident_id, since=now, reason=reason)
    return clock


@transaction.atomic
def resume_clock(*, part: Part, now: datetime) -> Clock:
    """Time goes on: what was left when it stopped is left now."""
    clock = _running_or_refuse(part)
    if not clock.suspended_at:
        raise Conflict(_("This clock is not suspended."))
    calendar = _calendar_of(part, now)
    if clock.unit:
        clock.paused += _taken(clock, now, calendar)
    _end_suspension(clock, now)
    _set_moments(clock, calendar)
    clock.save()
    _case_is_not_due_before(clock, now)
    return clock


@transaction.atomic
def extend_clock(
    *, part: Part, now: datetime, workdays: int = 0, until: date | None = None
) -> Clock:
    """Granted time: so many workdays more, or as much as reaches the close of `until`.

    Raises Conflict where nothing with a limit runs, Invalid where it would not be later.
    """
    clock = _running_or_refuse(part)
    if not clock.unit:
        raise Conflict(_("This stage has no time limit."))
    calendar = _calendar_of(part, now)
    if until is not None:
        units = _units_until(clock, until, calendar) - clock.extension
    else:
        units = _units_of(clock, workdays, calendar)
    if not 0 < units <= MOST_UNITS - clock.extension:
        raise Invalid(_("An extension must end later than the limit, by at most a year."), "until")
    clock.extension += units
    _set_moments(clock, calendar)
    clock.save()
    _case_is_not_due_before(clock, now)
    return clock


@transaction.atomic
def recompute_clock(*, part: Part, actor: User, reason: str, now: datetime) -> Clock:
    """By today's rules and calendar instead of those it started with; written on the timeline.

    What the rules have done already stays done.
    """
    if not reason.strip():
        raise Invalid(_("A reason is needed."), "reason")
    clock = _running_or_refuse(part)
    before = clock.due_at
    _take_rules_of_today(clock, now)
    _case_is_not_due_before(clock, now)
    note = f"{_shown(clock, before)} → {_shown(clock, clock.due_at)}. {reason}"
    record_event(
        incident=clock.incident, kind="RECOMPUTED", actor=actor, now=now, note=note, part=part
    )
    return clock


@transaction.atomic
def recompute_case(*, incident: Incident, now: datetime) -> dict[str, str]:
    """Every running clock and the promise to the reporter, by today's rules, calendar and
    category. What was granted and what suspensions took stays so. Answers the dates before and
    after, for the event of whoever asked for it; the caller saves the incident.
    """
    before = incident.due_at
    running = Clock.objects.filter(incident=incident, stopped_at=None).order_by("id")
    for clock in running.select_for_update(no_key=True, of=("self",)).select_related("part"):
        clock.incident = clock.part.incident = incident
        _take_rules_of_today(clock, now)
    incident.due_at = _promise(incident, now)
    zone = districts.of(incident.district).zone
    told = {"due_before": before, "due_after": incident.due_at}
    return {name: timezone.localtime(at, zone).isoformat() for name, at in told.items() if at}


def _take_rules_of_today(clock: Clock, now: datetime) -> None:
    recent.forget()  # by the rules as they are this moment
    _take_rule(clock, worktime.limit_rule(clock.stage, clock.part))
    _set_moments(clock, _calendar_of(clock.part, now))
    clock.save()


def _promise(incident: Incident, now: datetime) -> datetime:
    """The category's limit from the receipt on, with what leading bodies were granted and what
    their suspensions took, on the calendar of the district."""
    limit, zone = incident.category.limit, districts.of(incident.district).zone
    calendar = worktime.work_calendar(now, district=incident.district)
    start = timezone.localtime(incident.reported_at, zone)
    leading = {"clock__part__role": Part.Role.LEAD, "incident": incident}
    paused = 0
    for since, until in Suspension.objects.filter(**leading).values_list("since", "until"):
        ends = (timezone.localtime(at, zone) for at in (since, until or now))
        first, last = (deadlines.elapsed(start, end, limit.unit, calendar) for end in ends)
        paused += last - first
    granted = Extension.objects.filter(part__role=Part.Role.LEAD, part__incident=incident)
    workdays = granted.aggregate(sum=Sum("granted"))["sum"] or 0
    units = deadlines.units_of_workdays(start, limit, calendar, workdays, 0, paused)
    return deadlines.due_at(start, limit, calendar, units, paused)


def _running(part: Part) -> Clock | None:
    """The part's clock that has not stopped, locked."""
    running = Clock.objects.filter(part=part, stopped_at=None)
    clock = running.select_for_update(no_key=True).first()
    if clock:
        clock.incident = part.incident
    return clock


def _running_or_refuse(part: Part) -> Clock:
    clock = _running(part)
    if clock is None:
        raise Conflict(_("No clock is running here."))
    return clock


def _calendar_of(part: Part, now: datetime) -> Calendar:
    district = part.incident.district
    return worktime.work_calendar(now, part.area_id, part.department_id, district)


def _local(clock: Clock, moment: datetime) -> datetime:
    """A moment on the clocks of the case's district."""
    return timezone.localtime(moment, districts.of(clock.incident.district).zone)


def _take_rule(clock: Clock, rule: LimitRule | None) -> None:
    clock.unit = rule.unit if rule else ""
    for name in ("reminded", "supervised", "yellow", "red"):
        setattr(clock, name, getattr(rule, name) if rule else None)


def _set_moments(clock: Clock, calendar: Calendar) -> None:
    """Stored moments from the limit, what was granted and what suspensions took."""
    start, ladder = _local(clock, clock.started_at), clock.ladder
    told = (
        dict(deadlines.schedule(start, ladder, calendar, clock.extension, clock.paused))
        if ladder
        else {}
    )
    for level, name in MOMENTS.items():
        setattr(clock, name, told.get(level))
    clock.next_at = None if clock.suspended_at or clock.stopped_at else clock.after(clock.fired)


def _taken(clock: Clock, now: datetime, calendar: Calendar) -> int:
    """What the present suspension takes, as `paused` counts it."""
    start = _local(clock, clock.started_at)
    to_stop, to_now = (
        deadlines.elapsed(start, _local(clock, moment), clock.unit, calendar)
        for moment in (clock.suspended_at, now)
    )
    return to_now - to_stop


def _end_suspension(clock: Clock, now: datetime) -> None:
    clock.suspended_at = None  # a server's time may step back: an end is never before its begin
    running = Suspension.objects.filter(clock=clock, until=None)
    running.update(until=Greatest("since", Value(now)))


def _units_of(clock: Clock, workdays: int, calendar: Calendar) -> int:
    """So many workdays more, in the units of a clock."""
    start, limit = _local(clock, clock.started_at), Limit(clock.yellow or 0, clock.unit)
    return deadlines.units_of_workdays(
        start, limit, calendar, workdays, clock.extension, clock.paused
    )


def _units_until(clock: Clock, until: date, calendar: Calendar) -> int:
    start, limit = _local(clock, clock.started_at), Limit(clock.yellow or 0, clock.unit)
    if until - start.date() > LONGEST:
        return 0
    return deadlines.units_until(start, until, limit, calendar, clock.paused)


def _case_is_not_due_before(clock: Clock, now: datetime) -> None:
    """What the lead body was granted, the case was granted: the promise to the reporter moves on,
    by as much, and never lies before the body's own deadline."""
    incident = clock.incident
    leads = clock.part.role == Part.Role.LEAD and clock.stage == "HANDLE"
    if not leads or not (clock.extension or clock.paused) or incident.due_at is None:
        return
    latest = max(incident.due_at, _promise(incident, now), clock.due_at or incident.due_at)
    if latest > incident.due_at:
        incident.due_at = latest
        incident.save(update_fields=["due_at"])


def _shown(clock: Clock, moment: datetime | None) -> str:
    return f"{_local(clock, moment):%Y-%m-%d %H:%M}" if moment else "–"
