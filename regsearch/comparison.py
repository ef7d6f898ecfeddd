"""The uncertainty of a difference: two kinds of standard error, never mixed.

For two configurations a and b scored in the same repeats on the same rows,

    difference = mean over repeats of (a - b)
    se_seed    = sd over repeats of (a - b) / √repeats: other seeds
    se_rows    = sd over rows of the mean over repeats of (a - b) / √rows: other rows to score on
    se         = √(se_seed² + se_rows²), an approximation that takes the two for independent

All are paired: what both share (an easy row, a lucky seed) cancels.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regsearch.results import Comparison, ScoredSubset


def compare(a: pd.DataFrame, b: pd.DataFrame, *, subset: ScoredSubset) -> Comparison | None:
    """Compare two configurations on what each row contributed to each repeat's score.

    Args:
        a: columns repeat, row, score.
        b: the same for the other; repeats and rows that only one of them has are left out.
        subset: which rows of the data these are.

    Returns:
        None where they share no repeat and row.
    """
    paired = a.merge(b, on=["repeat", "row"], suffixes=("_a", "_b"))
    if paired.empty:
        return None
    paired["gain"] = paired["score_a"].to_numpy(np.float64) - paired["score_b"].to_numpy(np.float64)
    by_repeat = paired.groupby("repeat")["gain"].mean().to_numpy(np.float64)
    by_row = paired.groupby("row")["gain"].mean().to_numpy(np.float64)
    se_seed, se_rows = standard_error(by_repeat), standard_error(by_row)
    return Comparison(
        subset=subset,
        repeats=len(by_repeat),
        rows=len(by_row),
        difference=float(by_repeat.mean()),
        se_seed=se_seed,
        se_rows=se_rows,
        se=together(se_seed, se_rows),
    )


def standard_error(values: NDArray[np.float64]) -> float | None:
    """Return sd/√n with the sample standard deviation; None for a single value, whose spread is unknown."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None


def together(*errors: float | None) -> float | None:
    """Return √Σse² of the standard errors that are known; None where none is."""
    known = [error for error in errors if error is not None]
    return float(np.linalg.norm(known)) if known else None
