"""Reads one vector file in a process of its own: with limits, without network. Run by
`geo_grid.vectors`, never imported by the service.

Knows no module of ours: which formats there are (`vector_formats`) it is told with what to read.
It trusts nothing: of an archive only the parts of one layer are unpacked, and after GDAL has
opened the file the driver must be the one that the ending names.
"""

import codecs
import ctypes
import json
import math
import re
import resource
import stat
import sys
import zipfile
from pathlib import Path
from typing import Any

MEMORY, FILE_SIZE, UNPACKED, ENTRIES, HANDLES = 4 << 30, 1 << 30, 512 << 20, 100, 64
NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000
DECLARED = re.compile(r"\A\s*<\?xml[^>]*\?>")
UTF_8 = '<?xml version="1.0" encoding="UTF-8"?>'
CHINESE = ("gbk", "gb2312", "gb18030", "936", "cp936")
LANGUAGES = {  # byte 29 of a DBF
    **dict.fromkeys((0x03, 0x57, 0x58, 0x59), "cp1252"),
    **dict.fromkeys((0x13, 0x7B), "cp932"),
    **dict.fromkeys((0x4D, 0x7A), "gb18030"),
    **dict.fromkeys((0x4E, 0x79), "cp949"),
    **dict.fromkeys((0x4F, 0x78), "cp950"),
    **dict.fromkeys((0x50, 0x7C), "cp874"),
    **dict.fromkeys((0x26, 0x65), "cp866"),
    **{0x01: "cp437", 0x02: "cp850", 0x64: "cp852", 0x7D: "cp1255", 0x7E: "cp1256"},
    **{0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253"},
}
# What many programs write for want of anything better.
WESTERN = ("cp1252", "cp437", "cp850", "iso8859-1")
CODE_PAGE = re.compile(r"(?:ansi|cp|oem|ms|windows|iso)?[ _-]*(\d{3,6})")


class Refused(Exception):
    """The file is not read. A key of the words in `services/words.py`, and what they name."""

    def __init__(self, key: str, **details):
        super().__init__(key)
        self.told = {"key": key, **details}


def confine(cpu_seconds: int) -> bool:
    """Set the limits; answers whether the process has a network of its own, with nothing in it."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_NOFILE, HANDLES),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    return ctypes.CDLL(None).unshare(NEW_USER_AND_NETWORK) == 0


def unpacked(path: Path, folder: Path, formats: dict[str, dict]) -> Path:
    """The one layer of an archive, in files named by us."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _refuse_bad(entries)
            wanted = [entry for entry in entries if _ending(entry) in formats]
            if len(wanted) != 1:
                names = ", ".join(sorted(entry.filename for entry in wanted)[:10])
                raise Refused("one_layer", found=names or "-")
            stem = wanted[0].filename.rpartition(".")[0]
            parts = formats[_ending(wanted[0])]["parts"]
            for entry in entries:
                same = entry.filename.rpartition(".")[0] == stem
                if entry is wanted[0] or (same and _ending(entry) in parts):
                    _copy(archive, entry, folder / f"layer{_ending(entry)}")
            return folder / f"layer{_ending(wanted[0])}"
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Refused("archive", why=str(error)[:200]) from None


def _ending(entry: zipfile.ZipInfo) -> str:
    return Path(entry.filename).suffix.lower()


def _refuse_bad(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > ENTRIES:
        raise Refused("archive", why=f"{len(entries)} > {ENTRIES} files")
    if sum(entry.file_size for entry in entries) > UNPACKED:
        raise Refused("archive", why=f"> {UNPACKED >> 20} MB")
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        away = name.startswith("/") or ".." in name.split("/") or ":" in name
        if away or stat.S_ISLNK(entry.external_attr >> 16) or _ending(entry) == ".zip":
            raise Refused("archive", why=entry.filename[:80])


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Unpack what the archive announced and not a byte more."""
    left = entry.file_size
    with archive.open(entry) as source, target.open("wb") as out:
        while block := source.read(min(left, 1 << 20) or 1):
            left -= len(block)
            if left < 0:
                raise Refused("archive", why=entry.filename[:80])
            out.write(block)


def recoded(path: Path, folder: Path, encoding: str, notes: list) -> Path:
    """A text file that is no UTF-8, as UTF-8; the file itself where it is."""
    raw = path.read_bytes()
    text, used, _cut = _decoded([raw], [False], encoding, said="")
    if used == "utf-8" and not raw.startswith(b"\xef\xbb\xbf"):
        return path
    if used != "utf-8":
        notes.append({"kind": "encoding", "used": used, "said": ""})
    target = folder / f"text{path.suffix.lower()}"
    words = text[0].removeprefix("\ufeff")
    words = DECLARED.sub(UTF_8, words, count=1)  # XML names the encoding that it had
    target.write_text(words, encoding="utf-8")
    return target


def dbf(path: Path, encoding: str, notes: list) -> tuple[list, list, list, list[bool]]:
    """Names, kinds and columns of a DBF, every value as the text that it is in the file; and row
    by row whether it still counts: a star marks what was deleted."""
    raw = path.read_bytes()
    start, width = int.from_bytes(raw[8:10], "little"), int.from_bytes(raw[10:12], "little")
    count = min(int.from_bytes(raw[4:8], "little"), (len(raw) - start) // max(width, 1))
    names, kinds, spans, at = [], [], [], 1
    for place in range(32, start - 1, 32):
        field = raw[place : place + 32]
        if len(field) < 32 or field[0] == 0x0D:
            break
        names.append(field[:11].split(b"\0")[0])
        kinds.append(f"{chr(field[11])}{field[17]}")
        spans.append((at, at + field[16]))
        at += field[16]
    rows = [raw[start + n * width : start + (n + 1) * width] for n in range(count)]
    cells = [row[first:last] for row in rows for first, last in spans]
    said = _said(beside(path, ".cpg"), raw[29])
    texts = _dbf_text(names, cells, said, encoding, notes)
    names, texts = texts[: len(names)], texts[len(names) :]
    columns = [texts[n :: len(names)] for n in range(len(names))]
    numbers = [kind[0] in "NF" and kind[1:] != "0" for kind in kinds]
    columns = [
        [_whole(text) for text in column] if number else column
        for column, number in zip(columns, numbers, strict=True)
    ]
    kinds = ["Real" if number else "String" for number in numbers]
    return names, kinds, columns, [row[:1] != b"*" for row in rows]


def _whole(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _said(cpg: Path | None, language: int) -> str:
    """The encoding that the file itself names, in Python's words; nothing where it names none."""
    said = cpg.read_text("latin-1").strip().lower()[:40] if cpg else ""
    page = CODE_PAGE.fullmatch(said)
    if page:
        is_iso = page[1].startswith("8859")
        said = f"iso8859-{page[1][4:]}" if is_iso else f"cp{page[1]}"
    try:
        return codecs.lookup(said).name if said else LANGUAGES.get(language, "")
    except LookupError:
        return said


def _dbf_text(
    names: list[bytes], cells: list[bytes], said: str, encoding: str, notes: list
) -> list[str]:
    """All texts of a DBF. A file in UTF-8 or Chinese often says something else or nothing: what
    it says holds only where these two are out of the question."""
    full = [len(name) >= 10 for name in names]
    full += [bool(cell) and cell[-1:] not in b" \0" for cell in cells]
    values = [*names, *(cell.strip(b" \0") for cell in cells)]
    texts, used, cut = _decoded(values, full, encoding, said)
    plain = all(value.isascii() for value in values)
    meant = "gb18030" if said in CHINESE else said or "utf-8"
    if not encoding and not plain and used != meant:
        notes.append({"kind": "encoding", "used": used, "said": said})
    if cut:
        shown = ", ".join(texts[place] for place in cut[:5])
        notes.append({"kind": "cut", "n": len(cut), "texts": shown[:300]})
    return texts


def _decoded(
    values: list[bytes], full: list[bool], encoding: str, said: str
) -> tuple[list[str], str, list[int]]:
    """The texts, their encoding, and which of them lost the last character: a field of fixed width
    may end inside of one."""
    for name in [encoding] if encoding else _possible(values, said):
        texts, cut = [], []
        try:
            for place, value in enumerate(values):
                decoder = codecs.getincrementaldecoder(name)()
                texts.append(decoder.decode(value, final=not full[place]))
                if decoder.getstate()[0]:
                    cut.append(place)
            return texts, name, cut
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise Refused("encoding", encoding=name) from None
    raise Refused("encoding", encoding=encoding or said or "UTF-8, GB18030")


def _possible(values: list[bytes], said: str) -> list[str]:
    """Encodings to try in turn. Bytes in pairs all through are Chinese, not western letters."""
    if said in ("", "utf-8", *CHINESE):
        return ["utf-8", "gb18030"]
    if said not in WESTERN:
        return ["utf-8", said]
    try:
        b" ".join(values).decode("gb2312")
        return ["utf-8", "gb18030", said]
    except UnicodeDecodeError:
        return ["utf-8", said, "gb18030"]


def layer_of(pyogrio, path: Path, wanted: str) -> str:
    layers = [name for name, kind in pyogrio.list_layers(path).tolist() if kind]
    if wanted and wanted not in layers:
        raise Refused("no_layer", layer=wanted, found=", ".join(layers)[:300])
    if not wanted and len(layers) > 1:
        raise Refused("several_layers", found=", ".join(layers)[:300])
    if not layers:
        raise Refused("no_polygons")
    return wanted or layers[0]


def read(asked: dict) -> dict:
    """What is in the file: CRS, names, kinds and columns of the fields, shapes as hex WKB, notes."""
    path, folder, encoding = Path(asked["path"]), Path(asked["folder"]), asked["encoding"]
    formats = {one["ending"]: one for one in asked["formats"]}
    notes: list = []
    if path.suffix.lower() == ".zip":
        path = unpacked(path, folder, formats)
    form = formats.get(ending := path.suffix.lower())
    if form is None:
        raise Refused("ending", ending=ending or path.name, known=", ".join((*formats, ".zip")))
    if form["text"]:
        path = recoded(path, folder, encoding, notes)
    texts = beside(path, ".dbf") if ".dbf" in form["parts"] else None
    if texts:
        path = without_texts(path, folder)
    told, fids, shapes, values = opened(path, asked["layer"], form["drivers"])
    if texts:
        told["fields"], told["kinds"], columns, counts = dbf(texts, encoding, notes)
        alive = [n for n, row in enumerate(fids.tolist()) if counts[row]]
        told["columns"] = [[column[fids[n]] for n in alive] for column in columns]
        if len(alive) < len(shapes):
            notes.append({"kind": "deleted", "n": len(shapes) - len(alive)})
        shapes = shapes[alive]
    else:
        told["columns"] = [_texts(column) for column in values]
    refuse_broken(shapes, told["fields"], told["columns"])
    refuse_many_vertices(shapes, asked["most_vertices"])
    told |= {"notes": notes, "mended": mended(shapes) if asked["mend"] else {}}
    return told | {"shapes": [shape.hex() if shape else None for shape in shapes]}


def beside(path: Path, ending: str) -> Path | None:
    """The part of a Shapefile with this ending, in small letters or in capitals."""
    for part in path.parent.iterdir():
        if part.stem.lower() == path.stem.lower() and part.suffix.lower() == ending:
            return part
    return None


def without_texts(path: Path, folder: Path) -> Path:
    """A Shapefile without its DBF, whose texts GDAL would have to guess; `dbf` reads them."""
    for ending in (".shp", ".shx", ".prj"):
        part = beside(path, ending)
        if part:
            (folder / f"shapes{ending}").symlink_to(part.absolute())
    return folder / "shapes.shp"


def opened(path: Path, layer: str, drivers: list[str]) -> tuple[dict, Any, Any, Any]:
    """What GDAL finds: (crs, driver, fields and kinds), row numbers, shapes as WKB, values."""
    sys.modules["pandas"] = sys.modules["geopandas"] = None  # half the starting time of pyogrio
    import pyogrio.raw  # noqa: PLC0415  only once the limits hold

    try:
        layer = layer_of(pyogrio, path, layer)
        driver = pyogrio.read_info(path, layer=layer)["driver"]
        if driver not in drivers:
            raise Refused("ending", ending=driver, known=", ".join(drivers))
        more = {"DATE_AS_STRING": "YES"} if driver == "GeoJSON" else {}
        meta, fids, shapes, values = pyogrio.raw.read(
            path, layer=layer, datetime_as_string=True, return_fids=True, **more
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise Refused("unreadable", why=str(error)[-200:]) from None
    told = {"crs": meta["crs"], "driver": driver, "fields": [str(n) for n in meta["fields"]]}
    told["kinds"] = [name.removeprefix("OFT") for name in meta["ogr_types"]]
    return told, fids, shapes, values


def refuse_broken(shapes, fields: list[str], columns: list[list[str]]) -> None:
    """Refuse a ring that is not closed and coordinates that are no numbers, with the row's texts."""
    import shapely  # noqa: PLC0415  only once the limits hold

    found = shapely.from_wkb(shapes, on_invalid="ignore")
    points, row_of = shapely.get_coordinates(found, return_index=True)
    wrong = set(row_of[~(abs(points) < math.inf).all(axis=1)].tolist())
    wrong |= {n for n, shape in enumerate(found) if shape is None and shapes[n] is not None}
    if wrong:
        row = min(wrong)
        texts = zip(fields, columns, strict=True)
        told = ", ".join(f"{name}={column[row]}" for name, column in texts if column[row])
        raise Refused("broken_shape", row=row + 1, cell=told[:200] or "-")


def refuse_many_vertices(shapes, most: int) -> None:
    """Refused before anything is computed with the shapes; 0: as many as there are."""
    import shapely  # noqa: PLC0415  only once the limits hold

    found = int(shapely.get_num_coordinates(shapely.from_wkb(shapes)).sum()) if most else 0
    if found > most:
        raise Refused("too_many_vertices", n=found, most=most)


def mended(shapes) -> dict[int, str]:
    """Row -> a valid shape for an invalid one, so that the ground beside it can be checked. What
    is stored is never mended. A wild ring can take for ever: here it ends with the process."""
    import shapely  # noqa: PLC0415  only once the limits hold

    found = shapely.from_wkb(shapes)
    wrong = [n for n in range(len(found)) if found[n] is not None and not found[n].is_valid]
    valid = shapely.make_valid(found[wrong], method="structure", keep_collapsed=False)
    return {row: shape.wkb.hex() for row, shape in zip(wrong, valid, strict=True)}


def _texts(values) -> list[str]:
    """Values as text: whole numbers without a decimal point, nothing for nothing."""
    told = []
    for value in values.tolist():
        if value is None or (isinstance(value, float) and math.isnan(value)):
            told.append("")
        elif isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            told.append(str(int(value)))
        else:
            told.append(str(value))
    return told


def main() -> int:
    asked = json.loads(sys.argv[1])
    alone = confine(asked["cpu_seconds"])
    try:
        told = read(asked)
    except Refused as refused:
        told = {"refused": refused.told}
    except Exception as error:  # whatever a hostile file brings about
        told = {"refused": {"key": "unreadable", "why": type(error).__name__}}
    text = json.dumps(told | {"alone": alone})
    if len(text) > asked["most_told"]:
        text = json.dumps({"refused": {"key": "too_much"}, "alone": alone})
    Path(asked["target"]).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
