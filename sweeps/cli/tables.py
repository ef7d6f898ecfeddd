"""Tables on stdout or in a file: for people, or as CSV, JSON or Parquet for programs."""

import csv
import io
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.cells import cell_len, set_cell_size

from regsearch.errors import InputError
from regsearch.spec import format_lambda

LONGEST_CELL = 60  # of a text in a terminal, where it is cut
GAP = "  "
EXPENDABLE = ("lambda_l1", "lambda_l2", "train_mean", "target", "stage", "variant")  # of trials, the first first
LAMBDAS = ("lambda", "lambda_l1", "lambda_l2", "weight_decay")  # written as the answer writes them
SUFFIXES = {".csv": "csv", ".json": "json", ".parquet": "parquet"}


def print_table(
    frame: pd.DataFrame, format: str | None, out: Path | None = None, *, expendable: Sequence[str] = ()
) -> None:
    """Print a table, or write it to a file.

    Args:
        frame: what to print.
        format: table, csv, json (a list of objects, null where there is nothing) or parquet (bytes); None for what the
            file's name ends in, or table.
        out: the file; None for stdout.
        expendable: columns that a terminal too narrow for all goes without, the first first; then what fits in no more.

    Raises:
        InputError: the file cannot be written, or Parquet was to go to a terminal.
    """
    format = format_of(format, out)
    if out is not None:
        try:
            out.write_bytes(_bytes(frame, format))
        except OSError as error:
            raise InputError("--out", f"{out} cannot be written: {error.strerror}") from None
    elif format == "table" and sys.stdout.isatty():
        _show(frame, shutil.get_terminal_size().columns, expendable)
    elif format == "parquet" and sys.stdout.isatty():
        raise InputError("--format", "parquet is for programs: give --out FILE.parquet, or send it to a pipe or a file")
    elif format == "parquet":
        sys.stdout.buffer.write(_bytes(frame, format))
    else:
        print(_bytes(frame, format).decode(), end="")


def format_of(format: str | None, out: Path | None) -> str:
    """Return the format that is meant: what is given, else what the file's name ends in, else table."""
    return format or SUFFIXES.get(out.suffix if out else "", "table")


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one dict per row as JSON has it: None where there is nothing, times in ISO 8601, bytes in hexadecimal."""
    columns = [[_plain(value) for value in frame[name].tolist()] for name in frame.columns]
    names = list(map(str, frame.columns))
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _bytes(frame: pd.DataFrame, format: str) -> bytes:
    match format:
        case "csv":
            lines = io.StringIO()
            csv.writer(lines, lineterminator="\n").writerows([frame.columns, *(row.values() for row in records(frame))])
            return lines.getvalue().encode()
        case "json":
            return (json.dumps(records(frame), indent=2, allow_nan=False, default=str) + "\n").encode()
        case "parquet":
            return frame.assign(**_as_text(frame)).to_parquet(None, index=False)
    return "".join(line + "\n" for line in _lines(_cells(frame), frame)).encode()


def _as_text(frame: pd.DataFrame) -> "dict[str, pd.Series[Any]]":
    """Return the columns that hold several kinds of values, which Parquet does not take, as text."""
    mixed = [name for name in frame.columns if len({type(v) for v in frame[name].dropna()}) > 1]
    return {name: frame[name].map(str, na_action="ignore").astype("string") for name in mixed}


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None  # JSON has neither NaN nor infinity
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


def _show(frame: pd.DataFrame, width: int, expendable: Sequence[str]) -> None:
    """Print as many columns as fit, and say on stderr which were left out."""
    cells = {name: [_cut(cell) for cell in column] for name, column in _cells(frame).items()}
    ranked = sorted(cells, key=lambda name: expendable[::-1].index(name) + 1 if name in expendable else 0)
    shown: set[str] = set()
    for name in ranked:
        if not shown or sum(_width(cells[one]) + len(GAP) for one in (*shown, name)) <= width + len(GAP):
            shown.add(name)
    sys.stdout.writelines(f"{line}\n" for line in _lines({name: cells[name] for name in cells if name in shown}, frame))
    if left_out := ", ".join(name for name in cells if name not in shown):
        print(f"left out, as the terminal is too narrow: {left_out} (all of them: --format csv)", file=sys.stderr)


def _cells(frame: pd.DataFrame) -> dict[str, list[str]]:
    """Return each column as texts, its name first."""
    columns = {str(name): [_cell(value, str(name)) for value in frame[name].tolist()] for name in frame.columns}
    return {name: [_visible(name), *column] for name, column in columns.items()}


def _lines(cells: dict[str, list[str]], frame: pd.DataFrame) -> list[str]:
    padded = [_padded(column, right=pd.api.types.is_numeric_dtype(frame[name])) for name, column in cells.items()]
    return [GAP.join(row).rstrip() for row in zip(*padded, strict=True)]


def _padded(column: list[str], *, right: bool) -> list[str]:
    width = _width(column)
    spaces = [" " * (width - cell_len(cell)) for cell in column]
    return [space + cell if right else cell + space for cell, space in zip(column, spaces, strict=True)]


def _width(column: list[str]) -> int:
    return max(map(cell_len, column))


def _cell(value: Any, column: str) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M:%S}{'Z' if value.tzinfo else ''}"
    value = _plain(value)
    if value is None:
        return "-"
    if isinstance(value, float):
        return format_lambda(value) if column in LAMBDAS else f"{value:.4g}"
    return _visible(str(value))


def _cut(cell: str) -> str:
    return cell if cell_len(cell) <= LONGEST_CELL else set_cell_size(cell, LONGEST_CELL - 1) + "…"


def _visible(text: str) -> str:
    """Return the text on one line, without what would command the terminal."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
