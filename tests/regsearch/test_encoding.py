"""The order of categories: stored, listed or sorted; and rows that come after training."""

import numpy as np
import pandas as pd
import pytest

from regsearch.data import load
from regsearch.data.table_files import from_pandas
from regsearch.data.tables import features_of
from regsearch.errors import DataError
from regsearch.spec import DataSpec, TableSpec

SIZES = ["medium", "low", "high", "low"]
ORDERED = pd.Categorical(SIZES, ["low", "medium", "high"], ordered=True)
GRADES = pd.Categorical(["9", "10", "7", "9"], ["10", "9", "8", "7"], ordered=True)


@pytest.fixture
def loaded(tmp_path):
    def get(values, encode, **table):
        frame = pd.DataFrame({"size": values, "y": [0.5, 1.5, 2.5, 3.0]})
        frame.to_parquet(tmp_path / "t.parquet")
        spec = TableSpec(target=("y",), encode=(("size", encode),), **table)
        return load(DataSpec(source="t.parquet", folder=str(tmp_path), table=spec))

    return get


@pytest.mark.parametrize(
    ("values", "encode", "codes"),
    [
        (ORDERED, "ordinal", [1, 0, 2, 0]),
        (GRADES, "ordinal", [1, 0, 3, 1]),  # 8 keeps its place, though no row has it
        (SIZES, "ordinal", [2, 1, 0, 1]),  # sorted: high, low, medium
        (SIZES, ("low", "medium", "high"), [1, 0, 2, 0]),
        (ORDERED, ("high", "medium", "low"), [1, 2, 0, 2]),  # what is written goes before what is stored
        ([9, 10, 7, 9], ("7", "9", "10"), [1, 2, 0, 1]),
        ([9.0, 10.0, 7.5, 9.0], ("7.5", "9", "10"), [1, 2, 0, 1]),
        ([True, False, True, True], ("true", "false"), [0, 1, 0, 0]),
    ],
)
def test_categories_have_an_order(loaded, values, encode, codes):
    assert loaded(values, encode).x[:, 0].tolist() == codes


def test_one_hot_has_a_column_for_each_category_that_occurs(loaded):
    assert loaded(ORDERED, "one-hot").feature_names == ("size=low", "size=medium", "size=high")
    assert loaded(GRADES, "one-hot").feature_names == ("size=10", "size=9", "size=7")


def test_a_category_that_is_not_listed(loaded):
    with pytest.raises(DataError, match=r"^data.encode: column 'size' holds 'medium' or others in 1 row; it may "):
        loaded(SIZES, ("low", "high"))


def test_sorted_categories_are_told(loaded):
    (notice,) = loaded(SIZES, "ordinal").notices
    assert notice.code == "sorted-categories"
    assert "'size' is encoded in sorted order, 'high' < 'low' < 'medium'; for another, list" in notice.message
    for values, encode in ((ORDERED, "ordinal"), (SIZES, ("low", "medium", "high")), (["a", "b", "a", "b"], "ordinal")):
        assert loaded(values, encode).notices == ()


def test_ordered_categories_say_how_they_keep_their_order(tmp_path):
    pd.DataFrame({"size": ORDERED, "y": [0.5, 1.5, 2.5, 3.0]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r'holds ordered categories; write encode = \{ size = "ordinal" \} for'):
        load(DataSpec(source="t.parquet", folder=str(tmp_path), table=TableSpec(target=("y",))))


def test_an_order_that_the_file_does_not_keep_is_told(loaded):
    data = loaded(pd.Categorical([9, 10, 7, 9], [10, 9, 8, 7], ordered=True), "refuse")
    assert data.x[:, 0].tolist() == [9, 10, 7, 9]
    assert [notice.code for notice in data.notices] == ["order-lost"]


def test_numbers_as_ordered_categories_of_a_dataframe(tmp_path):
    (tmp_path / "my_data.py").write_text(
        "import pandas as pd\ndef load():\n"
        "    size = pd.Categorical([9, 10, 7, 9], [10, 9, 8, 7], ordered=True)\n"
        "    return pd.DataFrame({'size': size, 'y': [0.5, 1.5, 2.5, 3]})\n"
    )
    table = TableSpec(target=("y",), encode=(("", "ordinal"),))
    data = load(DataSpec(source="my_data.py:load", folder=str(tmp_path), table=table))
    assert data.x[:, 0].tolist() == [1, 0, 3, 1]


def test_rows_that_come_after_training_are_encoded_alike(tmp_path):
    frame = pd.DataFrame({"size": ORDERED, "city": ["u", "v", "u", "w"], "a": [1.5, 2, 3, 4], "y": [0.5, 1, 2, 3.5]})
    frame.to_parquet(tmp_path / "t.parquet")
    table = TableSpec(target=("y",), encode=(("size", "ordinal"), ("city", "one-hot")))
    data = load(DataSpec(source="t.parquet", folder=str(tmp_path), table=table))
    later = pd.DataFrame({"a": [9.0, np.nan], "city": ["w", "u"], "size": ["high", None]})
    x = features_of(from_pandas(later, "later", table), data.columns)
    np.testing.assert_array_equal(x, [[2, 0, 0, 1, 9], [np.nan, 1, 0, 0, np.nan]])
    again = features_of(from_pandas(frame, "frame", table), data.columns)
    np.testing.assert_array_equal(again, data.x)


@pytest.mark.parametrize(
    ("later", "told"),
    [
        ({"a": [1.0], "city": ["x"]}, "data.encode: column 'city' holds 'x' or others in 1 row; it may hold 'u', 'v'"),
        ({"a": [1.0]}, "data.source: later has no column 'city', which the model was trained on"),
        ({"a": ["one"], "city": ["u"]}, "data.source: column 'a' holds strings, no numbers"),
    ],
)
def test_rows_that_do_not_fit_what_was_trained_on(tmp_path, later, told):
    pd.DataFrame({"a": [1.5, 2.0], "city": ["u", "v"], "y": [0.5, 1.5]}).to_parquet(tmp_path / "t.parquet")
    table = TableSpec(target=("y",), encode=(("city", "one-hot"),))
    data = load(DataSpec(source="t.parquet", folder=str(tmp_path), table=table))
    with pytest.raises(DataError) as caught:
        features_of(from_pandas(pd.DataFrame(later), "later", table), data.columns)
    assert str(caught.value).startswith(told)
