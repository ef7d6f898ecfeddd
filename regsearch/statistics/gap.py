"""The error of a gap between train and validation scores.

In repeat s the train score is t_s, and validation row i is scored v_si. The gap is the mean of t_s - v_si, taken as a
paired difference, so that paired_error says what other seeds and other validation rows would change. The train score is
that of the train rows there are; other train rows are another matter (scope).
"""

import numpy as np
from numpy.typing import NDArray

from regsearch.statistics.metric_error import metric_error
from regsearch.statistics.paired_error import Floats, PairedError, paired_error


def gap_error(
    metric: str, train: Floats, rows: Floats, *, greater_is_better: bool, groups: NDArray[np.integer] | None = None
) -> PairedError:
    """Return the gap and its error, above 0 where validation rows do worse than train rows.

    Args:
        metric: its name.
        train: the train score of each repeat.  # (repeats,)
        rows: what each validation row contributes in it; NaN where it was not scored.  # (repeats, rows)
        greater_is_better: whether more of the metric is better.
        groups: which group each row belongs to; None where rows are independent.  # (rows,)

    Raises:
        ValueError: as `paired_error`.

    Example:
        >>> import numpy as np
        >>> rows = np.array([[1.0, 1.0, 0.0, 1.0], [1.0, 1.0, 0.0, 0.0]])
        >>> gap_error("accuracy", np.ones(2), rows, greater_is_better=True).difference
        0.375
    """
    of_train = np.broadcast_to(train[:, None], rows.shape)  # (repeats, rows)
    better, worse = (of_train, rows) if greater_is_better else (rows, of_train)
    if metric == "log_loss":  # its row that was not seen is one on which two networks differ, and here is one
        return paired_error(better - worse, groups=groups)
    return metric_error(metric, better, worse, groups=groups)
