"""The error over training sets that were not drawn."""

import numpy as np
import pytest

from regsearch.errors import InputError
from regsearch.statistics.new_training_sets import new_training_sets_error

GAINS = np.array([[0.1, 0.2], [0.3, 0.4], [0.6, 0.4]])


def test_by_hand():
    """Means 0.15, 0.35, 0.5 (variance 0.030833): MSB 0.061667; MSW (0.005 + 0.005 + 0.02)/3 = 0.01; ρ/(1-ρ) = 2/3."""
    found = new_training_sets_error(GAINS, 0.001, overlap=0.4, rows=50)
    assert (found.difference, found.splits) == (pytest.approx(1 / 3), 3)
    assert found.between == pytest.approx(0.0616667 / 6, rel=1e-5)
    assert found.pool == pytest.approx((0.0616667 - 0.01) / 2 * 2 / 3, rel=1e-5)
    assert found.variance == pytest.approx(found.between + found.pool + 0.001)
    parts = (0.0616667 * (1 / 6 + 1 / 3)) ** 2 / 2 + (0.01 / 3) ** 2 / 3 + 0.001**2 / 49
    assert found.df == pytest.approx(found.variance**2 / parts, rel=1e-4)


def test_training_sets_that_share_nothing_have_no_pool():
    assert new_training_sets_error(GAINS, 0.001, overlap=0.0, rows=50).pool == 0


def test_splits_that_differ_less_than_seeds_add_nothing():
    found = new_training_sets_error(np.array([[0.1, 0.5], [0.4, 0.2]]), 0.001, overlap=0.9, rows=50)
    assert found.pool == 0 and found.variance == pytest.approx(0.001)


@pytest.mark.parametrize(
    ("gains", "overlap", "field"),
    [
        (GAINS[:1], 0.4, "confirm.splits"),
        (GAINS[:, :1], 0.4, "confirm.splits"),
        (GAINS, 1.0, "confirm.overlap"),
        (GAINS, -0.1, "confirm.overlap"),
    ],
)
def test_what_does_not_fit(gains, overlap, field):
    with pytest.raises(InputError, match=f"{field}: must be"):
        new_training_sets_error(gains, 0.001, overlap=overlap, rows=50)
