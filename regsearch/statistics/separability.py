"""The configurations that cannot be told from the winner.

Each is compared with the winner, paired and on one side, as the winner's score is the best, and its p-value is raised
for all comparisons together (stepdown): though the winner was chosen for its score, the best configuration of all is
among those left with a probability of about 1 - α. The set is "not separable", never "equal": more rows or more repeats
would make it smaller.

Source: Hsu (1996), Multiple Comparisons, chapter 4 (comparisons with the best).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regsearch.statistics.interval import p_value
from regsearch.statistics.paired_error import Floats, PairedError
from regsearch.statistics.stepdown import stepdown

ALPHA = 0.05


def not_separable(errors: Sequence[PairedError], by_row: Floats, *, alpha: float = ALPHA) -> NDArray[np.bool_]:
    """Return which configurations cannot be told from the winner.

    Args:
        errors: of each configuration's paired difference from the winner. One of which the variance is unknown, as with
            one repeat, cannot be told from it, and one that scores the same everywhere cannot either.
        by_row: each row's mean gain; NaN where it was not scored.  # (configurations, rows)
        alpha: how often the best of all may be left out.

    Returns:
        Which are not separable.  # (configurations,)

    Example:
        >>> import numpy as np
        >>> from regsearch.statistics.paired_error import paired_error
        >>> gains = np.array([[0.0, 1.0, 0.0, -1.0], [0.0, 1.0, 0.0, 0.0]])
        >>> errors = [paired_error(gains), paired_error(gains - 9)]
        >>> not_separable(errors, np.array([gains.mean(axis=0)] * 2)).tolist()
        [True, False]
    """
    if not errors:
        return np.zeros(0, np.bool_)
    values = [1.0 if e.variance is None else p_value(e.difference, e.variance, e.df) / 2 for e in errors]
    return np.asarray(stepdown(values, by_row) >= alpha)
