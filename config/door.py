"""The policy of every document (Content-Security-Policy), and who is shown that he tried too often."""

import time
from urllib.parse import urlsplit

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import DisallowedHost
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from core.throttles import LoginThrottle

PASSWORDS = ("login", "admin:login", "password")  # addresses of forms that hash what is sent


class ContentPolicy(CSPMiddleware):
    """The policy of the settings, and the live stream of the host that was asked.

    Only documents carry it: it says nothing about data, and a report should not wait for it.
    """

    def process_response(self, request, response):
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and parts.config is None:
            parts.update = {**(parts.update or {}), "connect-src": [live_origin(request)]}
        return parts


def live_origin(request) -> str:
    """Where the pages open the live stream: LIVE_URL, or their own host on the next port."""
    if settings.LIVE_URL:
        parts = urlsplit(settings.LIVE_URL)
        return f"{parts.scheme}://{parts.netloc}"
    try:
        own = urlsplit(f"{request.scheme}://{request.get_host()}")
        port = own.port or (443 if request.is_secure() else 80)
    except (DisallowedHost, ValueError):  # the answer refuses that host, and asks nothing
        return "'self'"
    return f"{own.scheme}://{own.hostname}:{port + 1}"


class IdleSessions(MiddlewareMixin):
    """A session that is used lives on: written again once in a twenty-fourth of its time, for a
    write with every request is dear. One that is not used ends by itself."""

    def process_response(self, request, response):
        session, oldest = request.session, time.time() - settings.SESSION_COOKIE_AGE / 24
        if session.accessed and SESSION_KEY in session and session.get("seen", 0) < oldest:
            session["seen"] = int(time.time())
        return response


def note_login(sender, request, **told):
    """The time that a session has begins with the login."""
    request.session["seen"] = int(time.time())


class LoginLimit(MiddlewareMixin):
    """So many passwords of one network address and no more, counted before any is hashed."""

    def process_view(self, request, view, args, kwargs):
        if request.method != "POST" or request.resolver_match.view_name not in PASSWORDS:
            return None
        throttle = LoginThrottle()
        if throttle.allow_request(request, view):
            return None
        answer = render(request, "screens/login.html", {"often": True}, status=429)
        answer["Retry-After"] = str(throttle.wait())
        return answer


def locked_out(request, response, credentials):
    """The login page to somebody who has tried too often."""
    seconds = int(settings.AXES_COOLOFF_TIME * 3600)
    answer = render(request, "screens/login.html", {"locked": True}, status=429)
    answer["Retry-After"] = str(seconds)
    return answer
