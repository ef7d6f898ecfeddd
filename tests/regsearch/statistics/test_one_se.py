"""The strongest penalty within one standard error of the best."""

import numpy as np
import pytest

from regsearch.statistics.one_se import strongest_within_one_se
from regsearch.statistics.paired_error import paired_error

ROWS = np.random.default_rng(1).normal(size=(3, 40))
SHARED = 10 * np.random.default_rng(2).normal(size=(3, 40))


def errors(*shifts, best=0.0):
    return [paired_error(ROWS * 0.1 + shift if shift != best else np.zeros((3, 40))) for shift in shifts]


def test_the_strongest_of_those_near():
    near = paired_error(ROWS * 0.1).se * 0.5
    offset = paired_error(ROWS * 0.1).difference
    found = [*errors(0.0), *errors(-near - offset, -9.0, best=None)]
    assert strongest_within_one_se(found, [1e-5, 1e-3, 1e-1], greater_is_better=True) == 1


def test_of_a_loss_less_is_better():
    assert strongest_within_one_se(errors(0.0, 9.0), [1e-5, 1e-1], greater_is_better=False) == 0
    assert strongest_within_one_se(errors(0.0, -9.0), [1e-5, 1e-1], greater_is_better=False) == 1


def test_what_both_share_does_not_make_it_lax():
    """Scores differ by 10 from row to row, and the two by 0.5 everywhere: unpaired, that is within the error."""
    best, other = SHARED, SHARED - 0.5 + ROWS * 0.01
    unpaired = paired_error(best).se
    paired = [paired_error(best - best), paired_error(other - best)]
    assert unpaired > 0.5
    assert strongest_within_one_se(paired, [1e-5, 1e-1], greater_is_better=True) == 0


def test_the_first_of_equal_strength():
    assert strongest_within_one_se(errors(0.0, 0.0), [1e-3, 1e-3], greater_is_better=True) == pytest.approx(0)
