"""The alternatives a planner chooses from: least change, balanced, compact. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from geo_grid.proposals.figures import Figures, groups, measure, targets
from geo_grid.proposals.repair import halved, made_whole
from geo_grid.proposals.search import Cancelled, Ground, Search, anneal
from geo_grid.proposals.units import Units

TRIALS, TRIALS_PER_UNIT = 200_000, 200  # many a unit on small ground, few on large
FORBIDDEN = -1e12  # overlap of zones between which nothing can be exchanged


@dataclass(frozen=True, slots=True)
class Wish:
    """What an alternative weighs. border: of one mean border; stay: of one mean zone's load moved;
    both against the square of a zone's deviation in means. most_moved: share of the load;
    stretch: of the spread at the start, where that allows more to be moved."""

    name: str
    border: float
    stay: float
    most_moved: float
    stretch: float = 0.0


WISHES = (
    Wish("least-change", border=0.001, stay=0.05, most_moved=0.25),
    Wish("balanced", border=0.0005, stay=0.01, most_moved=0.25, stretch=0.8),
    Wish("compact", border=0.004, stay=0.01, most_moved=0.25, stretch=0.8),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A relabelling: zones[i] is the zone unit i would belong to."""

    name: str
    zones: np.ndarray = field(repr=False)
    figures: Figures


def propose(
    units: Units,
    *,
    across: bool = False,
    seed: int = 0,
    wishes: tuple[Wish, ...] = WISHES,
    only: str = "",
    on_progress: Callable[[float], bool | None] | None = None,
) -> list[Proposal]:
    """One proposal for every wish; every zone keeps at least a unit and hangs together.

    across: whether load may pass from one community to another. only: the name of the
    one alternative that is wanted. on_progress: hears the share done
    (0 to 1); Cancelled is raised when it answers False. The same seed gives the same proposals.
    """
    unit_groups, zone_groups = groups(units, across)
    ground, wanted = Ground(units, unit_groups), targets(units, across)
    whole = made_whole(units, ground)
    spread = measure(units, units.zones, across).cv
    trials = TRIALS + TRIALS_PER_UNIT * len(units.loads)
    proposals = []
    for number, wish in enumerate(wishes):
        if only not in ("", wish.name):
            continue
        chance = np.random.default_rng((seed, number))

        def tell(share: float, number: int = number) -> None:
            if on_progress and on_progress((number + share) / len(wishes)) is False:
                raise Cancelled

        start = halved(units, ground, whole, wanted, zone_groups, chance)
        start = _relabelled(units, start, zone_groups)
        most = max(wish.most_moved, wish.stretch * spread)
        plan = Search(units.zones, wanted, wish.border, wish.stay, most, trials)
        zones = _relabelled(units, anneal(ground, start, plan, chance, tell), zone_groups)
        proposals.append(Proposal(wish.name, zones, measure(units, zones, across)))
    return proposals


def _relabelled(units: Units, zones: np.ndarray, zone_groups: np.ndarray) -> np.ndarray:
    """Number the zones so that as much load as possible keeps its number (Hungarian method)."""
    count = units.zone_count
    overlap = np.zeros((count, count))
    np.add.at(overlap, (zones, units.zones), units.loads + 1e-9)
    overlap[zone_groups[:, None] != zone_groups[None]] = FORBIDDEN
    _rows, names = linear_sum_assignment(overlap, maximize=True)
    return names[zones]
