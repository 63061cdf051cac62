"""Tianditu through our own address: tiles are kept, and the key never leaves the server."""

import logging

import requests
from django.conf import settings
from django.core.cache import cache, caches
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import NotFound, Unavailable
from gridmaps import queries

log = logging.getLogger("gridkeeper.tianditu")

MAPS = {"vec": gettext_lazy("Tianditu map"), "img": gettext_lazy("Tianditu imagery")}
LABELS = {"vec": "cva", "img": "cia"}  # names on glass: they lie above their map
LAYERS = {*MAPS, *LABELS.values()}
ADDRESS = "/api/v1/tianditu/{}/{{z}}/{{x}}/{{y}}"
DEEPEST, FREE_ZOOM, AROUND_DEGREES = 18, 9, 0.2
TIMEOUT_S, MOST_BYTES, BOX_S = (3, 6), 2 * 1024 * 1024, 600
PATH = "{base}/{layer}_w/wmts"


def listed() -> list[dict]:
    """Tianditu's layers as a map needs them; none without a key."""
    if not settings.TIANDITU_KEY:
        return []
    return [
        {
            "name": f"tianditu-{layer}",
            "title": str(title),
            "kind": "raster",
            "attribution": "天地图",
            "tiles": ADDRESS.format(layer),
            "labels": ADDRESS.format(LABELS[layer]),
            "minzoom": 1,
            "maxzoom": DEEPEST,
            "bounds": None,
            "source_layers": [],
        }
        for layer, title in MAPS.items()
    ]


def tile(layer: str, z: int, x: int, y: int) -> tuple[bytes, str]:
    """One tile and its media type, from the store or from Tianditu.

    NotFound without a key, for a layer there is not, and far from the served ground: the key has
    a daily limit that strangers must not use up. Unavailable when Tianditu does not deliver.
    """
    if not settings.TIANDITU_KEY or layer not in LAYERS or z > DEEPEST or not _near(z, x, y):
        raise NotFound(_("There is no such tile."), "z")
    store, key = caches["tianditu"], f"{layer}:{z}:{x}:{y}"
    found = store.get(key)
    if found is None:
        found = _fetch(layer, z, x, y)
        store.set(key, found)
    return found


def _near(z: int, x: int, y: int) -> bool:
    """Whether a deep tile lies on the served ground or close to it."""
    box = cache.get_or_set("served-box", queries.served_box, BOX_S)
    if z <= FREE_ZOOM or box is None:
        return True
    there = queries.extent(z, x, y)
    west, south, east, north = box
    return (
        there["west"] <= east + AROUND_DEGREES
        and there["east"] >= west - AROUND_DEGREES
        and there["south"] <= north + AROUND_DEGREES
        and there["north"] >= south - AROUND_DEGREES
    )


def _fetch(layer: str, z: int, x: int, y: int) -> tuple[bytes, str]:
    """Ask Tianditu. What went wrong is logged without the address: the key is in it."""
    address = PATH.format(base=settings.TIANDITU_URL.rstrip("/"), layer=layer)
    wanted = {
        **{"SERVICE": "WMTS", "REQUEST": "GetTile", "VERSION": "1.0.0", "STYLE": "default"},
        **{"LAYER": layer, "TILEMATRIXSET": "w", "FORMAT": "tiles"},
        **{"TILEMATRIX": z, "TILEROW": y, "TILECOL": x, "tk": settings.TIANDITU_KEY},
    }
    try:
        with requests.get(
            address, params=wanted, timeout=TIMEOUT_S, stream=True, allow_redirects=False
        ) as answer:
            media_type = answer.headers.get("Content-Type", "").split(";")[0]
            content = answer.raw.read(MOST_BYTES + 1, decode_content=True)
            status = answer.status_code
    except (requests.RequestException, OSError) as error:
        log.warning("Tianditu does not answer: %s", type(error).__name__)
        raise Unavailable(_("Tianditu does not answer.")) from None
    if status != 200 or not media_type.startswith("image/") or len(content) > MOST_BYTES:
        log.warning("Tianditu answers %s with %s", status, media_type[:40])
        raise Unavailable(_("Tianditu does not answer."))
    return content, media_type
