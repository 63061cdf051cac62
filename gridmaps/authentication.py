"""Name and password in the header, for desktop programs that have no session."""

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions

from core.throttles import LoginThrottle
from geo_grid import queries

LONGEST = 150  # name of an account
KNOWN_S = 300  # how long a process knows a name and password again without hashing it


class BasicAuthentication(authentication.BasicAuthentication):
    """`Authorization: Basic …`, only where a view asks for it; counted by axes as a login is."""

    www_authenticate_realm = "Gridkeeper"

    def authenticate_credentials(self, userid, password, request=None):
        if "\x00" in userid + password or len(userid) > LONGEST:  # axes would have to store it
            raise exceptions.AuthenticationFailed(_("The name or the password is wrong."))
        key = "basic:" + salted_hmac("gridmaps.basic", f"{userid}\0{password}").hexdigest()
        user = known(key)
        if user is None:
            user = self.hashed(userid, password, request)
            cache.set(key, (user.pk, user.get_session_auth_hash()), KNOWN_S)
        return user, None

    def hashed(self, userid, password, request):
        """The account; asked of one network address only so often."""
        throttle = LoginThrottle()
        if request is not None and not throttle.allow_request(request, None):
            raise exceptions.Throttled(throttle.wait(), _("Too many failed logins: wait."))
        try:
            return super().authenticate_credentials(userid, password, request)[0]
        except exceptions.AuthenticationFailed:
            if getattr(request, "axes_locked_out", False):
                seconds = int(settings.AXES_COOLOFF_TIME * 3600)
                raise exceptions.Throttled(seconds, _("Too many failed logins: wait.")) from None
            raise exceptions.AuthenticationFailed(_("The name or the password is wrong.")) from None


def known(key: str):
    """The account of a name and password that came a moment ago, unless its password has changed
    since or it may no longer come in."""
    pk, told = cache.get(key) or (None, "")
    user = queries.account(pk, timezone.now()) if pk else None
    if user is None or not constant_time_compare(told, user.get_session_auth_hash()):
        return None
    return user


class BasicScheme(OpenApiAuthenticationExtension):
    """How the definition of the API tells it."""

    target_class = BasicAuthentication
    name = "basic"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "basic"}


class TokenScheme(OpenApiAuthenticationExtension):
    """The same of API tokens."""

    target_class = "geo_grid.authentication.ApiTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "header", "name": "Authorization"}
