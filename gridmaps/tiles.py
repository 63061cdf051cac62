"""Vector tiles over HTTP."""

import re
from hashlib import sha256

from django.core.cache import cache
from django.db import Error, connection
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from core.errors import DomainError, NotFound
from core.http import AnyAccept
from core.layer import PUBLIC, Layer
from gridmaps import catalogue, queries, services
from gridmaps.catalogue import View

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
DEEPEST = 24
FOR_EVER = "public, max-age=31536000, immutable"
ADDRESS = re.compile(
    r"/api/v1/tiles/(?P<names>[a-z_,]{1,200})/(?P<z>\d{1,2})/(?P<x>\d{1,8})/(?P<y>\d{1,8})\.mvt",
    re.ASCII,
)
DRAWN_MEMORY_S = 600


class Tile(APIView):
    """`GET tiles/{layer}/{z}/{x}/{y}.mvt`: one or several layers, with commas between.

    `v` is the version that the catalogue names. A tile of a dated layer asked for by the version
    in force is the same for ever; every other one is to be asked for again, and answered with
    304 where nothing has changed.
    """

    permission_classes = [AllowAny]
    throttle_classes = []
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, MEDIA_TYPE): OpenApiTypes.BINARY})
    def get(self, request, names, z, x, y):
        if z > DEEPEST or x >> z or y >> z:
            raise NotFound(_("There is no such tile."), "z")
        query = request.query_params.dict()
        asked = query.pop("v", "")
        return answer(
            catalogue.view(request.user, names, query, timezone.now()),
            asked,
            (z, x, y),
            request.headers.get("If-None-Match", ""),
        )


def lasting_tile(path: str, query: str) -> tuple[list[tuple[str, str]], bytes] | None:
    """A tile that may be kept for ever, made without the rest of the site; None for all others.

    Only dated layers of the public in the version in force; whatever is unusual takes the long
    way, where it is refused with reasons.
    """
    found = ADDRESS.fullmatch(path)
    if not found or not query.startswith("v=") or "&" in query:
        return None
    z, x, y = (int(found[part]) for part in "zxy")
    if z > DEEPEST or x >> z or y >> z:
        return None
    try:
        seen = catalogue.view(None, found["names"], {}, timezone.now())
        version = ".".join(seen.version(layer) for layer in seen.layers)
        if caching(seen, query[2:] == version) != FOR_EVER:
            return None
        body = draw(seen, (z, x, y))
    except DomainError:
        return None
    except Error:  # a connection that has died while it waited
        connection.close()
        return None
    headers = [("Content-Type", MEDIA_TYPE), ("Cache-Control", FOR_EVER)]
    headers += [("ETag", tag(seen, version)), ("Content-Length", str(len(body)))]
    return [*headers, ("X-Content-Type-Options", "nosniff")], body


def answer(seen: View, asked: str, place: tuple[int, int, int], known: str) -> HttpResponse:
    """The tile with its headers, or 304 without asking the database for it."""
    version = ".".join(seen.version(layer) for layer in seen.layers)
    own = tag(seen, version)
    if own in known:
        made = HttpResponse(status=304)
    else:
        made = HttpResponse(draw(seen, place), content_type=MEDIA_TYPE)
    made["ETag"] = own
    made["Cache-Control"] = caching(seen, asked == version)
    if "private" in made["Cache-Control"]:
        made["Vary"] = "Cookie, Authorization"
    return made


def tag(seen: View, version: str) -> str:
    """The ETag of a view: another viewer's reach is another picture."""
    words = f"{version} {seen.reach!r} {seen.filters!r} {seen.at!r}"
    return f'"{sha256(words.encode()).hexdigest()[:24]}"'


def caching(seen: View, right_version: bool) -> str:
    """Who may keep the tile, and for how long."""
    if any(layer.audience != PUBLIC for layer in seen.layers):
        return "private, no-cache"
    if right_version and all(layer.dated for layer in seen.layers):
        return FOR_EVER
    return "public, no-cache"


def draw(seen: View, place: tuple[int, int, int]) -> bytes:
    """The bytes of a tile."""
    return queries.tile(
        [(layer, seen.parameters(layer), _drawn(seen, layer)) for layer in seen.layers], *place
    )


def _drawn(seen: View, layer: Layer) -> int | None:
    """The stored picture of a whole layer that is a coverage; drawn now if nobody has."""
    if not layer.coverage or seen.filters:
        return None
    version = seen.version(layer)

    def find() -> int:
        return queries.drawn_set(layer, version) or services.draw_layer(
            layer=layer, version=version, params=seen.parameters(layer), now=seen.now
        )

    return cache.get_or_set(f"drawn:{layer.name}:{version}", find, DRAWN_MEMORY_S)
