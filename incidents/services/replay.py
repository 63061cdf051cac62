"""A device may send the same report again: the same body gets the same answer."""

import hashlib
import json
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core import sql
from core.errors import KeyReused
from geo_grid.models import User
from incidents.models import ReportReceipt
from incidents.services.answer import answer_to
from incidents.services.intake import Report, take_report


@transaction.atomic
def report_once(
    *, client_uuid: UUID, body: dict, report: Report, actor: User | None, now: datetime
) -> tuple[dict, bool]:
    """Report unless this id was here before; answers what was told, and whether it is new.

    The receipt is written first: a second request with the same id waits for the first to
    commit and then finds its answer.
    """
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    receipt = {"client_uuid": client_uuid, "body_hash": digest, "now": now}
    if not sql.rows_again("incidents", "keep_receipt", receipt):
        kept = ReportReceipt.objects.get(client_uuid=client_uuid)
        if kept.body_hash != digest:
            raise KeyReused(_("This id was used for another report."), "client_uuid")
        return _in_order(kept.answer), False
    answer = _in_order(answer_to(incident=take_report(report=report, actor=actor, now=now)))
    told = {"client_uuid": client_uuid, "answer": json.dumps(answer)}
    sql.rows_again("incidents", "answer_receipt", told)
    return answer, True


def _in_order(answer: dict) -> dict:
    """The same bytes the first time and every time: the database keeps no order of keys."""
    return json.loads(json.dumps(answer, sort_keys=True))
