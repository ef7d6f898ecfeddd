"""Two one-sided tests."""

import math

import pytest

from regsearch.errors import InputError
from regsearch.statistics.equivalence import is_equivalent


def test_the_margin_is_reached_at_the_one_sided_quantile():
    """With se 1 and d 0.5 the upper end of the 90 % interval is 0.5 + 1.645."""
    assert is_equivalent(0.5, 1.0, 1e9, margin=2.15) and not is_equivalent(0.5, 1.0, 1e9, margin=2.14)
    assert is_equivalent(-0.5, 1.0, 1e9, margin=2.15) and not is_equivalent(-0.5, 1.0, 1e9, margin=2.14)


def test_a_difference_beyond_the_margin_is_never_equivalent():
    assert not is_equivalent(1.0, 1e-9, 100, margin=0.5)


@pytest.mark.parametrize("margin", [0.0, -1.0, math.nan, math.inf])
def test_a_margin_that_is_none(margin):
    with pytest.raises(InputError, match=r"margin: .* must be above 0"):
        is_equivalent(0.0, 1.0, 10, margin=margin)
