"""Metrics that are a mean over rows: what each row contributes.

Each is (namespace, y, prediction) -> (rows,); the namespace is numpy or keras.ops. y is (rows, 1) of two classes or
more, (rows, labels) of several labels and (rows, targets) of a regression; prediction is (rows, outputs).
"""

from typing import Any

EPSILON = 1e-7  # probabilities are kept this far from 0 and 1, as Keras does
SMALLEST = 2.220446049250313e-16  # what mape divides by at least, as scikit-learn's


def accuracy(xp: Any, y: Any, prediction: Any) -> Any:
    """1 where the class is right; of several labels the share of those that are right (1 - Hamming loss)."""
    if y.shape[-1] > 1:
        return xp.mean(xp.where((prediction > 0.5) == (y > 0.5), 1.0, 0.0), axis=-1)
    if prediction.shape[-1] == 1:
        return xp.where((prediction[:, 0] > 0.5) == (y[:, 0] > 0.5), 1.0, 0.0)
    return xp.where(xp.argmax(prediction, axis=-1) == y[:, 0], 1.0, 0.0)


def subset_accuracy(xp: Any, y: Any, prediction: Any) -> Any:
    """1 where all labels of a row are right."""
    return xp.where(xp.all((prediction > 0.5) == (y > 0.5), axis=-1), 1.0, 0.0)


def top_k(xp: Any, y: Any, prediction: Any, k: int) -> Any:
    """1 where fewer than k classes are more probable than the true one; as in Keras, ties count as right."""
    truth = xp.take_along_axis(prediction, y, axis=-1)  # (rows, 1)
    above = xp.sum(xp.where(prediction > truth, 1.0, 0.0), axis=-1)
    return xp.where(above < k, 1.0, 0.0)


def log_loss(xp: Any, y: Any, prediction: Any) -> Any:
    """-log of the probability of the truth; of several labels its mean."""
    if y.shape[-1] > 1:
        probability = xp.where(y > 0.5, prediction, 1.0 - prediction)
        return -xp.mean(xp.log(xp.clip(probability, EPSILON, 1.0 - EPSILON)), axis=-1)
    if prediction.shape[-1] == 1:
        probability = xp.where(y[:, 0] > 0.5, prediction[:, 0], 1.0 - prediction[:, 0])
    else:
        probability = xp.take_along_axis(prediction, y, axis=-1)[:, 0]
    return -xp.log(xp.clip(probability, EPSILON, 1.0 - EPSILON))


def brier(xp: Any, y: Any, prediction: Any) -> Any:
    """(p - y)²; of several classes Σ over classes, of several labels the mean (Brier 1950, scikit-learn)."""
    if prediction.shape[-1] == y.shape[-1]:
        return xp.mean(xp.square(prediction - y), axis=-1)
    truth = xp.where(y == xp.reshape(xp.arange(prediction.shape[-1]), (1, -1)), 1.0, 0.0)  # (rows, classes)
    return xp.sum(xp.square(prediction - truth), axis=-1)


def mse(xp: Any, y: Any, prediction: Any) -> Any:
    """(y - p)², the mean over targets."""
    return xp.mean(xp.square(y - prediction), axis=-1)


def mae(xp: Any, y: Any, prediction: Any) -> Any:
    """|y - p|, the mean over targets."""
    return xp.mean(xp.abs(y - prediction), axis=-1)


def mape(xp: Any, y: Any, prediction: Any) -> Any:
    """|y - p|/|y|, the mean over targets."""
    return xp.mean(xp.abs(y - prediction) / xp.maximum(xp.abs(y), SMALLEST), axis=-1)


def r2(xp: Any, y: Any, prediction: Any) -> Any:
    """R² = 1 - Σ(y-p)²/Σ(y-ȳ)² = the mean over rows of 1 - (y-p)²/Var(y)."""
    exact = xp.array(y, dtype="float64")  # a million float32 far from 0 do not even add up to their mean
    variance = xp.array(xp.mean(xp.square(exact - xp.mean(exact, axis=0)), axis=0), dtype="float32")
    variance = xp.where(variance > 0, variance, 1.0)  # a target that is constant has no R²
    return xp.mean(1.0 - xp.square(y - prediction) / variance, axis=-1)
