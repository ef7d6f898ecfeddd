"""How uncertain one configuration's mean score is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regsearch.comparison import standard_error, together


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """The standard error of a mean score: of other seeds, of other rows, and both; None where it is unknown."""

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
