"""Messages to reporters: written with the event they tell of, sent afterwards, never twice."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import queries
from incidents.models import IncidentEvent, Message, Reporter
from incidents.queries import contact_of
from incidents.services.senders import SENDERS, CannotSend

log = logging.getLogger("gridkeeper.messages")

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)


def _accepted(event: IncidentEvent, number: str) -> str:
    return _("Your report %s has been accepted.") % number


def _extended(event: IncidentEvent, number: str) -> str:
    told = {"number": number, "days": event.details["granted"]}
    return _("Your report %(number)s needs %(days)d workdays more.") % told


def _ended(event: IncidentEvent, number: str) -> str:
    told = {"number": number, "answer": event.incident.answer}
    return _("Your report %(number)s is closed: %(answer)s") % told


TEXTS: dict[str, Callable[[IncidentEvent, str], str]] = {
    "ACCEPTED": _accepted,
    "EXTENDED": _extended,
    "CLOSED": _ended,
    "REFUSED": _ended,
    "VOIDED": _ended,
}
ENDINGS = {kind for kind, text in TEXTS.items() if text is _ended}


def tell_reporters(*, event: IncidentEvent, first: bool, now: datetime) -> list[Message]:
    """Write what the reporters of a case are told of a move. first: nobody had accepted it yet."""
    silent = event.kind not in TEXTS or (event.kind == "ACCEPTED" and not first)
    if silent or (event.kind in ENDINGS and not event.incident.answer):
        return []
    return Message.objects.bulk_create(
        Message(
            event=event,
            reporter=reporter,
            channel=_channel(reporter),
            text=TEXTS[event.kind](event, reporter.incident.number),
            next_at=now,
        )
        for reporter in queries.case_reporters(event.incident).select_related("incident")
    )


def _channel(reporter: Reporter) -> str:
    return Message.Channel.SMS if reporter.phone else Message.Channel.MAIL


def send_messages(*, now: datetime, limit: int = 200) -> int:
    """Send what waits; answers how many were sent.

    Each is leased in a transaction of its own, so that several senders share the work and one
    that is killed gives its message back after a minute. The message's number goes with it as the
    provider's idempotency key.
    """
    sent = 0
    for _turn in range(limit):
        message = _lease(now)
        if message is None:
            break
        sent += _send(message, now)
    return sent


@transaction.atomic
def _lease(now: datetime) -> Message | None:
    waiting = Message.objects.filter(state=Message.State.WAITING, next_at__lte=now)
    rows = waiting.select_for_update(skip_locked=True, of=("self",))
    message = rows.select_related("reporter", "event").order_by("next_at", "id").first()
    if message:
        message.attempts += 1
        message.next_at = now + LEASE
        message.save(update_fields=["attempts", "next_at"])
    return message


def _send(message: Message, now: datetime) -> bool:
    to = contact_of(message.reporter, "phone" if message.channel == "SMS" else "mail")
    try:
        message.receipt = SENDERS[message.channel](str(message.pk), to, message.text)[:80]
        message.state, message.sent_at, message.last_error = Message.State.SENT, now, ""
    except CannotSend as error:
        message.last_error = str(error)[:200]
        message.next_at = now + min(FIRST_WAIT * 2 ** (message.attempts - 1), LONGEST_WAIT)
        if message.attempts >= MOST_ATTEMPTS:
            message.state = Message.State.DEAD
            log.error("message %s was given up after %s attempts", message.pk, message.attempts)
    message.save(update_fields=["state", "sent_at", "receipt", "last_error", "next_at"])
    return message.state == Message.State.SENT
