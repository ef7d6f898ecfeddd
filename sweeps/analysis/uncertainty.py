"""How uncertain one configuration's mean score is, and whether a difference is larger than that."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regsearch.comparison import standard_error, together
from regsearch.results import Comparison

QUANTILE_95 = 1.96  # standard errors: two-sided 95 % of a normal distribution


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """The standard error of a configuration's mean score; see regsearch.comparison. None where it is unknown."""

    se_seed: float | None
    se_rows: float | None
    se: float | None


def uncertainty(row_scores: pd.DataFrame, se_seed: float | None) -> Uncertainty:
    """Return the uncertainty of a mean score, se = √(se_seed² + se_rows²).

    Args:
        row_scores: what each row contributed to each repeat's score: repeat, row, score.
        se_seed: its standard error over seeds.
    """
    by_row = row_scores.groupby("row")["score"].mean().to_numpy(np.float64)  # (rows,)
    se_rows = standard_error(by_row)
    return Uncertainty(se_seed=se_seed, se_rows=se_rows, se=together(se_seed, se_rows))


def margin_95(comparison: Comparison) -> float | None:
    """Return half the width of a difference's 95 % confidence interval; None where it is unknown."""
    return None if comparison.se is None else QUANTILE_95 * comparison.se


def separates(comparison: Comparison) -> bool:
    """Return whether a difference is significant at 95 %; no where its uncertainty is unknown."""
    margin = margin_95(comparison)
    return margin is not None and abs(comparison.difference) > margin
