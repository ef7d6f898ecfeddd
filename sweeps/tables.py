"""Tables on stdout: for people, or as CSV, JSON or Parquet for programs."""

import json
import sys
from typing import Any

import pandas as pd
from rich.table import Table

from sweeps.report import stdout

WIDTH = 250  # of a table that goes to no terminal: its lines are not folded


def write(frame: pd.DataFrame, format: str) -> None:
    """Print a table to stdout.

    Args:
        frame: what to print.
        format: table, csv, json (a list of objects, null where there is nothing) or parquet (bytes).
    """
    match format:
        case "csv":
            print(frame.to_csv(index=False), end="")
        case "json":
            print(json.dumps(records(frame), indent=2, default=str))
        case "parquet":
            frame.to_parquet(sys.stdout.buffer, index=False)
        case _:
            stdout(WIDTH).print(_table(frame), highlight=False)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one dict a row, with None where there is nothing."""
    return [{str(k): _plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value


def _table(frame: pd.DataFrame) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    for name in frame.columns:
        numeric = pd.api.types.is_numeric_dtype(frame[name])
        table.add_column(str(name), justify="right" if numeric else "left", overflow="fold")
    for row in records(frame):
        table.add_row(*map(_cell, row.values()))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
