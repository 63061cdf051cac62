"""Uploaded base maps: looked at closely before they are kept."""

import hashlib
import json
import os
import re
import shutil
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import Compression, TileType, deserialize_directory

from core import sql
from core.errors import Conflict, Invalid
from gridmaps.models import BaseMap

HEADER_BYTES, ROOT_BYTES, METADATA_BYTES = 127, 16_384, 4 * 1024 * 1024
INFLATED_BYTES, CHUNK = 32 * 1024 * 1024, 1024 * 1024
LEAF_BYTES, MOST_LEAVES, MOST_ENTRIES = 1024 * 1024, 100_000, 5_000_000
MEDIA = {
    TileType.MVT: ("vector", "application/vnd.mapbox-vector-tile"),
    TileType.PNG: ("raster", "image/png"),
    TileType.JPEG: ("raster", "image/jpeg"),
    TileType.WEBP: ("raster", "image/webp"),
}
SECTIONS = ("root", "metadata", "leaf_directory", "tile_data")
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


@transaction.atomic
def add_base_map(
    *, source, size: int, name: str, title: str, attribution: str, now: datetime
) -> BaseMap:
    """Keep a PMTiles archive as a base map.

    source: a readable binary stream of `size` bytes. Refused, and nothing kept: an archive that
    is too large for the settings or the disk, is cut off, points outside itself, holds tiles no
    map can draw, or does not say whose map it is.
    """
    sql.patiently()
    if not NAME.fullmatch(name):
        raise Invalid(_("A name has small letters, digits and hyphens."), "name")
    if not attribution.strip():
        raise Invalid(_("Say whose map it is."), "attribution")
    if BaseMap.objects.filter(name=name).exists():
        raise Conflict(_("There is a base map %s already.") % name, "name")
    _refuse_size(size)
    path = path_of(name=name)
    waiting = path.with_suffix(f".{uuid4().hex}.part")  # two may come under one name
    try:
        digest = _keep(source, waiting)
        facts = look_at(waiting)
        made = BaseMap.objects.create(
            name=name,
            title=title[:80] or name,
            attribution=attribution[:300],
            sha256=digest,
            size=waiting.stat().st_size,
            uploaded_at=now,
            **facts,
        )
        waiting.replace(path)
    except IntegrityError:  # the other upload was quicker
        raise Conflict(_("There is a base map %s already.") % name, "name") from None
    finally:
        waiting.unlink(missing_ok=True)
    return made


@transaction.atomic
def remove_base_map(*, name: str) -> None:
    """Forget a base map and its file."""
    BaseMap.objects.filter(name=name).delete()
    transaction.on_commit(lambda: path_of(name=name).unlink(missing_ok=True))


def path_of(*, name: str) -> Path:
    """Where the archive of a base map is kept."""
    return settings.BASE_MAPS / f"{name}.pmtiles"


def _refuse_size(size: int) -> None:
    settings.BASE_MAPS.mkdir(parents=True, exist_ok=True)
    limit = settings.BASE_MAP_MAX_BYTES
    if size > limit:
        raise Invalid(_("The file is larger than %d bytes.") % limit, "file")
    if size > shutil.disk_usage(settings.BASE_MAPS).free // 2:
        raise Invalid(_("There is not enough room on the disk for this file."), "file")


def _keep(source, path: Path) -> str:
    """Write the stream down, at most as much as is allowed; answers its SHA-256."""
    digest, kept = hashlib.sha256(), 0
    with path.open("wb") as file:
        while chunk := source.read(CHUNK):
            kept += len(chunk)
            _refuse_size(kept)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def look_at(path: Path) -> dict[str, Any]:
    """What a PMTiles archive says of itself, as columns of BaseMap; Invalid if it is broken."""
    if path.stat().st_size < HEADER_BYTES:
        raise Invalid(_("This is no PMTiles archive."), "file")
    try:
        with path.open("rb") as file:
            reader = Reader(MmapSource(file))
            header = reader.header()
            _refuse_sections(header, path.stat().st_size)
            _refuse_content(header)
            metadata = _metadata(reader, header)
            _refuse_directories(reader, header)
    except Invalid:
        raise
    except Exception:
        raise Invalid(_("This is no PMTiles archive."), "file") from None
    kind, media_type = MEDIA[header["tile_type"]]
    layers = metadata.get("vector_layers") or []
    return {
        "kind": kind,
        "media_type": media_type,
        "encoding": "gzip" if header["tile_compression"] == Compression.GZIP else "",
        "minzoom": header["min_zoom"],
        "maxzoom": header["max_zoom"],
        "bounds": _bounds(header),
        "source_layers": [str(layer["id"])[:80] for layer in layers][:200],
    }


def _refuse_sections(header, size: int) -> None:
    """Every section lies inside the file, and what is read at once is small."""
    for section in SECTIONS:
        if header[f"{section}_offset"] + header[f"{section}_length"] > size:
            raise Invalid(_("The archive is cut off."), "file")
    if header["root_length"] > ROOT_BYTES or header["metadata_length"] > METADATA_BYTES:
        raise Invalid(_("The archive's directory is too large."), "file")


def _refuse_content(header) -> None:
    if header["tile_type"] not in MEDIA:
        raise Invalid(_("Maps can draw PNG, JPEG, WebP and vector tiles."), "file")
    if header["tile_compression"] not in (Compression.NONE, Compression.GZIP):
        raise Invalid(_("The tiles must be uncompressed or gzip."), "file")
    if not header["min_zoom"] <= header["max_zoom"] <= 24:
        raise Invalid(_("The zooms of the archive are impossible."), "file")


def _refuse_directories(reader: Reader, header) -> None:
    """Walk all directories: what they point to lies in the archive, and none of them explodes."""
    waiting, seen = [(header["root_offset"], header["root_length"])], 0
    known = set(waiting)
    while waiting:
        packed = reader.get_bytes(*waiting.pop())
        _inflated(packed)
        for entry in deserialize_directory(packed):
            seen += 1
            section = "tile_data" if entry.run_length else "leaf_directory"
            room = header[f"{section}_length"]
            if entry.offset < 0 or entry.offset + entry.length > room or seen > MOST_ENTRIES:
                raise Invalid(_("The archive is cut off."), "file")
            if not entry.run_length:
                if entry.length > LEAF_BYTES or len(waiting) > MOST_LEAVES:
                    raise Invalid(_("The archive's directory is too large."), "file")
                leaf = (header["leaf_directory_offset"] + entry.offset, entry.length)
                if leaf in known:
                    raise Invalid(_("The archive's directory is too large."), "file")
                known.add(leaf)
                waiting.append(leaf)


def _inflated(packed: bytes) -> bytes:
    """The only gzip member there is, inflated no further than is sane."""
    unpacker = zlib.decompressobj(wbits=31)
    content = unpacker.decompress(packed, INFLATED_BYTES)
    if unpacker.unconsumed_tail or unpacker.unused_data:
        raise Invalid(_("The archive's directory is too large."), "file")
    return content


def _metadata(reader: Reader, header) -> dict:
    """The archive's own description."""
    packed = reader.get_bytes(header["metadata_offset"], header["metadata_length"])
    gzipped = header["internal_compression"] == Compression.GZIP
    return json.loads(_inflated(packed) if gzipped else packed)


def _bounds(header) -> list[float]:
    names = ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")
    west, south, east, north = (header[name] / 1e7 for name in names)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise Invalid(_("The bounds of the archive are impossible."), "file")
    return [west, south, east, north]
