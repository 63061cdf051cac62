"""Ways out for messages. A sender takes (idempotency key, to, text) and answers a receipt."""

import json
import smtplib
from collections.abc import Callable

import requests
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

TIMEOUT_S = 10


class CannotSend(Exception):
    """It did not go out; the words hold nothing personal."""


def to_file(key: str, to: str, text: str) -> str:
    """Append to a file under var/ that only its owner reads: for places without a provider."""
    path = settings.OUTBOX
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"key": key, "to": to, "text": text}, ensure_ascii=False) + "\n")
    return path.name


def by_sms(key: str, to: str, text: str) -> str:
    """Post to the provider's gateway as JSON with the key in `Idempotency-Key`."""
    try:
        answer = requests.post(
            settings.SMS_GATEWAY,
            json={"to": to, "text": text},
            headers={"Authorization": f"Bearer {settings.SMS_TOKEN}", "Idempotency-Key": key},
            timeout=TIMEOUT_S,
        )
    except requests.RequestException as error:
        raise CannotSend(type(error).__name__) from None
    if answer.status_code >= 300:
        raise CannotSend(f"HTTP {answer.status_code}")
    return answer.headers.get("X-Message-Id", "")


def by_smtp(key: str, to: str, text: str) -> str:
    """Through the SMTP server of the settings."""
    headers = {"Message-ID": f"<{key}@gridkeeper>"}
    mail = EmailMessage(_("Your report"), text, settings.MAIL_FROM, [to], headers=headers)
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as error:
        raise CannotSend(type(error).__name__) from None
    return key


SENDERS: dict[str, Callable[[str, str, str], str]] = {
    "SMS": by_sms if settings.SMS_GATEWAY else to_file,
    "MAIL": by_smtp if settings.EMAIL_HOST else to_file,
}
