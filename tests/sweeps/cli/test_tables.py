"""Tables on stdout and in files."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from regsearch.errors import InputError
from sweeps.cli.tables import print_table

FRAME = pd.DataFrame(
    {
        "name": pd.array(["a", None], "string"),
        "mean": [0.1 + 0.2, float("nan")],
        "n": pd.array([2**60 + 1, None], "Int64"),
        "at": pd.to_datetime(["2026-01-02T03:04:05.000006Z", None]),
    }
)
FIRST = {"name": "a", "mean": 0.30000000000000004, "n": 2**60 + 1, "at": "2026-01-02T03:04:05.000006+00:00"}


def as_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """Let stdout be a terminal; for the test itself, as a fixture sees another stdout."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))


def test_json_has_exact_numbers_and_null_where_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(FRAME, "json")
    first, second = json.loads(capsys.readouterr().out)
    assert first == FIRST
    assert second == {"name": None, "mean": None, "n": None, "at": None}


def test_json_has_no_infinity_and_bytes_in_hexadecimal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(pd.DataFrame({"a": [float("inf")], "b": [b"\x00\xff"]}), "json")
    said = capsys.readouterr().out
    assert json.loads(said, parse_constant=pytest.fail) == [{"a": None, "b": "00ff"}]


def test_csv(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(FRAME, "csv")
    first, second = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert first == {name: str(value) for name, value in FIRST.items()}
    assert set(second.values()) == {""}


def test_a_table_is_whole_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(pd.DataFrame({f"column_{i}": ["x" * 100, "y"] for i in range(15)}), "table")
    lines = capsys.readouterr().out.splitlines()
    assert [len(line.split()) for line in lines] == [15, 15, 15]
    assert lines[1].split() == ["x" * 100] * 15


def test_a_table_for_people_rounds_and_marks_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(FRAME[["name", "mean", "at"]], "table")
    assert capsys.readouterr().out.splitlines() == [
        "name  mean  at",
        "a      0.3  2026-01-02 03:04:05Z",
        "-        -  -",
    ]


def test_lambdas_are_written_as_in_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(pd.DataFrame({"lambda": [1e-3, 0.01585, None], "lambda_l1": [0.0, 1.0, 5e-324]}), "table")
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert rows == [["1e-3", "0"], ["1.585e-2", "1e0"], ["-", "4.941e-324"]]


def test_cells_are_one_line_and_give_a_terminal_no_orders(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(pd.DataFrame({"a\nb": ["x\ny\x1b[2J"], "wide": ["評価"], "n": [1]}), "table")
    assert capsys.readouterr().out.splitlines() == ["a\\nb         wide  n", "x\\ny\\x1b[2J  評価  1"]


def test_a_terminal_shows_what_fits_and_says_what_does_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"first": [1], "second": [2], "key": ["k" * 200], "last": [4]})
    shown = {
        120: ("first second key last", ""),
        80: ("first second key", "last"),  # 5 + 2 + 6 + 2 + 60 of the key
        74: ("first second last", "key"),
        19: ("first second last", "key"),  # 5 + 2 + 6 + 2 + 4
        18: ("first second", "key, last"),
        3: ("first", "second, key, last"),
    }
    for width, (names, left_out) in shown.items():
        as_terminal(monkeypatch, width)
        print_table(frame, None)
        said = capsys.readouterr()
        assert said.out.splitlines()[0].split() == names.split(), width
        why = f"left out, as the terminal is too narrow: {left_out} (all of them: --format csv)\n"
        assert said.err == (why if left_out else "")
    as_terminal(monkeypatch, 18)
    print_table(frame, None, expendable=["second", "key"])
    assert capsys.readouterr().out.splitlines()[0].split() == ["first", "last"]
    as_terminal(monkeypatch, 120)
    print_table(frame, None)
    assert f"{'k' * 59}…" in capsys.readouterr().out


def test_parquet_comes_back(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    print_table(FRAME, "parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(capsysbinary.readouterr().out)), FRAME)


def test_parquet_has_text_where_kinds_are_mixed(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, "x", None], "b": [b"\x00", None, b"\x01"]}, dtype="object")
    print_table(frame, None, tmp_path / "a.parquet")
    found = pd.read_parquet(tmp_path / "a.parquet")
    assert found["a"].tolist()[:2] == ["1", "x"] and found["a"].isna()[2]
    assert found["b"].tolist() == [b"\x00", None, b"\x01"]


def test_parquet_is_not_for_terminals(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    as_terminal(monkeypatch, 80)
    with pytest.raises(InputError, match=r"--format: parquet is for programs: give --out FILE\.parquet"):
        print_table(FRAME, "parquet")


def test_a_files_ending_says_its_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for format in ("csv", "json"):
        print_table(FRAME, None, tmp_path / f"a.{format}")
        print_table(FRAME, format)
        assert (tmp_path / f"a.{format}").read_text() == capsys.readouterr().out
    print_table(FRAME, "csv", tmp_path / "a.json")
    assert (tmp_path / "a.json").read_text() == (tmp_path / "a.csv").read_text()
    print_table(FRAME, None, tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text().startswith("name  mean")


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--out: .*a\.csv cannot be written: No such file or directory"):
        print_table(FRAME, None, tmp_path / "none" / "a.csv")
