"""What the variance of the labels adds to the error of R².

A row contributes 1 - (y-p)²/Var(y) to R², but Var(y) is estimated from the same rows, and is large where rows far from
the mean happen to be among them. To first order (the delta method for a ratio), what row i contributes to a difference
d of two R² on the same rows is

    g_i - d · ((y_i - ȳ)²/Var(y) - 1),

whose mean is d as well. Of several targets, the mean over targets is taken of the second factor.

Source: Cochran (1977), Sampling Techniques, section 6.4 (the variance of a ratio).
"""

import numpy as np

from regsearch.statistics.paired_error import Floats


def with_variance_of_labels(gains: Floats, y: Floats) -> Floats:
    """Return gains whose spread over rows holds what Var(y) adds.

    Args:
        gains: what each row gains in R² in each repeat, every repeat on all rows.  # (repeats, rows)
        y: the labels of these rows, not all equal.  # (rows,) or (rows, targets)

    Example:
        >>> import numpy as np
        >>> found = with_variance_of_labels(np.array([[0.1, 0.3, 0.5]]), np.array([0.0, 1.0, 2.0]))
        >>> found.round(2).tolist()  # d = 0.3; (y - 1)²/Var(y) = 1.5, 0, 1.5
        [[-0.05, 0.6, 0.35]]
    """
    deviations = (y - y.mean(axis=0)) ** 2
    excess = deviations / deviations.mean(axis=0) - 1.0
    if excess.ndim == 2:
        excess = excess.mean(axis=1)
    return np.asarray(gains - gains.mean(axis=1, keepdims=True) * excess)
