"""What a model of two features predicts all over the plane."""

import numpy as np

from regsearch.data import Split
from regsearch.results import Surface
from regsearch.trainers.base import Trained, Trainer

POINTS = 60  # along each axis
MARGIN = 0.08  # of the data's range, on each side


def surface_of(trainer: Trainer, trained: Trained, split: Split) -> Surface | None:
    """Return a trained model's predictions on a grid over the train and validation rows.

    Args:
        trainer: who trained it.
        trained: its weights.
        split: what it was trained on.

    Returns:
        None where a row has not two features, or the model gives several numbers.
    """
    if split.train.x.shape[1:] != (2,) or trainer.problem.data.n_outputs != 1:
        return None
    x = np.concatenate([split.train.x, split.validation.x])
    low, high = x.min(axis=0), x.max(axis=0)
    margin = MARGIN * (high - low)
    x1, x2 = (np.linspace(a, b, POINTS, dtype=np.float32) for a, b in zip(low - margin, high + margin, strict=True))
    grid = np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)
    targets = np.zeros((len(grid), 1), split.train.y.dtype)  # for a loss that nobody asks for
    predictions, _ = trainer.outputs(trained.after, trained.state, grid, targets)
    values = split.in_own_units(predictions).reshape(POINTS, POINTS).astype(np.float32)
    return Surface(x1=x1, x2=x2, values=values)
