"""Local statistics of counted events: pure numpy and scipy, no Django; notebooks import it."""

from hotspots.engine.exact import exact_total, mid_p
from hotspots.engine.fdr import benjamini_hochberg, bins
from hotspots.engine.gi import gi_star
from hotspots.engine.weights import contiguity, distance_band, neighbours

__all__ = [
    "benjamini_hochberg",
    "bins",
    "contiguity",
    "distance_band",
    "exact_total",
    "gi_star",
    "mid_p",
    "neighbours",
]
