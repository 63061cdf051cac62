"""How often one asker may ask: counted in windows, so that a request costs the same at any rate."""

import time
from contextlib import suppress
from ipaddress import ip_address

from django.core.cache import cache
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle


class Window(SimpleRateThrottle):
    """So many requests of one asker in a window of time; each process counts for itself."""

    def __init__(self):
        """The rate depends on who asks for what."""

    def allow_request(self, request, view):
        asker, scope = self.asker_of(request), self.scope_of(request, view)
        if scope is None:
            return True
        most, seconds = self.parse_rate(api_settings.DEFAULT_THROTTLE_RATES[scope])
        window, gone = divmod(int(time.time()), seconds)
        self.left = seconds - gone
        key = f"throttle:{scope}:{asker}:{window}"
        cache.add(key, 0, seconds)
        return cache.incr(key) <= most

    def wait(self):
        return self.left

    def asker_of(self, request) -> str:
        """Who asks: a token, an account, or an address of the network."""
        if request.auth is not None:
            return f"token-{request.auth.pk}"
        if request.user.is_authenticated:
            return f"user-{request.user.pk}"
        return client_address(request)


class AskerThrottle(Window):
    """The rate of an asker over all addresses: `anon`, `user` or `token`."""

    def scope_of(self, request, view):
        if request.auth is not None:
            return "token"
        return "user" if request.user.is_authenticated else "anon"


class ScopeThrottle(Window):
    """The rate of a costly kind of address, named by its view as `throttle_scope`."""

    def scope_of(self, request, view):
        return getattr(view, "throttle_scope", None)


class LoginThrottle(Window):
    """The rate of names and passwords from one network address, asked before any is hashed."""

    def scope_of(self, request, view):
        return "login"

    def asker_of(self, request) -> str:
        return client_address(request)


def client_address(request) -> str | None:
    """The network address of whoever asks, as far as `PROXIES` may be believed; for axes too."""
    with suppress(ValueError):
        return str(ip_address(Window().get_ident(request)))
    return request.META.get("REMOTE_ADDR")
