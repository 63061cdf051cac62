"""Before annealing: make broken zones whole, and halve what is far too heavy. Pure.

A zone number "teleports": the lightest pair of neighbours becomes one zone and its free number
takes half of the heaviest, instead of every border between them shifting.
"""

import numpy as np

from geo_grid.proposals.figures import components
from geo_grid.proposals.search import Ground
from geo_grid.proposals.units import Units

TOO_HEAVY = 1.45  # of the target
TREES = 12  # spanning trees tried for one cut


def made_whole(units: Units, ground: Ground) -> np.ndarray:
    """Zones with every piece but the heaviest of each given to the neighbour it touches most."""
    zones = units.zones.copy()
    for _ in range(len(zones)):
        same = zones[units.borders[:, 0]] == zones[units.borders[:, 1]]
        pieces = components(len(zones), units.borders[same])
        weights = np.bincount(pieces, units.loads + 1e-9)
        heart = {}
        for piece in np.argsort(weights).tolist():
            heart[int(zones[np.flatnonzero(pieces == piece)[0]])] = piece
        stray = [p for p in range(len(weights)) if p not in heart.values()]
        if not any([_join_piece(zones, pieces == piece, ground) for piece in stray]):
            break
    return zones


def _join_piece(zones: np.ndarray, members: np.ndarray, ground: Ground) -> bool:
    touched: dict[int, float] = {}
    for unit in np.flatnonzero(members).tolist():
        for other, price in ground.priced[unit]:
            if not members[other] and ground.groups[other] == ground.groups[unit]:
                zone = int(zones[other])
                touched[zone] = touched.get(zone, 0.0) + price
    if touched:
        zones[members] = max(touched, key=touched.__getitem__)
    return bool(touched)


def halved(
    units: Units,
    ground: Ground,
    zones: np.ndarray,
    wanted: np.ndarray,
    zone_groups: np.ndarray,
    chance: np.random.Generator,
) -> np.ndarray:
    """Zones after merging light pairs and halving heavy zones, as long as one is too heavy."""
    zones = zones.copy()
    for _ in range(2 * len(wanted)):
        loads = np.bincount(zones, units.loads, len(wanted))
        heavy = int((loads / np.maximum(wanted, 1e-12)).argmax())
        pair = _lightest_pair(units, zones, loads, zone_groups, heavy)
        if loads[heavy] <= TOO_HEAVY * wanted[heavy] or pair is None:
            break
        members = np.flatnonzero(zones == heavy)
        half = _balanced_half(members, units.loads, ground, chance)
        if len(half) == 0 or loads[list(pair)].sum() >= loads[heavy]:
            break
        zones[zones == pair[1]] = pair[0]
        zones[half] = pair[1]
    return zones


def _lightest_pair(units, zones, loads, zone_groups, heavy) -> tuple[int, int] | None:
    sides = zones[units.borders]
    group = zone_groups[heavy]
    fits = (sides[:, 0] != sides[:, 1]) & (sides != heavy).all(axis=1)
    fits &= (zone_groups[sides] == group).all(axis=1)
    if not fits.any():
        return None
    sums = loads[sides[fits]].sum(axis=1)
    one, two = sides[fits][sums.argmin()].tolist()
    return one, two


def _balanced_half(members, loads, ground: Ground, chance) -> np.ndarray:
    """Of several random spanning trees, the cut that divides the load most evenly."""
    inside = set(members.tolist())
    total = float(loads[members].sum())
    best, half = total, []
    for _ in range(TREES):
        order, parent = _spanning_tree(inside, ground, chance)
        below = {unit: float(loads[unit]) for unit in order}
        for unit in reversed(order[1:]):
            below[parent[unit]] += below[unit]
        for unit in order[1:]:
            if abs(total - 2 * below[unit]) < best:
                best, half = abs(total - 2 * below[unit]), _branch(unit, order, parent)
    return np.array(half, dtype=int)


def _spanning_tree(inside: set[int], ground: Ground, chance) -> tuple[list[int], dict[int, int]]:
    """Units in the order they were reached, and the parent of each."""
    root = sorted(inside)[int(chance.integers(len(inside)))]
    order, parent, waiting = [], {root: root}, [root]
    while waiting:
        unit = waiting.pop(int(chance.integers(len(waiting))))
        order.append(unit)
        for other in ground.around[unit]:
            if other in inside and other not in parent:
                parent[other] = unit
                waiting.append(other)
    return order, parent


def _branch(top: int, order: list[int], parent: dict[int, int]) -> list[int]:
    """The units at and below one unit of a tree."""
    found = {top}
    for unit in order:
        if parent[unit] in found:
            found.add(unit)
    return sorted(found)
