"""Tables with named columns: CSV, TSV and Parquet files, and DataFrames."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data.encoding import Encoded, check_present, encoded, is_missing, is_number, numbers
from regsearch.data.labels import Labels, in_float32, labels_of
from regsearch.data.subsets import DataSet, Imputation
from regsearch.errors import DataError, in_one_line, nearest
from regsearch.loading import unreadable
from regsearch.spec import DataSpec, TableSpec

ENDINGS = (".csv", ".csv.gz", ".tsv", ".parquet")
SUBSETS = ("train", "validation", "test")
SEPARATORS = (";", ",", "\t", "|")
LISTED = 12  # columns in a message, at most


def read_table(path: Path, columns: TableSpec) -> Any:
    """Return a file as a pyarrow.Table.

    Values that pandas would read as missing, such as an empty field or NA, are missing.

    Raises:
        DataError: it cannot be read, is empty or corrupt, no UTF-8, has no columns or no rows, or two of one name.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with path.open("rb") as file:
            file.read(1)
        if path.name.lower().endswith(".parquet"):
            table = parquet.read_table(path, partitioning=None)
        else:
            table = _read_csv(path, columns)
            _check_csv(table, path)
    except pa.ArrowException as problem:
        raise DataError("data.source", f"{str(path)!r} cannot be read as a table: {_reason(problem)}") from None
    except OSError as problem:
        if problem.errno is None:  # Arrow's own, of what it found in the file
            raise DataError("data.source", f"{str(path)!r} cannot be read as a table: {_reason(problem)}") from None
        raise unreadable(problem, path, "data.source", DataError) from None
    return checked_table(table, str(path))


def _read_csv(path: Path, columns: TableSpec) -> Any:
    from pyarrow import csv

    separator = columns.separator or ("\t" if path.name.lower().endswith(".tsv") else ",")
    return csv.read_csv(
        path,
        parse_options=csv.ParseOptions(delimiter=separator, newlines_in_values=True),
        convert_options=csv.ConvertOptions(strings_can_be_null=True, decimal_point=columns.decimal),
    )


def _check_csv(table: Any, path: Path) -> None:
    """Raise where a file was read, but not as it was meant."""
    import pyarrow as pa

    try:
        names = table.column_names
        kinds = zip(names, table.schema.types, strict=True)
        other = [f"column {name!r}" for name, kind in kinds if kind == pa.binary()]
    except UnicodeDecodeError:
        names, other = [], ["its header"]
    if other:
        raise DataError("data.source", f"{str(path)!r} is not UTF-8 in {other[0]}; save it as UTF-8")
    likely = [mark for mark in SEPARATORS if len(names) == 1 and mark in names[0]]
    if likely:
        what = f"{str(path)!r} has one column, {names[0]!r}"
        raise DataError(
            "data.separator", f"{what}; if something else separates fields, write separator = {likely[0]!r}"
        )


def from_pandas(frame: Any, called: str) -> Any:
    """Return a DataFrame as a pyarrow.Table, without its index.

    Raises:
        DataError: a column holds values of several types, it has no columns or rows, or two of one name.
    """
    import pyarrow as pa

    try:
        table = pa.Table.from_pandas(frame.rename(columns=str), preserve_index=False)
    except (pa.ArrowException, ValueError, TypeError) as problem:
        raise DataError("data.source", f"{called}: {_reason(problem)}") from None
    return checked_table(table, called)


def checked_table(table: Any, called: str) -> Any:
    """Return the table where it has columns, each with its own name, and rows.

    Raises:
        DataError: it has not.
    """
    names = table.column_names
    if not names:
        raise DataError("data.source", f"{called!r} has no columns")
    if not table.num_rows:
        raise DataError("data.source", f"{called!r} has columns and no rows")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError("data.source", f"{called!r} has several columns called {twice[0]!r}; each needs its own name")
    return table


def from_table(table: Any, spec: DataSpec) -> DataSet:
    """Return a pyarrow.Table as a data set, by what the spec says of its columns.

    Raises:
        DataError: a column is not there or cannot be used as the spec says.
    """
    columns = spec.table
    features = _features(table.column_names, spec)
    others = filter(None, (columns.group, columns.time, columns.weights, spec.split.column))
    table = table.select(list(dict.fromkeys([*columns.target, *features, *others])))
    table = _without_dropped(table, columns, features)
    missing, encode = dict(columns.missing), dict(columns.encode)
    x, names, imputations = _filled(
        encoded(
            name,
            table.column(name),
            encode=encode.get(name, encode.get("") if not is_number(table.column(name).type) else None),
            missing=missing.get(name, missing.get("", "refuse")),
        )
        for name in features
    )
    targets = _targets(table, columns)
    return DataSet(
        x=x,
        y=targets.y,
        task=targets.task,
        n_outputs=targets.n_outputs,
        feature_names=names,
        weights=_weights(table, columns.weights),
        class_names=targets.class_names,
        groups=_groups(table, columns.group),
        times=_times(table, columns.time),
        subset_names=_subset_names(table, spec.split.column),
        imputations=imputations,
    )


def times_of(values: NDArray[Any], name: str) -> NDArray[Any]:
    """Return what rows are ordered by as numbers or dates; strings are read as dates in ISO 8601, as in 2024-01-31.

    Raises:
        DataError: they are none.
    """
    if values.dtype.kind in "biufM":
        return values
    import pandas as pd

    try:
        return pd.to_datetime(pd.Series(values), utc=True, format="ISO8601").to_numpy("datetime64[ns]")
    except (ValueError, TypeError) as problem:
        what = f"{name!r} holds neither numbers nor dates in ISO 8601"
        raise DataError("data.time", f"{what}: {_reason(problem)}") from None


def _features(names: Sequence[str], spec: DataSpec) -> list[str]:
    """Return the columns to predict from, having checked every name that the spec gives."""
    columns = spec.table
    if not columns.target:
        raise DataError("data.target", f"is required for a table: the column to predict; columns are {_listed(names)}")
    given = {
        "data.target": columns.target,
        "data.features": columns.features,
        "data.drop": columns.drop,
        "data.encode": [name for name, _ in columns.encode if name],
        "data.missing": [name for name, _ in columns.missing if name],
        "data.group": [columns.group] if columns.group else [],
        "data.time": [columns.time] if columns.time else [],
        "data.weights": [columns.weights] if columns.weights else [],
        "data.split.column": [spec.split.column] if spec.split.column else [],
    }
    for field, wanted in given.items():
        for name in wanted:
            if name not in names:
                known = f"{nearest(name, names)}; columns are {_listed(names)}"
                raise DataError(field, f"there is no column {name!r}{known}")
    if both := [name for name in columns.target if name in columns.features]:
        raise DataError("data.features", f"{both[0]!r} is the target; it cannot be a feature too")
    others = {*columns.target, *columns.drop, columns.group, columns.time, columns.weights, spec.split.column}
    features = list(columns.features) or [name for name in names if name not in others]
    if not features:
        raise DataError("data.features", "no column is left to predict from")
    return features


def _without_dropped(table: Any, columns: TableSpec, features: Sequence[str]) -> Any:
    """Return the table without rows where a value is missing in a column for which `drop` was asked."""
    missing = dict(columns.missing)
    everywhere = (*columns.target, *features)
    dropping = [n for n in table.column_names if missing.get(n, missing.get("") if n in everywhere else "") == "drop"]
    if not dropping:
        return table
    kept = ~np.any([is_missing(table.column(name)) for name in dropping], axis=0)
    if kept.all():
        return table
    if not kept.any():
        raise DataError("data.missing", "every row has a missing value, so that dropping them leaves none")
    return table.filter(kept)


def _filled(columns: Iterator[Encoded]) -> tuple[NDArray[np.float32], tuple[str, ...], tuple[Imputation, ...]]:
    """Return all columns side by side: (rows, features), their names, and what fills in their missing values."""
    blocks = list(columns)
    names = tuple(name for block in blocks for name in block.names)
    x = np.empty((len(blocks[0].values), len(names)), np.float32)
    imputations, first = [], 0
    for block in blocks:
        x[:, first : first + len(block.names)] = block.values
        if imputation := block.imputation(first):
            imputations.append(imputation)
        first += len(block.names)
    return x, names, tuple(imputations)


def _targets(table: Any, columns: TableSpec) -> Labels:
    for name in columns.target:
        remedy = f'write missing = {{ {name} = "drop" }} to leave them out'
        check_present(name, table.column(name), "data.target", remedy)
    if len(columns.target) == 1:
        name = f"column {columns.target[0]!r}"
        return labels_of(_values(table.column(columns.target[0])), columns.task, field="data.target", name=name)
    for name in columns.target:
        if not is_number(table.column(name).type):
            raise DataError("data.target", f"column {name!r} holds no numbers; several targets must all be numbers")
    values = np.stack([numbers(table.column(name)) for name in columns.target], axis=1)
    return labels_of(values, columns.task or "regression", field="data.target", name="a target column")


def _values(column: Any) -> NDArray[Any]:
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    return column.to_numpy()  # type: ignore[no-any-return]


def _weights(table: Any, name: str) -> NDArray[np.float32] | None:
    if not name:
        return None
    column = table.column(name)
    if not is_number(column.type):
        raise DataError("data.weights", f"column {name!r} holds no numbers")
    check_present(name, column, "data.weights", "every row needs its weight")
    return in_float32(numbers(column), "data.weights", f"column {name!r}")


def _groups(table: Any, name: str) -> NDArray[np.int64] | None:
    if not name:
        return None
    check_present(name, table.column(name), "data.group", "every row needs its group")
    codes = table.column(name).combine_chunks().dictionary_encode().indices
    return codes.to_numpy().astype(np.int64)  # type: ignore[no-any-return]


def _times(table: Any, name: str) -> NDArray[Any] | None:
    if not name:
        return None
    check_present(name, table.column(name), "data.time", "every row needs its time")
    return times_of(_values(table.column(name)), name)


def _subset_names(table: Any, name: str) -> NDArray[np.str_] | None:
    if not name:
        return None
    field = "data.split.column"
    check_present(name, table.column(name), field, "every row needs its subset")
    values = _values(table.column(name)).astype(str)
    if other := sorted(set(np.unique(values).tolist()) - set(SUBSETS)):
        raise DataError(field, f"column {name!r} holds {other[0]!r}; it may hold {', '.join(SUBSETS)}")
    return values


def _listed(names: Sequence[str]) -> str:
    more = [f"{len(names) - LISTED} more"] if len(names) > LISTED else []
    return ", ".join([*map(repr, names[:LISTED]), *more])


def _reason(problem: BaseException) -> str:
    return in_one_line(problem).partition(": ")[2]
