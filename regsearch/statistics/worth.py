"""How many more rows to train on a penalty is worth: the rows with which no regularization does as well.

A network with the penalty on m rows is held against one without on n' > m rows, for one n' after another. Where the
difference crosses zero is the estimate, and the n' at which its 95 % interval holds zero are the interval of n': a test
turned into an interval, as Fieller's (1954, Journal of the Royal Statistical Society B 16:175-185) for a ratio.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from regsearch.statistics.interval import t_interval
from regsearch.statistics.paired_error import PairedError


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What a penalty on some rows is worth, in more rows without it.

    Args:
        rows: m, trained on with the penalty.
        more: how many more rows do as well without; None where no crossing was measured.
        low: at least so many more, at 95 %; 0 where the penalty is not shown to gain on those rows.
        high: at most so many more; None where that lies beyond what was measured.
    """

    rows: int
    more: float | None
    low: float
    high: float | None


def worth(rows: int, others: Sequence[float], errors: Sequence[PairedError]) -> Worth:
    """Return what a penalty on some rows is worth.

    Args:
        rows: m, trained on with it.
        others: numbers of rows trained on without it, rising from m.
        errors: for each of them, how much better the penalty on m rows did, above 0 where it did better; equally long.

    Example:
        >>> import numpy as np
        >>> from regsearch.statistics.paired_error import paired_error
        >>> gains = [[[d, d + 0.01], [d + 0.01, d]] for d in (0.1, 0.01, -0.01, -0.1)]  # (sizes, repeats, rows)
        >>> worth(10, [10, 15, 20, 25], [paired_error(np.array(each)) for each in gains]).more
        8.75
    """
    ends = [_ends(error) for error in errors]
    gains = [error.difference for error in errors]
    shown = next((i for i, (low, _) in enumerate(ends) if low <= 0), len(ends))  # up to there it is better
    lost = next((i for i in range(len(ends), 0, -1) if ends[i - 1][1] >= 0), 0)  # from there it is worse
    return Worth(
        rows=rows,
        more=_crossing(others, gains, rows),
        low=others[shown - 1] - rows if shown > 1 else 0.0,
        high=others[lost] - rows if lost < len(ends) else None,
    )


def _ends(error: PairedError) -> tuple[float, float]:
    if error.variance is None:
        return -math.inf, math.inf
    found = t_interval(error.difference, error.variance, error.df)
    return found.low, found.high


def _crossing(others: Sequence[float], gains: Sequence[float], rows: int) -> float | None:
    for i in range(len(gains) - 1):
        if gains[i] > 0 >= gains[i + 1]:
            part = gains[i] / (gains[i] - gains[i + 1])
            return others[i] + part * (others[i + 1] - others[i]) - rows
    return None
