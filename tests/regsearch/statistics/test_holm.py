"""Several p-values at once."""

import numpy as np
import pytest

from regsearch.statistics.holm import adjusted


def test_by_hand():
    assert adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


def test_one_is_itself_and_none_is_none():
    assert adjusted([0.2]) == (0.2,) and adjusted([]) == ()


def test_never_above_1():
    assert adjusted([0.9, 0.8]) == (1.0, 1.0)


def test_one_false_claim_in_twenty_families():
    p = np.random.default_rng(1).uniform(size=(4000, 5))
    false = np.mean([min(adjusted(family)) < 0.05 for family in p])
    assert false == pytest.approx(0.05, abs=0.011)  # three standard errors
