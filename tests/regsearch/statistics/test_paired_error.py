"""The error of a paired difference, by hand and by what its parts are by definition."""

import numpy as np
import pytest

from regsearch.statistics.paired_error import paired_error, satterthwaite


def test_by_hand():
    """Gains [[2, 0], [0, 0]]: m = 1, 0; g_i = 1, 0; d = 1/2.

    v_seed = (1/4 + 1/4)/2 = 1/4 and v_rows = 2/1·(1/4 + 1/4)/4 = 1/4. The interaction's residuals are ±1/2, its mean
    square 4·(1/4)/1 = 1, over N·S = 4: v_both = 1/4. v = 1/4 + 1/4 - 1/4; df = (1/2)²/(1/16 + 1/16) = 2.
    """
    found = paired_error(np.array([[2.0, 0.0], [0.0, 0.0]]))
    assert (found.repeats, found.rows, found.groups) == (2, 2, 2)
    assert (found.difference, found.v_seed, found.v_rows, found.v_both) == pytest.approx((0.5, 0.25, 0.25, 0.25))
    assert (found.variance, found.df) == pytest.approx((0.25, 2.0))
    assert (found.se_seed, found.se_rows, found.se) == pytest.approx((0.5, 0.5, 0.5))


def test_the_interaction_is_its_mean_square_over_rows_and_repeats():
    gains = np.random.default_rng(1).normal(size=(5, 30))
    left = gains - gains.mean(axis=1, keepdims=True) - gains.mean(axis=0) + gains.mean()
    mean_square = (left**2).sum() / (4 * 29)
    assert paired_error(gains).v_both == pytest.approx(mean_square / 150)


def test_the_variance_is_at_least_each_part():
    gains = np.zeros((3, 4))
    gains[:, 0] = [3, -3, 0]  # all is interaction
    found = paired_error(gains)
    assert found.v_seed + found.v_rows - found.v_both < max(found.v_seed, found.v_rows) + 1e-12
    assert found.variance == pytest.approx(max(found.v_seed, found.v_rows))


def test_groups_of_rows_that_are_copies_count_as_one_row_each():
    gains = np.random.default_rng(2).normal(size=(4, 12))
    single, copied = paired_error(gains), paired_error(np.repeat(gains, 5, axis=1), groups=np.repeat(np.arange(12), 5))
    assert (copied.rows, copied.groups) == (60, 12)
    for name in ("difference", "v_seed", "v_rows", "v_both", "variance", "df"):
        assert getattr(copied, name) == pytest.approx(getattr(single, name))


def test_groups_need_no_order_and_no_numbering():
    gains = np.random.default_rng(3).normal(size=(3, 8))
    a = paired_error(gains, groups=np.array([0, 0, 1, 1, 2, 2, 3, 3]))
    order = np.random.default_rng(4).permutation(8)
    b = paired_error(gains[:, order], groups=np.array([7, 7, -2, -2, 90, 90, 5, 5])[order])
    assert b.v_rows == pytest.approx(a.v_rows) and b.v_both == pytest.approx(a.v_both)


def test_rows_that_some_repeats_lack():
    """Repeat 0 scores rows 0 and 1, repeat 1 rows 1 and 2; the difference is the mean of the repeats' means."""
    found = paired_error(np.array([[1.0, 3.0, np.nan], [np.nan, 5.0, 9.0]]))
    assert found.difference == pytest.approx((2 + 7) / 2)
    assert found.v_seed == pytest.approx(12.5 / 2)  # of 2 and 7, over two repeats
    # Each gain weighs 1/4: row sums (1-4.5)/4, (3+5-9)/4, (9-4.5)/4; 3/2·Σ squares
    assert found.v_rows == pytest.approx(1.5 * (3.5**2 + 1 + 4.5**2) / 16)


def test_what_cannot_be_told():
    one_repeat = paired_error(np.array([[1.0, 2.0, 4.0]]))
    assert (one_repeat.v_seed, one_repeat.variance, one_repeat.df) == (None, None, None)
    assert one_repeat.v_rows is not None
    one_group = paired_error(np.ones((3, 2)), groups=np.array([1, 1]))
    assert (one_group.v_rows, one_group.variance) == (None, None)


def test_no_difference_anywhere():
    found = paired_error(np.zeros((3, 5)))
    assert (found.difference, found.variance, found.df) == (0.0, 0.0, None)


def test_satterthwaite_of_equal_parts_adds_their_degrees_of_freedom():
    assert satterthwaite((2.0, 5), (2.0, 5)) == pytest.approx(10)
    assert satterthwaite((2.0, 5), (0.0, 100)) == pytest.approx(5)
    assert satterthwaite((0.0, 5), (0.0, 100)) is None


@pytest.mark.parametrize(
    ("gains", "groups", "problem"),
    [
        (np.zeros(3), None, "repeats, rows"),
        (np.full((2, 3), np.nan), None, "at least one row in every repeat"),
        (np.zeros((2, 3)), np.array([1, 2]), "one entry for each of 3 rows, not 2"),
    ],
)
def test_what_does_not_fit(gains, groups, problem):
    with pytest.raises(ValueError, match=problem):
        paired_error(gains, groups=groups)
