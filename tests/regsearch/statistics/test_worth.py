"""How many more rows a penalty is worth: a crossing, and the rows at which its test does not reject."""

import numpy as np
import pytest

from regsearch.statistics.paired_error import PairedError
from regsearch.statistics.worth import worth


def error(difference: float, se: float = 0.01) -> PairedError:
    """A difference whose t_10 interval reaches 2.228 se."""
    return PairedError(
        difference=difference,
        repeats=5,
        rows=100,
        groups=100,
        v_seed=0.0,
        v_rows=se**2,
        v_both=0.0,
        variance=se**2,
        df=10,
    )


OTHERS = [10.0, 12.0, 14.0, 16.0, 18.0, 20.0]


def test_the_crossing_and_its_interval() -> None:
    found = worth(10, OTHERS, [error(d) for d in (0.06, 0.04, 0.01, -0.01, -0.03, -0.05)])
    assert found.more == pytest.approx(5.0)  # half way from 14 to 16
    assert (found.low, found.high) == (2.0, 8.0)  # shown to be better up to 12, to be worse from 18


def test_it_may_reach_beyond_what_was_measured() -> None:
    found = worth(10, OTHERS, [error(d) for d in (0.06, 0.05, 0.04, 0.03, 0.02, 0.01)])
    assert (found.more, found.low, found.high) == (None, 6.0, None)


def test_without_a_gain_there_is_no_number_above_0() -> None:
    found = worth(10, OTHERS, [error(d) for d in (0.01, 0.0, -0.01, -0.03, -0.05, -0.07)])
    assert (found.low, found.high) == (0.0, 6.0)
    assert worth(10, OTHERS, [error(-0.05)] * 6).more is None
    assert worth(10, OTHERS, [error(0.06), *[error(0.01)] * 5]).low == 0.0  # shown on as many rows alone


def test_an_unknown_error_shows_nothing() -> None:
    unknown = PairedError(
        difference=0.5, repeats=1, rows=100, groups=100, v_seed=None, v_rows=1.0, v_both=0.0, variance=None, df=None
    )
    found = worth(10, OTHERS, [unknown] * 6)
    assert (found.low, found.high) == (0.0, None)


def test_the_interval_holds_the_truth_in_95_of_100() -> None:
    """None gains 0.1 a doubling, the penalty is worth 5 rows: 0.1·log2(n/15) between 10 and 40 rows."""
    others = np.exp(np.linspace(np.log(10), np.log(40), 49))
    truth, rng = 0.1 * np.log2(15 / others), np.random.default_rng(2)
    held = []
    for _ in range(400):
        found = worth(10, others.tolist(), [error(d) for d in truth + 0.01 * rng.standard_t(10)])
        assert found.high is not None
        held.append(found.low <= 5 <= found.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)
