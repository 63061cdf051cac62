"""The live stream: Server-Sent Events from the one timeline.

`GET /live?after=POSITION` goes on where a snapshot or an earlier stream ended. Messages:
`incident` (what a map needs to draw it), `clock` (when the server last saw the database, and the
version of the cells in force), `ground` (that version has changed: draw the cells anew), `reset`
(the position is of another database or very far behind, or what the viewer may see has changed:
take a new snapshot).
"""

import asyncio
import json
from collections.abc import AsyncIterator
from random import uniform
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http import JsonResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from geo_grid.authentication import lacking
from geo_grid.models import ApiToken
from geo_grid.queries import token_of
from gridmaps.hub import PAGE, RESET, Stream, hub, in_database, news, reaches_now

HEARTBEAT_S, RETRY_MS = 10, 2000
MOST_MISSED = 20_000  # events that are told again; a picture that lacks more is taken anew


@require_safe
async def stream(request):
    """`GET /live`: the incidents a viewer may see, as they change."""
    key = credential(request)
    try:
        seen = (await in_database(reaches_now, [key]))[key]
    except DatabaseError:
        return _allow_origin(
            request, _refusal(503, "unavailable", _("The database does not answer."))
        )
    if seen is None:
        return _allow_origin(request, await in_database(_closed, key))
    last = request.headers.get("Last-Event-ID") or request.GET.get("after") or ""
    answer = StreamingHttpResponse(
        messages(Stream(key, seen), _position(last)), content_type="text/event-stream"
    )
    answer["Cache-Control"] = "no-cache"
    answer["X-Accel-Buffering"] = "no"
    return _allow_origin(request, answer)


def credential(request) -> tuple[str, str]:
    """What a stream is opened with, and must stay good: an API token or a session."""
    words = request.headers.get("Authorization", "").split()
    if len(words) == 2 and words[0] == "Token":
        return "token", words[1]
    return "session", request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


def _closed(key: tuple[str, str]) -> JsonResponse:
    """Why nobody comes in with this: a token that may not read, or one that is no good."""
    if key[0] == "token" and token_of(key[1], timezone.now()):
        return _refusal(403, "permission-denied", lacking(ApiToken.Scope.READ))
    return _refusal(401, "not-authenticated", _("Please log in."))


def _refusal(status: int, kind: str, detail: str) -> JsonResponse:
    problem = {"type": f"/problems/{kind}", "title": kind, "status": status, "detail": detail}
    answer = JsonResponse(problem, status=status, content_type="application/problem+json")
    if status == 503:
        answer["Retry-After"] = "2"
    return answer


def _position(text: str) -> int | None:
    """Where to go on; None for what is no position: from now on."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _allow_origin(request, answer):
    """The page is on another port, hence another origin: exactly that one is let in."""
    origin = request.headers.get("Origin", "")
    own = urlsplit(origin).hostname == urlsplit(f"//{request.get_host()}").hostname
    if origin and (own or origin in settings.CSRF_TRUSTED_ORIGINS):
        answer["Access-Control-Allow-Origin"] = origin
        answer["Access-Control-Allow-Credentials"] = "true"
        answer["Vary"] = "Origin"
    return answer


async def messages(own: Stream, last: int | None) -> AsyncIterator[bytes]:
    """The text of one stream: replay after `last`, then what comes, with a clock between."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    await hub.join(own)
    try:
        own.sent = hub.position if last is None else last
        while last is not None:
            told = await in_database(news, own.sent)
            if not 0 <= told.last_id - own.sent <= MOST_MISSED:
                own.sent = hub.position
                yield RESET
                break
            yield own.take(told)
            if len(told.items) < PAGE:
                break
        own.following = True
        yield clock(own)
        while not own.closed:
            try:
                async with asyncio.timeout(HEARTBEAT_S * uniform(0.6, 1)):  # noqa: S311 - not all at once
                    text = await own.next_text()
            except TimeoutError:
                text = clock(own)
            if text:
                yield text
    finally:
        hub.leave(own)


def clock(own: Stream) -> bytes:
    """How old the picture is, and the position to go on from."""
    told = {
        "now": timezone.now().isoformat(),
        "fresh_at": hub.fresh_at,
        "position": own.sent,
        "ground": hub.ground,
    }
    return f"id: {own.sent}\nevent: clock\ndata: {json.dumps(told)}\n\n".encode()
