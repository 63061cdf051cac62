"""What a division of units into zones is worth: the figures a planner compares. Pure."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from geo_grid.proposals.units import Units


@dataclass(frozen=True, slots=True)
class Figures:
    """cv: standard deviation of the zones' loads over their mean; max_deviation: the largest
    distance from the mean over the mean; moved_load, moved_area: shares of what changes its zone;
    compactness: mean of 4πA/P² over the zones; border_m: border between zones; connected: whether
    every zone is in one piece. A zone is compared with the mean of its group (see `targets`)."""

    cv: float
    max_deviation: float
    moved_load: float
    moved_area: float
    compactness: float
    border_m: float
    connected: bool


def measure(units: Units, zones: np.ndarray, across: bool) -> Figures:
    """The figures of a division, counted afresh. zones: index of the zone of every unit."""
    count = units.zone_count
    loads = np.bincount(zones, units.loads, count)
    wanted = targets(units, across)
    off = (loads - wanted) / np.maximum(wanted, 1e-12)
    moved = zones != units.zones
    between = zones[units.borders[:, 0]] != zones[units.borders[:, 1]]
    return Figures(
        cv=float(np.sqrt(np.mean(off**2))),
        max_deviation=float(np.abs(off).max()),
        moved_load=float(units.loads[moved].sum() / max(units.loads.sum(), 1e-12)),
        moved_area=float(units.areas[moved].sum() / units.areas.sum()),
        compactness=_compactness(units, zones, between),
        border_m=float(units.lengths[between].sum()),
        connected=pieces_of_zones(units, zones) == len(np.unique(zones)),
    )


def targets(units: Units, across: bool) -> np.ndarray:
    """The load each zone should have: the mean of its group, shape (zones,).

    A group is ground over which load can be shared: what hangs together, and with `across` false
    only inside one community. Where load cannot flow, it is no fault of a zone.
    """
    unit_groups, zone_groups = groups(units, across)
    loads = np.bincount(unit_groups, units.loads, unit_groups.max() + 1)
    members = np.bincount(zone_groups, minlength=len(loads))
    return (loads / np.maximum(members, 1))[zone_groups]


def groups(units: Units, across: bool) -> tuple[np.ndarray, np.ndarray]:
    """Index of the group of every unit and of every zone (that of most of its load)."""
    open_borders = np.ones(len(units.borders), dtype=bool)
    if not across:
        sides = units.communities[units.borders]
        open_borders = sides[:, 0] == sides[:, 1]
    inside = units.zones[units.borders[:, 0]] == units.zones[units.borders[:, 1]]
    unit_groups = components(len(units.loads), units.borders[open_borders | inside])
    shares = np.zeros((units.zone_count, unit_groups.max() + 1))
    np.add.at(shares, (units.zones, unit_groups), units.loads + 1e-9)
    return unit_groups, shares.argmax(axis=1)


def components(count: int, links: np.ndarray) -> np.ndarray:
    """Index of the connected part of every node; links: pairs of nodes, shape (m, 2)."""
    matrix = sparse.coo_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), (count, count))
    return csgraph.connected_components(matrix, directed=False)[1]


def pieces_of_zones(units: Units, zones: np.ndarray) -> int:
    """How many connected pieces the zones have together; equals their number if all are whole."""
    same = zones[units.borders[:, 0]] == zones[units.borders[:, 1]]
    return int(components(len(zones), units.borders[same]).max()) + 1


def _compactness(units: Units, zones: np.ndarray, between: np.ndarray) -> float:
    count = units.zone_count
    areas = np.bincount(zones, units.areas, count)
    inner = np.bincount(zones[units.borders[~between, 0]], units.lengths[~between], count)
    around = np.bincount(zones, units.perimeters, count) - 2 * inner
    return float(np.mean(4 * np.pi * areas / np.maximum(around, 1e-9) ** 2))
