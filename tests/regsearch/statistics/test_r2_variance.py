"""What the variance of the labels adds to the error of R², against resampling."""

import numpy as np
import pytest

from regsearch.statistics.paired_error import paired_error
from regsearch.statistics.r2_variance import with_variance_of_labels


def gains_of(y, good, bad):
    return ((y - bad) ** 2 - (y - good) ** 2)[None] / y.var()


def test_the_difference_is_unchanged():
    y = np.random.default_rng(1).normal(size=40)
    gains = gains_of(y, y * 0.9, y * 0.5)
    assert with_variance_of_labels(gains, y).mean() == pytest.approx(gains.mean())


def test_the_error_is_that_of_the_ratio():
    """Labels t-distributed with 8 df; the standard deviation of the difference over fresh samples is what it says."""
    rng = np.random.default_rng(2)
    found, squares, plain = [], [], []
    for _ in range(1500):
        y = rng.standard_t(8, size=200)
        good, bad = y + 0.3 * rng.normal(size=200), y + 0.9 * rng.normal(size=200)
        gains = gains_of(y, good, bad)
        found.append(gains.mean())
        squares.append(paired_error(with_variance_of_labels(gains, y)).v_rows)
        plain.append(paired_error(gains).v_rows)
    assert np.mean(squares) == pytest.approx(np.var(found), rel=0.12)  # three standard errors of a variance
    assert np.mean(plain) < 0.9 * np.var(found)


def test_of_several_targets_the_mean_is_taken():
    y = np.random.default_rng(3).normal(size=(30, 2))
    gains = np.full((1, 30), 0.5)
    each = [with_variance_of_labels(gains, y[:, i]) for i in range(2)]
    assert with_variance_of_labels(gains, y) == pytest.approx((each[0] + each[1]) / 2)
