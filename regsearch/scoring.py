"""Metrics and summaries.

Every metric here is a mean over rows, so that its uncertainty due to the rows drawn can be estimated. A metric is
written once for NumPy and for keras.ops: the namespace is its first argument. Only the area under the ROC curve is
written twice, because the contributions of its rows take a search that XLA does not compile well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.spec import Task

EPSILON = 1e-7  # probabilities are kept this far from 0 and 1, as Keras does

Function = Callable[[Any, Any, Any], Any]  # of a namespace, y and prediction


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What a repeat is scored by.

    Args:
        name: its name in the sweep file.
        rows: (namespace, y, prediction) -> (rows,) contributions whose mean is the metric; y is (rows, 1), or
            (rows, targets) of a regression, prediction (rows, outputs).
        greater_is_better: whether more is better.
        tasks: the kinds of target it is for.
        compiled: (keras.ops, y, prediction) -> the metric, where `rows` is for NumPy alone; None where it is for both.
    """

    name: str
    rows: Function
    greater_is_better: bool
    tasks: tuple[Task, ...]
    compiled: Function | None = None

    def score(self, xp: Any, y: Any, prediction: Any) -> Any:
        """Return the metric of all rows together, a scalar; with keras.ops, XLA can compile it.

        Args:
            xp: numpy or keras.ops.
            y: as for `rows`; with keras.ops the number of rows must be static.
            prediction: as for `rows`.
        """
        if xp is np or self.compiled is None:
            return xp.mean(self.rows(xp, y, prediction))
        return self.compiled(xp, y, prediction)


def _accuracy(xp: Any, y: Any, prediction: Any) -> Any:
    if prediction.shape[-1] == 1:
        return xp.where((prediction[:, 0] > 0.5) == (y[:, 0] > 0.5), 1.0, 0.0)
    return xp.where(xp.argmax(prediction, axis=-1) == y[:, 0], 1.0, 0.0)


def _log_loss(xp: Any, y: Any, prediction: Any) -> Any:
    if prediction.shape[-1] == 1:
        probability = xp.where(y[:, 0] > 0.5, prediction[:, 0], 1.0 - prediction[:, 0])
    else:
        probability = xp.take_along_axis(prediction, y, axis=-1)[:, 0]
    return -xp.log(xp.clip(probability, EPSILON, 1.0 - EPSILON))


def _mse(xp: Any, y: Any, prediction: Any) -> Any:
    return xp.mean(xp.square(y - prediction), axis=-1)


def _mae(xp: Any, y: Any, prediction: Any) -> Any:
    return xp.mean(xp.abs(y - prediction), axis=-1)


def _r2(xp: Any, y: Any, prediction: Any) -> Any:
    """R² = 1 - Σ(y-p)²/Σ(y-ȳ)² = the mean over rows of 1 - (y-p)²/Var(y)."""
    exact = xp.array(y, dtype="float64")  # a million float32 far from 0 do not even add up to their mean
    variance = xp.array(xp.mean(xp.square(exact - xp.mean(exact, axis=0)), axis=0), dtype="float32")
    variance = xp.where(variance > 0, variance, 1.0)  # a target that is constant has no R²
    return xp.mean(1.0 - xp.square(y - prediction) / variance, axis=-1)


def _auc_rows(xp: Any, y: Any, prediction: Any) -> Any:
    """Contributions to the area under the ROC curve: the mean over classes of each against the rest; NumPy only.

    A class that no row has, or every row, has no curve and is left out; where none is left, each row contributes 1/2.
    """
    positive = _one_against_rest(np, y, prediction)
    curves = [
        _of_one_curve(of_class, ranked)
        for of_class, ranked in zip(positive, prediction.T, strict=True)
        if 0 < of_class.sum() < len(y)
    ]
    return np.mean(curves, axis=0) if curves else np.full(len(y), 0.5)


def _of_one_curve(positive: NDArray[np.bool_], prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Contributions of N rows, m of them positive, n negative, to the area A under one ROC curve.

    A positive row's V is the share of negatives below it, a negative row's the share of positives above it, ties
    counting half; both have the mean A. A row contributes

        A + (V - A)·√(N(N-1) / k(k-1)),  k = m for a positive row and n for a negative one.

    The mean of these is A, and the squared standard error of that mean, Σ(contribution - A)²/(N(N-1)), is
    Σ(V - A)²/(m(m-1)) over positives + Σ(V - A)²/(n(n-1)) over negatives: the variance of DeLong, DeLong and
    Clarke-Pearson (1988, Biometrics 44:837-845). So is that of a difference between two predictions.
    """
    shares = np.empty(len(prediction))
    shares[positive] = _share_below(prediction[positive], prediction[~positive])
    shares[~positive] = 1.0 - _share_below(prediction[~positive], prediction[positive])
    area = shares[positive].mean()
    rows, kind = len(prediction), np.where(positive, positive.sum(), (~positive).sum())
    spread = np.sqrt(rows * (rows - 1.0) / (kind * np.maximum(kind - 1.0, 1.0)))  # one of a kind: V = A
    return np.asarray(area + (shares - area) * spread)


def _share_below(values: NDArray[Any], others: NDArray[Any]) -> NDArray[np.float64]:
    """Return for each value the share of the others below it, equal ones counting half."""
    others = np.sort(others)
    below, up_to = (np.searchsorted(others, values, side) for side in ("left", "right"))
    return (below + up_to) / (2.0 * len(others))


def _auc_compiled(xp: Any, y: Any, prediction: Any) -> Any:
    """The area under the ROC curve without the contributions: Σ over positives of the negatives below it, over m·n.

    Rows are sorted once. Rows of equal prediction form a group, numbered in that order, and for P positives and N
    negatives in a group, B in all groups before it, the sum is ΣP·(B + N/2): the order within a group is of no matter.
    """
    order = xp.argsort(xp.transpose(prediction), axis=-1)  # (classes, rows)
    ranked = xp.take_along_axis(xp.transpose(prediction), order, axis=-1)
    positive = xp.take_along_axis(_one_against_rest(xp, y, prediction), order, axis=-1)
    classes, rows = ranked.shape
    starts = xp.where(ranked[:, 1:] != ranked[:, :-1], 1, 0)
    first = rows * xp.reshape(xp.arange(classes), (-1, 1))  # groups of a class are numbered from here
    groups = xp.reshape(xp.concatenate([first, first + xp.cumsum(starts, axis=-1)], axis=-1), (-1,))

    def in_groups(marked: Any) -> Any:
        counts = xp.segment_sum(xp.reshape(xp.where(marked, 1, 0), (-1,)), groups, num_segments=classes * rows)
        return xp.array(xp.reshape(counts, (classes, rows)), dtype="float64")  # 25e6 pairs are too many for float32

    positives, negatives = in_groups(positive), in_groups(xp.logical_not(positive))
    won = xp.sum(positives * (xp.cumsum(negatives, axis=-1) - negatives / 2.0), axis=-1)
    pairs = xp.sum(positives, axis=-1) * xp.sum(negatives, axis=-1)
    curves = xp.sum(xp.where(pairs > 0.0, 1.0, 0.0))
    areas = xp.where(pairs > 0.0, won / xp.maximum(pairs, 1.0), 0.0)
    mean = xp.array(xp.sum(areas), dtype="float32") / xp.maximum(curves, 1.0)
    return xp.where(curves > 0.0, mean, 0.5)


def _one_against_rest(xp: Any, y: Any, prediction: Any) -> Any:
    """(classes, rows) whether the row is of the class; one class, 1, where there is one output."""
    if prediction.shape[-1] == 1:
        return xp.transpose(y) > 0.5
    return xp.transpose(y) == xp.reshape(xp.arange(prediction.shape[-1]), (-1, 1))


_CLASSES: tuple[Task, ...] = ("binary", "multiclass")
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(name="accuracy", rows=_accuracy, greater_is_better=True, tasks=_CLASSES),
        Metric(name="log_loss", rows=_log_loss, greater_is_better=False, tasks=_CLASSES),
        Metric(name="auc", rows=_auc_rows, compiled=_auc_compiled, greater_is_better=True, tasks=_CLASSES),
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
