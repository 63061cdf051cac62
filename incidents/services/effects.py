"""What some moves do to the case beyond its parts and clocks. Each takes the act and changes it."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid
from geo_grid import districts
from incidents import queries, workflow
from incidents.models import (
    Attachment,
    Clock,
    Extension,
    FollowUpCall,
    Incident,
    IncidentLink,
    Part,
)
from incidents.services.admission import refuse_unadmitted
from incidents.services.assignment import assign_incident
from incidents.services.branching import split_it, unmerge_it
from incidents.services.callouts import call_out
from incidents.services.clocks import recompute_case
from incidents.services.location import put_in_cell
from incidents.services.timeline import record_event

MOST_WORKDAYS = 60
GIVEN_BY_HAND = (
    Incident.Unanswered.ANONYMOUS,
    Incident.Unanswered.UNREACHABLE,
    Incident.Unanswered.DECLINED,
    Incident.Unanswered.OWN_FINDING,
)


def answer_it(act) -> None:
    """The answer for the reporter, or the reason why there is none: nothing ends without."""
    told, incident = act.told, act.incident
    if told.answer and told.unanswered:
        raise Invalid(_("Give an answer or the reason why there is none, not both."), "answer")
    if not told.answer and told.unanswered not in GIVEN_BY_HAND:
        raise Invalid(
            _("Nothing ends without an answer or a reason why there is none."),
            "unanswered" if told.unanswered else "answer",
        )
    if told.unanswered == Incident.Unanswered.ANONYMOUS and queries.has_contact(incident):
        raise Invalid(_("The reporter left a contact."), "unanswered")
    incident.answer, incident.unanswered = told.answer, told.unanswered
    incident.answered_at = act.now if told.answer else None
    act.details["unanswered"] = told.unanswered


def close_it(act) -> None:
    """The way of closing: late or not is counted, only MISTAKEN and SPECIAL are said."""
    answer_it(act)
    late = act.incident.due_at is not None and act.now > act.incident.due_at
    counted = Incident.Closing.LATE if late else Incident.Closing.NORMAL
    closing = act.told.closing or counted
    said = closing in (Incident.Closing.MISTAKEN, Incident.Closing.SPECIAL)
    if closing not in act.row.closings or (not said and closing != counted):
        raise Invalid(_("It cannot be closed in this way."), "closing", allowed=act.row.closings)
    if said and not act.told.note:
        raise Invalid(_("This field is needed for this move."), "note")
    act.incident.closing = act.details["closing"] = closing
    if act.incident.category.needs_call and queries.has_contact(act.incident):
        due = act.now + timedelta(days=settings.CALL_WITHIN_DAYS)
        FollowUpCall.objects.get_or_create(
            incident=act.incident, done_at=None, defaults={"due_at": due}
        )


def void_it(act) -> None:
    """What was no matter at all; the reporter is told if somebody writes why."""
    if act.told.answer:
        answer_it(act)
    else:
        act.incident.unanswered = Incident.Unanswered.VOIDED


def merge_it(act) -> None:
    """A duplicate goes up in its main case; both keep their reporters and their histories."""
    main = _other(act)
    if not main.is_open or main.merged_into_id:
        raise Invalid(_("Only an open case can take another in."), "other")
    incident = act.incident
    incident.merged_into, incident.unanswered = main, Incident.Unanswered.MERGED
    incident.duplicates.update(merged_into=main)
    act.details["other"] = main.number
    details = {"other": incident.number}
    record_event(incident=main, kind="TOOK_IN", actor=act.actor, now=act.now, details=details)


def link_it(act) -> None:
    other = _other(act)
    first, second = sorted((act.incident.pk, other.pk))
    _link, new = IncidentLink.objects.get_or_create(
        first_id=first, second_id=second, defaults={"made_by": act.actor, "made_at": act.now}
    )
    if not new:
        raise Conflict(_("These two are linked already."), "other")
    act.details["other"] = other.number
    details = {"other": act.incident.number}
    record_event(incident=other, kind="LINKED", actor=act.actor, now=act.now, details=details)


def _other(act) -> Incident:
    found = queries.visible(act.actor, act.now).filter(number=act.told.other)
    other = found.select_related("category", "cell", "community").first()
    if other is None or other.pk == act.incident.pk:
        raise Invalid(_("There is no such other case that you may see."), "other")
    return other


def send_it_back(act) -> None:
    """Returns are counted, and passing off: the same office sends the same case back again."""
    if act.part.role != workflow.LEAD:
        return
    earlier = [one.outcome for one in act.case.parts if one.office == act.part.office]
    act.incident.returns += 1
    if workflow.is_shirking(earlier):
        act.incident.shirks += 1
        act.details["shirked"] = True


def rework_it(act) -> None:
    act.incident.reworks += 1


def reopen_it(act) -> None:
    act.details |= bring_back(act.incident)


def bring_back(incident: Incident) -> dict:
    """A closed case lives again, and nobody asks any more how its closing was liked; answers what
    the timeline keeps of it. The incident is not saved here."""
    FollowUpCall.objects.filter(incident=incident, done_at=None).delete()
    kept = {"closing": incident.closing, "answered": bool(incident.answer)}
    incident.reopenings += 1
    incident.closed_at = incident.answered_at = None
    incident.closing = incident.answer = incident.unanswered = ""
    return kept


def suspend_it(act) -> None:
    if act.told.until <= timezone.localdate(act.now, districts.of(act.incident.district).zone):
        raise Invalid(_("The date must lie in the future."), "until")
    act.details["until"] = act.told.until.isoformat()


def ask_for_time(act) -> None:
    """More time is asked for before the time is over, not after."""
    wanted = act.told.workdays
    if not 0 < wanted <= MOST_WORKDAYS:
        raise Invalid(_("From 1 to %d workdays can be asked for.") % MOST_WORKDAYS, "workdays")
    clock = Clock.objects.filter(part=act.part, stopped_at=None).first()
    if clock and clock.due_at and clock.due_at < act.now:
        raise Invalid(_("The time is over: more had to be asked for before."), "workdays")
    Extension.objects.create(part=act.part, wanted=wanted, asked_at=act.now, asked_by=act.actor)
    act.details["wanted"] = wanted


def grant_time(act) -> None:
    """Grant what was asked for, or the number of workdays that is said."""
    asked = _asked(act.part)
    granted = asked.wanted if act.told.workdays is None else act.told.workdays
    if not 0 < granted <= MOST_WORKDAYS:
        raise Invalid(_("From 1 to %d workdays can be granted.") % MOST_WORKDAYS, "workdays")
    _decide(asked, Extension.State.GRANTED, granted, act)
    act.details["granted"] = granted


def refuse_time(act) -> None:
    _decide(_asked(act.part), Extension.State.REFUSED, 0, act)


def _asked(part: Part) -> Extension:
    return Extension.objects.get(part=part, state=Extension.State.ASKED)


def _decide(asked: Extension, state: str, granted: int, act) -> None:
    asked.state, asked.granted = state, granted
    asked.decided_at, asked.decided_by = act.now, act.actor
    asked.save()


def place_it(act) -> None:
    """A case that lay in no cell is put into one by hand, and finds its worker."""
    put_in_cell(incident=act.incident, code=act.told.cell, now=act.now)
    assign_incident(incident=act.incident, now=act.now)
    act.details["cell"] = act.told.cell


def recategorise_it(act) -> None:
    """Another category, and with it another limit: the dates are computed anew, which is said."""
    category = queries.category(act.told.category)
    if category.pk == act.incident.category_id:
        raise Invalid(_("It has this category already."), "category")
    refuse_unadmitted(category, act.now)
    act.details |= {"from": act.incident.category.code, "to": category.code}
    act.incident.category = category
    recompute_it(act)


def recompute_it(act) -> None:
    """By today's rules and calendar, because somebody says so: nothing else moves a stored date."""
    act.details |= recompute_case(incident=act.incident, now=act.now)


def mark(name: str, value: bool):
    """An effect that sets a flag of the incident."""
    return lambda act: setattr(act.incident, name, value)


def resolve_it(act) -> None:
    """Where the category wants one, a photo taken since this office has the case shows the result."""
    incident, part = act.incident, act.part
    if part.role != workflow.LEAD or not incident.category.needs_photo:
        return
    since = part.accepted_at or part.opened_at
    photos = Attachment.objects.filter(incident=incident, added_at__gte=since)
    if not photos.filter(media_type__startswith="image/").exists():
        raise Invalid(_("This category needs a photo of the result."), "photo")


EFFECTS = {
    "resolve": resolve_it,
    "refuse": answer_it,
    "close": close_it,
    "void": void_it,
    "merge": merge_it,
    "unmerge": unmerge_it,
    "split": split_it,
    "link": link_it,
    "call_out": call_out,
    "send_back": send_it_back,
    "rework": rework_it,
    "reopen": reopen_it,
    "suspend": suspend_it,
    "ask_extension": ask_for_time,
    "grant_extension": grant_time,
    "refuse_extension": refuse_time,
    "place": place_it,
    "recategorise": recategorise_it,
    "recompute": recompute_it,
    "mark_urgent": mark("urgent", True),
    "unmark_urgent": mark("urgent", False),
    "mark_legacy": mark("legacy", True),
    "unmark_legacy": mark("legacy", False),
}
