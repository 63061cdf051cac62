"""Gi*, in closed form: Ord and Getis 1995, equation 14; the same as spdep and ArcGIS."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

FEW, FLAT, WHOLE = "too_few_cells", "no_variation", "neighbourhood_is_the_whole_map"


def gi_star(values: ArrayLike, weights: csr_array) -> tuple[NDArray[np.float64], list[str]]:
    """z of every cell, and why it has none ("" where it has one).

    values: (n,) finite numbers. weights: (n, n), the cell itself included; any positive weights,
    row-standardised ones give the same z as binary ones. z is NaN exactly where there is a reason.
    """
    x = np.asarray(values, dtype=float)
    n = len(x)
    if n < 3:
        return np.full(n, np.nan), [FEW] * n
    mean = x.mean()
    variance = (x**2).mean() - mean**2
    if variance <= 1e-12 * max(1.0, mean**2):
        return np.full(n, np.nan), [FLAT] * n
    sums = weights.sum(axis=1)
    squares = (weights * weights).sum(axis=1)
    spread = (n * squares - sums**2) / (n - 1)
    whole = spread <= 1e-9 * sums**2
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (weights @ x - mean * sums) / np.sqrt(variance * spread)
    z[whole] = np.nan
    return z, [WHOLE if one else "" for one in whole]
