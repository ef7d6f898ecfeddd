"""Which rows each repeat trains on."""

import numpy as np
import pytest

from regsearch.data import make_split
from regsearch.repeat_splits import RepeatSplits, places_of, repeat_data, repeat_split
from regsearch.seeds import split_seed
from regsearch.spec import DataSpec, SplitSpec

RESAMPLED = DataSpec(source="moons", split=SplitSpec(train=30, validation=70))
FOLDS = DataSpec(source="moons", split=SplitSpec(folds=3), fresh_test=0)


def test_resampling_draws_a_split_per_seed_whatever_the_repeat():
    splits = RepeatSplits(RESAMPLED, resample=True)
    a, again, b = splits.get(0, 1), splits.get(7, 1), splits.get(0, 2)
    assert a is again
    assert a.train.rows.tolist() != b.train.rows.tolist()
    assert a.train.rows.tolist() == make_split(RESAMPLED, seed=split_seed(1)).train.rows.tolist()
    assert a.train.rows.tolist() == repeat_split(RESAMPLED, resample=True, repeat=3, seed=1).train.rows.tolist()


def test_without_resampling_all_repeats_share_the_data_sets_own_split():
    splits = RepeatSplits(RESAMPLED, resample=False)
    assert splits.get(0, 1) is splits.get(5, 2)
    assert splits.get(0, 1).train.rows.tolist() == list(range(30))


def test_folds_follow_from_the_repeat_and_are_made_once():
    splits = RepeatSplits(FOLDS, resample=False)
    first, other = splits.get(0, 5), splits.get(1, 5)
    assert splits.get(0, 77) is first
    assert set(first.validation.rows.tolist()).isdisjoint(other.validation.rows.tolist())
    assert sorted(len(split.validation.rows) for split in (first, other)) == [33, 34]
    assert other.train.rows.tolist() == repeat_split(FOLDS, resample=False, repeat=1, seed=9).train.rows.tolist()


def test_a_part_of_the_train_rows_is_the_repeats_own_and_shared_by_all_configurations():
    splits = RepeatSplits(DataSpec(source="moons", split=SplitSpec(train=30, validation=70, keep=8)), resample=False)
    first, other = splits.get(0, 5), splits.get(1, 6)
    assert splits.get(0, 5) is first
    assert len(first.train.rows) == len(other.train.rows) == 8
    assert set(first.train.rows.tolist()) <= set(range(30)) >= set(other.train.rows.tolist())
    assert first.train.rows.tolist() != other.train.rows.tolist()
    assert first.validation.rows.tolist() == other.validation.rows.tolist() == list(range(30, 100))


@pytest.mark.parametrize("scale", ["none", "standard"])
def test_rows_drawn_anew_have_numbers_of_their_own_in_every_repeat(scale):
    spec = DataSpec(source="moons", scale=scale, split=SplitSpec(train=30, validation=70, redraw=True))
    splits = RepeatSplits(spec, resample=True)
    first, second = splits.get(0, 11), splits.get(1, 12)
    assert not {*first.validation.rows.tolist()} & {*second.validation.rows.tolist()}
    data = repeat_data(spec, 12)
    labels = data.y[places_of(second.validation.rows, spec, 1)]
    np.testing.assert_array_equal(second.validation.y.ravel(), labels.ravel())
