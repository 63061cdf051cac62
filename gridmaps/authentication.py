"""Name and password in the header, for desktop programs that have no session."""

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions

LONGEST = 150  # name of an account


class BasicAuthentication(authentication.BasicAuthentication):
    """`Authorization: Basic …`, only where a view asks for it; counted by axes as a login is."""

    www_authenticate_realm = "Gridkeeper"

    def authenticate_credentials(self, userid, password, request=None):
        if "\x00" in userid + password or len(userid) > LONGEST:  # axes would have to store it
            raise exceptions.AuthenticationFailed(_("The name or the password is wrong."))
        try:
            return super().authenticate_credentials(userid, password, request)
        except exceptions.AuthenticationFailed:
            if getattr(request, "axes_locked_out", False):
                raise exceptions.Throttled(detail=_("Too many failed logins: wait.")) from None
            raise exceptions.AuthenticationFailed(_("The name or the password is wrong.")) from None


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
