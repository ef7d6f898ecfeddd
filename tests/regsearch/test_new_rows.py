"""Rows that came after training: what fits goes in as it did then, and all that does not is said."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regsearch.data import load
from regsearch.errors import DataError, InputError
from regsearch.new_rows import new_rows, read_new_rows
from regsearch.spec import DataSpec, TableSpec

CSV = "id;city;grade;ok;size;y\n" + "".join(
    f"{i};{'AB'[i % 2]};{'' if i == 5 else i % 3};{'true' if i % 4 else 'false'};{'' if i == 7 else i},5;{i}\n"
    for i in range(12)
)
TABLE = TableSpec(
    target=("y",),
    drop=("id",),
    encode=(("city", "one-hot"), ("grade", "ordinal"), ("ok", "one-hot")),
    missing=(("grade", "impute"), ("size", "median")),
    separator=";",
    decimal=",",
    task="regression",
)


@pytest.fixture
def data(tmp_path: Path):
    (tmp_path / "old.csv").write_text(CSV.replace(";,5;", ";;"))
    return load(DataSpec(source="old.csv", folder=str(tmp_path), table=TABLE))


def test_the_rows_that_were_trained_on_are_what_they_were(data, tmp_path: Path) -> None:
    found = read_new_rows(tmp_path / "old.csv", data, TABLE)
    assert np.array_equal(found.x, data.x, equal_nan=True)
    assert found.others.columns.tolist() == ["id", "y"] and found.others["id"].tolist() == list(range(12))


def test_one_row_with_nothing_in_a_column_that_may_be_missing(data, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("size;grade;ok;city\n;;true;B\n")
    found = read_new_rows(tmp_path / "new.csv", data, TABLE)
    assert np.array_equal(found.x, [[0, 1, np.nan, 0, 1, np.nan]], equal_nan=True) and found.others.shape == (1, 0)


def test_a_frame_in_memory_whose_integers_became_floats(data) -> None:
    frame = pd.DataFrame({"city": ["A", "B"], "grade": [2.0, np.nan], "ok": [True, False], "size": [1.5, np.nan]})
    found = new_rows(frame, data, TABLE)
    assert np.array_equal(found.x, [[1, 0, 2, 0, 1, 1.5], [0, 1, np.nan, 1, 0, np.nan]], equal_nan=True)


def test_all_that_does_not_fit_is_said_at_once(data, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("City;grade;ok;size\nA;7;;big\nB;1;true;2\nC;9;;3\n")
    with pytest.raises(InputError) as error:
        read_new_rows(tmp_path / "new.csv", data, TABLE)
    for words in (
        "new.csv: has no column 'city', which the model was trained on (did you mean 'City'?); ",
        "column 'grade' holds '7', '9' in 2 rows, unseen in training; it may hold '0', '1', '2'; ",
        "column 'ok' has no value in 2 rows, and had one in every row before; ",
        "column 'size' holds 'big', and must hold numbers",
    ):
        assert words in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("new.json", "[]", "new.json: may end in .csv, .csv.gz, .tsv, .txt, .parquet, .xlsx, .npz"),
        ("new.csv", "", "new.csv: .*cannot be read as a table"),
        ("absent.csv", None, "absent.csv: there is no file"),
        ("absent.npz", None, "absent.npz: cannot be read: No such file"),
        ("broken.npz", "no zip", "broken.npz: cannot be read as .npz"),
    ],
)
def test_a_file_that_is_none(data, tmp_path: Path, name: str, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=message):
        read_new_rows(tmp_path / name, data, TABLE)


def test_named_features_of_a_set_that_is_no_table(tmp_path: Path) -> None:
    moons = load(DataSpec(source="moons"))
    (tmp_path / "new.csv").write_text("x2,note,x1\n1,a,2\n3,b,4\n")
    found = read_new_rows(tmp_path / "new.csv", moons, TableSpec())
    assert found.x.tolist() == [[2.0, 1.0], [4.0, 3.0]] and found.others["note"].tolist() == ["a", "b"]
    with pytest.raises(
        DataError, match="has no column 'x2', which the model was trained on; its features are 'x1', 'x2'"
    ):
        new_rows(pd.DataFrame({"x1": [1.0]}), moons, TableSpec())
    with pytest.raises(DataError, match="column 'x2' holds 'a', and must hold numbers"):
        new_rows(pd.DataFrame({"x1": [1.0], "x2": ["a"]}), moons, TableSpec())


def test_arrays_of_a_file(tmp_path: Path) -> None:
    moons = load(DataSpec(source="moons"))
    np.savez(tmp_path / "new.npz", x=np.ones((3, 2)), id=np.arange(3), other=np.ones(7))
    found = read_new_rows(tmp_path / "new.npz", moons, TableSpec())
    assert found.x.shape == (3, 2) and found.others["id"].tolist() == [0, 1, 2]
    np.savez(tmp_path / "new.npz", z=np.ones((3, 2)))
    with pytest.raises(InputError, match=r"new.npz: has no array 'x'; it has 'z'"):
        read_new_rows(tmp_path / "new.npz", moons, TableSpec())
