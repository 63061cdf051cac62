"""Where is the place that somebody names? Candidates with scores; only a clear one is certain."""

from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from core import sql
from geo_grid import addresses
from geo_grid.models import Area

LEAST_SCORE, SURE_SCORE, CLEARLY_AHEAD = 0.5, 0.85, 0.1
PRECISE = ("cell", "place")  # a whole town is no place to send a worker to
OTHER_TOWN = 0.6  # factor of a community that lies in another town than the one named
ONE_OF_THEM = 0.6  # factor of a place that is one of the things which were named at once
ELSEWHERE = 0.6  # factor where province, city or district that were said are not those of the place
OTHER_GROUND = 0.8  # factor of a place that does not lie in the community that was said
UNACCOUNTED = 0.8  # factor where only one of the two has numbers before a crossing
UNNAMED = 0.8  # factor of the community where a cell, house or place in it was named


def find_place(text: str, at: datetime, limit: int = 5) -> list[dict]:
    """Candidates {kind, code, name, score, lon, lat} for an address, best first.

    score is 0 to 1; lon and lat (WGS84 degrees) are a point inside the thing. Never decides.
    settings.ADDRESS_RESOLVER may name another function of this shape: a city's address service.
    """
    return import_string(settings.ADDRESS_RESOLVER)(text, at, limit)


def known_places(text: str, at: datetime, limit: int) -> list[dict]:
    """The resolver of our own: areas, cells and places of the database."""
    areas = list(Area.objects.filter(active=True).only("code", "name", "level"))
    said = addresses.parse(text[:200])
    if not any((said.town, said.community, said.cell, said.rest, said.whole)):
        return []
    towns = _towns(areas, said)
    scored = _areas(areas, said, towns)
    abroad = _abroad(areas, said)
    wanted = {
        "codes": list(scored),
        "scores": list(scored.values()),
        "numbered": bool(said.cell),
        "text": said.rest,
        "names": list(said.names),
        "texts": [text for text in (said.rest, said.whole, *said.names) if text],
        "named": f"%{addresses.core(said.community)}%" if said.numbers and said.community else "",
        "said": addresses.spoken(said),
        "placed": bool(said.town or said.community),
        "at": at,
    }
    found = [
        {
            **{key: row[key] for key in ("kind", "code", "name", "lon", "lat")},
            "score": round(
                _score(row, said, scored)
                * _distance(row, abroad)
                * _there(row, towns)
                * _at_home(row, said, scored),
                3,
            ),
        }
        for row in sql.rows("geo_grid", "find_place", wanted)
    ]
    named = [row for row in found if row["score"] >= LEAST_SCORE]
    return sorted(named, key=lambda row: (-row["score"], -len(row["name"]), row["code"]))[:limit]


def sure(candidates: list[dict]) -> dict | None:
    """The candidate that is meant beyond doubt: precise, like enough, clearly ahead; or None."""
    best, second = [*candidates, None, None][:2]
    if best is None or best["kind"] not in PRECISE or best["score"] < SURE_SCORE:
        return None
    return best if not second or best["score"] - second["score"] >= CLEARLY_AHEAD else None


def _towns(areas: list[Area], said: addresses.Address) -> dict[str, float]:
    """Town code -> factor of what lies in it: 1 in the town that was said; empty where none was."""
    return {
        area.code: 1.0 if like >= SURE_SCORE else max(OTHER_TOWN, like)
        for area in areas
        if said.town and area.level == Area.Level.TOWN
        for like in [addresses.likeness(area.name, said.town)]
    }


def _there(row: dict, towns: dict[str, float]) -> float:
    """The factor of a place by the town that it lies in; areas and cells are scored by theirs."""
    if row["kind"] != "place" or not towns or not row["area"]:
        return 1.0
    return towns.get(row["area"][:9], OTHER_TOWN)


def _at_home(row: dict, said: addresses.Address, scored: dict[str, float]) -> float:
    """The factor of a place by the community that it lies in, where its name tells none."""
    if row["kind"] != "place" or not said.community:
        return 1.0
    told = any(addresses.parse(name).community for name in row["names"])
    return 1.0 if told or scored.get(row["area"], 0.0) >= SURE_SCORE else OTHER_GROUND


def _areas(areas: list[Area], said: addresses.Address, towns: dict[str, float]) -> dict[str, float]:
    """Scores of the areas by code: how well each one's name, and its town's, fits what was said."""
    name = said.community or said.rest
    scores = {}
    for area in areas:
        own = addresses.likeness(area.name, name) if name else 0.0
        if area.level == Area.Level.TOWN:
            named = addresses.likeness(area.name, said.town) if said.town else 0.0
            own = max(own, named) if not said.community else 0.0
        elif area.level == Area.Level.COMMUNITY and said.town:
            own *= towns.get(area.code[:9], OTHER_TOWN)
        if own >= LEAST_SCORE:
            scores[area.code] = own
    return scores


def _abroad(areas: list[Area], said: addresses.Address) -> dict[str, float]:
    """District code -> factor: 1 where an address leads into that district, ELSEWHERE if not."""
    names = {area.code: area.name for area in areas if area.level == Area.Level.DISTRICT}
    return {
        code: 1.0 if addresses.at_home(said.above, [*settings.HOME_NAMES, name]) else ELSEWHERE
        for code, name in names.items()
    }


def _distance(row: dict, abroad: dict[str, float]) -> float:
    """The factor of the row's district; a place of no area may be in any of ours."""
    if row["area"]:
        return abroad.get(row["area"][:6], ELSEWHERE)
    return max(abroad.values(), default=ELSEWHERE)


def _score(row: dict, said: addresses.Address, scored: dict[str, float]) -> float:
    """The score of a row: of its area, or by its own name, other names or code."""
    by_area = scored.get(row["area"], 0.0)
    if row["kind"] == "area":
        named = said.cell or said.numbers or said.names or (said.community and said.rest)
        return by_area * (UNNAMED if named else 1.0)
    if row["kind"] == "place" and said.whole in row["names"]:
        return 1.0
    if row["kind"] == "place" and said.names:
        return max(_several(name, said) for name in row["names"])
    if row["kind"] == "place" and said.numbers:
        return _numbered(addresses.parse(row["name"]), said) * said.sure
    by_name = max(addresses.likeness(name, said.rest) for name in row["names"])
    if said.cell and row["kind"] == "cell" and said.cell == _number_of(row):
        return said.sure * max(by_area, by_name)
    return said.sure * (1.0 if row["code"] == said.rest else by_name)


def _numbered(known: addresses.Address, said: addresses.Address) -> float:
    """The score of a place with a house number: of its names, and every number must fit."""
    own = addresses.likeness(known.community or known.rest, said.community or said.rest)
    rest = addresses.likeness(known.rest, said.rest) if known.rest or said.rest else 1.0
    return min(own, rest) * addresses.agreement(known, said)


def _several(name: str, said: addresses.Address) -> float:
    """The score of a place by one of its names where several things were named at once: each must
    be in the name; a thing by itself is where to look."""
    known = addresses.parse(name)
    alone = max(addresses.likeness(name, one) for one in said.names)
    together = addresses.all_named(known.names, said.names) * _before(known, said)
    return max(together * said.sure, ONE_OF_THEM * alone)


def _before(known: addresses.Address, said: addresses.Address) -> float:
    """The factor of what stands before several things: the community and its numbers."""
    home = 1.0
    if known.community and said.community:
        home = addresses.likeness(known.community, said.community)
    if known.numbers == said.numbers:
        return home
    return 0.0 if known.numbers and said.numbers else home * UNACCOUNTED


def _number_of(row: dict) -> int:
    """The number people call a cell by: the one in its name, else the end of its code."""
    return addresses.parse(row["name"]).cell or int(row["code"][-3:] if row["own_code"] else 0)
