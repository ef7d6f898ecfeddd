"""The task that follows from the labels: several labels, classes or amounts."""

import numpy as np
import pandas as pd
import pytest

from regsearch.data import load
from regsearch.data.labels import labels_of
from regsearch.errors import DataError
from regsearch.spec import DataSpec, TableSpec

TAGS = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0]])


@pytest.mark.parametrize(
    "values", [TAGS, TAGS.astype(np.float64), TAGS.astype(bool), TAGS.astype(np.uint8), TAGS[:, :2]], ids=str
)
def test_a_matrix_of_0_and_1_is_several_labels(values):
    labels = labels_of(values, None, field="data.source", name="y")
    assert (labels.task, labels.n_outputs, labels.y.dtype) == ("multilabel", values.shape[1], np.float32)
    np.testing.assert_array_equal(labels.y, values)
    assert labels_of(values, "regression", field="data.source", name="y").task == "regression"


def test_several_columns_of_0_and_1_are_several_labels(tmp_path):
    frame = pd.DataFrame(TAGS.astype(bool), columns=["red", "old", "big"]).assign(a=range(4))
    frame.to_csv(tmp_path / "t.csv", index=False)
    data = load(DataSpec(source="t.csv", folder=str(tmp_path), table=TableSpec(target=("big", "red"))))
    assert (data.task, data.n_outputs, data.class_names) == ("multilabel", 2, ("big", "red"))
    np.testing.assert_array_equal(data.y, TAGS[:, [2, 0]])


@pytest.mark.parametrize(
    ("values", "task", "told"),
    [
        (
            np.eye(4),
            None,
            "looks one-hot (a single 1 per row); give the classes' numbers in one column, or write task = \"mul",
        ),
        (TAGS * 2, "multilabel", "holds 2; several labels are 0 and 1 each"),
        (TAGS[:, 0], "multilabel", "is one column; several labels take a column of 0 and 1 each"),
        (TAGS, "binary", "has shape (4, 3); it must be one column, or several of numbers"),
        (TAGS.astype(str), None, "holds '1'; a regression's target is numbers"),
    ],
)
def test_what_are_no_labels(values, task, told):
    with pytest.raises(DataError) as caught:
        labels_of(values, task, field="data.source", name="y")
    assert told in str(caught.value)


def test_one_hot_labels_may_be_asked_for():
    assert labels_of(np.eye(4), "multilabel", field="data.source", name="y").task == "multilabel"
    assert labels_of(TAGS * 2, None, field="data.source", name="y").task == "regression"


@pytest.mark.parametrize(
    ("values", "task", "codes"),
    [
        (np.arange(60) % 12, None, ["integers-as-classes"]),
        (np.arange(60.0) % 6, None, ["integers-as-classes"]),
        (np.arange(300) % 40, None, ["integers-as-amounts"]),
        (np.arange(300) % 40, "regression", []),
        (np.arange(60) % 12, "multiclass", []),
        (np.arange(60) % 3, None, []),  # 0, 1, 2 are classes
        (np.arange(60) * 17, None, []),  # a price is none
        ((np.arange(60) % 12).astype(str), None, []),
        (np.arange(60) % 12 + 0.5, None, []),
    ],
)
def test_integers_that_might_be_classes_or_amounts_are_told(values, task, codes):
    notices = labels_of(values, task, field="data.target", name="column 'y'").notices
    assert [notice.code for notice in notices] == codes
    if codes:
        other = "regression" if codes == ["integers-as-classes"] else "multiclass"
        assert notices[0].message.endswith(f'if they are not, write task = "{other}"')
