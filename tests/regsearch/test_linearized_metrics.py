"""Contributions of rows to metrics that are functions of means."""

import numpy as np
import pytest

from regsearch.scoring import METRICS


def test_contributions_to_r2_have_its_mean_and_the_error_of_a_ratio():
    """Labels t-distributed with 8 df: the standard error is the standard deviation over fresh samples."""
    rng = np.random.default_rng(2)
    found, squares = [], []
    for _ in range(1200):
        y = rng.standard_t(8, size=(200, 1))
        predictions = (y + spread * rng.normal(size=(200, 1)) for spread in (0.3, 0.9))
        good, bad = (METRICS["r2"].row_scores(y, p) for p in predictions)
        found.append((good - bad).mean())
        squares.append((good - bad).var(ddof=1) / 200)
    y, p = rng.normal(size=(50, 2)), rng.normal(size=(50, 2))
    plain = METRICS["r2"].rows(np, y, p)
    assert METRICS["r2"].row_scores(y, p).mean() == pytest.approx(plain.mean())
    assert np.mean(squares) == pytest.approx(np.var(found), rel=0.13)  # three standard errors of a variance


def test_a_target_that_is_constant_contributes_as_to_the_score():
    y, p = np.float32([[3.0], [3.0]]), np.float32([[3.0], [4.0]])
    assert METRICS["r2"].row_scores(y, p).tolist() == METRICS["r2"].rows(np, y, p).tolist()


def test_metrics_without_contributions_of_their_own_have_their_rows():
    y, p = np.array([[1], [0]]), np.array([[0.9], [0.8]])
    assert METRICS["accuracy"].row_scores(y, p).tolist() == [1.0, 0.0]
