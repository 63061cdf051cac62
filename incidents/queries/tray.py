"""The in-tray of an office: its open parts, nearest deadline first, with their figures."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from core import sql
from core.errors import NotAllowed
from geo_grid.models import Area, User
from incidents import workflow
from incidents.queries.handling import Office, body_of, office_by_code, seats

FIGURES = (
    *("total", "red", "yellow", "green", "waiting", "handling", "rework"),
    *("suspended", "to_verify", "to_close", "to_read"),
)
FROM_START = ("-infinity", 0)


@dataclass(slots=True)
class Tray:
    """A page of an in-tray. figures: of all its parts, by lamp and state, whatever is filtered."""

    offices: list[Office]
    figures: dict[str, int]
    rows: list[dict]
    more: tuple[str, int] | None


def tray(
    viewer: User,
    now: datetime,
    *,
    office: str = "",
    lamp: str = "",
    state: str = "",
    role: str = "",
    after: tuple[str, int] = FROM_START,
    limit: int = 50,
) -> Tray:
    """The open parts of the viewer's offices, or of one of them or below; list and counts are one query.

    after: (due, part) of the last row of the page before.
    """
    offices = trays_of(viewer, now, office)
    wanted = {
        "areas": [one.pk for one in offices if isinstance(one, Area)],
        "departments": [one.pk for one in offices if not isinstance(one, Area)],
        "now": now,
        "lamp": lamp,
        "state": state,
        "role": role,
        "after_due": after[0],
        "after_id": after[1],
        "limit": limit + 1,
    }
    found = sql.rows("incidents", "tray", wanted)
    figures = {name: found[0][name] for name in FIGURES}
    rows = [row for row in found if row["part"] is not None]
    last = rows[limit - 1] if len(rows) > limit else None
    more = (_cursor(last["due_at"]), last["part"]) if last else None
    return Tray(offices, figures, rows[:limit], more)


def _cursor(due: datetime | None) -> str:
    return due.astimezone(UTC).isoformat().replace("+00:00", "Z") if due else "infinity"


def trays_of(viewer: User, now: datetime, code: str = "") -> list[Office]:
    """The offices in whose name a viewer works, or the one of a code if it is one or stands below."""
    held = seats(viewer, now)
    own = [seat.office for seat in held if seat.office and seat.role in workflow.HELPERS]
    if not code:
        return list(dict.fromkeys(own))
    office = office_by_code(code, "office")
    body = body_of(office)
    bodies = [body_of(one) for one in own]
    if not any(one == body or workflow.stands_above(one, body) for one in bodies):
        raise NotAllowed(_("This is not the in-tray of your office."), "office")
    return [office]
