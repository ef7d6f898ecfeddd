"""Each metric's error."""

import numpy as np
import pytest

from regsearch.statistics.metric_error import metric_error
from regsearch.statistics.paired_error import paired_error

A, B = np.random.default_rng(1).uniform(0.1, 1.0, size=(2, 3, 20))


def test_squared_errors_have_the_plain_one():
    assert metric_error("mse", A, B) == paired_error(A - B)


@pytest.mark.parametrize("metric", ["accuracy", "auc"])
def test_bounded_metrics_count_one_row_more(metric):
    assert metric_error(metric, A, B).v_unseen == pytest.approx(1 / 400)


def test_the_log_loss_counts_one_of_the_other_label():
    other = -np.log(-np.expm1(-A)) + np.log(-np.expm1(-B))
    expected = ((other.mean(axis=0) - (A - B).mean()) ** 2).mean() / 400
    assert metric_error("log_loss", A, B).v_unseen == pytest.approx(expected)


def test_groups_are_passed_on():
    assert metric_error("accuracy", A, B, groups=np.arange(20) // 4).groups == 5
