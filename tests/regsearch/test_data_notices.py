"""What is said of a data set before a search trusts it."""

import re

import numpy as np
import pytest

from regsearch.data import Column, DataSet, Imputation, data_notices, make_split, splits
from regsearch.data.repeated_rows import repeated_rows
from regsearch.notices import Notice
from regsearch.spec import DataSpec, SplitSpec

RNG = np.random.default_rng(8)
N = 200
Y = (RNG.random((N, 1)) > 0.4).astype(np.float32)
NOISE = RNG.normal(size=(N, 2))


@pytest.fixture
def told(monkeypatch):
    """Notices of a data set by their codes, of a split in four parts: half to train on."""

    def get(metric="auc", validation=0.25, test=0.25, **data):
        given = {"x": NOISE, "y": Y, "task": "binary", "n_outputs": 1, "feature_names": ("a", "b")} | data
        if given["x"].shape[1] != len(given["feature_names"]):
            given["feature_names"] = tuple(f"x{i + 1}" for i in range(given["x"].shape[1]))
        whole = DataSet(**given)
        monkeypatch.setattr(splits, "load", lambda spec: whole)
        how = SplitSpec(validation=validation, test=test, stratify=whole.task != "regression")
        split = make_split(DataSpec(source="t.csv", scale="standard", split=how))
        return {notice.code: notice.message for notice in data_notices(whole, split, metric=metric)}

    return get


CODES = np.where(Y[:, 0] > 0, RNG.choice([0, 2, 4], N), RNG.choice([1, 3, 5], N))
SOUND = [RNG.normal(size=N), RNG.integers(0, 90, N), RNG.integers(0, 4, N), Y[:, 0] + 0.7 * NOISE[:, 1]]


def beside(column):
    return np.column_stack([NOISE[:, 0], column])


def test_sound_data_need_no_word(told):
    assert told() == {}
    assert told(x=RNG.integers(0, 12, (N, 5)) + RNG.random((N, 5)).round(2)) == {}


def test_what_was_noticed_while_reading_comes_first(told):
    assert told(notices=(Notice(code="other-sheets", message="one line"),)) == {"other-sheets": "one line"}


COLUMNS = {
    "a row number": (np.arange(N), "row-numbers"),
    "a shuffled row number": (RNG.permutation(N) + 1000, "row-numbers"),
    "an identifier": (RNG.permutation(N) * 7919 % 1_000_003, "nearly-unique"),
    "an identifier with a few gaps": (np.where(np.arange(N) % 60, np.arange(N) * 3, np.nan), "nearly-unique"),
    "a constant": (np.full(N, 0.1), "constant-column"),
    "nothing but gaps and a constant": (np.where(np.arange(N) % 2, 3.0, np.nan), "constant-column"),
    "the class": (Y[:, 0] * 3 - 1, "target-in-column"),
    "what is only high in one class": (Y[:, 0] + RNG.random(N) * 0.9, "target-in-column"),
    "codes of one class each": (CODES, "target-in-column"),
}


@pytest.mark.parametrize(("column", "code"), COLUMNS.values(), ids=COLUMNS)
def test_columns_one_may_not_want(told, column, code):
    missing = np.isnan(column).any()
    found = told(x=beside(column), imputations=(Imputation(columns=(1,), how="median"),) if missing else ())
    assert list(found) == [code]
    assert found[code].startswith("column 'b' ")


@pytest.mark.parametrize("column", SOUND)
def test_columns_that_are_in_order(told, column):
    assert told(x=beside(column)) == {}


@pytest.mark.parametrize("scale", [1.0, -2.5, 1e6])
def test_a_regressions_target_among_its_features(told, scale):
    y = RNG.normal(size=(N, 2))
    assert list(told(x=beside(y[:, 1] * scale + 3), y=y, task="regression", n_outputs=2)) == ["target-in-column"]
    assert told(x=beside(y[:, 1] + 0.01 * NOISE[:, 1]), y=y, task="regression", n_outputs=2) == {}


def test_three_classes_and_several_labels_may_be_given_away_too(told):
    classes = RNG.integers(0, 3, (N, 1)).astype(np.int32)
    assert list(told(x=beside(classes[:, 0] * 2.0), y=classes, task="multiclass", n_outputs=3)) == ["target-in-column"]
    labels = RNG.integers(0, 2, (N, 3)).astype(np.float32)
    assert list(told(x=beside(1 - labels[:, 2]), y=labels, task="multilabel", n_outputs=3)) == ["target-in-column"]


def one_hot(codes, name="k"):
    categories = tuple(f"{number}" for number in range(int(codes.max()) + 1))
    x = (codes[:, None] == np.arange(len(categories))).astype(np.float32)
    column = Column(name=name, kind="strings", use="feature", encoding="one-hot", categories=categories)
    return {"x": x, "columns": (column,), "feature_names": tuple(f"{name}={number}" for number in categories)}


def test_an_identifier_in_one_hot_encoding(told):
    found = told(**one_hot(np.arange(N) // 2 % 120))
    assert found["one-hot-identifier"].startswith("column 'k' takes a feature for every other row")
    assert "one-hot-identifier" not in told(**one_hot(RNG.integers(0, 40, N)))


def test_categories_that_give_the_class_away_are_one_column(told):
    found = told(**one_hot(CODES))
    assert found["target-in-column"].startswith("column 'k' gives the target away alone")


@pytest.mark.parametrize("times", [1, 2, 4])
def test_rows_in_several_subsets_are_counted(told, times):
    x, y = np.tile(NOISE[: N // times], (times, 1)), np.tile(Y[: N // times], (times, 1))
    found = told(x=x, y=y)
    assert ("repeated-rows" in found) == (times > 1)
    if times > 1:
        assert re.match(r"[1-9]\d* rows of 100 to validate and test on stand in another", found["repeated-rows"])


def test_repeated_rows_by_hand(monkeypatch):
    """Rows 0 to 5 train, 6 to 8 validate; 6 and 10 (with -0) repeat 0, 7 has its features only, 9 repeats 8."""
    x = np.array([0, 1, 2, 3, 4, 5, 0, 0, 8, 8, -0.0], np.float32)[:, None]
    y = np.array([0, 1, 0, 1, 0, 1, 0, 9, 1, 1, 0], np.float32)[:, None]
    names = np.array(["train"] * 6 + ["validation"] * 3 + ["test"] * 2)
    data = DataSet(x=x, y=y, task="regression", n_outputs=1, feature_names=("a",), subset_names=names)
    monkeypatch.setattr(splits, "load", lambda spec: data)
    split = make_split(DataSpec(source="t.csv", split=SplitSpec(column="part")))
    assert repeated_rows(split) == (3, 5)


@pytest.mark.parametrize(("validation", "names"), [(0.1, "validation"), (0.4, None)])
def test_small_subsets_are_told(told, validation, names):
    found = told(validation=validation, test=0.0)
    if names is None:
        assert found == {}
    else:
        assert found == {"small-subset": "the validation subset has 20 rows; scores on fewer than 30 say little"}


def test_imbalanced_classes_are_told_where_accuracy_scores(told):
    rare = (np.arange(N) % 10 == 0).astype(np.float32)[:, None]
    found = told(metric="accuracy", y=rare, class_names=("no", "yes"))
    assert found["imbalanced-classes"].startswith("always saying class 'no' has an accuracy of 0.900")
    assert "imbalanced-classes" not in told(metric="f1", y=rare)
    assert "imbalanced-classes" not in told(metric="accuracy")
    labels = (RNG.random((N, 3)) < 0.05).astype(np.float32)
    assert "imbalanced-classes" in told(metric="accuracy", y=labels, task="multilabel", n_outputs=3)


def test_images_are_not_looked_at_by_column(told):
    assert told(x=np.ones((N, 4, 4), np.float32) * np.arange(N)[:, None, None], feature_names=("a",) * 4) == {}
