"""Keys of other systems and devices: issued, used, revoked. The key itself is never stored."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid
from geo_grid.models import ApiToken, User

ALL_SCOPES = tuple(ApiToken.Scope.values)
LASTS = timedelta(days=30)  # a token of which nobody said how long


@transaction.atomic
def issue_token(
    *,
    user: User,
    label: str,
    now: datetime,
    expires_at: datetime | None = None,
    scopes: Iterable[str] = (ApiToken.Scope.READ,),
) -> str:
    """Make an API token; the key is answered once and only its SHA-256 is kept.

    Whoever needs more than reading for a month says so.
    """
    wanted, expires_at = list(dict.fromkeys(scopes)), expires_at or now + LASTS
    if not wanted or not set(wanted) <= set(ALL_SCOPES):
        raise Invalid(_("Scopes are one or more of %s.") % ", ".join(ALL_SCOPES), "scopes")
    if expires_at <= now:
        raise Invalid(_("A token must expire after it is issued."), "expires_at")
    key = secrets.token_urlsafe(32)
    ApiToken.objects.create(
        user=user,
        label=label,
        digest=hashlib.sha256(key.encode()).hexdigest(),
        created_at=now,
        expires_at=expires_at,
        scopes=wanted,
    )
    return key


@transaction.atomic
def revoke_token(*, token: ApiToken, now: datetime) -> ApiToken:
    """A token is good no longer; its row stays, so that it can be told when."""
    if token.revoked_at is not None:
        raise Conflict(_("This token is revoked already."))
    token.revoked_at = now
    token.save(update_fields=["revoked_at"])
    return token


@transaction.atomic
def note_use(*, token: ApiToken, day: date) -> None:
    """Keep the day a token was last used."""
    ApiToken.objects.filter(pk=token.pk).update(last_used_on=day)
