"""The error of a paired difference, by the metric that rows were scored with."""

import numpy as np
from numpy.typing import NDArray

from regsearch.statistics.paired_error import Floats, PairedError, paired_error
from regsearch.statistics.unseen_rows import square_of_other_label, with_unseen_row

BOUNDED = (  # metrics to which a row contributes about one more or one less, where it goes the other way
    "accuracy",
    "subset_accuracy",
    "balanced_accuracy",
    "f1",
    "auc",
    "average_precision",
    "brier",
)


def metric_error(
    metric: str, scores: Floats, baseline: Floats, *, groups: NDArray[np.integer] | None = None
) -> PairedError:
    """Return the error of the mean of scores - baseline.

    Args:
        metric: its name.
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
    if metric in BOUNDED or metric.startswith("top_"):
        return with_unseen_row(error, gains, 1.0)
    if metric == "log_loss":
        return with_unseen_row(error, gains, square_of_other_label(scores, baseline))
    return error
