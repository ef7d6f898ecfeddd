"""The strongest penalty that does about as well as the best: within one standard error of the paired difference.

Breiman's rule takes the simplest configuration whose score lies within one standard error of the best score. Where all
are scored on the same rows with the same seeds, most of that error is common to both, an easy row or a lucky seed, and
an unpaired error lets the rule go far astray. Here the error is that of the difference from the best.

Source: Breiman, Friedman, Olshen and Stone (1984), Classification and Regression Trees, section 3.4.3 (unpaired).
"""

from collections.abc import Sequence

from regsearch.statistics.paired_error import PairedError


def strongest_within_one_se(
    errors: Sequence[PairedError], strengths: Sequence[float], *, greater_is_better: bool
) -> int:
    """Return which configuration has the largest coefficient of those within one standard error of the best.

    Args:
        errors: of each configuration's paired difference from the best, configuration - best, the best itself included.
        strengths: their largest coefficients; of equal ones the first is taken.
        greater_is_better: whether more of the metric is better.

    Example:
        >>> import numpy as np
        >>> from regsearch.statistics.paired_error import paired_error
        >>> gains = np.array([[0.0, 1.0, 0.0, -2.0], [0.0, 1.0, 0.0, -1.0]])
        >>> errors = [paired_error(gains - worse) for worse in (0.0, 0.2, 2.0)]
        >>> strongest_within_one_se(errors, [1e-4, 1e-3, 1e-2], greater_is_better=True)
        1
    """
    sign = 1.0 if greater_is_better else -1.0
    near = [i for i, error in enumerate(errors) if sign * error.difference + (error.se or 0.0) >= 0]
    return max(near, key=lambda i: strengths[i])
