"""Hostile pictures and archives: 4xx or kept clean, no place in any served byte, nobody dies."""

import io
import struct
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin
from rest_framework.test import APIClient

from incidents.models import Attachment
from tests.gridmaps.test_basemaps import archive

PLACE = b"34 15 18 N SECRETPLACE"


@pytest.fixture
def transactional_db(db):
    """No other process looks at the database here: what a test does is simply rolled back."""


@pytest.fixture
def client(staged, zhou, settings, tmp_path):
    settings.MEDIA_ROOT, settings.BASE_MAPS = tmp_path / "media", tmp_path / "basemaps"
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(zhou)
    return client


def picture(kind: str = "JPEG", size=(64, 48), **more) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", size, (0, 120, 0)).save(kept, kind, **more)
    return kept.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims so many pixels, of one bit each."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(min(height * (width // 8 + 2), 30_000_000)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def exif() -> bytes:
    told = Image.Exif()
    told[0x010E] = PLACE.decode()
    told[0x927C] = PLACE
    told.get_ifd(0x8825)[1] = "N"
    told.get_ifd(0x8825)[2] = (34.0, 15.0, 18.0)
    told.get_ifd(0x8825)[29] = PLACE.decode()
    return told.tobytes()


def png_words() -> PngImagePlugin.PngInfo:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", PLACE.decode())
    words.add_itxt("XML:com.adobe.xmp", PLACE.decode())
    return words


def with_place() -> dict[str, bytes]:
    """Pictures that say where they were taken, in every corner that a format has."""
    jpeg = picture()
    iptc = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(PLACE)) + PLACE
    segment = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    return {
        "exif": picture(exif=exif()),
        "comment": picture(comment=PLACE),
        "xmp": picture(xmp=b"<x>" + PLACE + b"</x>"),
        "icc": picture(icc_profile=PLACE * 20),
        "iptc": jpeg[:2] + segment + jpeg[2:],
        "behind the end": jpeg + PLACE,
        "png": picture("PNG", pnginfo=png_words(), exif=exif()),
        "webp": picture("WEBP", exif=exif(), xmp=PLACE),
    }


def refused() -> dict[str, bytes]:
    jpeg, png = picture(size=(400, 300)), picture("PNG", (400, 300))
    gif = io.BytesIO()
    Image.new("P", (8, 8)).save(gif, "GIF", save_all=True, append_images=[Image.new("P", (8, 8))])
    return {
        "13000 squared in 20 KB": png_of(13000, 13000),
        "178,956,971 pixels": png_of(178_956_971, 1),
        "no pixels": png_of(0, 0),
        "endless": png_of(2**31 - 1, 2**31 - 1),
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "html": b"<!doctype html><script>alert(1)</script>",
        "animated gif": gif.getvalue(),
        "tiff": picture("TIFF"),
        "script before a picture": b"<script>" + jpeg,
        "zip": b"PK\x03\x04" + jpeg,
        "half a jpeg": jpeg[: len(jpeg) // 2],
        "half a png": png[: len(png) // 2],
        "head only": jpeg[:20],
        "empty png": png[:8],
        "empty": b"",
        "too large": b"%PDF-" + bytes(11 * 1024 * 1024),
    }


def attach(client, case, content: bytes, name: str = "x.jpg"):
    file = SimpleUploadedFile(name, content)
    return client.post(f"/api/v1/incidents/{case.number}/attachments/", {"file": file})


def test_no_picture_says_where_it_was_taken(client, case):
    for kind, content in with_place().items():
        assert PLACE in content, kind
        answer = attach(client, case, content)
        assert answer.status_code in (200, 201), (kind, answer.content)  # 200: the same pixels
        for kept in Attachment.objects.all():
            served = b"".join(client.get(f"/api/v1/attachments/{kept.pk}/").streaming_content)
            assert b"SECRETPLACE" not in served and b"Exif" not in served, kind
            assert not Image.open(io.BytesIO(served)).getexif()


def test_hostile_pictures_are_refused_and_leave_nothing(client, case, settings):
    for kind, content in refused().items():
        assert attach(client, case, content).status_code in (400, 413), kind
    assert not Attachment.objects.exists()
    assert not list(settings.MEDIA_ROOT.rglob("*"))


def test_broken_pictures_never_break_the_server(client, case):
    """Every picture with one byte turned, at many places: kept or refused, never 500."""
    statuses = set()
    for content in (picture(exif=exif()), picture("PNG", pnginfo=png_words()), picture("WEBP")):
        for place in range(2, len(content), max(1, len(content) // 12)):
            broken = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
            statuses.add(attach(client, case, broken).status_code)
    assert statuses <= {200, 201, 400}


@pytest.mark.parametrize(
    "name", ["../../x.jpg", "a\x00b.jpg", "x" * 199 + ".jpg", "\u202egpj.exe", "con"]
)
def test_the_name_of_a_file_goes_nowhere(client, case, settings, name):
    assert attach(client, case, picture(), name).status_code in (200, 201, 400)
    assert all(path.suffix == ".jpeg" for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())


def zipped(entries: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return kept.getvalue()


def archives() -> dict[str, bytes]:
    whole = archive()
    return {
        "empty": b"",
        "zip": zipped({"x.pmtiles": whole}),
        "head only": whole[:127],
        "half": whole[: len(whole) // 2],
        "another version": b"PMTiles\x02" + whole[8:],
        "directory beyond the end": whole[:8] + struct.pack("<QQ", 2**62, 2**62) + whole[24:],
        "ones": whole[:8] + b"\xff" * (len(whole) - 8),
        "zeros": whole[:8] + bytes(len(whole) - 8),
    }


def test_hostile_base_maps_are_refused_and_leave_nothing(client, settings):
    for kind, content in archives().items():
        form = {"name": "town", "title": "x", "attribution": "x"}
        file = SimpleUploadedFile("x.pmtiles", content)
        answer = client.post("/api/v1/basemaps/", {**form, "file": file})
        assert answer.status_code == 400, (kind, answer.content)
    assert not [path for path in settings.BASE_MAPS.rglob("*") if path.is_file()]
