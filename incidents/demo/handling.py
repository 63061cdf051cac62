"""How the demo's reports were handled: ways over the three levels, their steps, clocks and events."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from geo_grid.models import Area, Department, Post
from incidents import services, workflow, worktime
from incidents.models import Clock, FollowUpCall, Incident, IncidentEvent, Part, Reporter

COMMUNITY, TOWN, DISTRICT, DEPARTMENT = "COMMUNITY", "TOWN", "DISTRICT", "DEPARTMENT"
WAYS = {  # level and outcome of each step before the last one, which checks and closes
    "community": (70, ((COMMUNITY, "RESOLVED"),)),
    "town": (15, ((COMMUNITY, "ESCALATED"), (TOWN, "RESOLVED"))),
    "department": (
        15,
        (
            *((COMMUNITY, "ESCALATED"), (TOWN, "ESCALATED")),
            *((DISTRICT, "DISPATCHED"), (DEPARTMENT, "RESOLVED")),
        ),
    ),
}
CLOSERS = {"community": COMMUNITY, "town": TOWN, "department": DISTRICT}
SAID = {
    "ESCALATED": "超出本级处理能力，请上级协调。",
    "DISPATCHED": "请按时限办理并反馈。",
    "RESOLVED": "现场已处理完毕。",
    "CLOSED": "",
}
ANSWER = "您反映的问题已处理完毕，感谢支持。"


@dataclass(slots=True)
class Step:
    """One part to be, with its moments; ended_at is None where the case stands now."""

    office: Area | Department
    checks: bool
    opened_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    outcome: str
    part: Part | None = None

    def state(self, incident: Incident) -> str:
        if self.ended_at:
            return workflow.CLOSED if self.outcome == "CLOSED" else workflow.DONE
        if self.checks:
            return workflow.TO_VERIFY if incident.category.needs_verify else workflow.TO_CLOSE
        return workflow.HANDLING if self.accepted_at else workflow.WAITING


class History:
    """The steps of every incident of the demo. `plan` before the incidents are stored, `store` after."""

    def __init__(self, chance: random.Random, now: datetime):
        self.chance, self.now = chance, now
        self.areas = {area.pk: area for area in Area.objects.all()}
        held = Post.objects.filter(held_during__contains=now, role__in=workflow.DESK, cell=None)
        self.desks = {
            (post.area_id, post.department_id): (post.user_id, post.pk)
            for post in held.order_by("-pk")
        }
        self.calendar = worktime.work_calendar(now)
        self.rules: dict[tuple, object] = {}
        self.cases: list[tuple[Incident, list[Step]]] = []

    def plan(self, incident: Incident) -> None:
        """Choose a way; an open case stands somewhere on it. Sets the state of the incident."""
        ways = list(WAYS)
        weights = [weight for weight, _steps in WAYS.values()] if incident.closed_at else [1, 2, 4]
        way = self.chance.choices(ways, weights)[0]
        stages = [*WAYS[way][1], (CLOSERS[way], "CLOSED")]
        moments = self._moments(incident, 2 * len(stages))
        done = len(stages) if incident.closed_at else self.chance.randrange(len(stages))
        steps = []
        for index, (level, outcome) in enumerate(stages[: done + 1]):
            opened, accepted, ended = moments[2 * index : 2 * index + 3]
            last, checks = index == done, outcome == "CLOSED"
            waits = last and not checks and self.chance.random() < 0.4
            steps.append(
                Step(
                    office=self._office(incident, level),
                    checks=checks,
                    opened_at=opened,
                    accepted_at=None if waits or checks else accepted,
                    ended_at=None if last else ended,
                    outcome="" if last else outcome,
                )
            )
        accepted_once = any(step.accepted_at for step in steps)
        newest = steps[-1]
        incident.status = workflow.status_after(
            newest.state(incident), newest.outcome, accepted_once
        )
        self.cases.append((incident, steps))

    def _moments(self, incident: Incident, number: int) -> list[datetime]:
        """Moments from the report to its end, or to a little before now; one more than `number`."""
        end = incident.closed_at or self.now - timedelta(minutes=2)
        whole = max(end - incident.reported_at, timedelta())
        shares = sorted(self.chance.random() for _ in range(number - 1))
        return [incident.reported_at, *(incident.reported_at + whole * s for s in shares), end]

    def _office(self, incident: Incident, level: str) -> Area | Department:
        community = self.areas[incident.community_id]
        if level == COMMUNITY:
            return community
        town = self.areas[community.parent_id]
        if level == TOWN:
            return town
        found = incident.category.department
        return found if level == DEPARTMENT and found else self.areas[town.parent_id]

    def store(self) -> None:
        """Parts (each after the one it came from), events, clocks, reporters and calls."""
        for depth in range(max(len(steps) for _incident, steps in self.cases)):
            chosen = [(one, steps) for one, steps in self.cases if len(steps) > depth]
            parts = [self._part(incident, steps, depth) for incident, steps in chosen]
            Part.objects.bulk_create(parts, batch_size=1000)
        events = [
            event for incident, steps in self.cases for event in self._events(incident, steps)
        ]
        IncidentEvent.objects.bulk_create(events, batch_size=1000)
        clocks = [c for one, steps in self.cases for step in steps for c in self._clocks(one, step)]
        Clock.objects.bulk_create(clocks, batch_size=1000)
        self._reporters()

    def _part(self, incident: Incident, steps: list[Step], depth: int) -> Part:
        step = steps[depth]
        is_area = isinstance(step.office, Area)
        step.part = Part(
            incident=incident,
            role=workflow.LEAD,
            area=step.office if is_area else None,
            department=None if is_area else step.office,
            state=step.state(incident),
            opened_at=step.opened_at,
            accepted_at=step.accepted_at,
            ended_at=step.ended_at,
            outcome=step.outcome,
            came_from=steps[depth - 1].part if depth else None,
        )
        return step.part

    def _events(self, incident: Incident, steps: list[Step]) -> Iterator[IncidentEvent]:
        yield IncidentEvent(
            incident=incident,
            kind="REPORTED",
            at=incident.reported_at,
            actor_id=incident.worker_id,
            to_part=steps[0].part,
        )
        for index, step in enumerate(steps):
            part = step.part
            actor, post = self.desks.get((part.area_id, part.department_id), (None, None))
            told = {"incident": incident, "actor_id": actor, "post_id": post, "part": part}
            if step.accepted_at:
                yield IncidentEvent(
                    kind="ACCEPTED",
                    at=step.accepted_at,
                    from_state="WAITING",
                    to_state="HANDLING",
                    **told,
                )
            if step.ended_at:
                following = steps[index + 1].part if index + 1 < len(steps) else None
                yield IncidentEvent(
                    kind=step.outcome,
                    at=step.ended_at,
                    note=SAID[step.outcome],
                    to_part=following,
                    to_state=part.state,
                    **told,
                )

    def _clocks(self, incident: Incident, step: Step) -> Iterator[Clock]:
        """What ran on a step. A check that needs no clock has none."""
        if step.checks:
            if incident.category.needs_verify:
                yield self._clock(step.part, "VERIFY", step.opened_at, step.ended_at)
            return
        ends = step.accepted_at or step.ended_at
        yield self._clock(step.part, "ACCEPT", step.opened_at, ends)
        if step.accepted_at:
            yield self._clock(step.part, "HANDLE", step.accepted_at, step.ended_at)

    def _clock(self, part: Part, stage: str, since: datetime, until: datetime | None) -> Clock:
        key = (stage, part.area_id or -part.department_id, part.incident.category_id)
        if key not in self.rules:
            self.rules[key] = worktime.limit_rule(stage, part)
        clock = services.draft_clock(
            part=part, stage=stage, now=since, rule=self.rules[key], calendar=self.calendar
        )
        if until:
            clock.stopped_at, clock.next_at = until, None
        return clock

    def _reporters(self) -> None:
        """Two in five left a number that nobody has; some calls after closing are still due."""
        chosen = [incident for incident, _steps in self.cases if self.chance.random() < 0.4]
        Reporter.objects.bulk_create(
            services.sealed_reporter(incident=one, name="", phone=f"1990001{index % 10_000:04d}")
            for index, one in enumerate(chosen)
        )
        since = self.now - timedelta(days=3)
        called = [
            one
            for one in chosen
            if one.closed_at and one.closed_at > since and one.category.needs_call
        ]
        FollowUpCall.objects.bulk_create(
            FollowUpCall(incident=one, due_at=one.closed_at + timedelta(days=3)) for one in called
        )
