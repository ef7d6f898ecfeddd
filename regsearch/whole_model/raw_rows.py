"""Rows as they are in the source: what a model takes that prepares them itself."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from regsearch.data import DataSet
from regsearch.data.columns import Column

ONLY = "x"  # the name of the one input of arrays


class ColumnFeatures(NamedTuple):
    """A column of a table, and which features it became: `start` to `stop`."""

    column: Column
    start: int
    stop: int


def column_features(data: DataSet) -> Iterator[ColumnFeatures]:
    """Yield a table's features by column, in their order."""
    start = 0
    for column in data.columns:
        if column.use == "feature":
            stop = start + (len(column.categories) if column.encoding == "one-hot" else 1)
            yield ColumnFeatures(column, start, stop)
            start = stop


def input_names(names: Iterable[str]) -> dict[str, str]:
    """Return what a model calls its inputs, by the names of columns: the same, but without `/`, which Keras refuses."""
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda each: "/" in each):  # those that stay as they are first
        plain = name.replace("/", "_")
        while plain in found.values():
            plain += "_"
        found[name] = plain
    return found


def is_text(column: Column) -> bool:
    """Return whether a column's values are strings; they are numbers else."""
    return column.encoding != "numbers" and column.kind not in ("numbers", "booleans")


def category_values(column: Column) -> NDArray[np.float64]:
    """Return the categories of a column of numbers, or of true and false, as numbers: (categories,)."""
    known = {"true": 1.0, "false": 0.0}
    return np.asarray([known.get(each) if each in known else float(each) for each in column.categories], np.float64)


def raw_rows(data: DataSet, rows: NDArray[Any] | slice = slice(None)) -> Mapping[str, NDArray[Any]] | NDArray[Any]:
    """Return rows of a data set as they are in the source.

    Args:
        data: with its rows.
        rows: which, by position.

    Returns:
        Of a table a dict of columns by their `input_names`, (rows,) each: strings, "" where one is missing; or float64,
        NaN where one is. Of arrays of a model of several inputs a dict of them, (rows, *shape) each; of others
        (rows, *shape of one row).
    """
    x = data.x[rows]
    if data.columns:
        flat = x.reshape(len(x), -1)  # (rows, features)
        each_column = list(column_features(data))
        called = input_names(each.column.name for each in each_column)
        return {called[c.name]: _values(c, flat[:, start:stop]) for c, start, stop in each_column}
    if data.inputs:
        return {each.name: each.of(x) for each in data.inputs}
    return x


def _values(column: Column, features: NDArray[Any]) -> NDArray[Any]:
    """Return (rows,) the values that features, (rows, features of the column), stand for."""
    wide = features.astype(np.float64)
    if column.encoding == "numbers":
        return np.asarray(wide[:, 0])
    missing = np.isnan(wide[:, 0])
    places = np.where(missing[:, None], 0.0, wide)
    chosen = places.argmax(axis=1) if column.encoding == "one-hot" else places[:, 0].astype(np.int64)
    if is_text(column):
        return np.where(missing, "", np.asarray(column.categories, object)[chosen])
    return np.where(missing, np.nan, category_values(column)[chosen])
