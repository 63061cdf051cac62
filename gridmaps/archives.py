"""Tiles out of uploaded PMTiles archives."""

import logging
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _
from pmtiles.reader import MmapSource, Reader

from core.errors import NotFound
from gridmaps import queries, services
from gridmaps.models import BaseMap

log = logging.getLogger("gridkeeper.basemaps")


@dataclass(frozen=True, slots=True)
class Found:
    """One tile as it lies in the archive. encoding: gzip or nothing."""

    content: bytes
    media_type: str
    encoding: str
    version: str


def listed() -> list[dict]:
    """Every archive as a map needs it; one whose file was lost cannot be chosen."""
    known = queries.base_maps()
    return [described(one) for one in known if services.path_of(name=one.name).exists()]


def described(base_map: BaseMap) -> dict:
    """One archive as a map needs it."""
    address = f"/api/v1/basemaps/{base_map.name}/{{z}}/{{x}}/{{y}}"
    return {
        "name": base_map.name,
        "title": base_map.title,
        "kind": base_map.kind,
        "attribution": base_map.attribution,
        "tiles": f"{address}?v={base_map.sha256[:16]}",
        "minzoom": base_map.minzoom,
        "maxzoom": base_map.maxzoom,
        "bounds": base_map.bounds,
        "source_layers": base_map.source_layers,
    }


def tile(name: str, z: int, x: int, y: int) -> Found:
    """One tile; NotFound where the archive has none."""
    base_map = queries.base_map(name)
    if base_map is None:
        raise NotFound(_("There is no base map %s.") % name[:40], "name")
    try:
        content = _reader(name, base_map.sha256).get(z, x, y)
    except FileNotFoundError:
        log.error("the file of the base map %s is lost", name)
        raise NotFound(_("There is no base map %s.") % name[:40], "name") from None
    if content is None:
        raise NotFound(_("There is no such tile."), "z")
    return Found(content, base_map.media_type, base_map.encoding, base_map.sha256[:16])


@lru_cache(maxsize=8)
def _reader(name: str, sha256: str) -> Reader:
    """The archive, mapped into memory once per process and version."""
    with services.path_of(name=name).open("rb") as file:
        return Reader(MmapSource(file))
