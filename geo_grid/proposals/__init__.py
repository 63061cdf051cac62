"""Balance the workload of cells with little change: alternatives for a planner. Pure.

Units (small pieces of ground with a load) are given to zones; every proposal is a relabelling, so
it is a tiling by construction and the heaviest unit bounds what can be reached.
"""

from geo_grid.proposals.alternatives import WISHES, Proposal, Wish, propose
from geo_grid.proposals.figures import Figures, measure
from geo_grid.proposals.search import Cancelled
from geo_grid.proposals.units import Piece, Units, cut_pieces, units_of

__all__ = [
    "WISHES",
    "Cancelled",
    "Figures",
    "Piece",
    "Proposal",
    "Units",
    "Wish",
    "cut_pieces",
    "measure",
    "propose",
    "units_of",
]
