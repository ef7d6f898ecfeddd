"""Metrics against scikit-learn's, in NumPy and in Keras; summaries against hand arithmetic."""

import numpy as np
import pytest
from sklearn import metrics

from regsearch.scoring import METRICS, summarize

RNG = np.random.default_rng(1)
ROWS = 40


def softmax(z):
    e = np.exp(z)
    return (e / e.sum(1, keepdims=True)).astype(np.float32)


BINARY = (RNG.integers(0, 2, (ROWS, 1)).astype(np.float32), RNG.uniform(size=(ROWS, 1)).astype(np.float32))
MULTICLASS = (RNG.integers(0, 4, (ROWS, 1)).astype(np.int32), softmax(RNG.normal(size=(ROWS, 4))))
REGRESSION = (
    RNG.normal(150, 70, (ROWS, 1)).astype(np.float32),
    RNG.normal(150, 70, (ROWS, 1)).astype(np.float32),
)
SMALL = tuple(1e-5 * a for a in REGRESSION)  # a variance of 5e-7, as of a concentration in mol/l
SMALLER = tuple(1e-3 * a for a in SMALL)


def labels(p):
    return (p > 0.5).astype(int) if p.shape[1] == 1 else p.argmax(1)


CASES = [
    ("accuracy", BINARY, lambda y, p: metrics.accuracy_score(y, labels(p))),
    ("accuracy", MULTICLASS, lambda y, p: metrics.accuracy_score(y, labels(p))),
    ("log_loss", BINARY, lambda y, p: metrics.log_loss(y, p[:, 0].astype(float))),
    ("log_loss", MULTICLASS, lambda y, p: metrics.log_loss(y, p.astype(float) / p.astype(float).sum(1)[:, None])),
    ("mse", REGRESSION, metrics.mean_squared_error),
    ("mae", REGRESSION, metrics.mean_absolute_error),
    ("r2", REGRESSION, metrics.r2_score),
    ("r2", SMALL, metrics.r2_score),
    ("r2", SMALLER, metrics.r2_score),
]


@pytest.mark.parametrize("namespace", ["numpy", "keras"])
@pytest.mark.parametrize(("name", "case", "reference"), CASES)
def test_the_mean_over_rows_is_scikit_learns_metric(keras, namespace, name, case, reference):
    y, p = case
    if namespace == "numpy":
        rows = METRICS[name].rows(np, y, p)
    else:
        rows = np.asarray(METRICS[name].rows(keras.ops, keras.ops.convert_to_tensor(y), keras.ops.convert_to_tensor(p)))
    assert rows.shape == (ROWS,)
    assert rows.astype(np.float64).mean() == pytest.approx(reference(y, p), rel=2e-5)


def test_certain_and_wrong_costs_what_keras_says():
    """-ln(1e-7) = 16.118"""
    y, p = np.array([[1.0]], np.float32), np.array([[0.0]], np.float32)
    assert METRICS["log_loss"].rows(np, y, p)[0] == pytest.approx(16.118, abs=1e-3)


def test_r2_of_a_constant_target_is_finite():
    y, p = np.full((3, 1), 2, np.float32), np.array([[2], [2], [3]], np.float32)
    assert METRICS["r2"].rows(np, y, p).tolist() == [1.0, 1.0, 0.0]
    assert METRICS["r2"].rows(np, y, y).mean() == metrics.r2_score(y, y) == 1.0


def test_a_probability_of_exactly_a_half_is_class_0():
    y, p = np.array([[0], [1]], np.float32), np.array([[0.5], [0.5]], np.float32)
    assert METRICS["accuracy"].rows(np, y, p).tolist() == [1.0, 0.0]


def test_which_way_is_better():
    assert {name for name, metric in METRICS.items() if metric.greater_is_better} == {"accuracy", "r2"}
    assert all(METRICS[name].name == name for name in METRICS)


def test_summary_of_three():
    """1, 2, 6: mean 3, deviations -2, -1, 3, so sd = √(14/2) = √7 and se = √(7/3)."""
    got = summarize([1.0, 2.0, 6.0])
    assert (got.n, got.mean) == (3, 3.0)
    assert got.std == pytest.approx(7**0.5, rel=1e-15)
    assert got.se == pytest.approx((7 / 3) ** 0.5, rel=1e-15)


def test_summary_of_one_has_no_spread():
    got = summarize([0.25])
    assert (got.n, got.mean, got.std, got.se) == (1, 0.25, None, None)


def test_summary_keeps_a_small_spread_on_a_large_mean():
    """In one pass, mean of squares minus square of mean, this would be 0 or worse."""
    assert summarize([1e9, 1e9 + 1, 1e9 + 2]).std == pytest.approx(1.0, rel=1e-12)
