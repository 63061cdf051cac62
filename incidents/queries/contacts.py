"""Whom the answer goes to: sealed, opened only for sending and for a look that is logged."""

import re
from datetime import datetime

from django.db.models import Q, QuerySet

from core.sealing import blind_index, unseal
from geo_grid.models import User
from incidents import workflow
from incidents.models import Incident, Reporter
from incidents.privacy import mask_mail, mask_name, mask_phone
from incidents.queries.handling import seats

REACHABLE = Q(phone__isnull=False) | Q(mail__isnull=False)
COUNTRY = re.compile(r"^(\+|00)?86(?=1\d{10}$)")
MASKS = {"name": mask_name, "phone": mask_phone, "mail": mask_mail}


def case_reporters(incident: Incident) -> QuerySet[Reporter]:
    """Everybody who can be reached about a case: its reporter and those of merged duplicates."""
    return Reporter.objects.filter(REACHABLE, incident__in=_with_duplicates(incident))


def _with_duplicates(incident: Incident) -> list[int]:
    """Two index look-ups; one condition with OR over both tables would read every reporter."""
    return [incident.pk, *incident.duplicates.values_list("pk", flat=True)]


def has_contact(incident: Incident) -> bool:
    """Whether anybody can be told how it ended."""
    return case_reporters(incident).exists()


def sealed_place(column: str, incident_id: int) -> str:
    """Where a sealed value belongs."""
    return f"incidents_reporter.{column}.{incident_id}"


def contact_of(reporter: Reporter, column: str) -> str:
    """What a sealed column says; "" where nothing was told."""
    sealed = getattr(reporter, column)
    return unseal(sealed, sealed_place(column, reporter.incident_id)) if sealed else ""


def masked_contacts(incident: Incident) -> list[dict[str, str]]:
    """Who reported, masked: name, phone, mail, and of which case."""
    rows = (
        Reporter.objects.filter(incident__in=_with_duplicates(incident))
        .select_related("incident")
        .order_by("id")
    )
    return [
        {"number": row.incident.number}
        | {column: mask(contact_of(row, column)) for column, mask in MASKS.items()}
        for row in rows
    ]


def plain_number(phone: str) -> str:
    """A telephone number as it is compared: digits only, without the country."""
    return COUNTRY.sub("", re.sub(r"[\s()-]", "", phone))


def of_phone(viewer: User, phone: str, now: datetime) -> Q:
    """Filter of the cases that a number reported; only a desk may ask."""
    if not any(seat.office and seat.role in workflow.DESK for seat in seats(viewer, now)):
        return Q(pk=None)
    return Q(reporter__phone_index=blind_index(plain_number(phone)))
