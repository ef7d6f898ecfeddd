"""When another repeat would not help."""

import numpy as np

from regsearch.statistics.enough_repeats import is_enough
from regsearch.statistics.paired_error import paired_error


def gains(repeats, seed_spread):
    luck = seed_spread * (np.arange(repeats) % 2 * 2 - 1.0)
    return luck[:, None] + np.tile(np.arange(20) % 2 * 2 - 1.0, (repeats, 1))


def test_seeds_that_hardly_matter():
    assert is_enough(paired_error(gains(4, 0.1)))
    assert not is_enough(paired_error(gains(4, 0.5)))  # se_seed 0.29, se_rows 0.23


def test_fewer_than_four_never_are():
    assert not is_enough(paired_error(gains(3, 0.0)))


def test_one_row_tells_nothing():
    assert not is_enough(paired_error(gains(4, 0.0)[:, :1]))
