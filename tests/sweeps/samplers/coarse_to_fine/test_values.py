"""The values of one parameter: coarse ones, finer ones, larger decades, and what is no distribution for a grid."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from sweeps.samplers.coarse_to_fine.values import (
    check_distribution,
    coarse_values,
    decades_above,
    digits_within,
    internal,
    snap,
    values_between,
)
from tests.sweeps.samplers.coarse_to_fine.spaces import log_ranges

DECADES = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1]


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (1e-6, 1e-1, DECADES),
        (3e-6, 5e-4, [1e-5, 1e-4]),
        (2e-4, 5e-3, [2e-4, 1e-3, 5e-3]),
        (2e-4, 5e-4, [2e-4, 5e-4]),
        (1e-3, 1e-3, [1e-3]),
    ],
)
def test_log_floats_are_gridded_by_powers_of_ten(low, high, values):
    assert coarse_values(FloatDistribution(low, high, log=True), 9) == values


@pytest.mark.parametrize(
    ("distribution", "values"),
    [
        (FloatDistribution(0, 1), [0, 0.25, 0.5, 0.75, 1]),
        (FloatDistribution(0, 1, step=0.5), [0, 0.5, 1]),
        (FloatDistribution(1000.5, 1000.9), [1000.5, 1000.6, 1000.7, 1000.8, 1000.9]),
        (IntDistribution(2, 8, step=3), [2, 5, 8]),
        (IntDistribution(1, 2000, log=True), [1, 10, 100, 1000]),
        (CategoricalDistribution((None, True, "a")), [0, 1, 2]),
    ],
)
def test_other_parameters_have_all_or_evenly_spaced_values(distribution, values):
    assert coarse_values(distribution, 5) == values


@given(log_ranges, st.integers(1, 12))
def test_values_between_lie_strictly_between(distribution, points):
    low, high = distribution.low, distribution.high
    assert all(low < value < high for value in values_between(distribution, low, high, points))


def test_digits_within_stay_inside_the_range():
    assert digits_within(FloatDistribution(1e-3, 4e-2, log=True), 1e-2) == [2e-2, 3e-2, 4e-2]


def test_decades_above_end_with_the_range():
    distribution = FloatDistribution(1e-6, 5e1, log=True)
    assert decades_above(distribution, 1e-1) == [1.0, 10.0]
    assert decades_above(distribution, 2e-1) == [1.0, 10.0]
    assert decades_above(distribution, 10.0) == []


@given(log_ranges, st.data())
def test_a_value_reached_in_two_ways_is_one(distribution, data):
    value = data.draw(st.floats(distribution.low, distribution.high))
    again = 10 ** math.log10(value)  # off by some units of the last place
    named = internal(distribution, min(max(again, distribution.low), distribution.high))
    assert named == pytest.approx(snap(distribution, value), rel=1.001e-3)
    assert internal(distribution, snap(distribution, value)) == snap(distribution, value)


@pytest.mark.parametrize("way", [1e-3, 0.1**3, 10**-3.0, 1 / 1000, 1e-2 * 0.1, 0.001 + 1e-18])
def test_a_thousandth_has_one_name(way):
    assert internal(FloatDistribution(1e-6, 1e-1, log=True), way) == 1e-3


@pytest.mark.parametrize(
    ("distribution", "message"),
    [
        (FloatDistribution(1e-6, 1e-1), r"space\['x'\]: 1e-06 to 0.1 spans orders .*; use .*log=True"),
        (CategoricalDistribution((0, True, 1)), r"space\['x'\]: True and 1 are one category for Optuna"),
        (IntDistribution(0, 1000), r"space\['x'\]: more than 100 values; give it a larger step, or log=True"),
    ],
)
def test_what_makes_no_grid_is_named(distribution, message):
    with pytest.raises(ValueError, match=message):
        check_distribution("x", distribution)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FloatDistribution(0, 1, log=True), "`low > 0` must hold for `log=True`"),
        (lambda: FloatDistribution(-1, 1, log=True), "`low > 0` must hold for `log=True`"),
        (lambda: CategoricalDistribution(()), "`choices` must contain one or more elements"),
    ],
)
def test_optuna_itself_refuses_what_is_no_distribution(make, message):
    with pytest.raises(ValueError, match=message):
        make()
