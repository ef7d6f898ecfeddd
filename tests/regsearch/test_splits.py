"""Divisions by groups, time, folds and columns, and missing values filled in from the train rows."""

import numpy as np
import pytest
from sklearn.datasets import make_moons

from regsearch.data import DataSet, Imputation, make_split, splits
from regsearch.errors import DataError
from regsearch.spec import DataSpec, SplitSpec

N = 120
DAYS = np.datetime64("2024-01-01") + np.arange(N) // 3  # three rows a day


def data_of(**changes):
    """Rows in a random order of time, a third of them of class 1, in 20 groups of unequal size."""
    rng = np.random.default_rng(3)
    y = rng.permutation(np.arange(N) % 3 == 0).astype(np.float32)[:, None]
    given = {"x": np.arange(2.0 * N, dtype=np.float32).reshape(N, 2), "y": y, "task": "binary", "n_outputs": 1}
    return DataSet(**(given | {"feature_names": ("a", "b"), "class_names": ("no", "yes")} | changes))


GROUPS = np.random.default_rng(5).integers(0, 20, N) ** 2 % 20
TIMES = np.random.default_rng(6).permutation(DAYS)


@pytest.fixture
def split_of(monkeypatch):
    def split(data, *, scale="none", seed=None, repeat=0, kept_seed=0, **parts):
        monkeypatch.setattr(splits, "load", lambda spec: data)
        spec = DataSpec(source="table.csv", split=SplitSpec(**parts), scale=scale)
        return make_split(spec, seed=seed, repeat=repeat, kept_seed=kept_seed)

    return split


def rows(split):
    parts = [split.train, split.validation, *([split.test] if split.test else [])]
    found = [set(part.rows.tolist()) for part in parts]
    assert sum(map(len, found)) == len(set.union(*found))  # no row is in two parts
    return found


@pytest.mark.parametrize("how", [{"validation": 0.25, "test": 0.2}, {"folds": 4, "test": 0.2}, {"folds": 3}])
@pytest.mark.parametrize("stratify", [True, False])
def test_a_group_is_in_one_part(split_of, how, stratify):
    data = data_of(groups=GROUPS)
    for repeat in range(3):
        parts = rows(split_of(data, repeat=repeat, seed=repeat, stratify=stratify, **how))
        groups = [set(GROUPS[list(part)].tolist()) for part in parts]
        assert sum(map(len, groups)) == len(set.union(*groups)) == len(set(GROUPS.tolist()))
        assert sum(map(len, parts)) == N


def test_groups_make_parts_about_as_large_as_asked_for(split_of):
    data = data_of(groups=np.arange(N) // 4)
    sizes = [[len(part) for part in rows(split_of(data, seed=s, validation=0.25, test=0.2))] for s in range(5)]
    assert sizes == [[66, 30, 24]] * 5 or all(abs(v - 30) <= 2 and abs(t - 24) <= 2 for _, v, t in sizes)
    train, validation = rows(split_of(data, train=40, validation=20))
    assert (len(train), len(validation)) == (40, 20)


def test_each_row_validates_once_in_all_folds_and_folds_are_shuffled_anew(split_of):
    data = data_of()
    rounds = [[rows(split_of(data, repeat=k * 5 + i, folds=5, test=0.2)) for i in range(5)] for k in range(2)]
    tests = [test for folds in rounds for _, _, test in folds]
    assert all(test == tests[0] for test in tests)
    for folds in rounds:
        validated = [row for _, validation, _ in folds for row in validation]
        assert sorted(validated) == sorted(set(range(N)) - tests[0])
        for train, validation, test in folds:
            assert train == set(range(N)) - validation - test
            share = np.mean(data.y[list(validation), 0])
            assert abs(share - 1 / 3) < 0.06  # classes keep their proportions
    assert rounds[0][0][1] != rounds[1][0][1]
    assert rows(split_of(data, repeat=0, folds=5, test=0.2)) == rounds[0][0]


def test_time_orders_the_parts_and_keeps_a_day_together(split_of):
    split = split_of(data_of(times=TIMES), validation=0.25, test=0.2, order="time")
    days = [TIMES[part.rows.astype(int)] for part in (split.train, split.validation, split.test)]
    assert days[0].max() < days[1].min() <= days[1].max() < days[2].min()
    assert [len(part) for part in days] == [66, 30, 24]
    limited = split_of(data_of(times=TIMES), train=0.3, validation=0.25, test=0.2, order="time")
    assert (len(limited.train.x), limited.validation.rows.tolist()) == (36, split.validation.rows.tolist())
    assert TIMES[limited.train.rows.astype(int)].max() == days[0].max()  # the last of those before


def test_a_border_moves_to_the_nearest_change_of_time(split_of):
    times = np.repeat([0, 1, 2], [50, 40, 30])
    split = split_of(data_of(times=times), validation=0.25, test=0.3, order="time")  # 54, 30, 36
    assert [len(part.x) for part in (split.train, split.validation, split.test)] == [50, 40, 30]
    with pytest.raises(DataError, match=r"^data.split: leaves a subset without rows: times change 2 times in 120"):
        split_of(data_of(times=times), validation=0.1, test=0.1, order="time")


def test_folds_in_time_train_on_what_came_before(split_of):
    data = data_of(times=TIMES)
    found = [split_of(data, repeat=i, folds=3, test=0.2, order="time") for i in range(4)]
    for split in found:
        train, validation, test = (TIMES[p.rows.astype(int)] for p in (split.train, split.validation, split.test))
        assert train.max() < validation.min() <= validation.max() < test.min()
        assert len(validation) == 24
    assert [len(split.train.x) for split in found] == [24, 48, 72, 24]


def test_a_column_says_which_part(split_of):
    named = np.array(["train", "validation", "test"])[np.arange(N) % 3]
    split = split_of(data_of(subset_names=named), column="part")
    for part, name in ((split.train, "train"), (split.validation, "validation"), (split.test, "test")):
        assert (named[part.rows.astype(int)] == name).all()
    assert sum(map(len, rows(split))) == N


def test_proportions_are_kept_unless_told_not_to(split_of):
    data = data_of()
    kept = [split_of(data, seed=s, validation=0.25).validation.y.sum() for s in range(6)]
    free = [split_of(data, seed=s, validation=0.25, stratify=False).validation.y.sum() for s in range(6)]
    assert set(kept) == {10.0}
    assert len(set(free)) > 1


RARE = data_of(y=(np.arange(N) < 1).astype(np.float32)[:, None])
ONE_TIME = np.zeros(N)
REFUSED = {
    "a rare class": (
        RARE,
        {"validation": 0.25},
        "data.split: class 'yes' has 1 row for 2 subsets, each of which",
    ),
    "folds of a rare class": (
        data_of(y=(np.arange(N) < 3).astype(np.float32)[:, None]),
        {"folds": 4},
        "data.split: class 'yes' has 3 rows for 4 subsets, each of which is to have some; "
        "add rows, leave the class out, or write stratify = false",
    ),
    "no times": (data_of(), {"validation": 0.25, "order": "time"}, 'data.split.order: "time" needs what rows are'),
    "one time": (data_of(times=ONE_TIME), {"validation": 0.25, "order": "time"}, "data.time: is the same in every row"),
    "groups across time": (
        data_of(times=TIMES, groups=np.arange(N) % 7),
        {"validation": 0.25, "order": "time"},
        "data.group: 7 of 7 groups have rows in several subsets, such as rows 1 and 120 of one; leave out data.group",
    ),
    "groups across a column": (
        data_of(subset_names=np.array(["train", "validation"])[np.arange(N) % 2], groups=np.arange(N) // 2),
        {"column": "part"},
        "data.group: 60 of 60 groups have rows in several subsets, such as rows 1 and 2 of one",
    ),
    "more folds than groups": (
        data_of(groups=np.arange(N) % 3),
        {"folds": 4},
        "data.split.folds: 4 folds need as many groups; there are 3",
    ),
    "one group": (
        data_of(groups=np.zeros(N, int)),
        {"validation": 0.25},
        "data.group: there is one group, which stays in one subset; every subset needs a group of its own",
    ),
    "two groups for three parts": (
        data_of(groups=np.arange(N) % 2),
        {"validation": 0.25, "test": 0.25},
        "data.group: there are too few groups, which stay in one subset",
    ),
    "more folds than rows": (data_of(), {"folds": 121}, "data.split.folds: 121 folds need as many rows; there are 120"),
    "a part that the column leaves out": (
        data_of(subset_names=np.full(N, "train")),
        {"column": "part"},
        "data.split.column: no row is in the validation subset; the column must say 'validation' for some",
    ),
}


@pytest.mark.parametrize(("data", "how", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_split_so(split_of, data, how, told):
    with pytest.raises(DataError) as caught:
        split_of(data, **how)
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)


NAN = np.nan
HOLES = np.float32(
    [[1, 0, 1, 5], [NAN, 1, 0, 6], [3, 1, 0, NAN], [8, NAN, NAN, 9], [NAN, NAN, NAN, NAN], [100, 0, 1, 50]]
)
ORDER = np.array(["train"] * 4 + ["validation", "test"])


@pytest.mark.parametrize(("how", "number"), [("mean", 4.0), ("median", 3.0), ("most-frequent", 1.0)])
def test_missing_values_are_filled_in_from_the_train_rows(split_of, how, number):
    data = data_of(
        x=HOLES,
        y=np.float32([[0], [1], [0], [1], [0], [1]]),
        subset_names=ORDER,
        feature_names=tuple("abcd"),
        imputations=(
            Imputation(columns=(0,), how=how),
            Imputation(columns=(1, 2), how="most-frequent"),
            Imputation(columns=(3,), how="median"),
        ),
    )
    split = split_of(data, column="part")
    np.testing.assert_array_equal(
        split.train.x, np.float32([[1, 0, 1, 5], [number, 1, 0, 6], [3, 1, 0, 6], [8, 1, 0, 9]])
    )
    np.testing.assert_array_equal(split.validation.x, np.float32([[number, 1, 0, 6]]))
    np.testing.assert_array_equal(split.test.x, np.float32([[100, 0, 1, 50]]))
    assert np.isnan(data.x[1, 0])  # the data are as they were
    scaled = split_of(data, column="part", scale="standard")
    np.testing.assert_allclose(scaled.train.x.mean(axis=0), 0, atol=1e-6)


def test_a_column_without_a_value_in_the_train_rows(split_of):
    x = np.ones((N, 2), np.float32)
    x[:, 1] = NAN
    x[0, 1] = 1
    named = np.array(["validation"] + ["train"] * (N - 1))
    data = data_of(x=x, subset_names=named, imputations=(Imputation(columns=(1,), how="mean"),))
    with pytest.raises(DataError, match=r"^data.missing: column 'b' has no value in any train row to learn from$"):
        split_of(data, column="part")


@pytest.mark.parametrize("shape", [(4, 3), (2, 2, 3)])
def test_images_and_sequences_are_scaled_by_channel(split_of, shape):
    x = np.random.default_rng(1).normal([1, -20, 300], [1, 5, 0.1], (N, 4, 3)).astype(np.float32).reshape(N, *shape)
    split = split_of(data_of(x=x), validation=0.25, scale="standard")
    channels = split.train.x.reshape(-1, 3)
    np.testing.assert_allclose(channels.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(channels.std(axis=0), 1, atol=1e-3)
    positions = split.train.x.reshape(len(split.train.x), -1, 3).mean(axis=0)
    assert np.abs(positions).max() > 0.02  # one mean for all positions, not one each


def kept(split_of, data, keep, *, kept_seed=4, **how):
    """Return the train rows that are kept of a split, and all of them."""
    few, all_ = (split_of(data, kept_seed=kept_seed, **how, keep=many).train.rows.tolist() for many in (keep, 0))
    assert set(few) <= set(all_)
    return few, all_


def test_fewer_rows_are_a_part_of_more_and_keep_the_classes_proportions(split_of):
    data = data_of()
    for seed in range(3):
        few, _ = kept(split_of, data, 15, kept_seed=seed, train=60, validation=30)
        more, _ = kept(split_of, data, 30, kept_seed=seed, train=60, validation=30)
        assert set(few) < set(more)
        assert data.y[few].sum() == 5 and data.y[more].sum() == 10  # a third, as of all


def test_fewer_rows_are_whole_groups(split_of):
    few, all_ = kept(split_of, data_of(groups=GROUPS), 30, validation=0.25, test=0.2)
    inside = set(GROUPS[few].tolist())
    assert set(few) == {row for row in all_ if GROUPS[row] in inside}
    assert 15 <= len(few) <= 45


def test_fewer_rows_in_time_are_the_latest(split_of):
    few, all_ = kept(split_of, data_of(times=TIMES), 21, validation=0.25, test=0.2, order="time")
    assert few == all_[-21:]


def test_no_more_rows_are_kept_than_there_are(split_of):
    with pytest.raises(DataError, match=r"^data.split.keep: must be at most the 60 rows to train on, got 61$"):
        split_of(data_of(), train=60, validation=30, keep=61)


def test_rows_drawn_anew_are_of_that_seed_alone_and_the_test_rows_stay():
    spec = DataSpec(source="moons", split=SplitSpec(train=30, validation=70, redraw=True))
    first, again, other = (make_split(spec, seed=seed, repeat=repeat) for seed, repeat in ((5, 0), (5, 0), (6, 1)))
    np.testing.assert_array_equal(first.train.x, again.train.x)
    x, y = make_moons(n_samples=100, noise=0.2, random_state=5)
    np.testing.assert_allclose(np.concatenate([first.train.x, first.validation.x]), x, rtol=1e-6)
    np.testing.assert_array_equal(np.concatenate([first.train.y, first.validation.y]).ravel(), y)
    assert not {*map(tuple, first.train.x)} & {*map(tuple, other.train.x), *map(tuple, other.validation.x)}
    numbers = np.concatenate([part.rows for split in (first, other) for part in (split.train, split.validation)])
    assert len(np.unique(numbers)) == 200
    np.testing.assert_array_equal(first.test.x, other.test.x)
    fixed = make_split(DataSpec(source="moons", split=SplitSpec(train=30, validation=70)))
    np.testing.assert_array_equal(make_split(spec).train.x, fixed.train.x)
