"""What `search` is given as rows: arrays, tables and data sets of TensorFlow, checked and brought into one form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from regsearch.data.kept_data import KeptData
from regsearch.errors import DataError, nearest

MOST_BYTES = 4 * 2**30  # of a tf.data.Dataset that does not say how many batches it has
GROUP, WEIGHT, SUBSET, TARGET = "groups", "sample_weight", "subset", "y"  # of columns that are added to a table


@dataclass(frozen=True, kw_only=True)
class GivenRows:
    """Rows to search on.

    Args:
        data: the rows.
        keys: what [data] of a sweep file says of them.
    """

    data: KeptData
    keys: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The rows as they were given.

    Args:
        x: (rows, *shape of one row) an array, a dict of arrays, or a DataFrame.
        y: (rows,) or (rows, targets); a column's name, or several, of a DataFrame.
        groups: (rows,) equal for rows that must stay together; or a column's name.
        sample_weight: (rows,) how much each counts in the training loss; or a column's name.
        subset_names: (rows,) `train`, `validation` or `test`; None where the split is drawn.
    """

    x: Any
    y: Any
    groups: Any = None
    sample_weight: Any = None
    subset_names: Any = None


def given_rows(parts: Parts) -> GivenRows:
    """Return rows in the one form that a sweep takes.

    Raises:
        DataError: they are not of one length, are sparse, or hold what is no number outside of a DataFrame.
    """
    return _table(parts) if isinstance(parts.x, pd.DataFrame) else _arrays(parts)


def with_subsets(parts: Parts, others: Mapping[str, Sequence[Any]]) -> Parts:
    """Return train rows with those of further subsets below them, each with the name of its subset.

    Args:
        parts: the train rows.
        others: (x, y) or (x, y, sample_weight) of each further subset, by its name.

    Raises:
        DataError: one of them is no such pair, or goes with rows of another kind.
    """
    pieces, names = [parts], [np.full(_length(parts.x), "train", "<U10")]
    for name, given in others.items():
        if not isinstance(given, tuple | list) or len(given) not in (2, 3):
            raise DataError(f"{name}_data", "must be (X, y) or (X, y, sample_weight)")
        x, y, *weight = given
        if isinstance(x, pd.DataFrame) != isinstance(parts.x, pd.DataFrame):
            raise DataError(f"{name}_data", "must be a DataFrame where X is one, and arrays where X is arrays")
        pieces.append(Parts(x=x, y=y, sample_weight=weight[0] if weight else None))
        names.append(np.full(_length(x), name, "<U10"))
    weights = [piece.sample_weight for piece in pieces]
    if any(weight is not None for weight in weights) and not isinstance(parts.sample_weight, str):
        weights = [np.ones(_length(p.x)) if p.sample_weight is None else p.sample_weight for p in pieces]
    return Parts(
        x=_below(*(piece.x for piece in pieces)),
        y=parts.y if _is_name(parts.y) else _below(*(np.asarray(piece.y) for piece in pieces)),
        sample_weight=parts.sample_weight if isinstance(parts.sample_weight, str) or weights[0] is None
        else np.concatenate([np.asarray(weight) for weight in weights]),
        subset_names=np.concatenate(names),
    )  # fmt: skip


def read_whole(dataset: Any) -> Parts:
    """Return the batches of a tf.data.Dataset one below the other.

    Raises:
        DataError: it never ends, or does not give (x, y) or (x, y, sample_weight).
    """
    if int(dataset.cardinality()) == -1:  # tf.data.INFINITE_CARDINALITY
        raise DataError("X", "is a tf.data.Dataset that never ends; take(n) of it can be read whole")
    batches, size = [], 0
    for batch in dataset.as_numpy_iterator():
        batches.append(batch)
        size += sum(np.asarray(each).nbytes for each in batch if not isinstance(each, Mapping))
        if size > MOST_BYTES:
            problem = f"gives more than {MOST_BYTES >> 30} GiB, and may never end; take(n) of it can be read whole"
            raise DataError("X", f"is a tf.data.Dataset that {problem}")
    if not batches or not isinstance(batches[0], tuple) or len(batches[0]) not in (2, 3):
        raise DataError("X", "a tf.data.Dataset must give batches of (x, y) or (x, y, sample_weight)")
    if np.ndim(batches[0][1]) == 0:
        raise DataError("X", "a tf.data.Dataset must give batches of rows, as it does to fit: batch(32) makes them")
    x, y, *weight = (_below(*pieces) for pieces in zip(*batches, strict=True))
    return Parts(x=x, y=y, sample_weight=weight[0] if weight else None)


def as_table(x: Any) -> Any:
    """Return an array of features as a DataFrame, whose missing values have rules; other rows as they are."""
    if not isinstance(x, np.ndarray) or x.ndim != 2 or x.dtype.kind not in "biuf":
        return x
    return pd.DataFrame(x, columns=[f"x{i + 1}" for i in range(x.shape[1])])


def is_dataset(value: Any) -> bool:
    """Return whether something is a tf.data.Dataset; loads nothing."""
    return any(kind.__name__ == "DatasetV2" for kind in type(value).__mro__)


def _table(parts: Parts) -> GivenRows:
    if not len(parts.x):
        raise DataError("X", "has no rows")
    frame = parts.x.reset_index(drop=True).rename(columns=str)
    targets = [parts.y] if isinstance(parts.y, str) else list(parts.y) if _is_name(parts.y) else []
    for name in targets:
        if name not in frame.columns:
            known = ", ".join(map(repr, frame.columns))
            raise DataError("y", f"there is no column {name!r}{nearest(name, frame.columns)}; columns are {known}")
    if not targets:
        columns = _target_columns(parts.y, frame)
        targets, frame = list(columns), frame.assign(**columns)
    keys: dict[str, Any] = {"target": targets}
    for key, name, label, given in (
        ("group", GROUP, "groups", parts.groups),
        ("weights", WEIGHT, "sample_weight", parts.sample_weight),
    ):
        if given is not None:
            keys[key], frame = _with_column(frame, given, name, label)
    if parts.subset_names is not None:
        column, frame = _with_column(frame, parts.subset_names, SUBSET, "the subsets")
        keys["split"] = {"column": column}
    return GivenRows(data=KeptData(values=frame), keys=keys)


def _target_columns(y: Any, frame: pd.DataFrame) -> dict[str, Any]:
    """Return labels as columns that a table has not."""
    if isinstance(y, pd.DataFrame):
        named = {str(name): y[name].array for name in y.columns}
    else:
        values: Any = y.array if isinstance(y, pd.Series) else np.asarray(y)
        name = str(getattr(y, "name", None) or TARGET)
        several = np.ndim(values) == 2 and np.shape(values)[1] > 1
        flat = values if np.ndim(values) != 2 else values[:, 0]
        named = {f"{name}_{i + 1}": values[:, i] for i in range(values.shape[1])} if several else {name: flat}
    for values in named.values():
        _check_length("y", values, frame)
    return {_free(name, frame): values for name, values in named.items()}


def _with_column(frame: pd.DataFrame, given: Any, name: str, label: str) -> tuple[str, pd.DataFrame]:
    """Return the name of a column, and the table with it; one that is named is there already."""
    if isinstance(given, str):
        if given not in frame.columns:
            raise DataError(label, f"there is no column {given!r}{nearest(given, frame.columns)}")
        return given, frame
    _check_length(label, given, frame)
    free = _free(name, frame)
    return free, frame.assign(**{free: np.asarray(given)})


def _free(name: str, frame: pd.DataFrame) -> str:
    return name if name not in frame.columns else _free(f"{name}_", frame)


def _arrays(parts: Parts) -> GivenRows:
    if parts.y is None or _is_name(parts.y):
        raise DataError("y", "must be the labels, one per row; a column's name goes with a DataFrame")
    inputs = parts.x if isinstance(parts.x, Mapping) else {"X": parts.x}
    arrays = {name: _numbers(name, value) for name, value in inputs.items()}
    values: dict[str, Any] = {"y": _labels(parts.y)}
    for label, key, given in (("groups", "groups", parts.groups), ("sample_weight", "weights", parts.sample_weight)):
        if isinstance(given, str):
            raise DataError(label, "must be one value per row; a column's name goes with a DataFrame")
        if given is not None:
            _check_length(label, given, parts.x)
            values[key] = np.asarray(given)
    for name, value in (*arrays.items(), ("y", values["y"])):
        _check_length(name, value, parts.x)
    several = isinstance(parts.x, Mapping)
    values |= arrays if several else {"x": arrays["X"]}
    subset_names = parts.subset_names
    keys: dict[str, Any] = {"inputs": list(arrays)} if several else {}
    if subset_names is not None:
        keys["split"] = {"column": SUBSET}
    return GivenRows(data=KeptData(values=values, subset_names=subset_names), keys=keys)


def _numbers(name: str, value: Any) -> np.ndarray[Any, Any]:
    if isinstance(value, list | tuple) and any(len(getattr(each, "shape", ())) > 1 for each in value):
        raise DataError(name, "is a list of arrays; name the inputs of a model of several in a dict")
    if hasattr(value, "tocsr"):
        raise DataError(name, f"is sparse; {name}.toarray() makes an array of it")
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise DataError(
            name, f"holds {array.dtype}, and must hold numbers; a DataFrame may hold strings and categories"
        )
    if array.ndim == 0:
        raise DataError(name, "is a single value; it must have one row per sample")
    if not len(array):
        raise DataError(name, "has no rows")
    return array


def _labels(y: Any) -> np.ndarray[Any, Any]:
    array = np.asarray(y)
    if array.dtype.kind == "O" and all(isinstance(each, str) for each in array.flat):
        return array.astype(str)
    return array


def _length(x: Any) -> int:
    return len(next(iter(x.values()))) if isinstance(x, Mapping) else np.shape(x)[0]


def _check_length(label: str, values: Any, x: Any) -> None:
    if np.ndim(values) == 0 or len(values) != _length(x):
        got = "a single value" if np.ndim(values) == 0 else f"{len(values):,}"
        raise DataError(label, f"must have one value per row of X, which has {_length(x):,}, got {got}")


def _is_name(y: Any) -> bool:
    return isinstance(y, str) or (isinstance(y, list | tuple) and bool(y) and all(isinstance(n, str) for n in y))


def _below(*pieces: Any) -> Any:
    """Return pieces one below the other: tables, arrays, or dicts of arrays."""
    if isinstance(pieces[0], tuple):
        raise DataError("X", "is a tuple of arrays; name the inputs of a model of several in a dict")
    if isinstance(pieces[0], pd.DataFrame):
        return pd.concat(pieces, ignore_index=True)
    if isinstance(pieces[0], Mapping):
        return {name: np.concatenate([np.asarray(piece[name]) for piece in pieces]) for name in pieces[0]}
    return np.concatenate([np.asarray(piece) for piece in pieces])
