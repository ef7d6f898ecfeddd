"""The error of a gain over training sets that were not drawn, from k splits of one pool with two seeds each.

Each split trains on a share ρ of the pool, so that any two splits have a share ρ of their training rows in common, in
the mean. What a training set adds to the gain is taken for a sum over its rows, of variance τ² over new training sets.
Then splits of one pool vary by (1-ρ)·τ² among themselves, and all of them together are off by ρ·τ², which no number of
splits makes smaller. With the mean squares between splits and within them, of the mean gains of k splits × 2 seeds,

    σ²_split = max(0, (MSB - MSW)/2)                  (1-ρ)·τ², what the split itself adds
    v        = MSB/(2k) + σ²_split·ρ/(1-ρ) + v_rows   splits and seeds; the pool; rows to score on

and df by Satterthwaite's rule for these mean squares. Where a training set's effect is no sum over rows, splits share
less than ρ, and v is too large rather than too small. ρ is not Nadeau and Bengio's n_test/n_train (2003, Machine
Learning 52:239-281), which speaks of rows that are scored on in one split and trained on in another: here all splits
are scored on the same test rows, outside the pool.

A winner chosen on the pool was chosen in part for what the pool adds, which this error cannot hold: `searched` says how
many configurations it was the best of, and p-values are multiplied by it (Bonferroni). Training on rows that took no
part in choosing needs no such price.
"""

from dataclasses import dataclass

from regsearch.errors import InputError
from regsearch.statistics.paired_error import Floats

SEEDS = 2  # of each split


@dataclass(frozen=True, kw_only=True)
class NewTrainingSetsError:
    """A gain over new training sets, and its variance.

    Args:
        difference: the mean gain.
        splits: k.
        between: MSB/(2k), what splits and seeds drawn anew would change.
        pool: what another pool would change.
        v_rows: what other rows to score on would change.
        variance: all three.
        df: degrees of freedom of `variance`; None where that is 0.
    """

    difference: float
    splits: int
    between: float
    pool: float
    v_rows: float
    variance: float
    df: float | None


def new_training_sets_error(gains: Floats, v_rows: float, *, overlap: float, rows: int) -> NewTrainingSetsError:
    """Return the error of a mean gain over new training sets.

    Args:
        gains: the mean gain over rows of each training.  # (splits, 2)
        v_rows: variance of the mean over rows, as `paired_error` has it.
        overlap: ρ, training rows over rows of the pool, from 0 (every split draws new rows) to below 1.
        rows: how many rows, or groups of rows, v_rows is from.

    Raises:
        InputError: there are fewer than two splits, or not two seeds each, or ρ is out of its range.

    Example:
        >>> import numpy as np
        >>> error = new_training_sets_error(np.array([[0.1, 0.2], [0.3, 0.4]]), 0.0, overlap=0.5, rows=100)
        >>> round(error.between, 4), round(error.pool, 4)  # MSB 0.04, MSW 0.005
        (0.01, 0.0175)
    """
    splits = len(gains)
    if gains.ndim != 2 or gains.shape[1] != SEEDS or splits < 2:
        raise InputError("confirm.splits", f"must be two or more with {SEEDS} seeds each, not {gains.shape}")
    if not 0 <= overlap < 1:
        raise InputError("confirm.overlap", f"must be from 0 to below 1, not {overlap:g}")
    by_split = gains.mean(axis=1)
    msb = float(SEEDS * by_split.var(ddof=1))
    msw = float(gains.var(axis=1, ddof=1).mean())
    shared = overlap / (1 - overlap) / SEEDS
    between, pool = msb / (SEEDS * splits), max(0.0, msb - msw) * shared
    variance = between + pool + v_rows
    varying = shared if msb > msw else 0.0
    squares = (msb * (1 / (SEEDS * splits) + varying)) ** 2 / (splits - 1) + (msw * varying) ** 2 / splits
    squares += v_rows**2 / (rows - 1)
    return NewTrainingSetsError(
        difference=float(gains.mean()),
        splits=splits,
        between=between,
        pool=pool,
        v_rows=v_rows,
        variance=variance,
        df=variance**2 / squares if squares > 0 else None,
    )
