"""Who may do what with a case now: the seats of a person, the chain of parts, the moves open."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import Invalid
from geo_grid.models import Area, Department, Post, User
from geo_grid.scope import held_or_stood_in_for
from incidents import workflow
from incidents.models import DepartmentDuty, Extension, Incident, Part, SkipRule
from incidents.workflow import Body, Standing, Step

Office = Area | Department
RELATED = ("area__parent__parent", "department")


@dataclass(frozen=True, slots=True)
class Seat:
    """A post held now: by whom, the role, the office it acts for, or the cell."""

    post_id: int
    user_id: int
    role: str
    office: Office | None
    cell_id: int | None


@dataclass
class Case:
    """An incident with all its parts, oldest first, and the facts that moves ask for."""

    incident: Incident
    parts: list[Part]
    asked: set[int] = field(default_factory=set)

    @cached_property
    def skips(self) -> bool:
        """Whether a rule lets the community pass it over the town; asked once."""
        return skips_a_level(self.incident, self.incident.community)

    @property
    def lead(self) -> Part | None:
        """The newest leading part: the open one, or the one that ended the case."""
        return next((part for part in reversed(self.parts) if part.role == workflow.LEAD), None)

    @property
    def movable(self) -> list[Part]:
        """The parts a move can act on: the open ones, and the lead also where it ended the case."""
        return [part for part in self.parts if part.is_open or part is self.lead]

    def before(self, part: Part) -> Part | None:
        """The step a part came from."""
        return next((one for one in self.parts if one.pk == part.came_from_id), None)

    def sender(self, part: Part) -> Office | None:
        """Whom it is sent back to: the office that handed it over, past those that returned it."""
        before = self.before(part)
        if before and before.outcome == Part.Outcome.SENT_BACK:
            returned = self.before(before)
            return returned and self.sender(returned)
        return before.office if before and before.office != part.office else None

    def closer(self, part: Part) -> Office:
        """Who checks and closes what a part resolves: the office that dispatched it, or its own."""
        before = self.before(part)
        if before and before.outcome == Part.Outcome.SENT_BACK:
            returned = self.before(before)
            return self.closer(returned) if returned else part.office
        handed = before and before.outcome in (Part.Outcome.DISPATCHED, Part.Outcome.REWORK)
        return before.office if handed else part.office


def case_of(incident: Incident) -> Case:
    """The case of an incident; two queries, three where something is to be verified."""
    parts = list(incident.parts.select_related(*RELATED).order_by("id"))
    for part in parts:
        part.incident = incident
        if part.state == workflow.TO_VERIFY:
            resolved = incident.events.filter(kind="RESOLVED", to_part=part)
            part.resolved_by = resolved.values_list("actor_id", flat=True).first()
    open_ids = [part.pk for part in parts if part.is_open]
    asked = Extension.objects.filter(part__in=open_ids, state=Extension.State.ASKED)
    return Case(incident, parts, set(asked.values_list("part_id", flat=True)))


def seats(actor: User | None, now: datetime) -> list[Seat]:
    """The posts a person holds now, and those of whoever is on leave with this person as deputy."""
    if actor is None or not actor.is_authenticated:
        return []
    held = Post.objects.filter(held_or_stood_in_for(actor, now))
    return [
        Seat(post.pk, actor.pk, post.role, post.area or post.department, post.cell_id)
        for post in held.select_related("area", "department").order_by("id")
    ]


def body_of(office: Office) -> Body:
    """An office as the workflow sees it."""
    if isinstance(office, Area):
        return Body(office.level, office.code, office.code[:6])
    return Body(workflow.DEPARTMENT, office.code, office.district)


def standing(seat: Seat, part: Part) -> Standing | None:
    """How somebody in a seat stands to a part; None if not at all."""
    if seat.office is None:
        own = seat.cell_id is not None and seat.cell_id == part.incident.cell_id
        return Standing(workflow.CELL, workflow.COMMUNITY, seat.role) if own else None
    mine, theirs = body_of(seat.office), body_of(part.office)
    resolved = part.resolved_by == seat.user_id
    if mine == theirs:
        return Standing(workflow.OWN, mine.level, seat.role, resolved)
    if workflow.stands_above(mine, theirs):
        return Standing(workflow.ABOVE, mine.level, seat.role, resolved)
    return None


def step_of(case: Case, part: Part) -> Step:
    """A part with the facts that hold."""
    incident = case.incident
    held = {
        workflow.CHECKED: incident.category.needs_verify,
        workflow.ASKED: part.pk in case.asked,
        workflow.URGENT: incident.urgent,
        workflow.LEGACY: incident.legacy,
        workflow.UNPLACED: incident.cell_id is None,
        workflow.MERGED: incident.merged_into_id is not None,
        workflow.SENT: case.sender(part) is not None,
        workflow.REDONE: (before := case.before(part)) and before.outcome == Part.Outcome.REWORK,
        workflow.SKIPS: _may_skip(part) and case.skips,
    }
    return Step(part.role, part.state, part.level, frozenset(name for name in held if held[name]))


def _may_skip(part: Part) -> bool:
    return part.level == workflow.COMMUNITY and part.state in workflow.WORKING


def skips_a_level(incident: Incident, community: Area | None) -> bool:
    """Whether a rule lets a community pass this case over its town."""
    category, code = incident.category, community.code if community else ""
    rules = SkipRule.objects.filter(active=True, category__in=[category.pk, category.parent_id])
    if not incident.urgent:
        rules = rules.filter(urgent_only=False)
    near = Q(area=None) | Q(area__code__in=[code, code[:9], code[:6]])
    return rules.filter(near).exists()


def moves_open(case: Case, held: Iterable[Seat]) -> dict[int, tuple[str, ...]]:
    """part id -> the moves that somebody in these seats may make on it now."""
    held = tuple(held)
    found = {}
    for part in case.movable:
        standings = [one for seat in held if (one := standing(seat, part))]
        if standings:
            found[part.pk] = workflow.moves_allowed(step_of(case, part), standings)
    return found


def calling_seat(case: Case, held: Iterable[Seat]) -> Seat | None:
    """The seat in which somebody asks the reporter afterwards: at the office that closed the case, or
    at a higher one."""
    sides = (workflow.OWN, workflow.ABOVE)
    for seat in held:
        one = standing(seat, case.lead) if seat.role in workflow.HELPERS else None
        if one and one.side in sides:
            return seat
    return None


def office_by_code(code: str, field: str) -> Office:
    """The active area or the department of a code."""
    area = Area.objects.select_related("parent").filter(code=code, active=True).first()
    office = area or Department.objects.filter(code=code).first()
    if office is None:
        raise Invalid(_("There is no office %s.") % code, field)
    return office


def proposed_offices(incident: Incident) -> list[Department]:
    """Departments whose duty a case is, the most particular first: by area, then by category."""
    category = incident.category
    community = incident.community.code if incident.community else ""
    codes = [community, community[:9], incident.district]
    near = Q(area=None) | Q(area__code__in=codes)
    duties = DepartmentDuty.objects.filter(near, category__in=[category.pk, category.parent_id])
    rows = duties.select_related("department", "area")
    rows = sorted(
        rows,
        key=lambda duty: (
            -len(duty.area.code) if duty.area else 0,
            duty.category_id != category.pk,
        ),
    )
    defaults = [category.department, category.parent and category.parent.department]
    found = [duty.department for duty in rows] + [one for one in defaults if one]
    return list(dict.fromkeys(found))
