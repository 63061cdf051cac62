"""Vector files of others, read by a process that may not do much: see `vector_reader`. Pure."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import geopandas
import pyogrio
import shapely
from pyproj.exceptions import CRSError
from shapely import Geometry

from geo_grid import vector_reader
from geo_grid.vector_formats import FORMATS

NOWHERE = "http://127.0.0.1:9"  # a proxy that nobody serves, should the process have a network


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. mend: whether valid shapes are made for invalid ones, which can take
    for ever; most_vertices: of all shapes, 0 for any; most_told: bytes of what the reader says."""

    cpu_seconds: int
    seconds: int
    mend: bool
    most_vertices: int
    most_told: int


BY_HAND = Limits(60, 120, mend=True, most_vertices=0, most_told=1 << 30)  # at the command line
UPLOADED = Limits(8, 15, mend=False, most_vertices=500_000, most_told=64 << 20)


class BadFile(ValueError):
    """A file that is not read. key: of the words in `services/words.py`; details: what they name."""

    def __init__(self, key: str, **details):
        super().__init__(key)
        self.key, self.details = key, details


@dataclass(frozen=True, slots=True)
class VectorFile:
    """table: fields as text and shapes, with the CRS that the file states; mended: row -> a valid
    shape for an invalid one; real: fields that the file holds as fractions; notes: what the
    reader had to guess."""

    table: geopandas.GeoDataFrame
    mended: dict[int, Geometry]
    real: frozenset[str]
    notes: tuple[dict, ...]
    driver: str


def read(
    path: Path, *, layer: str = "", encoding: str = "", limits: Limits = BY_HAND
) -> VectorFile:
    """The layer of a file, every field as text from the first byte to the last."""
    told = _told(path, layer, encoding, limits)
    if "refused" in told:
        raise BadFile(**told["refused"])
    fields = dict(zip(told["fields"], told["columns"], strict=True))
    fields.pop("geometry", None)
    try:
        shapes = shapely.from_wkb([bytes.fromhex(one) if one else None for one in told["shapes"]])
        mended = {int(n): shapely.from_wkb(bytes.fromhex(x)) for n, x in told["mended"].items()}
        table = geopandas.GeoDataFrame(fields, geometry=shapes, crs=told["crs"])
    except (shapely.errors.GEOSException, shapely.errors.ShapelyError) as error:
        raise BadFile("unreadable", why=str(error)[:200]) from None
    except CRSError as error:
        raise BadFile("unreadable", why=str(error)[:200]) from None
    kinds = zip(told["fields"], told["kinds"], strict=True)
    real = frozenset(name for name, kind in kinds if kind == "Real")
    return VectorFile(table, mended, real, tuple(told["notes"]), told["driver"])


def _told(path: Path, layer: str, encoding: str, limits: Limits) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "told.json"
        asked = {"path": str(path.absolute()), "folder": folder, "target": str(target)}
        asked |= {"layer": layer, "encoding": encoding, **asdict(limits)}
        asked |= {"formats": [asdict(one) for one in FORMATS]}
        try:
            done = subprocess.run(
                [sys.executable, "-I", vector_reader.__file__, json.dumps(asked)],
                env=_surroundings(folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=limits.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BadFile("too_much") from None
        if done.returncode != 0 or not target.exists():
            raise BadFile("too_much")
        return json.loads(target.read_bytes())


def _surroundings(folder: str) -> dict[str, str]:
    """The whole environment of the reader: the drivers it may use, and no secret of ours."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TMPDIR": folder,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OGR_SKIP": _other_drivers(),
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "http_proxy": NOWHERE,
        "https_proxy": NOWHERE,
    }


@cache
def _other_drivers() -> str:
    wanted = {name for one in FORMATS for name in one.drivers}
    return ",".join(sorted(set(pyogrio.list_drivers()) - wanted))
