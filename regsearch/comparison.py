"""The uncertainty of a difference between two configurations that were scored in the same repeats on the same rows.

Two kinds of standard error, never mixed: other seeds, and other rows to score on; regsearch.statistics.paired_error has
both, and what is made of them. All are paired: what both share (an easy row, a lucky seed) cancels.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regsearch.results import Comparison, ScoredSubset
from regsearch.statistics.metric_error import metric_error
from regsearch.statistics.paired_error import Floats, PairedError
from regsearch.statistics.time_blocks import time_blocks


@dataclass(frozen=True, kw_only=True, eq=False)
class Dependence:
    """Which rows of a data set belong together, so that they do not count as independent.

    Args:
        groups: which group each row belongs to; None where they form none.  # (rows of the data set,)
        times: what rows are ordered by, ascending, where their order means something.  # (rows of the data set,)
    """

    groups: NDArray[np.int64] | None = None
    times: NDArray[Any] | None = None

    def groups_of(self, rows: NDArray[np.integer], gains: Floats) -> NDArray[np.integer] | None:
        """Return the group of each of some rows, blocks of neighbours where they are in time; None of independent rows.

        Args:
            rows: which rows of the data set.  # (rows,)
            gains: what each gains.  # (rows,)
        """
        if self.groups is not None:
            return np.asarray(self.groups[rows])
        if self.times is None:
            return None
        order = np.argsort(self.times[rows], kind="stable")
        blocks = np.empty(len(rows), np.intp)
        blocks[order] = time_blocks(gains[order])
        return blocks


INDEPENDENT = Dependence()


def difference_error(
    a: pd.DataFrame, b: pd.DataFrame, *, metric: str, dependence: Dependence = INDEPENDENT
) -> PairedError | None:
    """Return how much better one configuration did than another, and the error of that.

    Args:
        a: what each row contributed to each repeat's score: repeat, row, score.
        b: the same for the other; repeats and rows that only one of them has are left out.
        metric: what rows were scored with.
        dependence: which rows belong together.

    Returns:
        None where they share no repeat and row.
    """
    first, second = (of.pivot(index="repeat", columns="row", values="score") for of in (a, b))
    first, second = first.align(second, join="inner")
    both = first.notna() & second.notna()
    first, second = (of.where(both).dropna(how="all").dropna(how="all", axis=1) for of in (first, second))
    if first.empty:
        return None
    scores, baseline = (of.to_numpy(np.float64) for of in (first, second))  # (repeats, rows)
    by_row = np.nanmean(scores - baseline, axis=0)
    return metric_error(metric, scores, baseline, groups=dependence.groups_of(first.columns.to_numpy(), by_row))


def compared(error: PairedError, subset: ScoredSubset) -> Comparison:
    """Return a paired difference as it is recorded."""
    return Comparison(
        subset=subset,
        repeats=error.repeats,
        rows=error.rows,
        difference=error.difference,
        se_seed=error.se_seed,
        se_rows=error.se_rows,
        se=error.se,
    )


def standard_error(values: NDArray[np.float64]) -> float | None:
    """Return sd/√n with the sample standard deviation; None for a single value, whose spread is unknown."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None


def together(*errors: float | None) -> float | None:
    """Return √Σse² of the standard errors that are known; None where none is."""
    known = [error for error in errors if error is not None]
    return float(np.linalg.norm(known)) if known else None
