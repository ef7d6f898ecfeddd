"""Several claims at once, none of them false with probability 1 - α.

The smallest of K p-values is multiplied by K, the next by K-1, and so on, never falling below the one before.

Source: Holm (1979), Scandinavian Journal of Statistics 6:65-70.
"""

from collections.abc import Sequence

import numpy as np


def adjusted(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return adjusted p-values in the order given: claims whose value is below α hold together at level 1 - α.

    Example:
        >>> adjusted([0.04, 0.01, 0.02])
        (0.04, 0.03, 0.04)
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1.0)
    found = np.empty_like(p)
    found[order] = raised
    return tuple(found.tolist())
