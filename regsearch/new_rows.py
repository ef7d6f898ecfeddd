"""Rows that came after training, from a file: features as the model takes them, and what else the file has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regsearch.data import DataSet
from regsearch.data.encoding import is_missing, kind_of
from regsearch.data.table_files import ENDINGS, Table, from_pandas, read_table
from regsearch.data.tables import features_of
from regsearch.errors import DataError, InputError, in_one_line, nearest
from regsearch.spec import TableSpec

LISTED = 8  # names or values in a message, at most
CALLED = "the rows"


@dataclass(frozen=True, kw_only=True, eq=False)
class NewRows:
    """Rows to predict.

    Args:
        x: (rows, *shape of one row) as `FittedModel.outputs` takes them.
        others: (rows, columns) of the file that are no features: an id, or the labels where they are known.
    """

    x: Any
    others: pd.DataFrame


def read_new_rows(path: Path, data: DataSet, table: TableSpec) -> NewRows:
    """Return the rows of a file.

    Args:
        path: a file of columns (.csv, .parquet, …) where the data have named features, else .npz: its `x`, or the
            inputs by their names.
        data: what was trained on, with or without rows.
        table: how its file was read.

    Raises:
        InputError: it cannot be read, or its rows do not fit those that were trained on.
    """
    name, field = path.name.lower(), str(path)
    try:
        if name.endswith(".npz"):
            return _of_arrays(_arrays(path), data)
        if not name.endswith(ENDINGS):
            raise DataError(field, f"may end in {', '.join((*ENDINGS, '.npz'))}")
        same = table if name.endswith((".csv", ".csv.gz", ".txt")) else replace(table, separator="")
        return _of_table(read_table(path, same), data)
    except DataError as error:
        raise InputError(field, error.problem) from None


def new_rows(rows: Any, data: DataSet, table: TableSpec) -> NewRows:
    """Return rows that are in memory: a DataFrame, an array, or a dict of arrays of a model of several inputs.

    Raises:
        DataError: they do not fit those that were trained on.
    """
    if isinstance(rows, pd.DataFrame):
        return _of_table(from_pandas(rows, CALLED, table), data)
    return _of_arrays(rows if isinstance(rows, Mapping) else {"x": rows}, data)


def _of_table(table: Table, data: DataSet) -> NewRows:
    if data.x.ndim != 2 and not data.columns:
        raise DataError("rows", "the model was trained on images or sequences; give them as x in a .npz file")
    if data.columns:
        if problems := list(_problems(table.arrow, data)):
            raise DataError("rows", "; ".join(problems))
        x, used = features_of(table, data.columns), [each.name for each in data.columns if each.use == "feature"]
    else:
        x, used = _by_name(table.arrow, data), list(data.feature_names)
    left = [name for name in table.arrow.column_names if name not in used]
    return NewRows(x=x, others=table.arrow.select(left).to_pandas())


def _problems(arrow: Any, data: DataSet) -> Iterator[str]:
    """Yield what is wrong with a table of new rows, all of it."""
    features = [each for each in data.columns if each.use == "feature"]
    there = [name for name in arrow.column_names if name not in {each.name for each in features}]
    absent = [each.name for each in features if each.name not in arrow.column_names]
    if absent:
        guesses = nearest(absent[0], there) if len(absent) == 1 else ""
        yield f"has no column {_listed(absent)}, which the model was trained on{guesses}"
    for column in (each for each in features if each.name not in absent):
        values = arrow.column(column.name)
        missing = int(is_missing(values).sum())
        if missing and not column.filling:
            many = "1 row" if missing == 1 else f"{missing:,} rows"
            yield f"column {column.name!r} has no value in {many}, and had one in every row before"
        if column.encoding != "numbers":
            yield from _unseen(values, column.name, column.categories)
        elif kind_of(values.type) not in ("numbers", "booleans", "empty"):
            example = values.drop_null()[0].as_py()
            yield f"column {column.name!r} holds {str(example)!r}, and must hold numbers"


def _unseen(values: Any, name: str, known: tuple[str, ...]) -> Iterator[str]:
    """Yield which categories were not there in training."""
    import pyarrow as pa

    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    strings = pd.Series(values.cast(kind).cast(pa.string()).to_pandas())
    present = strings[strings.notna() & ~is_missing(values)]
    unseen = present[~present.isin(known)]
    if len(unseen):
        many = "1 row" if len(unseen) == 1 else f"{len(unseen):,} rows"
        what = _listed(list(dict.fromkeys(unseen)))
        yield f"column {name!r} holds {what} in {many}, unseen in training; it may hold {_listed(list(known))}"


def _by_name(arrow: Any, data: DataSet) -> Any:
    """Return features by the names of a data set that is no table."""
    absent = [name for name in data.feature_names if name not in arrow.column_names]
    if absent:
        problem = f"has no column {_listed(absent)}, which the model was trained on"
        raise DataError("rows", f"{problem}; its features are {_listed(list(data.feature_names))}")
    chosen = arrow.select(list(data.feature_names)).to_pandas()
    for name in data.feature_names:
        if chosen[name].dtype.kind not in "biuf":
            raise DataError("rows", f"column {name!r} holds {chosen[name].dropna().iloc[0]!r}, and must hold numbers")
    return chosen.to_numpy(np.float64)


def _arrays(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as handle:
            file = np.load(handle, allow_pickle=False)
            return {"x": file} if isinstance(file, np.ndarray) else dict(file)
    except OSError as problem:
        raise DataError("rows", f"cannot be read: {problem.strerror or in_one_line(problem)}") from None
    except Exception as problem:  # of zipfile, of zlib or of NumPy
        raise DataError("rows", f"cannot be read as .npz: {in_one_line(problem)}") from None


def _of_arrays(arrays: Mapping[str, Any], data: DataSet) -> NewRows:
    wanted = [each.name for each in data.inputs] or ["x"]
    if data.inputs and "x" in arrays and isinstance(arrays["x"], Mapping):
        arrays = arrays["x"]
    if absent := [name for name in wanted if name not in arrays]:
        raise DataError("rows", f"has no array {_listed(absent)}; it has {_listed(list(arrays))}")
    taken = {name: arrays[name] for name in wanted}
    rows = len(taken[wanted[0]])
    others = {name: each for name, each in arrays.items() if name not in wanted and np.shape(each) == (rows,)}
    return NewRows(x=taken if data.inputs else taken["x"], others=pd.DataFrame(others, index=range(rows)))


def _listed(names: list[str]) -> str:
    more = [f"{len(names) - LISTED} more"] if len(names) > LISTED else []
    return ", ".join([*map(repr, names[:LISTED]), *more])
