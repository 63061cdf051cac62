"""Imported cases that are still open come into the hands of their offices."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from geo_grid.models import Area
from incidents import queries, workflow, worktime
from incidents.models import Clock, Incident, IncidentEvent, Part
from incidents.services.clocks import draft_clock

BATCH = 2000


def open_imported(*, now: datetime) -> int:
    """Give every open case without a leading part its first one, as a report gets it; answers how many.

    In short transactions that skip what somebody else has locked: safe to run twice and to be killed.
    """
    rules: dict = {}
    done = 0
    offices: dict[str, Area] = {}
    last = 0
    while cases := _open_batch(last, now, rules, offices):
        last, done = cases[-1].pk, done + len(cases)
    return done


@transaction.atomic
def _open_batch(last: int, now: datetime, rules: dict, offices: dict[str, Area]) -> list[Incident]:
    led = Exists(Part.objects.filter(incident=OuterRef("pk"), role=workflow.LEAD))
    waiting = Incident.objects.filter(~led, status__in=Incident.OPEN, pk__gt=last)
    rows = waiting.select_related("category", "community").order_by("id")
    cases = list(rows.select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH])
    parts = []
    for case in cases:
        if case.community is None and case.district not in offices:
            offices[case.district] = queries.district_office(case.district)
        parts.append(
            Part(
                incident=case,
                role=workflow.LEAD,
                area=case.community or offices[case.district],
                state=workflow.WAITING,
                opened_at=now,
            )
        )
    Part.objects.bulk_create(parts)
    Clock.objects.bulk_create(_clock(part, now, rules) for part in parts)
    IncidentEvent.objects.bulk_create(
        IncidentEvent(
            incident=part.incident, kind="OPENED", at=now, to_part=part, to_state="WAITING"
        )
        for part in parts
    )
    Incident.objects.filter(pk__in=[one.pk for one in cases]).update(status="REPORTED")
    return cases


def _clock(part: Part, now: datetime, rules: dict) -> Clock:
    calendar = worktime.work_calendar(now, district=part.incident.district)
    key = (part.level, part.incident.category_id)
    if key not in rules:
        rules[key] = worktime.limit_rule(workflow.ACCEPT, part)
    return draft_clock(
        part=part, stage=workflow.ACCEPT, now=now, rule=rules[key], calendar=calendar
    )
