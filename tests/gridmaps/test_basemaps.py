"""Base maps: what is taken, what is refused, and a key that nobody sees."""

import gzip
import io
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pmtiles.tile import Compression, Entry, TileType, serialize_directory, zxy_to_tileid
from pmtiles.writer import Writer

from geo_grid.models import User
from gridmaps import archives
from gridmaps.models import BaseMap

PNG = b"\x89PNG\r\n\x1a\n" + b"tile" * 10


def archive(tile: bytes = PNG, **header) -> bytes:
    """A small proper PMTiles archive with three tiles."""
    file = io.BytesIO()
    writer = Writer(file)
    for place in ((0, 0, 0), (1, 1, 0), (2, 3, 1)):
        writer.write_tile(zxy_to_tileid(*place), tile + bytes(place))
    facts = {
        "tile_type": TileType.PNG,
        "tile_compression": Compression.NONE,
        "min_zoom": 0,
        "max_zoom": 2,
        "min_lon_e7": 1_070_000_000,
        "min_lat_e7": 340_000_000,
        "max_lon_e7": 1_090_000_000,
        "max_lat_e7": 350_000_000,
        "center_zoom": 1,
        "center_lon_e7": 1_080_000_000,
        "center_lat_e7": 345_000_000,
    }
    writer.finalize(facts | header, {"name": "test"})
    return file.getvalue()


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.BASE_MAPS = tmp_path / "basemaps"
    own = settings.CACHES["tianditu"] | {"LOCATION": str(tmp_path / "tianditu")}
    settings.CACHES = settings.CACHES | {"tianditu": own}


@pytest.fixture
def admin(db):
    return User.objects.create_superuser("root", password="x", display_name="管理员")


def send(client, content, name="town", **more):
    form = {"name": name, "title": "影像", "attribution": "区自然资源局", **more}
    file = SimpleUploadedFile("x.pmtiles", content)
    return client.post("/api/v1/basemaps/", {**form, "file": file}, format="multipart")


def test_a_lost_file_is_no_choice_and_its_name_is_free_again(as_user, admin, client, settings):
    boss = as_user(admin)
    address = send(boss, archive()).json()["tiles"].format(z=2, x=3, y=1)
    (settings.BASE_MAPS / "town.pmtiles").unlink()
    archives._reader.cache_clear()
    assert client.get("/api/v1/basemaps/").json()["basemaps"] == []
    assert client.get(address).status_code == 404
    assert boss.delete("/api/v1/basemaps/town/").status_code == 204
    assert send(boss, archive()).status_code == 201


def test_an_archive_is_kept_and_served(as_user, admin, client):
    made = send(as_user(admin), archive())
    assert made.status_code == 201, made.content
    client.force_authenticate(None)
    (told,) = client.get("/api/v1/basemaps/").json()["basemaps"]
    assert (
        told["kind"] == "raster" and told["maxzoom"] == 2 and told["bounds"] == [107, 34, 109, 35]
    )
    tile = client.get(told["tiles"].format(z=2, x=3, y=1))
    assert tile.content == PNG + bytes((2, 3, 1)) and tile["Content-Type"] == "image/png"
    assert "immutable" in tile["Cache-Control"]
    for place in ("2/0/0", "3/0/0", "2/4/0", "25/0/0"):
        assert client.get(f"/api/v1/basemaps/town/{place}").status_code == 404
    assert client.get("/api/v1/basemaps/other/0/0/0").status_code == 404


def test_only_administrators_bring_and_take_away(as_user, admin, zhao, ground, client):
    assert send(client, archive()).status_code in (401, 403)
    assert send(as_user(zhao), archive()).status_code == 403
    assert send(as_user(admin), archive()).status_code == 201
    assert as_user(zhao).delete("/api/v1/basemaps/town/").status_code == 403
    assert as_user(admin).delete("/api/v1/basemaps/town/").status_code == 204
    assert not BaseMap.objects.exists()


def bomb() -> bytes:
    """An archive whose root directory inflates to far more than it says."""
    good = bytearray(archive())
    root = gzip.compress(b"\x00" * 64 * 1024 * 1024, 9)
    good[8:24] = len(good).to_bytes(8, "little") + len(root).to_bytes(8, "little")
    return bytes(good) + root


def pointing_out() -> bytes:
    """An archive with a tile that lies beyond its end."""
    good = bytearray(archive())
    root = serialize_directory([Entry(0, 10**12, 100, 1)])
    good[8:24] = len(good).to_bytes(8, "little") + len(root).to_bytes(8, "little")
    return bytes(good) + root


def with_root(root: bytes, leaf: bytes = b"") -> bytes:
    """An archive with another root directory, and perhaps a leaf."""
    good = bytearray(archive())
    sides = (len(good), len(root), len(good) + len(root), len(leaf))
    for place, value in zip((8, 16, 40, 48), sides, strict=True):
        good[place : place + 8] = value.to_bytes(8, "little")
    return bytes(good) + root + leaf


def leaf_again() -> bytes:
    """An archive that names one leaf twice: a few bytes that would be walked for ever."""
    leaf = serialize_directory([Entry(0, 0, 10, 1)])
    twice = [Entry(0, 0, len(leaf), 0), Entry(5, 0, len(leaf), 0)]
    return with_root(serialize_directory(twice), leaf)


def second_member() -> bytes:
    """An archive whose root directory goes on after its end."""
    return with_root(serialize_directory([Entry(0, 0, 10, 1)]) + gzip.compress(b"more"))


def test_an_upload_leaves_that_of_somebody_else_alone(as_user, admin, settings):
    """Also under the same name: each is written to a file of its own."""
    settings.BASE_MAPS.mkdir()
    other = settings.BASE_MAPS / "town.part"
    other.write_bytes(b"half of it")
    proper = with_root(serialize_directory([Entry(0, 0, 10, 1)]))
    assert send(as_user(admin), proper).status_code == 201
    assert other.read_bytes() == b"half of it"
    assert len(list(settings.BASE_MAPS.iterdir())) == 2


def test_broken_archives_are_refused_and_nothing_is_kept(as_user, admin, settings):
    whole = archive()
    broken = {
        "empty": b"x",
        "no archive": b"PK\x03\x04" * 100,
        "old version": b"PMTiles\x02" + whole[8:],
        "cut in the header": whole[:60],
        "cut in the directory": whole[:140],
        "cut in the tiles": whole[:-30],
        "bomb": bomb(),
        "points out": pointing_out(),
        "leaf twice": leaf_again(),
        "second member": second_member(),
        "unknown tiles": archive(tile_type=TileType.UNKNOWN),
        "brotli": archive(tile_compression=Compression.BROTLI),
        "zooms": whole[:100] + bytes((3, 99)) + whole[102:],
        "bounds": archive(min_lon_e7=1_100_000_000),
        "noise": whole[:127] + bytes(reversed(whole[127:])),
    }
    for what, content in broken.items():
        answer = send(as_user(admin), content)
        assert answer.status_code == 400, what
        assert answer.json()["errors"][0]["field"] == "file", what
    for more in ({"name": "../etc"}, {"attribution": " "}, {"title": ""}):
        assert send(as_user(admin), whole, **more).status_code == 400
    assert not BaseMap.objects.exists()
    assert not settings.BASE_MAPS.exists() or not list(settings.BASE_MAPS.iterdir())


def test_a_huge_archive_is_refused_before_it_is_read(as_user, admin, settings):
    settings.BASE_MAP_MAX_BYTES = 1000
    assert send(as_user(admin), archive() + b"x" * 2000).status_code == 400
    settings.BASE_MAP_MAX_BYTES = 10
    assert send(as_user(admin), b"x" * 2 * 1024 * 1024).status_code == 413


@pytest.fixture
def tianditu(settings):
    """A server on this machine that answers as Tianditu does."""
    asked, answers = [], {"status": 200, "type": "image/png"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(answers["status"])
            self.send_header("Content-Type", answers["type"])
            self.end_headers()
            self.wfile.write(PNG)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.TIANDITU_URL = f"http://127.0.0.1:{server.server_port}"
    settings.TIANDITU_KEY = "SECRETKEY"
    yield asked, answers
    server.shutdown()


def test_tianditu_is_asked_once_and_its_key_is_not_told(tianditu, ground, client, caplog):
    asked, answers = tianditu
    listed = client.get("/api/v1/basemaps/")
    names = [told["name"] for told in listed.json()["basemaps"]]
    assert names == ["tianditu-vec", "tianditu-img"]
    tile = client.get("/api/v1/tianditu/vec/13/6554/3259")
    assert tile.content == PNG and tile["Content-Type"] == "image/png"
    client.get("/api/v1/tianditu/vec/13/6554/3259")
    assert len(asked) == 1
    assert asked[0].startswith("/vec_w/wmts?") and "tk=SECRETKEY" in asked[0]
    assert "TILEMATRIX=13&TILEROW=3259&TILECOL=6554" in asked[0]
    with caplog.at_level(logging.DEBUG):
        answers["status"] = 403
        refused = client.get("/api/v1/tianditu/img/13/6554/3259")
        answers |= {"status": 200, "type": "text/html"}
        strange = client.get("/api/v1/tianditu/img/13/6554/3259")
    assert refused.status_code == strange.status_code == 503
    told = caplog.text + json.dumps([listed.json(), refused.json(), strange.json()])
    assert "SECRETKEY" not in told and "SECRETKEY" not in str(tile.headers)


def test_tianditu_is_asked_for_the_served_ground_only(tianditu, ground, client, settings):
    asked, _answers = tianditu
    for address in ("vec/13/0/0", "vec/19/0/0", "nonsense/1/0/0", "vec/3/9/0"):
        assert client.get(f"/api/v1/tianditu/{address}").status_code == 404
    assert asked == []
    settings.TIANDITU_KEY = ""
    assert client.get("/api/v1/basemaps/").json()["basemaps"] == []
    assert client.get("/api/v1/tianditu/vec/13/6554/3259").status_code == 404


def test_a_silent_tianditu_is_no_fault_of_ours(ground, client, settings):
    settings.TIANDITU_URL, settings.TIANDITU_KEY = "http://127.0.0.1:9", "SECRETKEY"
    assert client.get("/api/v1/tianditu/cva/5/25/12").status_code == 503
