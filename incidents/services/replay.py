"""A device may send the same report again: the same body gets the same answer."""

import hashlib
import json
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core import sql
from core.errors import KeyReused
from geo_grid.models import User
from incidents.models import Incident, ReportReceipt
from incidents.services.answer import answer_to
from incidents.services.intake import Report, take_report


def report_once(
    *, client_uuid: UUID, body: dict, report: Report, actor: User | None, now: datetime
) -> tuple[dict, bool]:
    """Report unless this id was here before; answers what was told, and whether it is new.

    The receipt is stored with the report, and its id only once: who comes with the same id at the
    same moment waits for the first to commit, fails, and finds its answer.
    """
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    told = _told_before(client_uuid, digest)
    if told is not None:
        return told, False
    receipt = ReportReceipt(client_uuid=client_uuid, body_hash=digest, created_at=now)
    try:
        return _report(receipt, report, actor, now), True
    except IntegrityError:
        told = _told_before(client_uuid, digest)
        if told is None:
            raise
        return told, False


def _told_before(client_uuid: UUID, digest: str) -> dict | None:
    """What this id was told. Raises KeyReused where it came with another report."""
    kept = sql.rows_again("incidents", "receipt", {"client_uuid": client_uuid})
    if not kept:
        return None
    if kept[0]["body_hash"] != digest:
        raise KeyReused(_("This id was used for another report."), "client_uuid")
    return _in_order(json.loads(kept[0]["answer"]))


@transaction.atomic
def _report(receipt: ReportReceipt, report: Report, actor: User | None, now: datetime) -> dict:
    def told(incident: Incident) -> ReportReceipt:
        receipt.answer = _in_order(answer_to(incident=incident))
        return receipt

    take_report(report=report, actor=actor, now=now, beside=told)
    return receipt.answer


def _in_order(answer: dict) -> dict:
    """The same bytes the first time and every time: the database keeps no order of keys."""
    return json.loads(json.dumps(answer, sort_keys=True))
