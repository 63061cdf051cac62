"""Bodies, questions and addresses that nobody sends by mistake. Pure, and the same every time.

Every body here must be answered with 4xx; questions and addresses with anything but 5xx.
"""

import json
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from tests.reliability.rings import NUMBERS, lines, rings

REPORT = "incidents/"
GOOD = '{"type":"Point","coordinates":[108.045,34.255]}'


@dataclass(frozen=True, slots=True)
class Body:
    """One request body. kind: what is wrong with it; slot: where it stands."""

    kind: str
    slot: str
    address: str
    content: bytes


# --- numbers and positions --------------------------------------------------------------------
DIMENSIONS = ("", "108", "108,34,5", "108,34,5,6", "[108,34]", "[108,34],[108,34]", "108,34," * 99)


def points() -> Iterator[tuple[str, str]]:
    """(kind, GeoJSON text) of points that are none."""
    for kind, number in NUMBERS.items():
        for axes in (f"{number},34.255", f"108.045,{number}", f"{number},{number}"):
            yield f"number {kind}", f'{{"type":"Point","coordinates":[{axes}]}}'
    for spot in DIMENSIONS:
        yield "dimensions", f'{{"type":"Point","coordinates":[{spot.rstrip(",")}]}}'
    yield "swapped axes", '{"type":"Point","coordinates":[34.255,108.045]}'
    yield from _wrong_shapes()
    yield from _other_systems()
    yield from texts()
    yield from nested()


def _wrong_shapes() -> Iterator[tuple[str, str]]:
    for name in ("Curve", "point", "", "Feature", "FeatureCollection", "Circle", "\\u0000"):
        yield "unknown type", f'{{"type":"{name}","coordinates":[108.045,34.255]}}'
    for value in ("null", "1", "[]", "{}", "true", '["Point"]'):
        yield "type is no text", f'{{"type":{value},"coordinates":[108.045,34.255]}}'
        yield (
            "coordinates are no list",
            f'{{"type":"Point","coordinates":{value}}}'.replace('["Point"]', '"108,34"'),
        )
        yield "no geometry", value
    yield "no geometry", '""'
    yield "no coordinates", '{"type":"Point"}'
    yield "no type", '{"coordinates":[108.045,34.255]}'
    yield "feature", f'{{"type":"Feature","properties":{{}},"geometry":{GOOD}}}'
    yield "empty point", '{"type":"Point","coordinates":[]}'
    yield "empty collection", '{"type":"GeometryCollection","geometries":[]}'


def _other_systems() -> Iterator[tuple[str, str]]:
    names = ("EPSG:3857", "EPSG:4326", "EPSG:999999", "urn:ogc:def:crs:EPSG::4979", "/vsicurl/x")
    for name in names:
        crs = f'{{"type":"name","properties":{{"name":"{name}"}}}}'
        yield "crs member", f'{{"type":"Point","coordinates":[108.045,34.255],"crs":{crs}}}'
    link = '{"type":"link","properties":{"href":"http://127.0.0.1:9/"}}'
    for crs in (link, "null", "3857", "[]"):
        yield "crs member", f'{{"type":"Point","coordinates":[108.045,34.255],"crs":{crs}}}'
    for srid in (0, -1, 3857, 4326, 900913, 998999, 999999, 2**31):
        yield "ewkt", f'"SRID={srid};POINT(108.045 34.255)"'


DEPTHS = (1, 2, 3, 10, 31, 32, 33, 100, 500, 990, 1000, 2000, 5000, 20_000, 100_000, 200_000)


def nested() -> Iterator[tuple[str, str]]:
    """Collections in collections, as JSON, WKT, WKB and EWKB."""
    for deep in DEPTHS:
        opening = '{"type":"GeometryCollection","geometries":['
        yield "nested collection", opening * deep + GOOD + "]}" * deep
        wkt = "GEOMETRYCOLLECTION(" * deep + "POINT(0 0)" + ")" * deep
        yield "nested wkt", f'"{wkt}"'
        for kind, head in (("nested wkb", 7), ("nested ewkb", 7 | 0x20000000)):
            srid = struct.pack("<I", 4326) if head > 7 else b""
            part = struct.pack("<BI", 1, head) + srid + struct.pack("<I", 1)
            leaf = struct.pack("<BIdd", 1, 1, 0, 0)
            yield kind, f'"{(part * deep + leaf).hex()}"'
        yield "nested lists", f'{{"type":"Point","coordinates":{"[" * deep}{"]" * deep}}}'


def texts() -> Iterator[tuple[str, str]]:
    """Geometry in words instead of GeoJSON."""
    words = (
        *(
            "POINT(108.045 34.255)",
            "POINT(nan nan)",
            "POINT(inf 0)",
            "POINT EMPTY",
            "POINT Z(1 1 5)",
        ),
        *(
            "POLYGON((0 0,1 1,1 0,0 0))",
            "GEOMETRYCOLLECTION EMPTY",
            "CURVEPOLYGON(CIRCULARSTRING(0 0,1 1,0 0))",
        ),
        *(
            "BOX(0 0,1 1)",
            "0101000000",
            "00",
            "ZZ",
            "<Point><coordinates>1,1</coordinates></Point>",
        ),
        *("<gml:Point/>", "geo:34.255,108.045", "34.255,108.045", "file:///etc/passwd", "{}"),
    )
    for one in words:
        yield "text", json.dumps(one)
    for number in (math.nan, math.inf, 1e308):
        wkb = struct.pack("<BIdd", 1, 1, number, number)
        ewkb = struct.pack("<BIIdd", 1, 1 | 0x20000000, 4326, number, number)
        yield "wkb", f'"{wkb.hex()}"'
        yield "ewkb", f'"{ewkb.hex()}"'
    yield "wkb with a false count", f'"{struct.pack("<BII", 1, 2, 2**32 - 1).hex()}"'


# --- JSON -------------------------------------------------------------------------------------
def broken() -> Iterator[tuple[str, bytes]]:
    """(kind, bytes) that no address takes, whatever it is for."""
    for deep in (33, 100, 990, 1000, 5000, 30_000, 60_000, 100_000):
        yield "deep lists", b"[" * deep + b"]" * deep
        yield "deep objects", b'{"a":' * deep + b"1" + b"}" * deep
        yield "deep, not closed", b"[" * deep
        yield "deep mixture", b'[{"a":' * deep + b"1" + b"}]" * deep
    for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe6\xb1", b"\x80"):
        yield "bad UTF-8", b'{"note":"' + bad + b'"}'
        yield "bad UTF-8 in a key", b'{"' + bad + b'":1}'
    for name in ("utf-16", "utf-32", "utf-8-sig", "utf-16-be"):
        yield "another encoding", '{"note":"杨凌"}'.encode(name)
    for text in ("\\u0000", "\\ud800", "\\udfff", "\\ud800\\ud800", "a\\u0000b"):
        yield "unstorable", f'{{"note":"{text}","kind":"RENAME"}}'.encode()
        yield "unstorable key", f'{{"{text}":1}}'.encode()
        yield "unstorable below", f'{{"a":[{{"b":["{text}"]}}]}}'.encode()
    for number in ("NaN", "Infinity", "-Infinity", "1e400", "-1e999", "9" * 400, "9" * 5000):
        yield "no number", f'{{"part":{number}}}'.encode()
        yield "no number below", f'{{"a":{{"b":[{number}]}}}}'.encode()
    yield "same key twice", b'{"note":"a","note":"b"}'
    yield "same key twice below", b'{"a":{"note":"a","note":"b"}}'
    for text in ("", "[]", "null", "1", '"text"', "true", "{", "}", "{}}", "{'a':1}", "{a:1}"):
        yield "no object", text.encode()
    for text in ('{"a":1,}', "[1,]", '{"a"}', "\x00", "{}\x00", "<a/>", "a=1", "/**/{}", "nul"):
        yield "no JSON", text.encode()
    yield "too many values", b'{"a":[' + b"1," * 25_000 + b"1]}"
    yield "too large", b'{"a":"' + b"x" * 70_000 + b'"}'
    yield "too many keys", ("{" + ",".join(f'"k{n}":1' for n in range(5000)) + "}").encode()


def _with(field: str, value: str) -> bytes:
    return _report(**{field: value})


def _with_place(field: str, value: str) -> bytes:
    return _report(location=_where(field, value))


def _with_reporter(field: str, value: str) -> bytes:
    return _report(reporter=f'{{"{field}":{value}}}')


STRANGE = ("null", "[]", '"\\u0000"', '"\\ud800"')
MOMENTS = (
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z"),
    *("1e9", "now", "-1", "2201-01-01T00:00:00Z", "2026-01-01T25:00:00Z", "９９９９-01-01"),
    *("2026-01-01T00:00:00+99:99", "1899-01-01", "infinity", "-4713-01-01T00:00:00Z"),
)
CATEGORIES = ("9999", "", "0501 OR 1=1", "'", "%", "\\u202e", "x" * 61)
SPOILED = (  # (what is said of it, fields, values as JSON, how the report is made)
    (
        "another kind of",
        ("category", "description", "occurred_at", "location", "reporter"),
        (*STRANGE, "[1]", '{"$ne":null}', "1e400"),
        _with,
    ),
    (
        "location.",
        ("point", "address", "cell", "shape", "crs", "accuracy_m"),
        (*STRANGE, "{}", "1e400", "9" * 400),
        _with_place,
    ),
    ("reporter.", ("name", "phone", "mail"), (*STRANGE, "{}", f'"{"9" * 300}"'), _with_reporter),
    ("impossible", ("occurred_at",), tuple(f'"{moment}"' for moment in MOMENTS), _with),
    ("wrong", ("accuracy_m",), ("-1", "1e9", "NaN", "1e308", '"x"', "-1e308"), _with_place),
    ("unknown key", ("status", "number", "id", "worker", "__proto__"), ('"CLOSED"',), _with),
    ("unknown", ("category",), tuple(f'"{code}"' for code in CATEGORIES), _with),
    ("unknown", ("cell",), ('"610403001001999"', '"\'"', '".."', f'"{"x" * 21}"'), _with_place),
)


def reports() -> Iterator[tuple[str, bytes]]:
    """(kind, bytes) of reports with one thing wrong."""
    for said, fields, values, made in SPOILED:
        for field, value in product(fields, values):
            yield f"{said} {field}", made(field, value)
    whole = _report()
    for end in range(0, len(whole) - 1, 2):
        yield "cut off", whole[:end]


def _where(field: str, value: str) -> str:
    beside = "" if field in ("point", "address", "cell", "shape") else f'"point":{GOOD},'
    return f'{{{beside}"{field}":{value}}}'


def _report(**changed: str) -> bytes:
    told = {"category": '"0501"', "description": '"垃圾"', "location": f'{{"point":{GOOD}}}'}
    return ("{" + ",".join(f'"{k}":{v}' for k, v in (told | changed).items()) + "}").encode()


# --- where they are sent ----------------------------------------------------------------------
EDITS = {
    "SPLIT lines": ("lines", '{"kind":"SPLIT","cell":"610403001001001","lines":%s}'),
    "SPLIT keep": (
        "point",
        '{"kind":"SPLIT","cell":"610403001001001","lines":{"type":"LineString","coordinates":[[108.045,34.249],[108.045,34.261]]},"keep":%s}',
    ),
    "TRANSFER region": ("ring", '{"kind":"TRANSFER","to_cell":"610403001001001","region":%s}'),
    "CUT_OUT region": ("ring", '{"kind":"CUT_OUT","region":%s}'),
    "RESHAPE lines": (
        "lines",
        '{"kind":"RESHAPE","cells":["610403001001001","610403001001002"],"lines":%s}',
    ),
    "MOVE_VERTEX at": ("point", '{"kind":"MOVE_VERTEX","at":%s,"to":' + GOOD + "}"),
    "MOVE_VERTEX to": (
        "point",
        '{"kind":"MOVE_VERTEX","to":%s,"at":{"type":"Point","coordinates":[108.05,34.25]}}',
    ),
    "INSERT_VERTEX to": (
        "point",
        '{"kind":"INSERT_VERTEX","to":%s,"at":{"type":"Point","coordinates":[108.05,34.255]}}',
    ),
    "REMOVE_VERTEX at": ("point", '{"kind":"REMOVE_VERTEX","at":%s}'),
}
FAMILIES = {"point": points, "ring": rings, "lines": lines}


def geometries(edits: str) -> Iterator[Body]:
    """D1. edits: the address of a plan's edits."""
    for method in ("POST", "PUT"):
        for kind, text in points():
            yield _body(
                kind, f"{method} point", REPORT, '{"category":"0501","location":{"point":%s}}', text
            )
        for kind, text in [*points(), *rings(), *lines()]:
            if not kind.startswith("line:") or _no_line(kind):
                yield _body(
                    kind,
                    f"{method} shape",
                    REPORT,
                    '{"category":"0501","location":{"shape":%s}}',
                    text,
                )
    for slot, (family, frame) in EDITS.items():
        more = () if family == "point" else points()
        for kind, text in [*FAMILIES[family](), *more]:
            if text != "null":  # a field that may be left out may be empty
                yield _body(kind, slot, edits, frame, text)


def _no_line(kind: str) -> bool:
    """Whether a report cannot be about such a line either: a line may cross itself."""
    return kind.startswith("line: number") or kind in ("line: bow-tie of 1e308", "line: empty ring")


def _body(kind: str, slot: str, address: str, frame: str, text: str) -> Body:
    return Body(kind, slot, address, frame.replace("%s", text).encode())


def short(bodies, by: str = "kind") -> list[Body]:
    """One of each kind (or for each address), each in another slot in turn."""
    groups: dict[str, list[Body]] = {}
    for body in bodies:
        groups.setdefault(getattr(body, by), []).append(body)
    return [group[n * 7 % len(group)] for n, group in enumerate(groups.values())]
