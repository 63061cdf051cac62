"""Exact randomisation p of a sum over a neighbourhood of counts: no normal curve, no simulation.

Null: every assignment of the n observed counts to the n cells is equally likely. Of k cells drawn
without putting back, the number of draws with sum S is the coefficient of t^k u^S in
prod_v (1 + t u^v)^(m_v), where m_v cells have the count v. All terms are positive: nothing cancels.
"""

from collections import Counter
from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array


def exact_total(
    counts: ArrayLike, weights: csr_array
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """p of a sum at least as high, and of one at least as low, for every cell. Each (n,).

    counts: (n,) whole numbers. weights: (n, n) binary, the cell itself included.
    """
    x = np.asarray(counts, dtype=np.int64)
    least = int(x.min())
    shifted = x - least
    sizes = np.diff(weights.indptr)
    sums = np.rint(weights @ shifted).astype(np.int64)
    table = _table(shifted.tolist(), int(sizes.max()))
    high, low = np.empty(len(x)), np.empty(len(x))
    for size in np.unique(sizes):
        row = table[size] / table[size].sum()
        below = np.cumsum(row)
        above = np.cumsum(row[::-1])[::-1]
        here = sizes == size
        high[here], low[here] = above[sums[here]], below[sums[here]]
    return np.minimum(high, 1.0), np.minimum(low, 1.0)


def mid_p(high: NDArray, low: NDArray) -> NDArray[np.float64]:
    """Two-sided mid-p: half of the probability of the sum that was seen counts. (n,)."""
    seen = high + low - 1
    return np.minimum(1.0, 2 * (np.minimum(high, low) - np.maximum(seen, 0) / 2))


def _table(values: Sequence[int], most: int) -> NDArray[np.float64]:
    """table[k, S]: how many draws of k values have the sum S, up to a factor of each k."""
    n = len(values)
    longest = sum(sorted(values, reverse=True)[:most])
    table = np.zeros((most + 1, longest + 1))
    table[0, 0] = 1.0
    for value, times in sorted(Counter(values).items()):
        grown = table.copy()
        for drawn in range(1, min(most, times) + 1):
            factor = comb(times, drawn) / n**drawn
            shift = value * drawn
            if shift > longest:
                break
            grown[drawn:, shift:] += factor * table[: most + 1 - drawn, : longest + 1 - shift]
        table = grown
    return table
