"""The reporter: kept apart and sealed, and opened only for a reason that is written down."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import NotAllowed, NotFound, TooMany
from core.sealing import blind_index, seal
from geo_grid.models import User
from incidents import queries, workflow
from incidents.models import Incident, IncidentEvent, Reporter
from incidents.queries import contact_of, plain_number, sealed_place
from incidents.services.timeline import record_event

LOOKS_PER_HOUR = 20


def keep_reporter(
    *, incident: Incident, name: str = "", phone: str = "", mail: str = ""
) -> Reporter | None:
    """Store who reported, sealed, if anything was told."""
    if not (name or phone or mail):
        return None
    reporter = sealed_reporter(incident=incident, name=name, phone=phone, mail=mail)
    reporter.save(force_insert=True)
    return reporter


def sealed_reporter(
    *, incident: Incident, name: str = "", phone: str = "", mail: str = ""
) -> Reporter:
    """A reporter with everything sealed for a stored incident, not yet stored itself."""
    told = {"name": name, "phone": phone, "mail": mail}
    sealed = {
        column: seal(text, sealed_place(column, incident.pk))
        for column, text in told.items()
        if text
    }
    index = blind_index(plain_number(phone)) if phone else ""
    return Reporter(incident=incident, phone_index=index, **sealed)


@transaction.atomic
def reveal_contact(*, number: str, reason: str, actor: User, now: datetime) -> dict[str, str]:
    """A desk that handles the case opens the reporter's contact; who and why stays on the timeline.

    Raises NotFound, NotAllowed, TooMany (20 in an hour).
    """
    incident = queries.incident(actor, number, now)
    case, held = queries.case_of(incident), queries.seats(actor, now)
    sides = (workflow.OWN, workflow.ABOVE)
    seat = next(
        (
            seat
            for seat in held
            if seat.role in workflow.DESK
            and any(
                (one := queries.standing(seat, part)) and one.side in sides for part in case.movable
            )
        ),
        None,
    )
    if seat is None:
        raise NotAllowed(_("Only an office that handles the case opens the contact."))
    hour = IncidentEvent.objects.filter(
        actor=actor, kind="REVEALED", at__gt=now - timedelta(hours=1)
    )
    if hour.count() >= LOOKS_PER_HOUR:
        raise TooMany(_("At most %d contacts are opened in an hour.") % LOOKS_PER_HOUR)
    reporter = Reporter.objects.filter(incident=incident).first()
    if reporter is None:
        raise NotFound(_("No reporter is recorded."))
    record_event(
        incident=incident, kind="REVEALED", actor=actor, now=now, note=reason, post_id=seat.post_id
    )
    return {column: contact_of(reporter, column) for column in ("name", "phone", "mail")}
