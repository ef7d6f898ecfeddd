"""The score of a model that has learnt nothing: what every network should beat."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data import Split
from regsearch.scoring import Metric
from regsearch.spec import Task


def constant_score(metric: Metric, task: Task, n_outputs: int, split: Split) -> float:
    """Return the validation score of one prediction for all rows, the best that the train labels suggest.

    That is their mean: of a regression's labels, or the share of each class, which is its probability.

    Args:
        metric: what to score by.
        task: what kind of labels there are.
        n_outputs: numbers that a model gives for a row.
        split: the rows.
    """
    rows = split.validation.labels
    prediction = np.broadcast_to(_mean_of(split.train.labels, task, n_outputs), (len(rows), n_outputs))
    return float(np.mean(metric.rows(np, rows, prediction)))


def _mean_of(labels: NDArray[Any], task: Task, n_outputs: int) -> NDArray[np.float64]:
    if task == "multiclass":
        return np.bincount(labels[:, 0].astype(int), minlength=n_outputs) / len(labels)  # (classes,)
    return labels.mean(axis=0, dtype=np.float64)  # type: ignore[no-any-return]  # (outputs,)
