"""What is read of a configuration beside its row of the leaderboard."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regsearch.results import Surface


@dataclass(frozen=True, kw_only=True, eq=False)
class RepeatDetails:
    """What the repeats of one configuration recorded, point by point and row by row.

    Args:
        curves: learning curves of the search, one row per point: repeat, epoch, losses and scores.
        validation_rows: row scores of the search: repeat, row, score.
        test_rows: row scores of the confirmation, likewise.
        test_scores: (confirmed repeats,) test score of each.
    """

    curves: pd.DataFrame
    validation_rows: pd.DataFrame
    test_rows: pd.DataFrame
    test_scores: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class PhaseDetails:
    """How one repeat on a penalty schedule stood at the end of one phase.

    Args:
        configuration_id: of which configuration.
        phase: its index.
        epochs: epochs trained so far, all phases together.
        coefficient: the largest of the phase; 0 without a penalty.
        validation_score: its score.
        surface: what the model predicted, where it is kept: of the first repeat.
    """

    configuration_id: int
    phase: int
    epochs: int
    coefficient: float
    validation_score: float
    surface: Surface | None
