"""Metrics against scikit-learn's, in NumPy and in Keras; summaries against hand arithmetic."""

import numpy as np
import pytest
from sklearn import metrics

from regsearch.backend import load_tensorflow
from regsearch.comparison import standard_error
from regsearch.errors import InputError
from regsearch.scoring import METRICS, check_metric, metric_named, summarize

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
THREE_TARGETS = tuple((RNG.normal(150, 70, (ROWS, 3)) * [1, 1e-3, 1e3]).astype(np.float32) for _ in range(2))
FAR = tuple(a + np.float32(1e4) for a in REGRESSION)  # an offset of 140 standard deviations
TIED = (BINARY[0], np.round(BINARY[1] * 4) / 4)
SATURATED = (BINARY[0], (BINARY[1] > 0.5).astype(np.float32))
TIED_MULTICLASS = (MULTICLASS[0], np.eye(4, dtype=np.float32)[MULTICLASS[1].argmax(1)])  # each row is sure of a class
ABSENT = (np.minimum(MULTICLASS[0], 2), MULTICLASS[1])  # no row is of the last class
MULTILABEL = (RNG.integers(0, 2, (ROWS, 3)).astype(np.float32), RNG.uniform(size=(ROWS, 3)).astype(np.float32))
UNEVEN = ((BINARY[1] < 0.2).astype(np.float32), np.clip(BINARY[1] + 0.3, 0, 1).astype(np.float32))
PRICES = tuple(a * 1e3 for a in REGRESSION)
SMALL = tuple(1e-5 * a for a in REGRESSION)  # a variance of 5e-7, as of a concentration in mol/l
SMALLER = tuple(1e-3 * a for a in SMALL)


def labels(p):
    return (p > 0.5).astype(int) if p.shape[1] == 1 else p.argmax(1)


def auc(y, p):
    """Of each class against the rest, by scikit-learn, over the classes that some rows are of and some are not."""
    if p.shape[1] == 1:
        return metrics.roc_auc_score(y, p)
    return np.mean([metrics.roc_auc_score(y == k, p[:, k]) for k in np.unique(y)])


def average_precision(y, p):
    """Of each class against the rest, over the classes that occur."""
    if p.shape[1] == y.shape[1]:
        return metrics.average_precision_score(y, p)
    return np.mean([metrics.average_precision_score(y == k, p[:, k]) for k in np.unique(y)])


CASES = [
    ("accuracy", MULTILABEL, lambda y, p: 1 - metrics.hamming_loss(y, p > 0.5)),
    ("subset_accuracy", MULTILABEL, lambda y, p: metrics.accuracy_score(y, p > 0.5)),
    (
        "log_loss",
        MULTILABEL,
        lambda y, p: np.mean([metrics.log_loss(y[:, i], p[:, i].astype(float)) for i in range(3)]),
    ),
    ("auc", MULTILABEL, lambda y, p: metrics.roc_auc_score(y, p)),
    ("f1", BINARY, lambda y, p: metrics.f1_score(y, labels(p))),
    ("f1", UNEVEN, lambda y, p: metrics.f1_score(y, labels(p))),
    ("f1", MULTICLASS, lambda y, p: metrics.f1_score(y, labels(p), average="macro")),
    ("f1", MULTILABEL, lambda y, p: metrics.f1_score(y, p > 0.5, average="macro")),
    ("balanced_accuracy", UNEVEN, lambda y, p: metrics.balanced_accuracy_score(y, labels(p))),
    ("balanced_accuracy", MULTICLASS, lambda y, p: metrics.balanced_accuracy_score(y, labels(p))),
    ("average_precision", BINARY, average_precision),
    ("average_precision", TIED, average_precision),
    ("average_precision", SATURATED, average_precision),
    ("average_precision", MULTICLASS, average_precision),
    ("average_precision", ABSENT, average_precision),
    ("average_precision", MULTILABEL, average_precision),
    ("brier", BINARY, lambda y, p: metrics.brier_score_loss(y, p)),
    ("brier", MULTICLASS, lambda y, p: metrics.brier_score_loss(y, p / p.astype(float).sum(1)[:, None])),
    ("brier", MULTILABEL, lambda y, p: np.mean((y - p) ** 2)),
    ("rmse", REGRESSION, metrics.root_mean_squared_error),
    ("rmse", THREE_TARGETS, metrics.root_mean_squared_error),
    ("rmse", PRICES, metrics.root_mean_squared_error),
    ("mape", REGRESSION, metrics.mean_absolute_percentage_error),
    ("mape", THREE_TARGETS, metrics.mean_absolute_percentage_error),
    ("accuracy", BINARY, lambda y, p: metrics.accuracy_score(y, labels(p))),
    ("accuracy", MULTICLASS, lambda y, p: metrics.accuracy_score(y, labels(p))),
    ("log_loss", BINARY, lambda y, p: metrics.log_loss(y, p[:, 0].astype(float))),
    ("log_loss", MULTICLASS, lambda y, p: metrics.log_loss(y, p.astype(float) / p.astype(float).sum(1)[:, None])),
    ("auc", BINARY, auc),
    ("auc", TIED, auc),
    ("auc", SATURATED, auc),
    ("auc", MULTICLASS, auc),
    ("auc", MULTICLASS, lambda y, p: metrics.roc_auc_score(y, p, multi_class="ovr", average="macro")),
    ("auc", TIED_MULTICLASS, auc),
    ("auc", ABSENT, auc),
    ("mse", REGRESSION, metrics.mean_squared_error),
    ("mae", REGRESSION, metrics.mean_absolute_error),
    ("r2", REGRESSION, metrics.r2_score),
    ("mse", THREE_TARGETS, metrics.mean_squared_error),
    ("mae", THREE_TARGETS, metrics.mean_absolute_error),
    ("r2", THREE_TARGETS, metrics.r2_score),
    ("r2", FAR, metrics.r2_score),
    ("r2", SMALL, metrics.r2_score),
    ("r2", SMALLER, metrics.r2_score),
]


@pytest.mark.parametrize(("name", "case", "reference"), CASES)
def test_the_mean_over_rows_is_scikit_learns_metric(keras, name, case, reference):
    y, p = case
    rows = [METRICS[name].rows(np, y, p)]
    if METRICS[name].compiled is None:
        rows.append(np.asarray(METRICS[name].rows(keras.ops, *map(keras.ops.convert_to_tensor, case))))
    for found in rows:
        assert found.shape == (ROWS,)
        assert found.astype(np.float64).mean() == pytest.approx(reference(y, p), rel=2e-5)


@pytest.fixture(scope="module")
def compiled(keras):
    """The score as a training computes it: by keras.ops, inside a program of XLA."""

    def score(name, y, prediction):
        function = load_tensorflow().function(
            lambda y, p: METRICS[name].score(keras.ops, y, p), jit_compile=True, autograph=False
        )
        return function(*map(keras.ops.convert_to_tensor, (y, prediction))).numpy()

    return score


@pytest.mark.parametrize(("name", "case", "reference"), CASES)
def test_the_score_is_the_same_compiled(compiled, name, case, reference):
    found = compiled(name, *case)
    assert (found.shape, found.dtype) == ((), np.float32)  # what goes into a learning curve
    assert METRICS[name].score(np, *case) == pytest.approx(reference(*case), rel=2e-5)
    assert found == pytest.approx(reference(*case), rel=2e-5)


def test_certain_and_wrong_costs_what_keras_says():
    """-ln(1e-7) = 16.118"""
    y, p = np.array([[1.0]], np.float32), np.array([[0.0]], np.float32)
    assert METRICS["log_loss"].rows(np, y, p)[0] == pytest.approx(16.118, abs=1e-3)


def test_r2_of_a_constant_target_is_finite():
    y, p = np.full((3, 1), 2, np.float32), np.array([[2], [2], [3]], np.float32)
    assert METRICS["r2"].rows(np, y, p).tolist() == [1.0, 1.0, 0.0]
    assert METRICS["r2"].rows(np, y, y).mean() == metrics.r2_score(y, y) == 1.0


def test_r2_of_many_rows_far_from_zero(compiled):
    """As of an altitude or a price: the sum of so many in float32 is off by more than they vary."""
    rng = np.random.default_rng(6)
    y = rng.normal(10_000, 1, (300_000, 3)).astype(np.float32)
    p = (y + rng.normal(0, 0.5, y.shape)).astype(np.float32)
    wanted = metrics.r2_score(y.astype(np.float64), p.astype(np.float64))
    assert METRICS["r2"].rows(np, y, p).astype(np.float64).mean() == pytest.approx(wanted, abs=1e-5)
    assert compiled("r2", y, p) == pytest.approx(wanted, abs=1e-4)


def test_a_probability_of_exactly_a_half_is_class_0():
    y, p = np.array([[0], [1]], np.float32), np.array([[0.5], [0.5]], np.float32)
    assert METRICS["accuracy"].rows(np, y, p).tolist() == [1.0, 0.0]


def test_auc_of_many_rows_is_exact_to_the_pair(compiled):
    """Among 25e6 pairs; scikit-learn adds them up in float64."""
    rng = np.random.default_rng(4)
    y = np.repeat([0, 1], 5000).astype(np.float32)[:, None]
    p = rng.normal(0.02 * y).astype(np.float32)
    for given in (p, np.round(p)):  # no ties, and a thousand rows in each
        wanted = metrics.roc_auc_score(y, given)
        assert METRICS["auc"].rows(np, y, given).mean() == pytest.approx(wanted, abs=1e-12)
        assert compiled("auc", y, given) == pytest.approx(wanted, abs=1e-7)


@pytest.mark.parametrize(
    ("y", "p"),
    [
        pytest.param(np.ones((5, 1), np.float32), BINARY[1][:5], id="binary"),
        pytest.param(np.full((5, 1), 2, np.int32), MULTICLASS[1][:5], id="multiclass"),
        pytest.param(np.ones((1, 1), np.float32), BINARY[1][:1], id="one row"),
    ],
)
def test_auc_of_one_class_is_a_half(compiled, y, p):
    assert METRICS["auc"].rows(np, y, p).tolist() == [0.5] * len(y)
    assert compiled("auc", y, p) == 0.5


def test_auc_by_hand(compiled):
    """Positives 0.8 and 0.4, negatives 0.4, 0.3 and 0.9: the pairs won are (1, 1, 0) and (1/2, 1, 0), 3.5 of 6.

    V of the positives 2/3 and 1/2, of the negatives 3/4, 1, 0; A = 7/12. A positive's deviation, 1/12 and -1/12, is
    stretched by √(5·4/(2·1)) = √10; a negative's, 1/6, 5/12 and -7/12, by √(5·4/(3·2)) = √(10/3).
    """
    y, p = np.array([[1, 1, 0, 0, 0]], np.float32).T, np.array([[0.8, 0.4, 0.4, 0.3, 0.9]], np.float32).T
    a, b = 10**0.5, (10 / 3) ** 0.5
    wanted = np.array([7 + a, 7 - a, 7 + 2 * b, 7 + 5 * b, 7 - 7 * b]) / 12
    np.testing.assert_allclose(METRICS["auc"].rows(np, y, p), wanted, rtol=1e-12)
    assert compiled("auc", y, p) == pytest.approx(7 / 12, rel=1e-6)


def delong(y, *predictions):
    """AUCs and their covariance, pair by pair, as DeLong, DeLong and Clarke-Pearson (1988) define them."""
    wins = [
        np.array([[1.0 if a > b else 0.5 if a == b else 0.0 for b in p[y == 0]] for a in p[y == 1]])
        for p in predictions
    ]  # (m, n)
    m, n = wins[0].shape
    covariance = np.cov([w.mean(1) for w in wins]) / m + np.cov([w.mean(0) for w in wins]) / n
    return [w.mean() for w in wins], covariance


@pytest.mark.parametrize("digits", [7, 1])
def test_comparing_two_aucs_by_row_is_delongs_test(digits):
    rng = np.random.default_rng(5)
    y = (np.arange(90) % 3 == 0).astype(np.float32)
    shared = rng.normal(size=90) + 0.8 * y
    a, b = (np.round(shared + rng.normal(size=90), digits).astype(np.float32) for _ in range(2))
    (area_a, area_b), covariance = delong(y, a, b)
    rows_a, rows_b = (METRICS["auc"].rows(np, y[:, None], p[:, None]) for p in (a, b))
    assert rows_a.mean() == pytest.approx(area_a, rel=1e-12)
    assert standard_error(rows_a) ** 2 == pytest.approx(covariance[0, 0], rel=1e-12)
    assert standard_error(rows_b) ** 2 == pytest.approx(covariance[1, 1], rel=1e-12)
    assert (rows_a - rows_b).mean() == pytest.approx(area_a - area_b, rel=1e-10)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert standard_error(rows_a - rows_b) ** 2 == pytest.approx(variance, rel=1e-10)
    assert abs(covariance[0, 1]) > 0.1 * variance  # else pairing would make no difference


INFLUENCES = [
    ("f1", BINARY, lambda y, p, w: metrics.f1_score(y, labels(p), sample_weight=w)),
    ("f1", MULTICLASS, lambda y, p, w: metrics.f1_score(y, labels(p), average="macro", sample_weight=w)),
    ("f1", MULTILABEL, lambda y, p, w: metrics.f1_score(y, p > 0.5, average="macro", sample_weight=w)),
    ("balanced_accuracy", UNEVEN, lambda y, p, w: metrics.balanced_accuracy_score(y, labels(p), sample_weight=w)),
    ("balanced_accuracy", MULTICLASS, lambda y, p, w: metrics.balanced_accuracy_score(y, labels(p), sample_weight=w)),
    ("average_precision", BINARY, lambda y, p, w: metrics.average_precision_score(y, p, sample_weight=w)),
    ("average_precision", TIED, lambda y, p, w: metrics.average_precision_score(y, p, sample_weight=w)),
    ("average_precision", MULTILABEL, lambda y, p, w: metrics.average_precision_score(y, p, sample_weight=w)),
    ("rmse", REGRESSION, lambda y, p, w: metrics.root_mean_squared_error(y, p, sample_weight=w)),
    ("rmse", THREE_TARGETS, lambda y, p, w: metrics.root_mean_squared_error(y, p, sample_weight=w)),
]


@pytest.mark.parametrize(("name", "case", "weighted"), INFLUENCES)
def test_contributions_are_the_influence_of_each_rows_weight(name, case, weighted):
    """The infinitesimal jackknife: N times the derivative of the metric by the weight of a row, at weights of 1."""
    y, p = (array.astype(np.float64) if array.dtype.kind == "f" else array for array in case)
    step, ones = 1e-5, np.ones(ROWS)
    moved = [(ones + step * row, ones - step * row) for row in np.eye(ROWS)]
    slopes = np.array([weighted(y, p, up) - weighted(y, p, down) for up, down in moved]) / (2 * step)
    rows = METRICS[name].rows(np, y, p)
    np.testing.assert_allclose(rows - rows.mean(), ROWS * slopes, rtol=1e-5, atol=1e-6 * np.abs(rows).max())


@pytest.mark.parametrize("name", ["f1", "balanced_accuracy", "average_precision"])
def test_what_has_no_positives_is_finite(compiled, name):
    y, p = np.zeros((5, 1), np.float32), np.full((5, 1), 0.25, np.float32)
    wanted = {"f1": 0, "balanced_accuracy": 1, "average_precision": 0}[name]
    assert METRICS[name].rows(np, y, p).tolist() == [wanted] * 5
    assert compiled(name, y, p) == wanted


def test_rmse_of_what_is_exact_is_zero():
    assert METRICS["rmse"].rows(np, REGRESSION[0], REGRESSION[0]).tolist() == [0] * ROWS


@pytest.mark.parametrize(("name", "k"), [("top_k", 2), ("top_2", 2), ("top_3", 3)])
def test_top_k(keras, name, k):
    metric, (y, p) = metric_named(name), MULTICLASS
    wanted = metrics.top_k_accuracy_score(y[:, 0], p, k=k)
    assert metric.rows(np, y, p).mean() == pytest.approx(wanted)
    tensors = map(keras.ops.convert_to_tensor, MULTICLASS)
    assert float(metric.score(keras.ops, *tensors)) == pytest.approx(wanted, rel=1e-6)


def test_a_metric_that_is_not_there_or_does_not_fit():
    with pytest.raises(InputError, match=r"^evaluation.metric: 'fl' is not one of accuracy, .* mean 'f1'\?\)$"):
        metric_named("fl")
    with pytest.raises(InputError, match=r"^evaluation.metric: 'top_3' of 3 classes is always 1; k must be below 3$"):
        check_metric(metric_named("top_3"), "multiclass", 3)
    with pytest.raises(InputError, match=r"^evaluation.metric: 'r2' does not fit a multilabel target; use accuracy, "):
        check_metric(METRICS["r2"], "multilabel")
    check_metric(METRICS["f1"], "multilabel", 4)


def test_which_way_is_better():
    assert {name for name, metric in METRICS.items() if metric.greater_is_better} == {
        *("accuracy", "auc", "f1", "balanced_accuracy", "average_precision", "subset_accuracy", "r2")
    }
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
