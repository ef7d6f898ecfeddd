"""Several one-sided p-values at once, of estimates that are alike because they come from the same rows.

Holm's method supposes the worst of how estimates go together. Neighbouring configurations gain on the same rows, so
that the largest of many normal scores is little larger than that of a few. With z_1 ≥ z_2 ≥ … the normal scores of the
p-values and Z normal with the correlations of the estimates over rows,

    adjusted p_k = max over j ≤ k of P(max(Z_j, Z_{j+1}, …) ≥ z_j),

by simulation with a seed of its own, so that the same rows give the same result.

Source: Romano and Wolf (2005), Econometrica 73:1237-1282 (step-down with the joint distribution of the maximum).
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from regsearch.statistics.paired_error import Floats

DRAWS = 20_000
SMALLEST = 1e-300


def stepdown(p_values: Sequence[float], by_row: Floats) -> Floats:
    """Return adjusted p-values in the order given.

    Args:
        p_values: one-sided, of each estimate.
        by_row: what each row contributed to each estimate; NaN where it did not.  # (estimates, rows)

    Example:
        >>> import numpy as np
        >>> rows = np.random.default_rng(1).normal(size=50)
        >>> stepdown([0.01, 0.01], np.array([rows, rows])).round(2).tolist()  # one and the same
        [0.01, 0.01]
        >>> stepdown([0.01, 0.01], np.random.default_rng(1).normal(size=(2, 50))).round(2).tolist()
        [0.02, 0.02]
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    largest = np.maximum.accumulate(_scores(by_row)[:, order[::-1]], axis=1)[:, ::-1]  # (draws, estimates)
    exceeded = (largest >= -ndtri(p[order].clip(min=SMALLEST))).mean(axis=0)
    found = np.empty_like(p)
    found[order] = np.maximum.accumulate(np.maximum(exceeded, p[order]))
    return found


def _scores(by_row: Floats) -> Floats:
    """Return normal scores with the correlations of the estimates over rows.  # (draws, estimates)."""
    estimates = len(by_row)
    apart = np.nan_to_num(by_row - np.nanmean(by_row, axis=1, keepdims=True))
    length = np.sqrt((apart**2).sum(axis=1, keepdims=True))
    unit = np.divide(apart, length, out=np.zeros_like(apart), where=length > 0)  # (estimates, rows)
    alone = np.diag(np.where(length[:, 0] > 0, 0.0, 1.0))  # what does not vary over rows goes with nothing
    values, vectors = np.linalg.eigh(unit @ unit.T + alone)
    root = vectors * np.sqrt(values.clip(min=0.0))
    return np.asarray(np.random.default_rng(0).normal(size=(DRAWS, estimates)) @ root.T)
