"""Boundary files made to do harm: refused in one sentence, read in a confined process."""

import json
import socket
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError
from shapely import box

from geo_grid import vector_reader
from geo_grid.models import BoundaryPlan
from tests.geo_grid.files import bring, zipped

SOUND = json.dumps(
    {
        "type": "Feature",
        "properties": {"code": "N1", "name": "N1"},
        "geometry": box(108, 34.2, 108.01, 34.21).__geo_interface__,
    }
)


def hostile(folder, kind):
    """A file that must be refused."""
    path = folder / "x.zip"
    if kind == "link":
        with zipfile.ZipFile(path, "w") as archive:
            entry = zipfile.ZipInfo("cells.geojson")
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, SOUND)
        return path
    if kind == "bomb":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("cells.geojson", bytes(600 << 20))
        return path
    archives = {
        "away": {"../cells.geojson": SOUND},
        "many": {"cells.geojson": SOUND} | {f"{n}.txt": "" for n in range(100)},
        "nested": {"a.zip": "", "cells.geojson": SOUND},
        "two": {"a.geojson": SOUND, "b.geojson": SOUND},
        "none": {"readme.txt": "x"},
        "no header": {"cells.shp": b"", "cells.dbf": b"\x03" * 40},
    }
    if kind in archives:
        return zipped(path, archives[kind])
    texts = {
        "vrt.vrt": "<OGRVRTDataSource/>",
        "vrt.geojson": "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/vsicurl/"
        "http://127.0.0.1:1/a.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        "sql.gpkg": "SQLite format 3",
        "deep.geojson": "[" * 100_000,
    }
    path = folder / kind
    path.write_text(texts[kind])
    return path


HOSTILE = ["link", "away", "many", "nested", "two", "none", "no header"]
HOSTILE += ["vrt.vrt", "vrt.geojson", "sql.gpkg", "deep.geojson"]


def test_a_sound_archive_is_read(db, tmp_path):
    bring(zipped(tmp_path / "x.zip", {"cells.geojson": SOUND, "readme.txt": ""}))
    assert BoundaryPlan.objects.exists()


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_are_refused_in_one_sentence(db, tmp_path, kind):
    with pytest.raises(CommandError):
        bring(hostile(tmp_path, kind))
    assert not BoundaryPlan.objects.exists()


@pytest.mark.soak
def test_an_archive_that_swells_is_refused(db, tmp_path):
    with pytest.raises(CommandError):
        bring(hostile(tmp_path, "bomb"))


def test_the_reader_has_limits_and_no_network(tmp_path):
    """The process that reads says of itself what it may do."""
    code = (
        "import json, resource, socket, sys; sys.path.insert(0, sys.argv[1]);"
        "import vector_reader; alone = vector_reader.confine(7);"
        "free = socket.socket().connect_ex(('127.0.0.1', int(sys.argv[2]))) == 0;"
        "print(json.dumps([alone, free, resource.getrlimit(resource.RLIMIT_CPU),"
        "resource.getrlimit(resource.RLIMIT_AS)[0] > 0]))"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        folder = str(Path(vector_reader.__file__).parent)
        port = str(server.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-I", "-c", code, folder, port], capture_output=True, check=True
        )
    alone, free, cpu, memory = json.loads(done.stdout)
    assert cpu == [7, 7] and memory
    if not alone:
        pytest.skip("this machine gives nobody a network of their own; drivers are still limited")
    assert not free
