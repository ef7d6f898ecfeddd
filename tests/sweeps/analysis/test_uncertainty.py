"""The uncertainty of one mean score, by hand."""

import numpy as np
import pandas as pd
import pytest

from sweeps.analysis.uncertainty import uncertainty


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
