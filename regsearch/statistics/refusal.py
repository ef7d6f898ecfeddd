"""When a difference allows no claim and no interval, and why."""

from regsearch.statistics.paired_error import PairedError
from regsearch.statistics.time_blocks import FEWEST_ROWS
from regsearch.statistics.unseen_rows import rests_on_unseen

FRAGILE = ("log_loss", "auc")  # metrics that a few rows may decide
FEW_ROWS = 300  # below which such metrics come with a warning


def refusal(error: PairedError, metric: str, *, in_time: bool = False) -> str | None:
    """Return why no claim can be made; None where one can.

    Args:
        error: of the paired difference, as `metric_error` has it.
        metric: what rows were scored with.
        in_time: whether groups are blocks of rows in time order.

    Example:
        >>> import numpy as np
        >>> from regsearch.statistics.metric_error import metric_error
        >>> refusal(metric_error("accuracy", np.ones((1, 9)), np.zeros((1, 9))), "accuracy")
        'of one repeat, what another seed would change is unknown'
    """
    if error.repeats < 2:
        return "of one repeat, what another seed would change is unknown"
    if error.groups < 2:
        return f"of one {'row' if error.rows < 2 else 'group of rows'}, what others would change is unknown"
    if in_time and error.rows < FEWEST_ROWS:
        return f"of fewer than {FEWEST_ROWS} rows in time order, here {error.rows}, too few are independent"
    if metric in FRAGILE and rests_on_unseen(error):
        return f"one more row of the rare kind would outweigh these {error.rows}"
    return None


def caution(error: PairedError, metric: str) -> str | None:
    """Return what to bear in mind of a claim; None where nothing."""
    if metric in FRAGILE and error.rows < FEW_ROWS:
        return f"few rows decide {metric}: with fewer than {FEW_ROWS}, as here, intervals are rough"
    return None
