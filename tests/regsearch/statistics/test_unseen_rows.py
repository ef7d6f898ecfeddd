"""One row more that went the other way."""

import numpy as np
import pytest

from regsearch.statistics.paired_error import paired_error
from regsearch.statistics.unseen_rows import rests_on_unseen, square_of_other_label, with_unseen_row


def test_it_adds_a_row_to_the_variance_and_nothing_to_the_difference():
    gains = np.array([[1.0] + [0.0] * 9] * 2)
    plain = paired_error(gains)
    found = with_unseen_row(plain, gains, 1.0)
    assert found.difference == plain.difference
    assert found.v_unseen == pytest.approx(1 / 100)
    assert found.v_rows == pytest.approx(plain.v_rows + 1 / 100)
    assert found.variance == pytest.approx(plain.variance + 1 / 100)


def test_no_row_that_differs_leaves_an_error():
    gains = np.zeros((3, 50))
    found = with_unseen_row(paired_error(gains), gains, 1.0)
    assert found.se == pytest.approx(1 / 50) and found.df == pytest.approx(49)


def test_in_groups_a_row_stands_for_more():
    groups = np.repeat(np.arange(10), 5)
    none = np.zeros((2, 50))
    assert with_unseen_row(paired_error(none, groups=groups), none, 1.0).v_unseen == pytest.approx(5 / 2500)
    alike = np.tile(np.repeat(np.arange(10) % 3 - 1.0, 5), (2, 1))  # groups that are one row each: D = 5, nearly
    found = with_unseen_row(paired_error(alike, groups=groups), alike, 1.0).v_unseen * 2500
    assert found == pytest.approx(5.0)
    apart = np.tile(np.arange(50) % 2 * 2 - 1.0, (2, 1))  # groups no more alike than rows: √5
    assert with_unseen_row(paired_error(apart, groups=groups), apart, 1.0).v_unseen * 2500 == pytest.approx(5**0.5)


def test_the_other_label_of_the_log_loss():
    """p = 0.9 against 0.99: with the other label, log(0.01/0.1)·-1; about the difference, log(0.9/0.99)·-1."""
    sure, surer = -np.log(np.full((2, 4), 0.9)), -np.log(np.full((2, 4), 0.99))
    difference = -np.log(0.9) + np.log(0.99)
    other = -np.log(0.1) + np.log(0.01)
    assert square_of_other_label(sure, surer) == pytest.approx((other - difference) ** 2)


def test_certainty_is_bounded():
    """A loss of 0 is a probability of 1, and the other label's is taken for 1e-7, as when scores are made."""
    assert square_of_other_label(np.zeros((1, 3)), np.log(np.full((1, 3), 2.0))) == pytest.approx(
        (-np.log(1e-7) - np.log(2) + np.log(2)) ** 2
    )


def test_a_claim_rests_on_what_was_seen():
    gains = np.zeros((2, 100))
    gains[:, :1] = 1.0
    assert rests_on_unseen(with_unseen_row(paired_error(gains), gains, 1.0)) is True  # one row has nearly 1/100² itself
    gains[:, :3] = 1.0
    assert rests_on_unseen(with_unseen_row(paired_error(gains), gains, 1.0)) is False
    assert rests_on_unseen(paired_error(gains)) is False
