"""Tables on stdout."""

import io
import json

import pandas as pd
import pytest

from sweeps.tables import write

FRAME = pd.DataFrame(
    {
        "name": pd.array(["a", None], "string"),
        "mean": [0.123456, float("nan")],
        "n": pd.array([3, None], "Int64"),
        "at": pd.to_datetime(["2026-01-02T03:04:05Z", None]),
    }
)


def test_json_has_null_where_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    write(FRAME, "json")
    first, second = json.loads(capsys.readouterr().out)
    assert first == {"name": "a", "mean": 0.123456, "n": 3, "at": "2026-01-02T03:04:05+00:00"}
    assert second == {"name": None, "mean": None, "n": None, "at": None}


def test_csv(capsys: pytest.CaptureFixture[str]) -> None:
    write(FRAME[["name", "mean"]], "csv")
    assert capsys.readouterr().out == "name,mean\na,0.123456\n,\n"


def test_a_wide_table_is_not_folded_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    write(pd.DataFrame({f"column_{i}": [0.5] for i in range(15)}), "table")
    assert [len(line.split()) for line in capsys.readouterr().out.splitlines()] == [15, 15]


def test_a_table_for_people_rounds_and_marks_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    write(FRAME[["name", "mean"]], "table")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [["name", "mean"], ["a", "0.1235"], ["-", "-"]]


def test_parquet_comes_back(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write(FRAME, "parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(capsysbinary.readouterr().out)), FRAME)
