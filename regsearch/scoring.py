"""Metrics and summaries.

Every metric here is a mean over rows, so that its uncertainty due to the rows drawn can be estimated. A metric is
written once for NumPy and for keras.ops: the namespace is its first argument.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch import linearized_metrics, ranking_metrics, row_metrics
from regsearch.errors import InputError, nearest
from regsearch.spec import Task

FIELD = "evaluation.metric"
TOP_K = re.compile(r"^top_([1-9][0-9]*)$")
DEFAULT_K = 2  # of top_k, scikit-learn's

Function = Callable[[Any, Any, Any], Any]  # of a namespace, y and prediction


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What a repeat is scored by.

    Args:
        name: its name in the sweep file.
        rows: (namespace, y, prediction) -> (rows,) contributions whose mean is the metric; see regsearch.row_metrics.
        greater_is_better: whether more is better.
        tasks: the kinds of target it is for.
        compiled: (keras.ops, y, prediction) -> the metric, where `rows` is for NumPy alone; None where it is for both.
        from_zero: whether the value depends on where the labels' zero is, as of a share of them.
        k: how many classes it looks at; 0 for all.
        contributions: as `rows` with the same mean, to estimate its error from; None where `rows` are.
    """

    name: str
    rows: Function
    greater_is_better: bool
    tasks: tuple[Task, ...]
    compiled: Function | None = None
    from_zero: bool = False
    k: int = 0
    contributions: Function | None = None

    def row_scores(self, y: Any, prediction: Any) -> NDArray[np.float64]:
        """Return (rows,) what rows contribute to the metric and its error; NumPy only."""
        return np.asarray((self.contributions or self.rows)(np, y, prediction), np.float64)

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


def _gain(name: str, rows: Function, *tasks: Task, compiled: Function | None = None) -> Metric:
    return Metric(name=name, rows=rows, greater_is_better=True, tasks=tasks, compiled=compiled)


def _cost(name: str, rows: Function, *tasks: Task, from_zero: bool = False) -> Metric:
    return Metric(name=name, rows=rows, greater_is_better=False, tasks=tasks, from_zero=from_zero)


_CLASSES: tuple[Task, ...] = ("binary", "multiclass")
_ALL_CLASSES: tuple[Task, ...] = (*_CLASSES, "multilabel")
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _gain("accuracy", row_metrics.accuracy, *_ALL_CLASSES),
        _cost("log_loss", row_metrics.log_loss, *_ALL_CLASSES),
        _gain("auc", ranking_metrics.auc, *_ALL_CLASSES, compiled=ranking_metrics.auc_compiled),
        _gain("f1", linearized_metrics.f1, *_ALL_CLASSES),
        _gain("balanced_accuracy", linearized_metrics.balanced_accuracy, *_CLASSES),
        _gain(
            "average_precision",
            ranking_metrics.average_precision,
            *_ALL_CLASSES,
            compiled=ranking_metrics.average_precision_compiled,
        ),
        _cost("brier", row_metrics.brier, *_ALL_CLASSES),
        _gain("subset_accuracy", row_metrics.subset_accuracy, "multilabel"),
        replace(_gain("r2", row_metrics.r2, "regression"), contributions=linearized_metrics.r2_contributions),
        _cost("mse", row_metrics.mse, "regression"),
        _cost("rmse", linearized_metrics.rmse, "regression"),
        _cost("mae", row_metrics.mae, "regression"),
        _cost("mape", row_metrics.mape, "regression", from_zero=True),
    )
}


def metric_named(name: str) -> Metric:
    """Return a metric by its name: one of METRICS, or `top_3` and the like; `top_k` is `top_2`.

    Raises:
        InputError: there is none of that name.
    """
    if found := TOP_K.match("top_2" if name == "top_k" else name):
        k = int(found[1])
        rows = partial(row_metrics.top_k, k=k)
        return Metric(name=name, rows=rows, greater_is_better=True, tasks=("multiclass",), k=k)
    if name not in METRICS:
        known = f"{', '.join(METRICS)}, top_3 and the like, 'my_metrics.py:score'{nearest(name, METRICS)}"
        raise InputError(FIELD, f"{name!r} is not one of {known}")
    return METRICS[name]


def check_metric(metric: Metric, task: Task, n_outputs: int = 0) -> None:
    """Refuse a metric that does not go with the labels.

    Args:
        metric: what is to be scored.
        task: what kind of labels there are.
        n_outputs: how many numbers a model gives for a row; 0 where that is not known yet.

    Raises:
        InputError: it does not; the message says which do.
    """
    if task not in metric.tasks:
        fitting = ", ".join(m.name for m in METRICS.values() if task in m.tasks)
        raise InputError(FIELD, f"{metric.name!r} does not fit a {task} target; use {fitting}")
    if n_outputs and metric.k >= n_outputs:
        raise InputError(FIELD, f"{metric.name!r} of {n_outputs} classes is always 1; k must be below {n_outputs}")


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
