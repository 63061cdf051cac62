"""One case as a page shows it: parts, clocks, what may be done now, what belongs to it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import NotFound
from geo_grid.models import User
from incidents.models import (
    Attachment,
    Callout,
    Clock,
    Extension,
    FollowUpCall,
    Incident,
    IncidentLink,
    Part,
    Supervision,
)
from incidents.queries.callouts import acts_open, callouts_of, cancellable
from incidents.queries.cases import incident as find_incident
from incidents.queries.cases import visible
from incidents.queries.contacts import masked_contacts
from incidents.queries.handling import (
    Case,
    calling_seat,
    case_of,
    moves_open,
    proposed_offices,
    seats,
)
from incidents.queries.search import similar_to
from incidents.queries.supervision import levels_open, supervision_acts, supervisions_of


@dataclass(slots=True)
class Sheet:
    """A case with everything around it. moves: part id -> what the viewer may do there now.

    acts: called department -> what the viewer may say about it. cancellable: calls the viewer may
    cancel. replies: supervision -> what the viewer may say about it. levels: at which the viewer may
    supervise it now. calls: whether the viewer may record what the reporter said.
    """

    case: Case
    moves: dict[int, tuple[str, ...]]
    clocks: dict[int, Clock]
    extensions: list[Extension]
    related: list[Incident]
    duplicates: list[Incident]
    call: FollowUpCall | None
    contacts: list[dict[str, str]]
    similar: list[Incident]
    proposed: list
    attachments: list[Attachment]
    callouts: list[Callout]
    acts: dict[int, list[str]]
    cancellable: set[int]
    supervisions: list[Supervision]
    replies: dict[int, list[str]]
    levels: list[str]
    calls: bool

    @property
    def incident(self) -> Incident:
        return self.case.incident


def sheet(viewer: User, number: str, now: datetime) -> Sheet:
    """The sheet of a case the viewer may see; related cases only as far as they are seen too."""
    incident = find_incident(viewer, number, now)
    case = case_of(incident)
    running = Clock.objects.filter(incident=incident).order_by("id")
    clocks, given = {clock.part_id: clock for clock in running}, list(supervisions_of(incident))
    near = visible(viewer, now).select_related("category")
    held, callouts = seats(viewer, now), callouts_of(incident)
    moves = moves_open(case, held)
    return Sheet(
        case=case,
        moves=moves,
        clocks=clocks,
        extensions=list(
            Extension.objects.filter(part__incident=incident)
            .select_related("asked_by", "decided_by")
            .order_by("id")
        ),
        related=list(near.filter(pk__in=_linked(incident))),
        duplicates=list(near.filter(merged_into=incident).order_by("id")),
        call=incident.calls.select_related("caller").order_by("-id").first(),
        contacts=masked_contacts(incident) if moves else [],
        similar=similar_to(viewer, incident, now),
        proposed=proposed_offices(incident),
        attachments=list(_files(_of_case(incident))),
        callouts=callouts,
        acts=acts_open(callouts, held, now),
        cancellable=cancellable(callouts, held),
        supervisions=given,
        replies=supervision_acts(viewer, given, now),
        levels=levels_open(viewer, case, clocks, now),
        calls=not incident.is_open and calling_seat(case, held) is not None,
    )


def _files(wanted: Q) -> QuerySet[Attachment]:
    return Attachment.objects.filter(wanted).select_related("added_by").order_by("id")


def _of_case(incident: Incident) -> Q:
    own = Incident.objects.filter(pk=incident.pk)
    return Q(incident=incident) | Q(incident__in=_merged_into(own))


def _merged_into(cases: QuerySet[Incident]) -> QuerySet[Incident]:
    """The duplicates whose files are seen with the case that they were merged into."""
    return Incident.objects.filter(merged_into__in=cases, category__sensitive=False)


def _linked(incident: Incident) -> list[int]:
    links = IncidentLink.objects.filter(first=incident) | IncidentLink.objects.filter(
        second=incident
    )
    pairs = links.values_list("first_id", "second_id")
    return [one for pair in pairs for one in pair if one != incident.pk]


def attachment(viewer: User, key: int, now: datetime) -> Attachment:
    """A photo or paper of a case the viewer may see, or of a duplicate in it."""
    seen = visible(viewer, now)
    shown = Q(incident__in=seen) | Q(incident__in=_merged_into(seen))
    found = _files(Q(pk=key) & shown).first()
    if found is None:
        raise NotFound(_("There is no file that you may see here."))
    return found


def lead_office(parts: list[Part]) -> str:
    """The name of the office that leads now, for those who only follow the case."""
    open_ones = [part for part in parts if part.is_open and part.role == Part.Role.LEAD]
    return str(open_ones[0].office) if open_ones else ""
