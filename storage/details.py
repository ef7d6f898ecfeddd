"""What is read of a configuration beside its row of the leaderboard."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, eq=False)
class RepeatDetails:
    """What the repeats of one configuration recorded, point by point and row by row."""

    curves: pd.DataFrame  # learning curves of the search, one row per point: repeat, epoch, losses and scores
    validation_rows: pd.DataFrame  # row scores of the search: repeat, row, score
    test_rows: pd.DataFrame  # row scores of the confirmation, likewise
    train_scores: pd.DataFrame  # of the search: repeat, train_score
    validation_scores: pd.DataFrame  # likewise: repeat, validation_score
    test_scores: NDArray[np.float64]  # (confirmed repeats,) test score of each
    confirmed_scores: NDArray[np.float64]  # (confirmed repeats,) validation score of each


@dataclass(frozen=True, kw_only=True)
class Looks:
    """Comparisons that were recorded on some test rows, and how many sweeps made them."""

    comparisons: int
    sweeps: int
