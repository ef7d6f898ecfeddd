"""What trainers share about epochs: which of them are points of the learning curve, and the order of rows in each."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from regsearch.data import Split, Subset
from regsearch.results import Curve
from regsearch.seeds import permutation_seed
from regsearch.trainers.base import TrainerPhase

CURVE_POINTS = 200
FEWEST_POINTS = 20  # however short the training
CURVE_ROWS = 10_000  # of each subset that the learning curve is scored on, evenly spread
CURVE_SHARE = 0.1  # of a training's arithmetic that its curve may take


def curve_subset(subset: Subset) -> Subset:
    """Return the rows of a subset that the learning curve is scored on: at most 10,000, evenly spread."""
    if len(subset.x) <= CURVE_ROWS:
        return subset
    chosen = np.linspace(0, len(subset.x) - 1, CURVE_ROWS).round().astype(int)  # (CURVE_ROWS,)
    own_y = None if subset.own_y is None else subset.own_y[chosen]
    return Subset(x=subset.x[chosen], y=subset.y[chosen], rows=subset.rows[chosen], own_y=own_y)


def curve_epochs(phases: Sequence[TrainerPhase], split: Split) -> NDArray[np.int32]:
    """Return (points,) the epochs after which the learning curve is recorded, the end of each phase among them.

    They are evenly spaced and at most 200: fewer where scoring would cost more than a tenth of the training. A step
    costs about three forward passes over its rows (forward, and twice that backward), a point one over the rows it
    scores.
    """
    ends = list(accumulate(phase.epochs for phase in phases))
    epochs, scored = ends[-1], min(len(split.train.x), CURVE_ROWS) + min(len(split.validation.x), CURVE_ROWS)
    affordable = int(CURVE_SHARE * epochs * 3 * len(split.train.x) / scored)
    most = min(CURVE_POINTS, max(FEWEST_POINTS, affordable))
    apart = -(-epochs // max(1, most - (len(ends) - 1)))
    return np.union1d(np.arange(epochs, 0, -apart), ends).astype(np.int32)


def permutations(seed: int, rows: int) -> Iterator[NDArray[np.int32]]:
    """Yield (rows,) the order of the train rows in each epoch, without end; it depends on the arguments alone."""
    generator = np.random.default_rng(permutation_seed(seed))
    while True:
        yield generator.permutation(rows).astype(np.int32)


def curve_from(points: NDArray[np.float32]) -> Curve:
    """Return the curve whose points are rows: epoch, train loss and score, validation loss and score."""
    epochs, *columns = points.T
    return Curve(
        epochs=epochs.astype(np.int32),
        train_loss=columns[0],
        train_score=columns[1],
        validation_loss=columns[2],
        validation_score=columns[3],
    )
