"""What is refused before any view is reached."""

from django.http import JsonResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _


class StorableAddress(MiddlewareMixin):
    """An address or a cookie with a NUL in it names nothing, and the database takes none."""

    def process_request(self, request):
        words = (request.path, request.META.get("QUERY_STRING", ""), *request.COOKIES.values())
        if any("\x00" in word or "%00" in word for word in words):
            return bare_problem(400, "invalid", _("contains a character that cannot be stored"))
        return None


def bare_problem(code: int, kind: str, detail: str) -> JsonResponse:
    """An RFC 9457 answer where no view has been reached."""
    body = {"type": f"/problems/{kind}", "title": kind, "status": code, "detail": detail}
    return JsonResponse(body, status=code, content_type="application/problem+json")
