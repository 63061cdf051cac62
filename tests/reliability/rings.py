"""Polygons and lines that are none, in growing sizes. Pure, and the same every time."""

import json
import math
import random
from collections.abc import Iterator

CENTRE = (108.045, 34.255)
NUMBERS = {
    "NaN": "NaN",
    "infinity": "Infinity",
    "minus infinity": "-Infinity",
    "1e400": "1e400",
    "-1e400": "-1e400",
    "1e130": "1e130",
    "1e150": "1e150",
    "1e308": "1e308",
    "-1e308": "-1e308",
    "integer of 400 digits": "9" * 400,
    "integer of 5000 digits": "9" * 5000,
    "negative integer of 400 digits": "-" + "9" * 400,
    "true": "true",
    "null": "null",
    "text": '"108.045"',
    "text nan": '"NaN"',
    "list": "[108.045]",
    "object": "{}",
    "181": "181",
    "500": "500",
    "1e6": "1e6",
    "hexadecimal": "0x6C",
    "leading plus": "+108",
    "leading zero": "0108",
    "no digits": "-",
}


def ring(spots) -> str:
    return json.dumps({"type": "Polygon", "coordinates": [[list(spot) for spot in spots]]})


def near(x: float, y: float) -> tuple[float, float]:
    """Into the test ground: a unit square becomes a hundredth of a degree."""
    return round(CENTRE[0] + (x - 0.5) / 100, 9), round(CENTRE[1] + (y - 0.5) / 100, 9)


def random_ring(vertices: int, seed: int) -> list:
    """The ring of which make_valid makes minutes."""
    dice = random.Random(seed)
    spots = [near(dice.random(), dice.random()) for _ in range(vertices)]
    return [*spots, spots[0]]


def spiral(turns: int, steps: int = 12) -> list:
    """Out in a spiral and straight back over its own arms."""
    spots = [
        near(
            0.5 + 0.4 * n / (turns * steps) * math.cos(math.tau * n / steps),
            0.5 + 0.4 * n / (turns * steps) * math.sin(math.tau * n / steps),
        )
        for n in range(turns * steps)
    ]
    return [*spots, spots[0]]


def star(points_of: int) -> list:
    """A star drawn in one stroke."""
    step = points_of // 2
    spots = [
        near(
            0.5 + 0.4 * math.cos(math.tau * n * step / points_of),
            0.5 + 0.4 * math.sin(math.tau * n * step / points_of),
        )
        for n in range(points_of)
    ]
    return [*spots, spots[0]]


def comb(teeth: int) -> list:
    """Teeth that touch the back."""
    spots = [near(0, 0)]
    for n in range(teeth):
        spots += [near((n + 0.5) / teeth, 1), near((n + 1) / teeth, 0)]
    return [*spots, near(0, 0)]


def rings() -> Iterator[tuple[str, str]]:
    """(kind, GeoJSON text) of polygons that are none."""
    a, b, c, d = near(0, 0), near(1, 0), near(1, 1), near(0, 1)
    yield "unclosed", ring([a, b, c, d])
    yield "bow-tie", ring([a, c, b, d, a])
    yield "bow-tie of 1e308", ring([(0, 0), (1e308, 1e308), (1e308, 0), (0, 1e308), (0, 0)])
    yield "three points", ring([a, b, a])
    yield "one place", ring([a, a, a, a])
    yield "no area", ring([a, b, b, a])
    yield "spike", ring([a, b, c, near(2, 2), c, d, a])
    yield "two loops", ring([a, b, near(0.5, 0.5), c, d, near(0.5, 0.5), a])
    yield "empty ring", '{"type":"Polygon","coordinates":[[]]}'
    yield "no ring", '{"type":"Polygon","coordinates":[]}'
    for hole in ([near(2, 2), near(3, 2), near(3, 3), near(2, 2)], [a, b, c, d, a]):
        shell = [list(spot) for spot in (a, b, c, d, a)]
        told = {"type": "Polygon", "coordinates": [shell, [list(spot) for spot in hole]]}
        yield "strange hole", json.dumps(told)
    for count in (5, 50, 200):
        yield "many holes", json.dumps(_sieve(count))
    yield from _series()
    for vertices in (501, 1000, 1200):
        circle = [
            near(
                0.5 + 0.4 * math.cos(n / vertices * math.tau),
                0.5 + 0.4 * math.sin(n / vertices * math.tau),
            )
            for n in range(vertices)
        ]
        yield "vertices", ring([*circle[:-1], circle[1], circle[0]])
    for kind, number in NUMBERS.items():
        yield f"ring number {kind}", ring([a, b, c, a]).replace("108.05", number, 1)
    yield "ring with heights", ring([(*a, 1), (*b, 1), (*c, 1), (*a, 1)])


def _series() -> Iterator[tuple[str, str]]:
    """Shapes that cross themselves, in growing sizes."""
    for vertices in range(50, 501, 10):
        for seed in (1, 2):
            yield "random ring", ring(random_ring(vertices, seed))
    for turns in range(2, 42, 2):
        yield "spiral", ring(spiral(turns))
    for corners in range(5, 100, 4):
        yield "star", ring(star(corners))
    for teeth in range(2, 200, 9):
        yield "comb", ring(comb(teeth))


def _sieve(count: int) -> dict:
    side = math.ceil(math.sqrt(count))
    holes = [
        [
            list(near((n % side + s) / side, (n // side + t) / side))
            for s, t in ((0, 0), (1, 0), (0, 1), (0, 0))
        ]
        for n in range(count)
    ]
    return {
        "type": "Polygon",
        "coordinates": [[list(near(*s)) for s in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))], *holes],
    }


def lines() -> Iterator[tuple[str, str]]:
    """(kind, GeoJSON text) of lines that no border can be."""
    for kind, told in rings():
        if kind in ("bow-tie", "random ring", "spiral", "star", "bow-tie of 1e308", "empty ring"):
            spots = json.loads(told)["coordinates"][0]
            yield f"line: {kind}", json.dumps({"type": "LineString", "coordinates": spots})
    a = near(0, 0)
    for spots in ([], [a], [a, a]):
        yield "line: too short", json.dumps({"type": "LineString", "coordinates": spots})
    for kind, number in NUMBERS.items():
        told = f'{{"type":"LineString","coordinates":[[{number},34.255],[108.05,34.25]]}}'
        yield f"line: number {kind}", told
