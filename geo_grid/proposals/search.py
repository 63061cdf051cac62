"""Annealing of border flips, on flat lists: what plain Python reads fastest. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geo_grid.proposals.units import Units

CHUNK = 20_000  # trials between two reports of progress
COOLING = 5  # decades from the first to the last temperature
ALONG_LINE = 0.2  # what a border along a road or river costs, of one across open ground


class Cancelled(Exception):
    """Whoever asked for proposals does not want them any more."""


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for. homes: the present zone of every unit; wanted: target load of every zone;
    border, stay, most_moved: see `Wish`; trials: flips to try."""

    homes: np.ndarray
    wanted: np.ndarray
    border: float
    stay: float
    most_moved: float
    trials: int


class Ground:
    """Units and their half-edges as flat lists: those of unit i stand at start[i] to start[i+1]."""

    def __init__(self, units: Units, unit_groups: np.ndarray):
        ends = np.concatenate([units.borders, units.borders[:, ::-1]])
        order = np.argsort(ends[:, 0], kind="stable")
        costs = units.lengths * (1 - (1 - ALONG_LINE) * units.along)
        costs = np.concatenate([costs, costs])[order] / max(float(units.lengths.mean()), 1e-9)
        count = len(units.loads)
        start = np.searchsorted(ends[order, 0], np.arange(count + 1)).tolist()
        near, price = ends[order, 1].tolist(), costs.tolist()
        self.first: list[int] = ends[order, 0].tolist()
        self.near: list[int] = near
        self.around = [near[start[i] : start[i + 1]] for i in range(count)]
        self.priced = [
            list(zip(near[start[i] : start[i + 1]], price[start[i] : start[i + 1]], strict=True))
            for i in range(count)
        ]
        self.groups: list[int] = unit_groups.tolist()
        self.loads = units.loads


def anneal(
    ground: Ground,
    zones: np.ndarray,
    plan: Search,
    chance: np.random.Generator,
    tell: Callable[[float], None],
) -> np.ndarray:
    """Better zones than `zones`, each in as few pieces as it was. tell hears the share done, and
    may raise Cancelled."""
    flips = Flips(ground, zones, plan)
    heat = 5.0 * float(np.median(flips.loads)) ** 2 or 1e-6
    edges = len(ground.near)
    for done in range(0, plan.trials if edges else 0, CHUNK):
        size = min(CHUNK, plan.trials - done)
        progress = (done + np.arange(size)) / plan.trials
        allowed = chance.exponential(size=size) * heat * 10 ** (-COOLING * progress)
        flips.run(chance.integers(0, edges, size).tolist(), allowed.tolist())
        tell((done + size) / plan.trials)
    return np.array(flips.zones)


class Flips:
    """The state of one annealing. Loads are counted in means of a zone."""

    def __init__(self, ground: Ground, zones: np.ndarray, plan: Search):
        mean = max(float(plan.wanted.mean()), 1e-12)
        loads = ground.loads / mean
        self.ground, self.plan = ground, plan
        self.zones: list[int] = zones.tolist()
        self.homes: list[int] = plan.homes.tolist()
        self.loads: list[float] = loads.tolist()
        self.surplus = (np.bincount(zones, loads, len(plan.wanted)) - plan.wanted / mean).tolist()
        self.moved = float(loads[zones != plan.homes].sum())
        self.most = plan.most_moved * float(loads.sum())

    def run(self, picks: list[int], allowed: list[float]) -> None:
        """Try to give the first unit of each picked half-edge to the zone of the second; a flip
        may cost as much as allowed."""
        ground, zones, groups = self.ground, self.zones, self.ground.groups
        first, near = ground.first, ground.near
        for pick, limit in zip(picks, allowed, strict=True):
            unit, other = first[pick], near[pick]
            here, there = zones[unit], zones[other]
            if here == there or groups[unit] != groups[other]:
                continue
            moved = self._newly_moved(unit, here, there)
            if moved > 0 and self.moved + moved > self.most:
                continue
            if self._cost(unit, here, there, moved) > limit or not self._stays_whole(unit, here):
                continue
            load = self.loads[unit]
            zones[unit] = there
            self.surplus[here] -= load
            self.surplus[there] += load
            self.moved += moved

    def _newly_moved(self, unit: int, here: int, there: int) -> float:
        home = self.homes[unit]
        if here == home:
            return self.loads[unit]
        return -self.loads[unit] if there == home else 0.0

    def _cost(self, unit: int, here: int, there: int, moved: float) -> float:
        load, zones = self.loads[unit], self.zones
        border = 0.0
        for other, price in self.ground.priced[unit]:
            zone = zones[other]
            if zone == here:
                border += price
            elif zone == there:
                border -= price
        balance = 2 * load * (load + self.surplus[there] - self.surplus[here])
        return balance + self.plan.border * border + self.plan.stay * moved

    def _stays_whole(self, unit: int, zone: int) -> bool:
        """Whether the zone keeps something, and in one piece, without the unit."""
        zones, around = self.zones, self.ground.around
        wanted = {other for other in around[unit] if zones[other] == zone}
        if len(wanted) < 2:
            return len(wanted) == 1
        waiting = [wanted.pop()]
        seen = {unit, waiting[0]}
        while waiting:
            for other in around[waiting.pop()]:
                if zones[other] == zone and other not in seen:
                    seen.add(other)
                    waiting.append(other)
                    wanted.discard(other)
            if not wanted:
                return True
        return False
