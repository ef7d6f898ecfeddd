"""What cannot be told from the winner."""

import numpy as np

from regsearch.statistics.paired_error import paired_error
from regsearch.statistics.separability import not_separable


def of(gains):
    return not_separable([paired_error(one) for one in gains], np.array([one.mean(axis=0) for one in gains])).tolist()


def test_what_is_far_behind_is_told_apart():
    rng = np.random.default_rng(1)
    gains = [rng.normal(size=(5, 50)) - worse for worse in (0.0, 0.1, 5.0)]
    assert of(gains) == [True, True, False]


def test_one_repeat_tells_nothing_apart():
    assert of([np.full((1, 5), -9.0) + np.arange(5)]) == [True]


def test_nothing_beside_the_winner():
    assert of([]) == []


def test_the_best_of_all_is_among_them():
    """Twelve configurations share most rows' luck; the one that is best by 0.02 is left out in about 5 %."""
    rng = np.random.default_rng(2)
    lost = 0
    for _ in range(200):
        scores = 0.3 * rng.normal(size=(12, 1, 60)) + rng.normal(size=(1, 1, 60)) + 0.1 * rng.normal(size=(12, 4, 1))
        scores[0] += 0.02
        winner = scores.mean(axis=(1, 2)).argmax()
        lost += not of([one - scores[winner] for one in scores])[0]
    assert lost / 200 <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5
