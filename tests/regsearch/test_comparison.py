"""Differences and their two standard errors, by hand and by simulation."""

import numpy as np
import pandas as pd
import pytest

from regsearch.comparison import Dependence, compared, difference_error, standard_error, together


def frame(scores, rows=None, dtype=np.float32):
    """(repeats, rows) of scores as the database gives them."""
    scores = np.asarray(scores, dtype)
    repeats, n = scores.shape
    repeat, row = np.repeat(np.arange(repeats), n), np.tile(rows or np.arange(n), repeats)
    return pd.DataFrame({"repeat": repeat, "row": row, "score": scores.ravel()})


def compare(a, b, *, subset="test", metric="mse"):
    return compared(difference_error(a, b, metric=metric), subset)


def test_by_hand():
    """a - b is [[1, 0, 0, 0], [1, 1, 0, -1]].

    Means over rows: 1/4 and 1/4, so the difference is 1/4 and se_seed 0.
    Means over repeats: 1, 1/2, 0, -1/2: mean 1/4, deviations 3/4, 1/4, -1/4, -3/4, sd = √(20/16/3), se = √(5/12)/2.
    """
    a = [[1, 1, 0, 0], [1, 1, 1, 0]]
    b = [[0, 1, 0, 0], [0, 0, 1, 1]]
    got = compare(frame(a), frame(b), subset="validation")
    assert (got.subset, got.repeats, got.rows) == ("validation", 2, 4)
    assert got.difference == pytest.approx(0.25, abs=1e-15)
    assert got.se_seed == pytest.approx(0.0, abs=1e-15)
    assert got.se_rows == pytest.approx((5 / 12) ** 0.5 / 2, rel=1e-12)
    assert got.se == pytest.approx(got.se_rows, rel=1e-12)


def test_both_uncertainties_together():
    """a - b is [[2, 0], [0, 0]]: by repeat 1, 0 (se 1/2); by row 1, 0 (se 1/2); all of it interaction: 1/2 in all."""
    got = compare(frame([[2, 0], [0, 0]]), frame([[0, 0], [0, 0]]), subset="test")
    assert (got.difference, got.se_seed, got.se_rows) == pytest.approx((0.5, 0.5, 0.5))
    assert got.se == pytest.approx(0.5)


def test_a_difference_is_not_rounded_to_single_precision():
    """1000.1 - 1000 in float32 is off by 2e-5 where subtracted so; the scores given are exact in float32 here."""
    a, b = np.float32(1000.1), np.float32(1e-4)
    got = compare(frame([[a, a]]), frame([[b, b]]), subset="test")
    assert got.difference == pytest.approx(float(a) - float(b), rel=1e-15)


def test_what_both_share_cancels():
    """An easy row or a lucky seed that helps both leaves nothing uncertain about a constant gain."""
    rng = np.random.default_rng(1)
    shared = rng.normal(size=(5, 1)) + rng.normal(size=(1, 30))
    got = compare(frame(shared + 0.25, dtype=np.float64), frame(shared, dtype=np.float64), subset="validation")
    assert got.difference == pytest.approx(0.25)
    assert got.se == pytest.approx(0.0, abs=1e-12)


def test_only_what_both_have_is_compared():
    a = frame([[1, 1], [1, 1]], rows=[3, 4])
    b = frame([[0, 1]], rows=[4, 5])
    got = compare(a, b, subset="test")
    assert (got.repeats, got.rows, got.difference) == (1, 1, 1.0)
    assert (got.se_seed, got.se_rows, got.se) == (None, None, None)


def test_redrawn_rows_are_paired_by_their_number():
    a = pd.concat([frame([[1, 0]], rows=[7, 8]), frame([[0, 1]], rows=[8, 9]).assign(repeat=1)])
    b = a.sample(frac=1, random_state=1).assign(score=lambda f: f["score"] - 0.5)
    got = compare(a, b, subset="validation")
    assert (got.repeats, got.rows) == (2, 3)
    assert got.difference == pytest.approx(0.5)
    assert got.se == pytest.approx(0.0, abs=1e-15)


def test_nothing_in_common():
    assert difference_error(frame([[1]], rows=[1]), frame([[1]], rows=[2]), metric="mse") is None


def test_groups_are_those_of_the_rows_that_both_have():
    scores = np.random.default_rng(3).normal(size=(2, 4))
    groups = np.array([9, 5, 5, 9, 7, 7, 7, 7, 9])  # of nine rows of the data set, of which 1, 2, 4 and 5 are scored
    a, b = frame(scores, rows=[1, 2, 4, 5]), frame(scores - 1, rows=[5, 4, 2, 1])
    assert difference_error(a, b, metric="mse", dependence=Dependence(groups=groups)).groups == 2


def test_rows_in_time_are_in_blocks_of_neighbours_in_time():
    """Gains that change every 50 rows in time, given in another order: 4 blocks, each of one value."""
    order = np.random.default_rng(4).permutation(200)
    gains = np.repeat([0.0, 1.0, 0.0, 1.0], 50)[order]
    blocks = Dependence(times=order.astype("datetime64[s]")).groups_of(np.arange(200), gains)
    assert [set(gains[blocks == block]) for block in range(4)] == [{0.0}, {1.0}, {0.0}, {1.0}]


def test_accuracy_is_never_certain():
    assert compare(frame(np.ones((3, 50))), frame(np.ones((3, 50))), metric="accuracy").se == pytest.approx(1 / 50)


def test_se_covers_the_spread_over_new_rows_and_new_seeds():
    """a - b = 0.3 + seed effect (sd 0.5, 8 seeds) + row effect (sd 2, 50 rows) + noise (sd 1).

    The mean's true variance is 0.25/8 + 4/50 + 1/400 = 0.1138, and so is that of E[se²]: the noise, which is in both
    standard errors, is counted once.
    """
    rng = np.random.default_rng(2)
    found, squares = [], []
    for _ in range(400):
        gain = 0.3 + 0.5 * rng.normal(size=(8, 1)) + 2 * rng.normal(size=(1, 50)) + rng.normal(size=(8, 50))
        got = compare(frame(gain, dtype=np.float64), frame(np.zeros((8, 50)), dtype=np.float64), subset="test")
        found.append(got.difference)
        squares.append(got.se**2)
    assert np.mean(found) == pytest.approx(0.3, abs=4 * (0.1138 / 400) ** 0.5)
    assert np.var(found) == pytest.approx(0.1138, rel=0.28)  # 4·√(2/400): four standard errors of a variance
    assert np.mean(squares) == pytest.approx(0.1138, rel=0.05)


def test_standard_error():
    assert standard_error(np.array([1.0, 3.0])) == pytest.approx(1.0)  # sd √2 over √2
    assert standard_error(np.array([1.0])) is None


def test_together():
    assert together(3.0, 4.0) == 5.0
    assert together(3.0, None) == 3.0
    assert together(None, None) is None
