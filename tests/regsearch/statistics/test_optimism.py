"""What a winner's gain owes to its choice."""

import pytest

from regsearch.statistics.optimism import Optimism


def test_both_parts_make_the_whole():
    found = Optimism(chosen=0.05, fresh_seeds=0.045, confirmed=0.02)
    assert (found.from_seeds, found.from_rows, found.total) == pytest.approx((0.005, 0.025, 0.03))
