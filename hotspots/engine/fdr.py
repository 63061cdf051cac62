"""Many tests at once: Benjamini and Hochberg, and the seven classes of a hot-spot map."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVELS = (0.10, 0.05, 0.01)  # 90, 95 and 99 %


def benjamini_hochberg(p_values: ArrayLike, alpha: float) -> NDArray[np.bool_]:
    """Which of the tests are rejected at a false discovery rate of alpha. (m,); equality rejects."""
    p = np.asarray(p_values, dtype=float)
    m = len(p)
    ordered = np.sort(p)
    passed = np.flatnonzero(ordered <= alpha * np.arange(1, m + 1) / m)
    return p <= ordered[passed[-1]] if len(passed) else np.zeros(m, dtype=bool)


def bins(z: ArrayLike, p_values: ArrayLike) -> NDArray[np.int64]:
    """-3 to 3: cold or hot at 99, 95, 90 %, 0 where neither; NaN of z or p counts as 0. (n,)."""
    score, p = np.asarray(z, dtype=float), np.asarray(p_values, dtype=float)
    known = ~(np.isnan(score) | np.isnan(p))
    found = np.zeros(len(score), dtype=np.int64)
    for alpha in LEVELS:
        found[known] += benjamini_hochberg(p[known], alpha)
    return found * np.sign(np.where(known, score, 0)).astype(np.int64)
