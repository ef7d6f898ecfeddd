"""Metrics of how predictions rank rows: areas under the ROC and the precision-recall curve.

Each is written twice, because the contributions of its rows take a search that XLA does not compile well. Arguments are
those of regsearch.row_metrics.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def auc(xp: Any, y: Any, prediction: Any) -> Any:
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


def auc_compiled(xp: Any, y: Any, prediction: Any) -> Any:
    """The area under the ROC curve without the contributions: Σ over positives of the negatives below it, over m·n.

    Rows are sorted once. Rows of equal prediction form a group, numbered in that order, and for P positives and N
    negatives in a group, B in all groups before it, the sum is ΣP·(B + N/2): the order within a group is of no matter.
    """
    positives, negatives = _grouped(xp, y, prediction)
    won = xp.sum(positives * (xp.cumsum(negatives, axis=-1) - negatives / 2.0), axis=-1)
    pairs = xp.sum(positives, axis=-1) * xp.sum(negatives, axis=-1)
    return _mean_of_curves(xp, won, pairs, 0.5)


def average_precision(xp: Any, y: Any, prediction: Any) -> Any:
    """Contributions to the average precision: the mean over classes of each against the rest; NumPy only.

    A class that no row has is left out; where none is left, each row contributes 0.
    """
    positive = _one_against_rest(np, y, prediction)
    found = [
        _of_one_precision(of_class, ranked)
        for of_class, ranked in zip(positive, prediction.T, strict=True)
        if of_class.any()
    ]
    return np.asarray(np.mean(found, axis=0)) if found else np.zeros(len(y))


def _of_one_precision(positive: NDArray[np.bool_], prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Contributions of N rows, a share q of them positive, to one average precision A.

    A = Σ over positives of their precision, over their number; the precision P of a row is a/b, where a and b are the
    shares of all rows, positive ones and any, that are predicted as high as it or higher. Linearized as in
    regsearch.linearized_metrics, row j contributes

        A + (zⱼ·(Pⱼ - A) + mean over i of zᵢ·[row i is not above row j]·(zⱼ - Pᵢ)/bᵢ)/q,  z = 1 for a positive row.
    """
    order = np.argsort(-prediction, kind="stable")
    z, ranked = positive[order].astype(np.float64), prediction[order]
    rows = len(z)
    last = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), rows - 1)  # of each group of equal predictions
    group = np.searchsorted(last, np.arange(rows))
    below = (last[group] + 1) / rows  # bᵢ
    precision = np.cumsum(z)[last[group]] / rows / below  # Pᵢ
    first = np.concatenate([[0], last[:-1] + 1])[group]

    def from_here_down(terms: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((np.cumsum(terms[::-1])[::-1] / rows)[first])  # of those that are not above

    share = z.mean()
    area = float((z * precision).mean() / share)
    shifts = z * from_here_down(z / below) - from_here_down(z * precision / below)
    found = np.empty(rows)
    found[order] = area + (z * (precision - area) + shifts) / share
    return found


def average_precision_compiled(xp: Any, y: Any, prediction: Any) -> Any:
    """The average precision without the contributions: Σ over groups of P·A/B, over ΣP, as in `auc_compiled`.

    For P positives in a group of equal predictions, A and B are the positives and the rows in it and above it.
    """
    positives, negatives = _grouped(xp, y, prediction)
    count = xp.sum(positives, axis=-1, keepdims=True)
    above = count - (xp.cumsum(positives, axis=-1) - positives)
    others = xp.sum(negatives, axis=-1, keepdims=True) - (xp.cumsum(negatives, axis=-1) - negatives)
    precise = xp.sum(positives * above / xp.maximum(above + others, 1.0), axis=-1)
    return _mean_of_curves(xp, precise, count[:, 0], 0.0)


def _grouped(xp: Any, y: Any, prediction: Any) -> tuple[Any, Any]:
    """Return (classes, rows) float64, the positives and the negatives in each group of rows of equal prediction.

    Groups are numbered in ascending order of their predictions; what is left of the rows' places is 0.
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

    return in_groups(positive), in_groups(xp.logical_not(positive))


def _mean_of_curves(xp: Any, above: Any, below: Any, none: float) -> Any:
    """Return the mean over classes of above/below where below is not 0; `none` where it is 0 for all."""
    curves = xp.sum(xp.where(below > 0.0, 1.0, 0.0))
    areas = xp.where(below > 0.0, above / xp.maximum(below, 1.0), 0.0)
    mean = xp.array(xp.sum(areas), dtype="float32") / xp.maximum(curves, 1.0)
    return xp.where(curves > 0.0, mean, none)


def _one_against_rest(xp: Any, y: Any, prediction: Any) -> Any:
    """(classes, rows) whether the row is of the class; one class, 1, where there is one output; or the labels."""
    if prediction.shape[-1] == y.shape[-1]:
        return xp.transpose(y) > 0.5
    return xp.transpose(y) == xp.reshape(xp.arange(prediction.shape[-1]), (-1, 1))
