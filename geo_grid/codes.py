"""Codes of areas and cells. Pure.

GB/T 2260 and GB/T 10114 for areas (6, 9, 12 digits); a cell is its community's 12 digits and a
sequence of three (DB11 unit-grid code). See GLOSSARY.md.
"""

import re

DISTRICT, TOWN, COMMUNITY = "DISTRICT", "TOWN", "COMMUNITY"
LEVEL_BY_LENGTH = {6: DISTRICT, 9: TOWN, 12: COMMUNITY}
CELL_DIGITS = 15
_FOREIGN = re.compile(r"[A-Za-z0-9_.-]{1,20}")


def level_of(code: str) -> str:
    """DISTRICT, TOWN or COMMUNITY by the number of digits; ValueError for anything else."""
    if not (code.isascii() and code.isdigit() and len(code) in LEVEL_BY_LENGTH):
        raise ValueError(f"{code!r} is no area code: 6, 9 or 12 digits are expected")
    return LEVEL_BY_LENGTH[len(code)]


def parent_of(code: str) -> str | None:
    """The code of the area above, or None for a district."""
    return code[:-3] if level_of(code) != DISTRICT else None


def chain(community: str) -> tuple[str, str, str]:
    """(community, town, district) codes, nearest first."""
    return community, community[:9], community[:6]


def is_village(community: str) -> bool:
    """Segment three from 200 on is a villagers' committee, below it a residents' committee."""
    return int(community[9:12]) >= 200


def is_cell_code(code: str) -> bool:
    """Fifteen digits: the form of this project's own cells."""
    return code.isascii() and code.isdigit() and len(code) == CELL_DIGITS


def is_foreign_cell_code(code: str) -> bool:
    """A code that another city gave: kept as it is, 1 to 20 plain characters."""
    return _FOREIGN.fullmatch(code) is not None


def next_cell_code(community: str, used: set[str]) -> str:
    """The next free code. A number once given, also to a retired cell, is never given again."""
    taken = [int(code[12:]) for code in used if code.startswith(community) and is_cell_code(code)]
    number = max(taken, default=0) + 1
    if number > 999:
        raise ValueError(f"community {community} has used all 999 cell numbers")
    return f"{community}{number:03d}"


def numbered(community: str, centroids: list[tuple[float, float]]) -> list[str]:
    """First numbering of a community: west to east, then north to south. In the given order."""
    order = sorted(range(len(centroids)), key=lambda i: (centroids[i][0], -centroids[i][1]))
    codes = [""] * len(centroids)
    for number, index in enumerate(order, start=1):
        codes[index] = f"{community}{number:03d}"
    return codes


def further(community: str, middles: list[tuple[float, float]], used: set[str]) -> list[str]:
    """The next free codes for several new cells, west to east, then north to south. In the given
    order."""
    order = sorted(range(len(middles)), key=lambda i: (middles[i][0], -middles[i][1]))
    taken, found = set(used), [""] * len(middles)
    for index in order:
        found[index] = next_cell_code(community, taken)
        taken.add(found[index])
    return found
