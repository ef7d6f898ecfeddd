"""The error of a paired difference: other seeds, and other rows to score on.

Two configurations are scored in the same S repeats on the same N rows; g_si is what row i gains in repeat s. With
m_s the mean of a repeat, g_i the mean of a row, d the mean of all, and the rows in G groups,

    v_seed = Σ_s (m_s - d)² / (S(S-1))
    v_rows = G/(G-1) · Σ_groups (Σ_{i in group} (g_i - d))² / N²
    v_both = G/(G-1) · Σ_s Σ_groups (Σ_{i in group} (g_si - m_s - g_i + d))² / (N² S(S-1))
    v      = max(v_seed + v_rows - v_both, v_seed, v_rows)
    df     = (v_seed + v_rows)² / (v_seed²/(S-1) + v_rows²/(G-1)).

v_seed and v_rows each hold the interaction of seeds and rows once, hence v_both; without groups it is the mean square
of the interaction over N·S. All is paired: what both configurations share (an easy row, a lucky seed) cancels.

Sources: Searle, Casella and McCulloch (1992), Variance Components, chapter 4 (two-way crossed, random); Liang and Zeger
(1986), Biometrika 73:13-22 (groups); Satterthwaite (1946), Biometrics Bulletin 2:110-114, and Welch (1947) (df).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PairedError:
    """A paired difference and its variance.

    Args:
        difference: d, in the metric's unit.
        repeats: S.
        rows: N.
        groups: G; as many as rows where rows are independent.
        v_seed: variance of d over seeds; None for one repeat, of which it is unknown.
        v_rows: variance of d over rows; None for one row or one group.
        v_both: what both hold of the interaction of seeds and rows; 0 where either is unknown.
        v_unseen: what of v_rows stands for rows that were not seen; see unseen_rows.
        variance: both together; None where either is unknown.
        df: degrees of freedom of `variance`; None where that is unknown or 0.
    """

    difference: float
    repeats: int
    rows: int
    groups: int
    v_seed: float | None
    v_rows: float | None
    v_both: float
    v_unseen: float = 0.0
    variance: float | None
    df: float | None

    @property
    def se_seed(self) -> float | None:
        """√v_seed."""
        return _root(self.v_seed)

    @property
    def se_rows(self) -> float | None:
        """√v_rows."""
        return _root(self.v_rows)

    @property
    def se(self) -> float | None:
        """√variance."""
        return _root(self.variance)


def paired_error(gains: Floats, *, groups: NDArray[np.integer] | None = None) -> PairedError:
    """Return the error of the mean of paired gains.

    Args:
        gains: what each row gains in each repeat; NaN where the repeat was not scored on the row.  # (repeats, rows)
        groups: which group each row belongs to; None where rows are independent.  # (rows,)

    Raises:
        ValueError: a repeat has no row, or `groups` does not fit the rows.

    Example:
        >>> import numpy as np
        >>> error = paired_error(np.array([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, -1.0]]))
        >>> error.difference, error.se_seed, round(error.se_rows, 4)
        (0.25, 0.0, 0.3227)
    """
    present, code = _present(gains, groups)
    repeats, rows = present.shape
    weight = present / present.sum(axis=1, keepdims=True) / repeats  # of a gain in the difference  # (repeats, rows)
    filled = np.where(present, gains, 0.0)
    by_repeat = (weight * filled).sum(axis=1) * repeats
    difference = float(by_repeat.mean())
    count = int(code.max()) + 1
    v_seed = float(by_repeat.var(ddof=1) / repeats) if repeats > 1 else None
    v_rows = _between(_sums((weight * (filled - difference)).sum(axis=0)[None], code)) if count > 1 else None
    v_both = _interaction(filled, weight, by_repeat, code) if repeats > 1 and count > 1 else 0.0
    variance, df = together(v_seed, v_rows, v_both=v_both, repeats=repeats, groups=count)
    return PairedError(
        difference=difference,
        repeats=repeats,
        rows=rows,
        groups=count,
        v_seed=v_seed,
        v_rows=v_rows,
        v_both=v_both,
        variance=variance,
        df=df,
    )


def unknown_error(difference: float, repeats: int) -> PairedError:
    """Return the error of a difference of which no row is known."""
    return PairedError(
        difference=difference,
        repeats=repeats,
        rows=0,
        groups=0,
        v_seed=None,
        v_rows=None,
        v_both=0.0,
        variance=None,
        df=None,
    )


def together(
    v_seed: float | None, v_rows: float | None, *, v_both: float, repeats: int, groups: int
) -> tuple[float | None, float | None]:
    """Return the variance and its degrees of freedom, from its two parts and what both hold; None where unknown."""
    if v_seed is None or v_rows is None:
        return None, None
    variance = max(v_seed + v_rows - v_both, v_seed, v_rows)
    return variance, satterthwaite((v_seed, repeats - 1), (v_rows, groups - 1))


def satterthwaite(*parts: tuple[float, float]) -> float | None:
    """Return (Σv)² / Σ(v²/df) of independent variances v with their degrees of freedom; None where all are 0."""
    squares = sum(v**2 / df for v, df in parts)
    return None if squares == 0 else sum(v for v, _ in parts) ** 2 / squares


def _present(gains: Floats, groups: NDArray[np.integer] | None) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Return which gains are there, and each row's group, numbered from 0."""
    present = ~np.isnan(gains)
    if gains.ndim != 2 or not present.any(axis=1).all():
        raise ValueError("gains must be (repeats, rows) with at least one row in every repeat")
    if groups is None:
        return present, np.arange(gains.shape[1])
    if groups.shape != gains.shape[1:]:
        raise ValueError(f"groups must have one entry for each of {gains.shape[1]} rows, not {len(groups)}")
    return present, np.unique(groups, return_inverse=True)[1]


def _interaction(filled: Floats, weight: Floats, by_repeat: Floats, code: NDArray[np.intp]) -> float:
    """Return v_both: what v_seed and v_rows both hold of the interaction of seeds and rows."""
    repeats = len(by_repeat)
    by_row = (weight * filled).sum(axis=0) / weight.sum(axis=0).clip(min=1e-300)
    left = weight * (filled - by_row)  # (repeats, rows)
    left -= weight * repeats * left.sum(axis=1, keepdims=True)
    return _between(_sums(left, code)) * repeats / (repeats - 1)


def _sums(values: Floats, code: NDArray[np.intp]) -> Floats:
    """Return the sums within groups.  # (repeats, groups)."""
    return np.array([np.bincount(code, weights=of_repeat) for of_repeat in values])


def _between(sums: Floats) -> float:
    """Return G/(G-1)·Σ sums²."""
    groups = sums.shape[1]
    return float((sums**2).sum() * groups / (groups - 1))


def _root(variance: float | None) -> float | None:
    return None if variance is None else variance**0.5
