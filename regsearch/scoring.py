"""Metrics and summaries.

Every metric here is a mean over rows, so that the doubt about which rows were drawn can be told. A metric is written
once for NumPy and for keras.ops: the namespace is its first argument.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data import Task

EPSILON = 1e-7  # probabilities are kept this far from 0 and 1, as Keras does

RowMetric = Callable[[Any, Any, Any], Any]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What a repeat is scored by.

    Args:
        name: its name in the sweep file.
        rows: (namespace, y, prediction) -> (rows,) contributions whose mean is the metric; y is (rows, 1), prediction
            (rows, outputs).
        greater_is_better: whether more is better.
        tasks: the kinds of target it is for.
    """

    name: str
    rows: RowMetric
    greater_is_better: bool
    tasks: tuple[Task, ...]


def _accuracy(xp: Any, y: Any, prediction: Any) -> Any:
    if prediction.shape[-1] == 1:
        return xp.where((prediction[:, 0] > 0.5) == (y[:, 0] > 0.5), 1.0, 0.0)
    return xp.where(xp.argmax(prediction, axis=-1) == y[:, 0], 1.0, 0.0)


def _log_loss(xp: Any, y: Any, prediction: Any) -> Any:
    if prediction.shape[-1] == 1:
        chance = xp.where(y[:, 0] > 0.5, prediction[:, 0], 1.0 - prediction[:, 0])
    else:
        chance = xp.take_along_axis(prediction, y, axis=-1)[:, 0]
    return -xp.log(xp.clip(chance, EPSILON, 1.0 - EPSILON))


def _mse(xp: Any, y: Any, prediction: Any) -> Any:
    return xp.mean(xp.square(y - prediction), axis=-1)


def _mae(xp: Any, y: Any, prediction: Any) -> Any:
    return xp.mean(xp.abs(y - prediction), axis=-1)


def _r2(xp: Any, y: Any, prediction: Any) -> Any:
    """R² = 1 - Σ(y-p)²/Σ(y-ȳ)² = the mean over rows of 1 - (y-p)²/Var(y)."""
    variance = xp.mean(xp.square(y - xp.mean(y, axis=0)), axis=0)
    variance = xp.where(variance > 0, variance, 1.0)  # a target that is constant has no R²
    return xp.mean(1.0 - xp.square(y - prediction) / variance, axis=-1)


_CLASSES: tuple[Task, ...] = ("binary", "multiclass")
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(name="accuracy", rows=_accuracy, greater_is_better=True, tasks=_CLASSES),
        Metric(name="log_loss", rows=_log_loss, greater_is_better=False, tasks=_CLASSES),
        Metric(name="r2", rows=_r2, greater_is_better=True, tasks=("regression",)),
        Metric(name="mse", rows=_mse, greater_is_better=False, tasks=("regression",)),
        Metric(name="mae", rows=_mae, greater_is_better=False, tasks=("regression",)),
    )
}


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Scores of several repeats: their mean, sample standard deviation (n-1) and standard error std/√n.

    std and se are None where there is one repeat only.
    """

    n: int
    mean: float
    std: float | None
    se: float | None


def summarize(scores: Sequence[float] | NDArray[Any]) -> Summary:
    """Summarize at least one score, in two passes."""
    values = np.asarray(scores, np.float64)
    n = len(values)
    std = float(values.std(ddof=1)) if n > 1 else None
    return Summary(n=n, mean=float(values.mean()), std=std, se=None if std is None else std / n**0.5)
