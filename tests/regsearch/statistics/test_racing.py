"""Who is left after a rung."""

import numpy as np
import pytest

from regsearch.errors import InputError
from regsearch.statistics.racing import EXACT, FAST, Racing

LUCK = np.array([0.3, -0.1, 0.2, -0.4])


def test_a_difference_is_judged_by_its_own_spread():
    """Behind by 1, 2, 1, 2: t = 1.5·2/0.577 = 5.2 > 2.35. By -3, 5, -4, 6: t = 1·2/5.2 = 0.38."""
    leader = np.array([9.0, 8.0, 9.0, 8.0])
    scores = np.array([leader, leader - [1, 2, 1, 2], leader - [-3, 5, -4, 6]])
    assert EXACT.survivors(scores).tolist() == [True, False, True]


def test_the_threshold_is_the_one_sided_quantile():
    """n = 4, δ = 1 ± s/√3·√3: t = 1·2/s; t_3(0.95) = 2.353."""
    for factor, kept in ((2 / 2.353 * 1.01, True), (2 / 2.353 * 0.99, False)):
        spread = factor * 3**0.5 / 2  # the sample standard deviation of ±1 ±1 is 2/√3
        behind = 1 + spread * np.array([1, -1, 1, -1])
        assert EXACT.survivors(np.array([np.zeros(4), -behind])).tolist() == [True, kept]


def test_shared_luck_cancels():
    assert EXACT.survivors(np.array([LUCK, LUCK - 0.01])).tolist() == [True, False]


def test_equals_stay():
    assert EXACT.survivors(np.array([LUCK, LUCK])).all()


def test_of_a_loss_less_is_better():
    assert EXACT.survivors(np.array([LUCK, LUCK - 0.01]), greater_is_better=False).tolist() == [False, True]


def test_a_diverged_repeat_eliminates():
    scores = np.array([[0.1, 0.2, 0.1, 0.3], [np.nan, 9, 9, 9], [0.1, 0.2, 0.1, 0.3]])
    assert EXACT.survivors(scores).tolist() == [True, False, True]
    assert not EXACT.survivors(np.full((2, 4), np.nan)).any()


def test_pooling_lends_the_spread_of_others():
    """Two repeats of the second differ by nothing, by chance; pooled with the third it stays."""
    scores = np.array([[1.0, 1.0], [0.9, 0.9], [1.9, -0.1]])
    assert FAST.survivors(scores).tolist() == [True, True, True]
    assert FAST.survivors(scores[:2]).tolist() == [True, False]


def test_who_is_left_depends_on_the_scores_alone():
    scores = np.random.default_rng(1).normal(size=(20, 4)) + np.arange(20)[:, None] / 4
    order = np.random.default_rng(2).permutation(20)
    assert (EXACT.survivors(scores[order]) == EXACT.survivors(scores)[order]).all()


def test_an_equal_is_eliminated_as_often_as_alpha_says():
    """Two equal configurations with independent noise: the one behind is tested, so 2·α of pairs lose one."""
    rng = np.random.default_rng(3)
    lost = np.mean([not EXACT.survivors(rng.normal(size=(2, 7))).all() for _ in range(3000)])
    assert lost == pytest.approx(0.1, abs=0.017)  # three standard errors


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"rungs": ()}, "rungs: must ascend"),
        ({"rungs": (4, 4, 10)}, "rungs: must ascend"),
        ({"rungs": (10, 4)}, "rungs: must ascend"),
        ({"rungs": (2, 4)}, "from 3 repeats on"),
        ({"rungs": (1, 4), "pooled": True}, "from 2 repeats on"),
        ({"alpha": 0.0}, "alpha: must be between 0 and 0.5"),
        ({"alpha": 0.5}, "alpha: must be between 0 and 0.5"),
    ],
)
def test_what_it_may_be(settings, problem):
    with pytest.raises(InputError, match=problem):
        Racing(**settings)
