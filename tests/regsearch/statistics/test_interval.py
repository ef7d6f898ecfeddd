"""Intervals and p-values, by tables of Student's t."""

import math

import pytest

from regsearch.statistics.interval import Interval, p_value, t_interval, t_quantile


def test_a_table_of_t():
    assert t_quantile(0.975, 1) == pytest.approx(12.706, abs=1e-3)
    assert t_quantile(0.975, 10) == pytest.approx(2.228, abs=1e-3)
    assert t_quantile(0.975, 1e9) == pytest.approx(1.95996, abs=1e-4)


def test_an_interval_is_the_estimate_give_or_take():
    found = t_interval(3.0, 4.0, 10)
    assert (found.low, found.high) == pytest.approx((3 - 2 * 2.2281, 3 + 2 * 2.2281), abs=1e-3)
    assert t_interval(3.0, 0.0, None) == Interval(low=3.0, high=3.0)


def test_an_interval_that_just_holds_0_has_a_p_value_of_5_percent():
    reach = t_quantile(0.975, 7)
    assert p_value(-reach, 1.0, 7) == pytest.approx(0.05)
    assert p_value(1.0, 1.0, 1) == pytest.approx(1 - 2 * math.atan(1) / math.pi)  # Cauchy
    assert t_interval(reach * 0.999, 1.0, 7).holds(0) and not t_interval(reach * 1.001, 1.0, 7).holds(0)


def test_what_does_not_vary_shows_nothing():
    assert p_value(0.0, 0.0, None) == p_value(1.0, 0.0, None) == 1.0
