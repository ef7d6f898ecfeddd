"""Blocks of rows in time order."""

import numpy as np
import pytest

from regsearch.statistics.time_blocks import time_blocks


def blocks_of(gains):
    return np.unique(time_blocks(gains), return_counts=True)


def test_independent_rows_have_the_most_blocks_of_equal_length():
    numbers, sizes = blocks_of(np.random.default_rng(1).normal(size=1000))
    assert len(numbers) == 20 and set(sizes) == {50}


def test_rows_that_are_alike_have_longer_blocks():
    """AR 0.8 has (1.8/0.2) = 9 rows to one, so blocks of 72: 13 of 1,000 rows, give or take the estimate of 0.8."""
    noise = np.random.default_rng(2).normal(size=1000)
    gains = np.zeros(1000)
    for i in range(1, 1000):
        gains[i] = 0.8 * gains[i - 1] + noise[i]
    assert len(blocks_of(gains)[0]) == pytest.approx(13, abs=3)


def test_there_are_four_at_least():
    assert len(blocks_of(np.arange(100.0))[0]) == 4


def test_blocks_are_of_neighbours_and_differ_by_a_row_at_most():
    found = time_blocks(np.random.default_rng(3).normal(size=333))
    sizes = np.bincount(found)
    assert (np.diff(found) >= 0).all() and sizes.max() - sizes.min() <= 1


def test_gains_that_are_all_equal():
    assert len(blocks_of(np.zeros(400))[0]) == 20
