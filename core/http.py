"""HTTP glue: one parser that trusts no body, one handler that turns errors into RFC 9457."""

import json
import logging
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.addresses import bare_problem
from core.errors import DomainError, status_of

log = logging.getLogger("gridkeeper.http")

MAX_DEPTH = 32
MAX_ITEMS = 20_000
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
LARGEST = sys.float_info.max  # an integer of JSON may be longer than any float


class PayloadTooLarge(exceptions.APIException):
    """The body is larger than any honest report."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too-large"


class ProblemRenderer(JSONRenderer):
    """JSON for answers; an error names itself a problem (RFC 9457)."""

    def render(self, data, accepted_media_type=None, renderer_context=None):
        response = (renderer_context or {}).get("response")
        if response is not None and response.status_code >= 400:
            response.headers["Content-Type"] = "application/problem+json"
        return super().render(data, accepted_media_type, renderer_context)


class StrictJSONParser(JSONParser):
    """JSON without the things that have crashed or fooled systems like this one.

    Refused with 400 and the path of the field: nesting deeper than 32, more than 20,000 values,
    NUL characters, lone surrogates, numbers that are not finite, the same key twice. A body over
    the limit is 413 before it is read.
    """

    def parse(self, stream, media_type=None, parser_context=None):
        limit = settings.MAX_JSON_BYTES
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise PayloadTooLarge(_("The body is larger than %d bytes.") % limit)
        try:
            parsed = json.loads(
                body.decode("utf-8"), object_pairs_hook=_unique_keys, parse_constant=_no_constant
            )
        except RecursionError:
            raise exceptions.ParseError(_("The body is nested too deeply.")) from None
        except ValueError as error:
            raise exceptions.ParseError(_("The body is not proper JSON: %s") % error) from None
        refuse_hostile(parsed)
        return parsed


FORM_BYTES = 64 * 1024  # of a form beside its file


def form_of(most: Callable[[], int]) -> type[MultiPartParser]:
    """A parser of forms with a file of at most so many bytes; more is 413 before it is read."""

    class LimitedForm(MultiPartParser):
        def parse(self, stream, media_type=None, parser_context=None):
            length = parser_context["request"].META.get("CONTENT_LENGTH") or "0"
            if not length.isdigit() or int(length[:18]) > most() + FORM_BYTES:
                raise PayloadTooLarge(_("The file is larger than %d bytes.") % most())
            return super().parse(stream, media_type, parser_context)

    return LimitedForm


def _unique_keys(pairs: list) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same key twice")
    return found


def _no_constant(name: str):
    raise ValueError(f"{name} is no number")


def refuse_hostile(parsed) -> None:
    """Walk a parsed body without recursion; raise a ParseError that names the field."""
    waiting = [("", parsed, 0)]
    seen = 0
    while waiting:
        path, value, depth = waiting.pop()
        seen += 1
        trouble = _trouble(value, depth, seen)
        if trouble:
            raise exceptions.ValidationError({path or "body": [trouble]})
        waiting.extend((_join(path, key), child, depth + 1) for key, child in _children(value))


def _trouble(value, depth: int, seen: int) -> str:
    if depth > MAX_DEPTH:
        return _("nested too deeply")
    if seen > MAX_ITEMS:
        return _("too many values")
    if isinstance(value, (int, float)) and not -LARGEST <= value <= LARGEST:
        return _("not a finite number")
    if isinstance(value, str) and not _storable(value):
        return _("contains a character that cannot be stored")
    if isinstance(value, dict) and not all(_storable(key) for key in value):
        return _("has a key that cannot be stored")
    return ""


def _children(value):
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _join(path: str, key) -> str:
    return f"{path}.{key}" if path else str(key)


def _storable(text: str) -> bool:
    return UNSTORABLE.search(text) is None


DATABASE_TROUBLE = {
    IntegrityError: (409, "conflict"),
    DataError: (400, "invalid"),
    InternalError: (400, "invalid"),
    OperationalError: (503, "overloaded"),
    InterfaceError: (503, "overloaded"),  # a connection that died between two statements
}


def problem_handler(error, context):
    """DRF exception handler: every error as application/problem+json, never a stack trace.

    Who was refused before the body was read may still be sending it, and hears nothing once the
    line is cut: what says to be of an honest size is read to its end.
    """
    answer, request = _told_as_problem(error, context), context["request"]
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.method not in SAFE_METHODS and length.isdigit() and len(length) <= 7:
        read_away(request, HONEST_BYTES)
    return answer


def _told_as_problem(error, context):
    if isinstance(error, DomainError):
        told = str(error.message)
        return again(problem(status_of(error), error.code, told, error.field, error.extra))
    for kind, (code, name) in DATABASE_TROUBLE.items():
        if isinstance(error, kind):
            log.warning("database refused a request: %s", type(error).__name__)
            return again(problem(code, name, _("The database refused this request.")))
    if isinstance(error, RequestDataTooBig):
        read_away(context["request"], READ_AWAY_BYTES)
        error = PayloadTooLarge(_("The body is larger than %d bytes.") % settings.MAX_JSON_BYTES)
    response = exception_handler(error, context)
    return None if response is None else _reshaped(error, response)


READ_AWAY_BYTES, HONEST_BYTES = 128 << 20, 10_000_000
PIECE, READ_AWAY_S = 1 << 16, 10


def read_away(request, most_bytes: int) -> None:
    """Read what is still coming, to a limit: who is cut off while sending hears no answer."""
    ends = monotonic() + READ_AWAY_S
    with suppress(OSError):
        for _piece in range(most_bytes // PIECE):
            if not request.read(PIECE) or monotonic() > ends:
                return


RETRY_S = {429: "60", 503: "5"}


def again(answer: Response) -> Response:
    """An answer that says when to ask again, where that may help."""
    if answer.status_code in RETRY_S:
        answer["Retry-After"] = RETRY_S[answer.status_code]
    return answer


def _reshaped(error, response: Response) -> Response:
    code = _error_code(error)
    fields = {} if not isinstance(error, exceptions.ValidationError) else flat(error.detail)
    detail = "; ".join(f"{name}: {text}" for name, text in fields.items())
    answer = problem(
        response.status_code, code, detail or str(getattr(error, "detail", error)), "", {}, fields
    )
    for header in ("Retry-After", "WWW-Authenticate", "Allow"):
        if header in response.headers:
            answer.headers[header] = response.headers[header]
    return answer


def _error_code(error) -> str:
    if isinstance(error, Http404):
        return "not-found"
    if isinstance(error, PermissionDenied):
        return "not-allowed"
    return str(getattr(error, "default_code", "invalid")).replace("_", "-")


def flat(detail, path: str = "") -> dict[str, str]:
    """DRF's nested error detail as {"location.point": "text"}."""
    if isinstance(detail, dict):
        merged: dict[str, str] = {}
        for key, value in detail.items():
            merged |= flat(value, path if key == "non_field_errors" else _join(path, key))
        return merged
    if isinstance(detail, list) and any(isinstance(part, (dict, list)) for part in detail):
        return flat(dict(enumerate(detail)), path)
    text = " ".join(str(part) for part in detail) if isinstance(detail, list) else str(detail)
    return {path or "body": text}


def problem(
    code: int, kind: str, detail: str, field: str = "", extra=None, errors=None
) -> Response:
    """An RFC 9457 answer."""
    body = {"type": f"/problems/{kind}", "title": kind, "status": code, "detail": detail}
    named = errors or ({field: detail} if field else {})
    if named:
        body["errors"] = [{"field": name, "detail": text} for name, text in named.items()]
    answer = Response({**body, **(extra or {})}, status=code)
    answer["Content-Type"] = "application/problem+json"
    return answer


@csrf_exempt
def not_found(request, exception=None) -> JsonResponse:
    """The 404 of an API path that no route knows."""
    return bare_problem(404, "not-found", _("There is nothing at this address."))


class AnyAccept(BaseContentNegotiation):
    """The address says what comes: a tile, a file. What the client would like is not asked."""

    def select_parser(self, request, parsers):
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type
