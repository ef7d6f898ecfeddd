"""A metric of the user's own: rows, one number with a jackknife, and what is refused in one line."""

import numpy as np
import pytest

from regsearch.comparison import standard_error
from regsearch.errors import InputError
from regsearch.own_metrics import own_metric, rows_of
from regsearch.spec import DataSpec, ModelSpec, SplitSpec, TrainingSpec, TrialSpec
from regsearch.trial import evaluate

FILE = """
import numpy as np
from sklearn.metrics import f1_score

def cost(y, p):
    assert y.shape == p.shape == (len(y),)
    return 5.0 * (y == 1) * (p < 0.5) + 1.0 * (y == 0) * (p >= 0.5)

def f1(y, p):
    return f1_score(y, p > 0.5)

def shapes(y, p):
    return float(p.shape[1] * 100 + y.ndim)

def matrix(y, p):
    return np.ones((2, 2))

def undefined(y, p):
    return 0 * np.inf

def broken(y, p):
    return {}["no such key"]
"""
RNG = np.random.default_rng(7)
Y = RNG.integers(0, 2, (300, 1)).astype(np.float32)
P = np.clip(0.5 + (Y - 0.5) * 0.4 + RNG.normal(size=Y.shape) * 0.3, 0, 1).astype(np.float32)


@pytest.fixture
def metric(tmp_path):
    (tmp_path / "my_metrics.py").write_text(FILE)
    return lambda name, **how: own_metric(f"my_metrics.py:{name}", str(tmp_path), **how)


def test_a_number_per_row_is_taken_as_it_is(metric):
    rows = metric("cost", greater_is_better=False).rows(np, Y, P)
    np.testing.assert_array_equal(rows, (5.0 * (Y == 1) * (P < 0.5) + 1.0 * (Y == 0) * (P >= 0.5))[:, 0])


def test_one_number_has_a_jackknifes_error(metric):
    """Its contributions' mean is the number; their error is near that of the linearized metric."""
    from regsearch.scoring import METRICS

    found, known = metric("f1").rows(np, Y, P), METRICS["f1"].rows(np, Y, P)
    assert found.shape == (300,)
    assert found.mean() == pytest.approx(known.mean(), rel=1e-6)
    assert standard_error(found) == pytest.approx(standard_error(known), rel=0.3)  # 30 groups tell it to 13 %


def test_the_jackknife_of_a_mean_is_its_standard_error():
    """Of N = 3,000 and 30 groups: the standard deviation of their means tells σ/√N to 1/√58."""
    y = RNG.normal(3, 2, 3000)
    rows = rows_of(lambda y, p: np.asarray(y.mean()), y, y)
    assert rows.mean() == pytest.approx(y.mean(), rel=1e-12)
    assert standard_error(rows) == pytest.approx(y.std() / 3000**0.5, rel=3 / 58**0.5)


def test_a_score_that_needs_both_classes_keeps_its_value_where_one_is_gone():
    def needs_both(y, p):
        if len(np.unique(y)) < 2:
            raise ValueError("one class")
        return np.asarray(1.0)

    y = np.array([0.0, 0.0, 1.0])
    assert rows_of(needs_both, y, y).tolist() == [1.0] * 3


def test_several_outputs_come_as_they_are(metric):
    assert metric("shapes").rows(np, np.zeros((4, 1), np.int32), np.zeros((4, 3), np.float32)).mean() == 301
    assert metric("shapes").rows(np, np.zeros((4, 3)), np.zeros((4, 3))).mean() == 302


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("matrix", r"gives an array of shape \(2, 2\); it must give a number, or one per row: \(300,\)"),
        ("undefined", "gives nan; it must give finite numbers"),
        ("broken", r".*my_metrics.py:22: KeyError: 'no such key'"),
    ],
)
def test_what_is_refused(metric, name, told):
    with pytest.raises(InputError, match=f"^evaluation.metric: {told}$"):
        metric(name).rows(np, Y, P)


def test_a_function_that_is_not_there(metric):
    with pytest.raises(InputError, match=r"^evaluation.metric: .*my_metrics.py has no function 'f2'"):
        metric("f2")


def test_a_training_is_scored_by_it(metric, tmp_path):
    spec = TrialSpec(
        data=DataSpec(source="moons", split=SplitSpec(train=30, validation=70), fresh_test=0),
        model=ModelSpec(options=(("hidden", (4,)),)),
        training=TrainingSpec(epochs=5),
        metric="my_metrics.py:f1",
        metric_folder=str(tmp_path),
    )
    (repeat,) = evaluate(spec, {0: 1}, threads=1)
    assert 0 <= repeat.validation.score <= 1
    assert repeat.validation_rows.scores.shape == (70,)
    assert np.isnan(repeat.curve.validation_score).all()
    assert np.isfinite(repeat.curve.validation_loss).all()
