"""Files and DataFrames as tables: marks of missing values, digits in groups, encodings, workbooks, an unnamed index."""

import importlib.util

import numpy as np
import pandas as pd
import pytest

from regsearch.data import load
from regsearch.data.table_files import from_pandas, numbers_rows, read_table
from regsearch.errors import DataError
from regsearch.spec import DataSpec, TableSpec


@pytest.fixture
def load_file(tmp_path):
    def get(content, name="table.csv", **table):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(DataSpec(source=name, folder=str(tmp_path), table=TableSpec(target=("y",), **table)))

    return get


def told(load_file, *arguments, **options):
    with pytest.raises(DataError) as caught:
        load_file(*arguments, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


GERMAN = {"thousands": ".", "separator": ";", "decimal": ","}
IMPUTE = (("", "impute"),)
MARKED = "a,y\n?,0.5\n1.5,1.5\n-999,2.5\n2,3.5\n"


@pytest.mark.parametrize(
    ("text", "marks", "missing"),
    [
        (MARKED, ("?",), [1, 0, 0, 0]),
        (MARKED, ("?", "-999"), [1, 0, 1, 0]),
        ("a,y\n-999.0,0.5\n1.5,1.5\n,2.5\n2,3.5\n", ("-999",), [1, 0, 1, 0]),
        ("a,y\nunknown,0.5\n1.5,1.5\nn.a.,2.5\n2,3.5\n", ("unknown", "n.a."), [1, 0, 1, 0]),
    ],
)
def test_what_means_missing_is_missing(load_file, text, marks, missing):
    data = load_file(text, missing_values=marks, missing=IMPUTE)
    assert np.isnan(data.x[:, 0]).tolist() == [bool(each) for each in missing]
    assert data.columns[0].missing == sum(missing)


@pytest.mark.parametrize("kind", ["parquet", "categories", "ordered"])
def test_marks_in_stored_columns_too(tmp_path, kind):
    values = pd.Series(["low", "?", "high", "low"])
    if kind != "parquet":
        levels = ["?", "low", "high"]
        values = pd.Series(pd.Categorical(values, levels, ordered=kind == "ordered"))
    pd.DataFrame({"a": values, "b": [1.0, -999.0, 3.0, 4.0], "y": [0.5, 1, 2, 3.5]}).to_parquet(tmp_path / "t.parquet")
    table = TableSpec(
        target=("y",), missing_values=("?", "-999"), missing=IMPUTE, encode=(("a", "ordinal"),), features=("a", "b")
    )
    data = load(DataSpec(source="t.parquet", folder=str(tmp_path), table=table))
    assert np.isnan(data.x).tolist() == [[False, False], [True, True], [False, False], [False, False]]
    assert data.columns[0].categories == (("low", "high") if kind == "ordered" else ("high", "low"))


def test_na_can_be_a_category(load_file):
    text = "region,y\nEU,0.5\nNA,1.5\nEU,2.5\n"
    assert "where NA is a category, write missing_values = []" in told(load_file, text, encode=(("", "one-hot"),))
    data = load_file(text, encode=(("", "one-hot"),), missing_values=())
    assert data.feature_names == ("region=EU", "region=NA")
    assert data.x.tolist() == [[1, 0], [0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("text", "told_"),
    [
        (
            "a,y\n?,0.5\n1.5,1\n?,2\n1,3\n7,4\n",
            "but 2 of 5 values are no numbers ('?'); if they mean that a value is mis",
        ),
        (
            "a,y\n?,0.5\n1.5,1\nx,2\n1,3\n7,4\n",
            "('?', 'x'); if they mean that a value is missing",
        ),
        (
            'a,y\n"1,234",0.5\n"2,000,000",1.5\n7,2\n',
            "data.thousands: column 'a' holds numbers such as '1,234'",
        ),
        ("a,y\n1'234,0.5\n2'000,1.5\n", 'write thousands = "\'"'),
        ("a,y\n12%,0.5\n7.5 %,1.5\n", "data.encode: column 'a' holds per cent signs, as in '12%'; take"),
    ],
)
def test_numbers_read_as_strings_are_told_before_categories(load_file, text, told_):
    for encode in ((), (("", "one-hot"),)):
        assert told_ in told(load_file, text, encode=encode)


def test_a_column_named_in_encode_is_one_of_categories_whatever_it_holds(load_file):
    data = load_file("a,y\n?,0.5\n1,1.5\n2,2.5\n1,3.5\n", encode=(("a", "one-hot"),))
    assert data.feature_names == ("a=1", "a=2", "a=?")


@pytest.mark.parametrize(
    ("text", "options", "values"),
    [
        ('a,y\n"1,234.5",0.5\n"2,000,000",1.5\n7,2\n', {"thousands": ","}, [1234.5, 2e6, 7]),
        (
            "a;y\n1.234,5;0,5\n2.000.000;1,5\n7;2\n",
            {"thousands": ".", "separator": ";", "decimal": ","},
            [1234.5, 2e6, 7],
        ),
        ("a,y\n1 234,0.5\n-2 000 000,1.5\n,2\n", {"thousands": " ", "missing": IMPUTE}, [1234, -2e6, np.nan]),
    ],
)
def test_digits_in_groups(load_file, text, options, values):
    np.testing.assert_array_equal(load_file(text, **options).x[:, 0], values)


def test_what_are_no_digits_in_groups_stay_strings(load_file):
    """1,5 and 12,34 are no thousands: read so, they would be 15 and 1234."""
    problem = told(load_file, 'a,y\n"1,5",0.5\n"12,34",1.5\n', thousands=",")
    assert problem.startswith("data.encode: column 'a' holds strings such as '1,5', no numbers")


def test_other_encodings(load_file):
    text = "år,y\nBodø,0.5\nOslo,1.5\n".encode("latin-1")
    assert 'not UTF-8 in its header; write encoding = "latin-1"' in told(load_file, text)
    data = load_file(text, encoding="latin-1", encode=(("år", "one-hot"),))
    assert data.feature_names == ("år=Bodø", "år=Oslo")
    utf16 = load_file("a,y\n1,0.5\n2,1.5\n".encode("utf-16"), encoding="utf-16")
    assert utf16.x.tolist() == [[1], [2]]


def test_text_files_with_a_separator(load_file):
    assert load_file("a|y\n1|0.5\n2|1.5\n", "t.txt", separator="|").x.tolist() == [[1], [2]]
    assert load_file("a\ty\n1\t0.5\n2\t1.5\n", "t.TXT", separator="\t").x.tolist() == [[1], [2]]


@pytest.mark.parametrize("name", ["Unnamed: 0", "", "Unnamed: 7"])
@pytest.mark.parametrize("first", [0, 1])
def test_an_index_without_a_name_is_left_out(load_file, name, first):
    rows = "".join(f"{i + first},{i % 3},{i / 2}\n" for i in range(5))
    data = load_file(f"{name},a,y\n{rows}")
    assert data.feature_names == ("a",)
    assert (data.columns[0].name, data.columns[0].use) == (name, "left out")
    (notice,) = data.notices
    assert notice.code == "index-column"
    assert load_file(f"{name},a,y\n{rows}", features=(name or "a",)).notices == ()


def test_an_unnamed_column_that_counts_nothing_stays(load_file):
    assert load_file("Unnamed: 0,y\n3,0.5\n1,1.5\n2,2\n").feature_names == ("Unnamed: 0",)
    assert numbers_rows(pd_column([1, 2, 3])) and not numbers_rows(pd_column([1.0, 2.5]))
    assert not numbers_rows(pd_column([0, None, 2]))


def pd_column(values):
    return from_pandas(pd.DataFrame({"a": values}), "it", TableSpec()).arrow.column("a")


def test_a_dataframe_keeps_its_dtypes():
    frame = pd.DataFrame(
        {
            "ordered": pd.Categorical(["low", "high"], ["low", "medium", "high"], ordered=True),
            "nullable": pd.array([1, None], "Int64"),
            "flag": pd.array([True, None], "boolean"),
            "when": pd.to_datetime(["2024-01-01", "2024-02-01"]),
            "single": np.float32([0.1, 0.2]),
        }
    )
    arrow = from_pandas(frame, "frame()", TableSpec()).arrow
    assert arrow.column("ordered").type.ordered
    assert [str(arrow.column(name).type) for name in ("nullable", "flag", "single")] == ["int64", "bool", "float"]
    assert str(arrow.column("when").type).startswith("timestamp")
    assert arrow.column("nullable").null_count == 1


@pytest.mark.parametrize(
    ("index", "told_"),
    [
        (pd.Index([5, 6], name="id"), "the index 'id' of frame() is left out; reset_index() makes it a column"),
        (pd.Index(["u", "v"]), "the index of frame() is left out; "),
        (pd.MultiIndex.from_tuples([(1, 2), (3, 4)], names=["p", "q"]), "the index 'p', 'q' of frame() is left out"),
    ],
)
def test_an_index_that_means_something_is_told(index, told_):
    (notice,) = from_pandas(pd.DataFrame({"a": [1, 2]}, index=index), "frame()", TableSpec()).notices
    assert notice.code == "index-left-out"
    assert notice.message.startswith(told_)
    assert from_pandas(pd.DataFrame({"a": [1, 2]}, index=[4, 9]), "frame()", TableSpec()).notices == ()


def test_a_workbook_without_openpyxl(tmp_path, monkeypatch):
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"t.xlsx' needs openpyxl: pip install 'regsearch\[excel\]'$"):
        read_table(tmp_path / "t.xlsx", TableSpec())


def test_a_workbook(tmp_path):
    pytest.importorskip("openpyxl")
    frame = pd.DataFrame({"a": [1.5, -999.0], "k": ["NA", "x"], "y": [0.5, 1.5]})
    with pd.ExcelWriter(tmp_path / "t.xlsx") as book:
        frame.to_excel(book, sheet_name="first", index=False)
        frame.to_excel(book, sheet_name="second", index=False)
    table = read_table(tmp_path / "t.xlsx", TableSpec(missing_values=("-999",)))
    assert table.arrow.column("a").to_pylist() == [1.5, None]
    assert table.arrow.column("k").to_pylist() == ["NA", "x"]
    assert [notice.code for notice in table.notices] == ["other-sheets"]
    (tmp_path / "u.xlsx").write_bytes(b"no workbook")
    with pytest.raises(DataError, match=r"u.xlsx' cannot be read as a workbook: "):
        read_table(tmp_path / "u.xlsx", TableSpec())
