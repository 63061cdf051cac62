"""A merge that is undone, and a case with two matters that is split in two."""

from django.utils.translation import gettext as _

from core.errors import Invalid
from incidents import queries, workflow
from incidents.models import Attachment, Incident, IncidentEvent, IncidentLink, Part, Reporter
from incidents.services.admission import refuse_unadmitted
from incidents.services.assignment import assign_incident, set_deadline
from incidents.services.clocks import restart_clock
from incidents.services.location import put_in_cell
from incidents.services.parts import first_office, open_part
from incidents.services.reporters import keep_reporter
from incidents.services.timeline import record_event

PLACE = (
    *("point", "shape", "source_lon", "source_lat", "datum", "accuracy_m", "likely_datum"),
    *("address", "district", "community", "cell", "boundary", "reason", "distance_m"),
)


def unmerge_it(act) -> None:
    """The duplicate is a case of its own again: its steps and clocks go on where the merge ended them.

    Time was not given for it: a deadline that has passed meanwhile has passed.
    """
    incident, main = act.incident, act.incident.merged_into
    merged = incident.events.filter(kind="MERGED").order_by("-id").first()
    _revive(act.part, merged.from_state)
    for part in act.case.parts:
        if part.pk in merged.details.get("overtaken", ()):
            _revive(part, workflow.HANDLING if part.accepted_at else workflow.WAITING)
    Incident.objects.filter(pk__in=_came_with(incident, main)).update(merged_into=incident)
    incident.merged_into = incident.closed_at = None
    incident.unanswered = ""
    act.details["other"] = main.number
    details = {"other": incident.number}
    record_event(incident=main, kind="GAVE_BACK", actor=act.actor, now=act.now, details=details)


def _revive(part: Part, state: str) -> None:
    part.state, part.outcome, part.ended_at = state, "", None
    part.save(update_fields=["state", "outcome", "ended_at"])
    if state != workflow.TO_CLOSE:  # its clock had stopped before
        restart_clock(part=part)


def _came_with(incident: Incident, main: Incident) -> list[int]:
    """The cases that lay in this one when it was merged, also by way of others."""
    merges = IncidentEvent.objects.filter(kind="MERGED", incident__merged_into=main)
    rows = merges.order_by("id").values_list("incident_id", "incident__number", "details")
    newest = {key: (number, details["other"]) for key, number, details in rows}
    found, ends = [], [incident.number]
    for end in ends:
        for key, (number, other) in newest.items():
            if other == end and key != incident.pk:
                found.append(key)
                ends.append(number)
    return found


def split_it(act) -> None:
    """The second matter becomes a case of its own, with its clock from now, the same reporter and
    the photos taken so far.

    It waits at the office that split it; with another cell it waits where a report there would.
    """
    told, old, now = act.told, act.incident, act.now
    category = queries.category(told.category)
    refuse_unadmitted(category, now)
    new = Incident(
        category=category,
        description=told.description,
        occurred_at=old.occurred_at,
        reported_at=now,
        clock_doubt=old.clock_doubt,
        channel=old.channel,
        **{name: getattr(old, name) for name in PLACE},
    )
    if told.cell:
        put_in_cell(incident=new, code=told.cell, now=now)
        if new.district != old.district:
            raise Invalid(_("A case stays in its district."), "cell")
    assign_incident(incident=new, now=now)
    set_deadline(incident=new)
    new.number = queries.next_case(now, new.district).number
    new.save(force_insert=True)
    _keep_same_reporter(old, new)
    _show_same_files(old, new)
    part = open_part(
        incident=new,
        office=first_office(new) if told.cell else act.part.office,
        role=workflow.LEAD,
        state=workflow.WAITING,
        stage=workflow.ACCEPT,
        now=now,
    )
    IncidentLink.objects.create(first=old, second=new, made_by=act.actor, made_at=now)
    act.details["other"] = new.number
    step = {"to_part": part, "to_state": part.state, "details": {"other": old.number}}
    record_event(incident=new, kind="REPORTED", actor=act.actor, now=now, **step)


def _keep_same_reporter(old: Incident, new: Incident) -> None:
    """Sealed again for the new case, because what is sealed belongs to one."""
    reporter = Reporter.objects.filter(incident=old).first()
    if reporter:
        told = {name: queries.contact_of(reporter, name) for name in ("name", "phone", "mail")}
        keep_reporter(incident=new, **told)


def _show_same_files(old: Incident, new: Incident) -> None:
    """Rows of the new case that name the stored files of the old one: who may see the new case sees
    them there. They keep their time, so none passes for a photo of the new case's result."""
    kept = ("file", "name", "media_type", "size", "sha256", "added_by_id", "added_at")
    Attachment.objects.bulk_create(
        Attachment(incident=new, **row) for row in old.attachments.order_by("id").values(*kept)
    )
