"""How many rows it would take to show a difference as large as the one found.

A two-sided test at 95 % shows a true difference d in 80 % of samples where |d| = (z_0.975 + z_0.8)·se = 2.80·se, and
over rows se falls with √N, so N·(2.80·se_rows/|d|)² rows are needed. Rows cannot make the seeds' part smaller.

Source: Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, section 2.4.
"""

import math

STANDARD_ERRORS = 2.8015852182  # z_0.975 + z_0.8


def rows_needed(rows: int, difference: float, se_rows: float) -> int | None:
    """Return the rows that show the difference with a power of 80 %; None where no number does, as for no difference.

    Args:
        rows: N, how many there are.
        difference: what was found, taken for true.
        se_rows: its standard error over these rows.

    Example:
        >>> rows_needed(70, 0.0357, 0.0212)
        194
    """
    if difference == 0:
        return None
    return max(2, math.ceil(rows * (STANDARD_ERRORS * se_rows / abs(difference)) ** 2))
