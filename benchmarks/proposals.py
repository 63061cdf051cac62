"""Balanced proposals beside SKATER and AZP of spopt and METIS: load balance, load moved, seconds.

Synthetic ground: nearest-seed units in compact zones whose loads have grown apart (cv about 20 %).
The argument (rows) is not used; the sizes are those of the goals.
"""

import json
import logging
import time
import warnings
from dataclasses import replace

import geopandas
import numpy as np
import pymetis
import shapely
from libpysal.weights import W
from scipy.optimize import linear_sum_assignment
from spopt.region import AZP, Skater

from benchmarks.figures import figure
from geo_grid.proposals import Units, Wish, measure, propose, units_of
from geo_grid.proposals.units import Piece

SIDE_M = 10_000


def main() -> None:
    logging.disable()
    warnings.simplefilter("ignore")
    rows = []
    for count, zones, limit in ((404, 40, 3), (10_000, 404, 30)):
        units = drifted(count, zones, seed=1)
        began = time.perf_counter()
        found = propose(units, across=True)
        seconds = time.perf_counter() - began
        peers = [metis] if count > 1000 else [skater, azp, metis]
        rows += compared(units, f"{count} to {zones}", seconds, found, limit, peers)
    print(json.dumps(rows))


def compared(units, size, seconds, found, limit, peers) -> list[dict]:
    """Seconds, and the figures of every alternative beside every peer."""
    theirs = {}
    for peer in peers:
        began = time.perf_counter()
        zones = renumbered(units, np.asarray(peer(units)).astype(int))
        theirs[peer.__name__] = (time.perf_counter() - began, measure(units, zones, True))
    rows = []
    for name, (spent, _figures) in theirs.items():
        what = f"{size}: three alternatives, all connected"
        whole = all(proposal.figures.connected for proposal in found)
        rows.append(
            figure(what, seconds, "s", (name, spent), f"<= {limit}", whole and seconds <= limit)
        )
    for proposal in found:
        for part, wanted in (("cv", 0.05), ("moved_load", 0.25)):
            value, what = getattr(proposal.figures, part), f"{size}: {proposal.name}, {part}"
            for name, (_spent, figures) in theirs.items():
                peer = (name, getattr(figures, part))
                rows.append(figure(what, value, "share", peer, f"<= {wanted}", value <= wanted))
    return rows


def drifted(count: int, zones: int, seed: int) -> Units:
    """Zones that were balanced once and have grown apart."""
    chance = np.random.default_rng(seed)
    ground = shapely.box(0, 0, SIDE_M, SIDE_M)
    seeds = chance.uniform(0, SIDE_M, (count, 2))
    faces = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=ground)
    faces = shapely.intersection(shapely.get_parts(faces), ground, grid_size=0.001)
    middles = shapely.get_coordinates(shapely.centroid(faces))
    hearts = middles[chance.choice(count, zones, replace=False)]
    for _ in range(30):
        zone = ((middles[:, None] - hearts[None]) ** 2).sum(axis=2).argmin(axis=1)
        sums = [np.bincount(zone, middles[:, axis], zones) for axis in (0, 1)]
        hearts = np.column_stack(sums) / np.bincount(zone, minlength=zones)[:, None]
    codes = [f"{number:03d}" for number in range(zones)]
    pieces = [Piece(face, codes[z]) for face, z in zip(faces, zone, strict=True)]
    units = units_of(pieces, chance.gamma(4, 1, count), codes, dict.fromkeys(codes, "one"))
    (once,) = propose(units, across=True, wishes=(Wish("once", 0.005, 0, 1),))
    growth = np.exp(chance.normal(0, 0.21, zones))[once.zones]
    loads = units.loads * growth * np.exp(chance.normal(0, 0.1, count))
    return replace(units, loads=loads, zones=once.zones)


def skater(units: Units):
    """spopt's spanning-tree regions of equal load."""
    model = Skater(
        frame(units),
        W(neighbours(units), silence_warnings=True),
        ["load"],
        n_clusters=units.zone_count,
        floor=2,
    )
    model.solve()
    return model.labels_


def azp(units: Units):
    """spopt's automatic zoning."""
    model = AZP(
        frame(units),
        W(neighbours(units), silence_warnings=True),
        ["load"],
        units.zone_count,
        random_state=0,
    )
    model.solve()
    return model.labels_


def metis(units: Units):
    """Graph partition with contiguous parts of equal load."""
    whole = pymetis.Options(contig=1)
    loads = np.maximum(np.rint(units.loads * 100), 1).astype(int).tolist()
    return pymetis.part_graph(
        units.zone_count, list(neighbours(units).values()), vweights=loads, options=whole
    )[1]


def frame(units: Units) -> geopandas.GeoDataFrame:
    points = geopandas.points_from_xy(np.zeros(len(units.loads)), np.zeros(len(units.loads)))
    return geopandas.GeoDataFrame({"load": units.loads}, geometry=points)


def neighbours(units: Units) -> dict[int, list[int]]:
    near: dict[int, list[int]] = {i: [] for i in range(len(units.loads))}
    for one, two in units.borders.tolist():
        near[one].append(two)
        near[two].append(one)
    return near


def renumbered(units: Units, zones: np.ndarray) -> np.ndarray:
    """A peer's zones with the numbers that move least, as ours are."""
    size = max(units.zone_count, int(zones.max()) + 1)
    overlap = np.zeros((size, size))
    np.add.at(overlap, (zones, units.zones), units.loads)
    return linear_sum_assignment(overlap, maximize=True)[1][zones]


if __name__ == "__main__":
    main()
