"""Tables with named columns as data sets, by what the sweep file says of each column."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data.columns import Column
from regsearch.data.encoding import (
    Encoded,
    category_numbers,
    category_values,
    check_present,
    encoded,
    is_missing,
    is_number,
    kind_of,
    numbers,
    toml_key,
)
from regsearch.data.labels import Labels, in_float32, labels_of
from regsearch.data.named_inputs import columns_of_inputs, slices_of_columns
from regsearch.data.subsets import DataSet, Floats, Imputation
from regsearch.data.table_files import UNNAMED, Table, numbers_rows
from regsearch.errors import DataError, in_one_line, nearest
from regsearch.notices import Notice
from regsearch.spec import DataSpec, TableSpec

SUBSETS = ("train", "validation", "test")
UNREAD = ("data.drop", "data.encode", "data.missing")  # keys whose columns need not hold anything
LISTED = 12  # columns in a message, at most


def from_table(table: Table, spec: DataSpec) -> DataSet:
    """Return a table as a data set, by what the spec says of its columns.

    Raises:
        DataError: a column is not there or cannot be used as the spec says.
    """
    columns, arrow = spec.table, table.arrow
    features, unnamed = _features(arrow, spec)
    others = filter(None, (columns.group, columns.time, columns.weights, spec.split.column))
    arrow = arrow.select(list(dict.fromkeys([*columns.target, *features, *others])))
    arrow = _without_dropped(arrow, columns, features)
    blocks = [encoded(name, arrow.column(name), columns) for name in features]
    x, imputations = _side_by_side(blocks)
    targets = _targets(arrow, columns)
    encodings = {block.column.name: block.column for block in blocks}
    in_order = iter(blocks)  # of x, which need not be that of the table
    return DataSet(
        x=x,
        y=targets.y,
        task=targets.task,
        n_outputs=targets.n_outputs,
        feature_names=tuple(name for block in blocks for name in block.names),
        weights=_weights(arrow, columns.weights),
        class_names=columns.target if targets.task == "multilabel" else targets.class_names,
        class_values=targets.class_values,
        groups=_groups(arrow, columns.group),
        times=_times(arrow, columns.time),
        subset_names=_subset_names(arrow, spec.split.column),
        imputations=imputations,
        columns=tuple(
            next(in_order).column if name in encodings else _other(name, table.arrow, spec)
            for name in table.arrow.column_names
        ),
        inputs=slices_of_columns(spec, {block.column.name: len(block.names) for block in blocks}),
        notices=(*table.notices, *map(_left_out, unnamed), *_sorted(encodings.values(), columns), *targets.notices),
    )


def features_of(table: Table, columns: Sequence[Column]) -> NDArray[np.float64]:
    """Return the features of rows that came after training, encoded as those that were trained on.

    Args:
        table: the rows, with the columns that were features then.
        columns: DataSet.columns of the rows that were trained on.

    Returns:
        (rows, features), NaN where a value is missing.

    Raises:
        DataError: a column is not there, holds no numbers where it did, or a category that was not there.
    """
    import pyarrow as pa

    blocks: list[NDArray[np.float32] | NDArray[np.float64]] = []
    for column in (each for each in columns if each.use == "feature"):
        if column.name not in table.arrow.column_names:
            problem = f"{table.called} has no column {column.name!r}, which the model was trained on"
            raise DataError("data.source", problem)
        values = table.arrow.column(column.name)
        if column.encoding != "numbers":
            kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
            strings = values.cast(kind).cast(pa.string()).combine_chunks()
            blocks.append(category_values(column, category_numbers(column.name, strings, column.categories)))
        elif is_number(values.type) or kind_of(values.type) == "empty":
            blocks.append(numbers(values)[:, None])
        else:
            raise DataError("data.source", f"column {column.name!r} holds {kind_of(values.type)}, no numbers")
    return np.concatenate(blocks, axis=1).astype(np.float64)


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


def _features(table: Any, spec: DataSpec) -> tuple[list[str], list[str]]:
    """Return the columns to predict from, having checked every name that the spec gives, and an index left out."""
    columns, names = spec.table, table.column_names
    if not columns.target:
        raise DataError("data.target", f"is required for a table: the column to predict; columns are {_listed(names)}")
    given = {
        "data.target": columns.target,
        "data.features": columns.features,
        "data.inputs": [name for _, each in spec.inputs for name in each],
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
            if field not in UNREAD and kind_of(table.column(name).type) == "other":
                raise DataError(field, f"column {name!r} holds {table.column(name).type}, which cannot be used")
    if both := [name for name in columns.target if name in columns.features]:
        raise DataError("data.features", f"{both[0]!r} is the target; it cannot be a feature too")
    used = (columns.group, columns.time, columns.weights, spec.split.column)  # each empty for none
    others = {*columns.target, *columns.drop, *filter(None, used)}
    free = [name for name in names if name not in others]
    unnamed = [name for name in free if UNNAMED.match(name) and numbers_rows(table.column(name))]
    unnamed = [] if columns.features else [name for name in unnamed if name not in given["data.inputs"]]
    features = list(columns.features) or [name for name in free if name not in unnamed]
    if spec.inputs:
        features = columns_of_inputs(spec, features)
    if not features:
        raise DataError("data.features", "no column is left to predict from")
    return features, unnamed


def _left_out(name: str) -> Notice:
    what = f"column {name!r} numbers the rows, as an index without a name does: it is left out"
    return Notice(code="index-column", message=f"{what}; list it in data.features to train on it")


def _sorted(columns: Iterable[Column], table: TableSpec) -> list[Notice]:
    """Return a notice of each column of strings whose categories `ordinal` numbers in sorted order."""
    return [
        Notice(
            code="sorted-categories",
            message=f"column {column.name!r} is encoded in sorted order, {' < '.join(map(repr, column.categories[:5]))}"
            f"{' …' if len(column.categories) > 5 else ''}; for another, list its categories in data.encode",
        )
        for column in columns
        if column.encoding == "ordinal"
        and column.kind in ("strings", "categories")
        and len(column.categories) > 2
        and not isinstance(dict(table.encode).get(column.name), tuple)
    ]


def _other(name: str, table: Any, spec: DataSpec) -> Column:
    """Return what becomes of a column that is no feature."""
    columns, values = spec.table, table.column(name)
    uses = {columns.group: "group", columns.time: "time", columns.weights: "weights", spec.split.column: "split"}
    use = "target" if name in columns.target else uses.get(name, "left out") if name else "left out"
    return Column(name=name, kind=kind_of(values.type), use=use, missing=int(is_missing(values).sum()))


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


def _side_by_side(blocks: Sequence[Encoded]) -> tuple[Floats, tuple[Imputation, ...]]:
    """Return all columns side by side, (rows, features), and what fills in their missing values."""
    ends = np.cumsum([len(block.names) for block in blocks])
    exact = all(block.values.dtype == np.float32 for block in blocks)
    shape = len(blocks[0].values), ends[-1]
    x: Floats = np.empty(shape, np.float32) if exact else np.empty(shape, np.float64)
    imputations = []
    for block, end in zip(blocks, ends.tolist(), strict=True):
        first = end - len(block.names)
        x[:, first:end] = block.values
        if imputation := block.imputation(first):
            imputations.append(imputation)
    return x, tuple(imputations)


def _targets(table: Any, columns: TableSpec) -> Labels:
    for name in columns.target:
        remedy = f'write missing = {{ {toml_key(name)} = "drop" }} to leave them out'
        check_present(name, table.column(name), "data.target", remedy)
    if len(columns.target) == 1:
        name = f"column {columns.target[0]!r}"
        return labels_of(_values(table.column(columns.target[0])), columns.task, field="data.target", name=name)
    for name in columns.target:
        if not is_number(table.column(name).type):
            raise DataError("data.target", f"column {name!r} holds no numbers; several targets must all be numbers")
    values = np.stack([numbers(table.column(name)) for name in columns.target], axis=1)  # (rows, targets)
    return labels_of(values, columns.task, field="data.target", name="a row of the target columns")


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
