"""Metrics that are functions of means over rows: each row contributes its part of the metric linearized at the means.

For T = g(m), m the mean of what the rows hold, row i contributes T + ∇g(m)·(mᵢ - m). The mean of these is T, and the
squared standard error of that mean is the one of the delta method, which the infinitesimal jackknife gives as well
(Efron 1982, The Jackknife, the Bootstrap and Other Resampling Plans, chapter 6). So is that of a difference between two
predictions. Arguments are those of regsearch.row_metrics.
"""

from typing import Any

SMALLEST = 1e-30  # what is divided by at least, where the result is not used


def f1(xp: Any, y: Any, prediction: Any) -> Any:
    """F1 = 2·TP/(2·TP + FP + FN) of class 1; of several classes or labels the mean over those that occur."""
    truth, predicted = _memberships(xp, y, prediction)
    return _mean_ratio(xp, 2.0 * truth * predicted, truth + predicted)


def balanced_accuracy(xp: Any, y: Any, prediction: Any) -> Any:
    """The mean over the classes that occur of the share of their rows that are right."""
    truth, predicted = _memberships(xp, y, prediction)
    if prediction.shape[-1] == 1:
        truth, predicted = (xp.concatenate([1.0 - m, m], axis=-1) for m in (truth, predicted))
    return _mean_ratio(xp, truth * predicted, truth)


def rmse(xp: Any, y: Any, prediction: Any) -> Any:
    """√(mean of (y - p)²), the mean over targets."""
    squares = xp.square(y - prediction)  # (rows, targets)
    root = xp.sqrt(xp.mean(squares, axis=0))
    return xp.mean(root + (squares - xp.square(root)) / xp.maximum(2.0 * root, SMALLEST), axis=-1)


def r2_contributions(xp: Any, y: Any, prediction: Any) -> Any:
    """R² = 1 - MSE/Var(y), the mean over targets, and what rows contribute to its error, that of Var(y) included.

    A row contributes 1 - (y-p)²/Var(y) + (1 - R²)·((y - ȳ)²/Var(y) - 1). The mean is R²: scores are made without the
    second term, which rounds otherwise.
    """
    exact = xp.array(y, dtype="float64")  # as in row_metrics.r2
    squares = xp.square(exact - xp.mean(exact, axis=0))  # (rows, targets)
    variance = xp.mean(squares, axis=0)
    constant, variance = variance == 0, xp.where(variance > 0, variance, 1.0)
    shares = xp.square(exact - prediction) / variance
    excess = xp.where(constant, 0.0, squares / variance - 1.0)
    return xp.mean(1.0 - shares + xp.mean(shares, axis=0) * excess, axis=-1)


def _mean_ratio(xp: Any, above: Any, below: Any) -> Any:
    """Return (rows,) the contributions to the mean over columns of Σabove/Σbelow; columns without below are left out.

    With T = a/b, a and b the means, a row contributes T + (aᵢ - T·bᵢ)/b.
    """
    mean_below = xp.mean(below, axis=0)  # (columns,)
    occurs = xp.where(mean_below > 0, 1.0, 0.0)
    ratio = xp.mean(above, axis=0) / xp.maximum(mean_below, SMALLEST)
    rows = ratio + (above - ratio * below) / xp.maximum(mean_below, SMALLEST)
    return xp.sum(rows * occurs, axis=-1) / xp.maximum(xp.sum(occurs), 1.0)


def _memberships(xp: Any, y: Any, prediction: Any) -> tuple[Any, Any]:
    """Return (rows, columns) 0 and 1, what is and what was predicted: per label, per class, or of class 1."""
    if y.shape[-1] == prediction.shape[-1]:
        return xp.where(y > 0.5, 1.0, 0.0), xp.where(prediction > 0.5, 1.0, 0.0)
    classes = xp.reshape(xp.arange(prediction.shape[-1]), (1, -1))
    chosen = xp.reshape(xp.argmax(prediction, axis=-1), (-1, 1))
    return xp.where(y == classes, 1.0, 0.0), xp.where(chosen == classes, 1.0, 0.0)
