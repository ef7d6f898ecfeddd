"""When another repeat would not help: rows, not seeds, limit what a fixed split can tell.

The variance of a paired difference is about v_seed + v_rows, and repeats make only v_seed smaller. Where se_seed is at
most half of se_rows, an endless number of repeats would make the standard error smaller by at most a tenth:
1/√(1 + ¼) = 0.894.
"""

from regsearch.statistics.paired_error import PairedError

FEWEST = 4  # repeats: a spread from fewer is too uncertain to stop by
RATIO = 0.5


def is_enough(error: PairedError) -> bool:
    """Return whether more repeats would hardly make the error of a paired difference smaller.

    Args:
        error: of the difference from the leader, on one fixed split; where splits are drawn anew, a repeat brings rows.

    Example:
        >>> from regsearch.statistics.paired_error import paired_error
        >>> import numpy as np
        >>> is_enough(paired_error(np.array([[1.0, 0.0, 0.0, 1.0]] * 4)))  # every seed does the same
        True
    """
    if error.repeats < FEWEST or error.se_seed is None or error.se_rows is None:
        return False
    return error.se_seed <= RATIO * error.se_rows
