"""Who is whose neighbour: sparse matrices of weights."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

TOUCHING_M = 0.05  # borders closer than this are one: rounding parts them by less


def contiguity(polygons: Sequence[shapely.Geometry]) -> csr_array:
    """Binary weights of the polygons that share a border or a corner, each with itself.

    polygons: n shapes in a metric CRS. Answers (n, n).
    """
    shapes = np.asarray(polygons, dtype=object)
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=TOUCHING_M)
    return _binary(one, other, len(shapes))


def distance_band(points: ArrayLike, distance: float) -> csr_array:
    """Binary weights of the points at most `distance` apart, each with itself.

    points: (n, 2) in a metric CRS; distance in its unit. Answers (n, n).
    """
    places = np.asarray(points, dtype=float)
    pairs = cKDTree(places).query_pairs(distance, output_type="ndarray")
    own = np.arange(len(places))
    one = np.concatenate([pairs[:, 0], pairs[:, 1], own])
    other = np.concatenate([pairs[:, 1], pairs[:, 0], own])
    return _binary(one, other, len(places))


def neighbours(weights: csr_array) -> NDArray[np.int64]:
    """How many neighbours each has, itself not counted. Answers (n,)."""
    others = weights.copy()
    others.setdiag(0)
    others.eliminate_zeros()
    return np.diff(others.indptr).astype(np.int64)


def _binary(one: NDArray, other: NDArray, size: int) -> csr_array:
    return csr_array((np.ones(len(one)), (one, other)), shape=(size, size))
