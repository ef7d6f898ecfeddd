"""The uncertainty of one mean score, by hand."""

import numpy as np
import pandas as pd
import pytest

from regsearch.results import Comparison
from sweeps.analysis.uncertainty import margin_95, separates, uncertainty


def row_scores(scores):
    """`scores` is (repeats, rows)."""
    repeats, rows = np.indices(np.shape(scores))
    return pd.DataFrame({"repeat": repeats.ravel(), "row": rows.ravel(), "score": np.ravel(scores).astype(np.float32)})


def test_both_parts():
    """Means of the rows of [[1, 1, 0, 0], [1, 0, 0, 0]] are 1, 1/2, 0, 0.

    Their mean is 3/8, squares of deviations 25/64 + 1/64 + 9/64 + 9/64 = 44/64, sd = √(44/192), se_rows = sd/2.
    """
    found = uncertainty(row_scores([[1, 1, 0, 0], [1, 0, 0, 0]]), 0.125)
    assert found.se_seed == 0.125
    assert found.se_rows == pytest.approx((44 / 192) ** 0.5 / 2)
    assert found.se == pytest.approx((0.125**2 + 44 / 192 / 4) ** 0.5)


def test_a_single_repeat_tells_of_rows_alone():
    found = uncertainty(row_scores([[1, 1, 0, 0]]), None)
    assert found.se_seed is None
    assert found.se == found.se_rows == pytest.approx((1 / 3) ** 0.5 / 2)  # sd of two 1 and two 0 is √(1/3)


def test_without_row_scores_and_repeats_nothing_is_known():
    assert uncertainty(row_scores(np.zeros((0, 0))), None).se is None


@pytest.mark.parametrize(
    ("difference", "se", "told_apart"),
    [(0.0197, 0.01, True), (-0.0197, 0.01, True), (0.0195, 0.01, False), (1.0, None, False), (0.0, 0.0, False)],
)
def test_separated_at_95_percent(difference, se, told_apart):
    comparison = Comparison(subset="test", repeats=3, rows=3, difference=difference, se_seed=se, se_rows=None, se=se)
    assert separates(comparison) is told_apart
    assert margin_95(comparison) == (None if se is None else 1.96 * se)
