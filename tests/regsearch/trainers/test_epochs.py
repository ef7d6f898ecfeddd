"""Which epochs are points of the learning curve, and the order of rows in each epoch."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regsearch.data import Split, Subset
from regsearch.trainers.base import TrainerPhase
from regsearch.trainers.epochs import CURVE_POINTS, CURVE_ROWS, FEWEST_POINTS, curve_epochs, curve_subset, permutations


def part(rows):
    return Subset(x=np.arange(rows, dtype=np.float32)[:, None], y=np.zeros((rows, 1), np.float32), rows=np.arange(rows))


def split(train, validation):
    return Split(train=part(train), validation=part(validation), test=None)


def phases(*epochs):
    return [TrainerPhase(epochs=n, coefficients=np.zeros((1, 2), np.float32)) for n in epochs]


@given(st.lists(st.integers(1, 10**5), min_size=1, max_size=100), st.integers(1, 50), st.integers(1, 50))
def test_at_most_200_points_that_rise_and_hold_the_end_of_every_phase(lengths, train, validation):
    points = curve_epochs(phases(*lengths), split(train, validation))
    assert len(points) <= CURVE_POINTS
    assert (np.diff(points) > 0).all()
    assert points[0] >= 1
    assert set(np.cumsum(lengths)) <= set(points.tolist())
    assert points[-1] == sum(lengths)


@pytest.mark.parametrize(
    ("epochs", "train", "validation", "points"),
    [
        (4000, 30, 70, 200),  # 0.1 · 4000 · 3 · 30/100 = 360: as many as there may be
        (1000, 30, 70, 84),  # 90 could be paid for: every 12th epoch
        (20, 30, 70, 20),  # a short training has a point an epoch, whatever it costs
        (7, 30, 70, 7),
        (100, 1000, 100, 25),  # 27: every 4th
    ],
)
def test_scoring_takes_about_a_tenth_of_the_arithmetic(epochs, train, validation, points):
    found = curve_epochs(phases(epochs), split(train, validation))
    assert len(found) == points
    if epochs > FEWEST_POINTS:
        assert len(found) * (train + validation) <= 0.1 * epochs * 3 * train
    assert len(set(np.diff(found))) <= 1  # evenly spaced


def test_a_curve_is_scored_on_at_most_10000_rows_evenly_spread():
    small, large = part(CURVE_ROWS), part(1_000_000)
    assert curve_subset(small) is small
    shown = curve_subset(large)
    assert len(shown.x) == len(shown.y) == len(shown.rows) == CURVE_ROWS
    assert (shown.rows[0], shown.rows[-1]) == (0, 999_999)
    assert set(np.diff(shown.rows)) == {100, 101}
    assert (shown.x[:, 0] == shown.rows).all()


def test_orders_are_permutations_that_follow_from_the_seed():
    first, again, other = (list(islice(permutations(seed, 9), 4)) for seed in (5, 5, 6))
    assert all(sorted(order) == list(range(9)) for order in first)
    assert len({tuple(order) for order in first}) == 4  # a new one every epoch
    assert [o.tolist() for o in first] == [o.tolist() for o in again]
    assert [o.tolist() for o in first] != [o.tolist() for o in other]
    assert first[0].dtype == np.int32
