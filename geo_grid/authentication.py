"""Who comes in: accounts with a password, API tokens of other systems and devices."""

from django.contrib.auth.backends import ModelBackend
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import authentication, exceptions
from rest_framework.permissions import SAFE_METHODS

from geo_grid import queries, services
from geo_grid.models import ApiToken


class PostBackend(ModelBackend):
    """Name and password. Asked at login and with every request of a session.

    Nobody is in any longer whose account is disabled or whose last post has ended.
    """

    def get_user(self, user_id):
        return queries.account(user_id, timezone.now())

    def user_can_authenticate(self, user):
        return queries.account(user.pk, timezone.now()) is not None


class ApiTokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token KEY`. What the key is good for is checked here, for every address."""

    def authenticate(self, request):
        words = request.headers.get("Authorization", "").split()
        if len(words) != 2 or words[0] != "Token":
            return None
        now = timezone.now()
        token = queries.token_of(words[1], now)
        if token is None:
            raise exceptions.AuthenticationFailed(_("The API token is not known or has expired."))
        wanted = scope_of(request)
        if wanted not in token.scopes:
            raise exceptions.PermissionDenied(lacking(wanted))
        day = timezone.localdate(now)
        if token.last_used_on != day:
            services.note_use(token=token, day=day)
        return token.user, token

    def authenticate_header(self, request):
        return "Token"


def scope_of(request) -> str:
    """The scope a request needs: as its view says in `token_scopes`, else by its method."""
    declared = getattr(request.parser_context["view"], "token_scopes", {})
    usual = ApiToken.Scope.READ if request.method in SAFE_METHODS else ApiToken.Scope.HANDLE
    return declared.get(request.method, usual)


def lacking(scope: str) -> str:
    """What is said to a token without a scope."""
    return _("This API token lacks the scope %s.") % scope
