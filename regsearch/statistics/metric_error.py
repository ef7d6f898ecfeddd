"""The error of a paired difference, by the metric that rows were scored with."""

import numpy as np
from numpy.typing import NDArray

from regsearch.statistics.paired_error import Floats, PairedError, paired_error
from regsearch.statistics.unseen_rows import square_of_other_label, with_unseen_row

BOUNDED = ("accuracy", "auc")  # metrics to which a row can contribute one more or one less, nearly


def metric_error(
    metric: str, scores: Floats, baseline: Floats, *, groups: NDArray[np.integer] | None = None
) -> PairedError:
    """Return the error of the mean of scores - baseline.

    Args:
        metric: its name; of R², the scores hold what the variance of the labels adds (r2_variance).
        scores: what each row contributes in each repeat; NaN where a repeat was not scored on it.  # (repeats, rows)
        baseline: likewise of what it is compared with, the same repeats and rows.
        groups: which group each row belongs to; None where rows are independent.  # (rows,)

    Raises:
        ValueError: as `paired_error`.

    Example:
        >>> import numpy as np
        >>> error = metric_error("accuracy", np.ones((2, 10)), np.ones((2, 10)))
        >>> error.difference, error.se
        (0.0, 0.1)
    """
    gains = scores - baseline
    error = paired_error(gains, groups=groups)
    if metric in BOUNDED:
        return with_unseen_row(error, gains, 1.0)
    if metric == "log_loss":
        return with_unseen_row(error, gains, square_of_other_label(scores, baseline))
    return error
