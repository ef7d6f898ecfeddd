"""Rows as pandas DataFrames with the same dtypes on both databases, also where there are no rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import DateTime, Double, Integer, Select, String
from sqlalchemy.types import TypeDecorator

from storage.packing import SERIES, unpack_curve, unpack_rows

TIME = "datetime64[us, UTC]"


def frame(query: Select[*tuple[Any, ...]], rows: Sequence[Any]) -> pd.DataFrame:
    """Return rows as a DataFrame; dtypes follow the query's columns.

    Whole numbers are int64, or Int64 where they may be missing; numbers float64 with NaN where missing; text is
    string; times are in UTC.
    """
    columns = list(query.selected_columns)
    data = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    series = {
        column.name: pd.Series(values, dtype=_dtype(column)) for column, values in zip(columns, data, strict=True)
    }
    return pd.DataFrame(series)


def curve_frame(rows: Sequence[Any]) -> pd.DataFrame:
    """Return (configuration_id, repeat, packed curve) as one row a point."""
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
    """Return (repeat, packed row scores) as one row a row of the data."""
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


def _repeated(values: Sequence[int], counts: Sequence[int]) -> Any:
    return np.repeat(np.asarray(values, dtype=np.int64), np.asarray(counts, dtype=np.int64))


def _joined(arrays: Sequence[Any], dtype: type) -> Any:
    return np.concatenate(arrays).astype(dtype) if arrays else np.zeros(0, dtype=dtype)
