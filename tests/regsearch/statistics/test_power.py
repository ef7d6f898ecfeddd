"""Rows needed for a power of 80 %."""

import numpy as np
import pytest

from regsearch.statistics.interval import p_value
from regsearch.statistics.paired_error import paired_error
from regsearch.statistics.power import rows_needed


def test_a_difference_of_2_8_standard_errors_has_it_already():
    assert rows_needed(100, 2.8015853, 1.0) == 100
    assert rows_needed(100, -1.40079, 1.0) == pytest.approx(400, abs=1)


def test_no_difference_has_no_number():
    assert rows_needed(100, 0.0, 1.0) is None


def test_that_many_rows_do_show_it_four_times_in_five():
    """Gains of 0.3 ± 1: N·(2.8/(0.3·√N))² = 87 rows."""
    rows = rows_needed(50, 0.3, 1 / 50**0.5)
    rng = np.random.default_rng(1)
    errors = [paired_error(np.tile(0.3 + rng.normal(size=rows), (2, 1))) for _ in range(600)]
    shown = np.mean([p_value(e.difference, e.variance, e.df) < 0.05 for e in errors])
    assert rows == 88 and shown == pytest.approx(0.8, abs=0.05)
