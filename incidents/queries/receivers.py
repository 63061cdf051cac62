"""Which offices may get a case from a step of it: for the page that asks "to whom?"."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.errors import NotFound
from geo_grid.models import Area, Department, User
from incidents import workflow
from incidents.queries.cases import incident
from incidents.queries.handling import Office, body_of, case_of

ROLE = {
    "dispatch": workflow.LEAD,
    "involve": workflow.SUPPORT,
    "copy": workflow.COPY,
    "call_out": "",
}


def receivers(viewer: User, number: str, part: int, move: str, now: datetime) -> list[Office]:
    """Departments, then areas, that a step may dispatch to, ask for support, send a copy or call.

    Left out are those that hold that part already. Raises NotFound.
    """
    case = case_of(incident(viewer, number, now))
    step = next((one for one in case.movable if one.pk == part), None)
    if step is None:
        raise NotFound(_("There is no such open step."))
    sender = body_of(step.office)
    departments = Department.objects.filter(district=sender.district).order_by("code")
    areas = Area.objects.filter(active=True, code__startswith=sender.district)
    holding = {one.office for one in case.parts if one.is_open and one.role == ROLE[move]}
    return [
        office
        for office in (*departments, *areas.select_related("parent").order_by("code"))
        if office not in holding and workflow.may_receive(move, sender, body_of(office))
    ]
