"""The values of one parameter: coarse ones, finer ones, larger orders, and what is no distribution for a grid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from sweeps.samplers.coarse_to_fine.values import (
    coarse_values,
    digits_within,
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
