"""The order of candidates by score, and by stage."""

from itertools import permutations

import pytest

from sweeps.analysis.candidates import Candidate, best_of, by_stage
from tests.sweeps.tiny import HIDDEN, tied


def candidate(regularizer="l2", value=1e-3, mean=0.9, *, stage="coarse"):
    numbers = {"n": 10, "mean": mean, "std": None, "se": 0.01, "train_mean": 1.0, "train_std": None}
    return Candidate(id=0, configuration=tied(regularizer, value, HIDDEN), stage=stage, **numbers)


def test_more_or_less_is_better():
    low, high = candidate(value=1e-2, mean=0.1), candidate(value=1e-4, mean=0.2)
    assert best_of([low, high], greater_is_better=True) is high
    assert best_of([low, high], greater_is_better=False) is low
    assert best_of([], greater_is_better=True) is None


@pytest.mark.parametrize("greater_is_better", [True, False])
def test_ties_go_to_the_larger_lambda_then_l2_then_l1_then_l1_l2_then_none(greater_is_better):
    order = [
        candidate("l1", 1e-2),
        candidate("l2", 1e-3),
        candidate("l1", 1e-3),
        candidate("l1_l2", 1e-3),
        candidate("l2", 1e-4),
        candidate("none", 0),
    ]
    for first in range(len(order)):
        left = order[first:]
        for shuffled in list(permutations(left))[:: max(1, len(left) ** 2)]:
            assert best_of(shuffled, greater_is_better=greater_is_better) is left[0]


def test_scores_apart_by_rounding_alone_are_a_tie():
    """0.1 + 0.2 is not 0.3 in binary; 1e-9 more is a difference."""
    weak, strong = candidate(value=1e-4, mean=0.1 + 0.2), candidate(value=1e-2, mean=0.3)
    assert best_of([weak, strong], greater_is_better=True) is strong
    better = candidate(value=1e-4, mean=0.3 + 1e-9)
    assert best_of([better, strong], greater_is_better=True) is better
    zero, tiny = candidate(value=1e-4, mean=0.0), candidate(value=1e-2, mean=-1e-9)
    assert best_of([zero, tiny], greater_is_better=True) is zero


def test_stages_are_sorted_for_reading():
    none, a, b = candidate("none", 0), candidate("l2", 1e-2), candidate("l2", 1e-3)
    one, fine = candidate("l1", 1e-1), candidate(value=2e-3, stage="fine")
    finer = candidate(value=1.1e-3, stage="fine-2")
    published = candidate("l2", 5e-4, stage="literature")
    coarse, finer_ones, published_ones = by_stage([finer, b, one, published, fine, none, a])
    assert coarse == (none, a, b, one)
    assert finer_ones == (fine, finer)
    assert published_ones == (published,)
