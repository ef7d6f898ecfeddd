"""Rows as pandas DataFrames with the same dtypes on both databases, also where there are no rows."""

import itertools
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import DateTime, Double, Integer, Select, String
from sqlalchemy.types import TypeDecorator

from storage.packing import SERIES, unpack_curve, unpack_rows

TIME = "datetime64[us, UTC]"
SQLITE_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}"  # as SQLAlchemy writes it


def frame(query: Select[*tuple[Any, ...]], rows: Sequence[Any]) -> pd.DataFrame:
    """Return rows as a DataFrame; dtypes follow the query's columns.

    Integers are int64, or Int64 where they may be missing; numbers float64 with NaN where missing; text is
    string; times are in UTC.
    """
    columns = list(query.selected_columns)
    data = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    series = {
        column.name: pd.Series(values, dtype=_dtype(column)) for column, values in zip(columns, data, strict=True)
    }
    return pd.DataFrame(series)


def inferred_frame(names: Sequence[str], rows: Sequence[Sequence[Any]], *, times: bool = True) -> pd.DataFrame:
    """Return rows of any query as a DataFrame, with the dtypes that `frame` would give.

    Postgres' JSON, and its decimals, become what SQLite has: text, and integers or floats. Of columns with one
    name the later ones get a number. With `times`, texts that look like times, as SQLite keeps ours, are times in UTC.
    """
    data = zip(*rows, strict=True) if rows else ((),) * len(names)
    columns = zip(_unique(names), data, strict=True)
    return pd.DataFrame({name: _inferred([_plain(value) for value in values], times) for name, values in columns})


def curve_frame(rows: Sequence[Any]) -> pd.DataFrame:
    """Return (configuration_id, repeat, packed curve) as one row per point."""
    curves = [unpack_curve(packed) for _, _, packed in rows]
    points = [len(curve.epochs) for curve in curves]
    columns = {
        "configuration_id": _repeated([row[0] for row in rows], points),
        "repeat": _repeated([row[1] for row in rows], points),
        "epoch": _joined([curve.epochs for curve in curves], np.int64),
    }
    series = {name: _joined([getattr(curve, name) for curve in curves], np.float32) for name in SERIES}
    return pd.DataFrame(columns | series)


def row_score_frame(rows: Sequence[Any]) -> pd.DataFrame:
    """Return (repeat, packed row scores) as one row per row of the data."""
    scores = [unpack_rows(packed) for _, packed in rows]
    return pd.DataFrame(
        {
            "repeat": _repeated([row[0] for row in rows], [len(one.rows) for one in scores]),
            "row": _joined([one.rows for one in scores], np.int64),
            "score": _joined([one.scores for one in scores], np.float32),
        }
    )


def _dtype(column: Any) -> Any:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    match kind:
        case Integer():
            return "Int64" if getattr(column, "nullable", True) else "int64"
        case Double():
            return "float64"
        case DateTime():
            return TIME
        case String():
            return "string"
    return "object"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):  # a sum of integers has no digits after the point, an average has
        return int(value) if value.is_finite() and value.as_tuple().exponent == 0 else float(value)
    return json.dumps(value) if isinstance(value, dict | list) else value


def _inferred(values: list[Any], times: bool) -> "pd.Series[Any]":
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pd.Series(values, dtype="boolean")
    if kinds == {int} and all(value is None or abs(value) < 2**63 for value in values):
        return pd.Series(values, dtype="Int64" if None in values else "int64")
    if kinds and kinds <= {int, float}:
        return pd.Series(values, dtype="float64")
    if kinds == {str}:
        text = pd.Series(values, dtype="string")
        return _as_times(text) if times and text.dropna().str.fullmatch(SQLITE_TIME).all() else text
    if kinds == {datetime} and all(value is None or value.tzinfo for value in values):
        return pd.Series([None if value is None else value.astimezone(UTC) for value in values], dtype=TIME)
    return pd.Series(values, dtype="object")


def _as_times(text: "pd.Series[Any]") -> "pd.Series[Any]":
    found = pd.to_datetime(text, format="%Y-%m-%d %H:%M:%S.%f", utc=True, errors="coerce").dt.as_unit("us")
    return found if found.isna().equals(text.isna()) else text  # such as a 31st of February


def _unique(names: Sequence[str]) -> list[str]:
    """Return the names with _2, _3 … after those that were there before."""
    found: list[str] = []
    for name in names:
        numbered = (f"{name}_{i}" for i in itertools.count(2))
        found.append(name if name not in found else next(other for other in numbered if other not in (*found, *names)))
    return found


def _repeated(values: Sequence[int], counts: Sequence[int]) -> Any:
    return np.repeat(np.asarray(values, dtype=np.int64), np.asarray(counts, dtype=np.int64))


def _joined(arrays: Sequence[Any], dtype: type) -> Any:
    return np.concatenate(arrays).astype(dtype) if arrays else np.zeros(0, dtype=dtype)
