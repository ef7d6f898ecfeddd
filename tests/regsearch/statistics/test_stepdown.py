"""Several p-values of estimates that are alike."""

import numpy as np
import pytest
from scipy.special import ndtr

from regsearch.statistics.stepdown import stepdown


def test_independent_estimates_are_adjusted_as_independent_ones():
    """The smallest of three independent p-values of 0.01: 1 - 0.99³; the next: 1 - 0.98²; the last is itself."""
    by_row = np.linalg.qr(np.random.default_rng(1).normal(size=(40, 4)))[0].T[1:]
    by_row -= by_row.mean(axis=1, keepdims=True)
    assert stepdown([0.3, 0.01, 0.02], by_row) == pytest.approx([0.3, 1 - 0.99**3, 1 - 0.98**2], abs=0.006)


def test_estimates_that_are_one_cost_nothing():
    rows = np.random.default_rng(2).normal(size=30)
    assert stepdown([0.01, 0.012, 0.2], np.array([rows, rows * 2, rows + 1])) == pytest.approx(
        [0.01, 0.012, 0.2], abs=0.003
    )


def test_never_below_the_p_value_and_never_falling():
    by_row = np.random.default_rng(3).normal(size=(6, 20))
    p = np.array([1e-9, 0.5, 0.04, 1.0, 0.04, 0.2])
    found = stepdown(p, by_row)
    assert (found >= p).all() and (np.diff(found[np.argsort(p)]) >= 0).all()


def test_what_does_not_vary_goes_with_nothing():
    rows = np.random.default_rng(4).normal(size=30)
    assert stepdown([0.01, 0.01], np.array([rows, np.zeros(30)])) == pytest.approx([1 - 0.99**2] * 2, abs=0.003)


def test_rows_that_some_lack():
    by_row = np.random.default_rng(5).normal(size=(2, 30))
    by_row[0, :10] = np.nan
    assert stepdown([0.01, 0.4], by_row)[0] == pytest.approx(0.02, abs=0.003)


def test_one_false_claim_in_twenty_families():
    rng = np.random.default_rng(6)
    false = 0
    for _ in range(300):
        by_row = rng.normal(size=(5, 60)) + 2 * rng.normal(size=(1, 60))
        z = by_row.mean(axis=1) / by_row.std(axis=1) * 60**0.5
        false += stepdown(ndtr(-z), by_row).min() < 0.05
    assert false / 300 == pytest.approx(0.05, abs=0.04)
