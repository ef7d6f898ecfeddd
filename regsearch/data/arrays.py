"""Arrays: .npz files, and what a function of the user's returns."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data.labels import in_float32, labels_of, narrowed
from regsearch.data.named_inputs import arrays_of_inputs, side_by_side
from regsearch.data.subsets import DataSet, Floats
from regsearch.data.table_files import from_pandas
from regsearch.data.tables import from_table, times_of
from regsearch.errors import RAISED, DataError, in_one_line
from regsearch.input_slices import InputSlice
from regsearch.loading import line_in, load_function, resolve
from regsearch.spec import DataSpec

KEYS = ("x", "y", "weights", "groups", "times", "feature_names")
OF_TABLES = (
    *("target", "features", "drop", "encode", "missing", "missing_values", "thousands"),
    *("group", "time", "weights"),
)
FIELD = "data.source"


def from_npz(path: Path, spec: DataSpec) -> DataSet:
    """Return the arrays of a file as a data set; it needs x, or the listed inputs, and y, and may have the other KEYS.

    Raises:
        DataError: it is no such file, or its arrays are not what they must be.
    """
    try:
        with path.open("rb") as handle:
            file = np.load(handle, allow_pickle=False)
            arrays = {} if isinstance(file, np.ndarray) else dict(file)
    except Exception as problem:  # of zipfile, of zlib or of NumPy
        raise DataError(FIELD, f"{str(path)!r} cannot be read as .npz: {in_one_line(problem)}") from None
    return from_arrays(arrays, spec, called=repr(str(path)))


def from_function(spec: DataSpec) -> DataSet:
    """Return what a function of the user's gives: (x, y), a dict of the KEYS, or a DataFrame, which is a table.

    Raises:
        DataError: its file cannot be imported, it raises, or it returns something else.
    """
    import pandas as pd

    function = load_function(spec.source, spec.folder, field=FIELD, error=DataError)
    path = str(resolve(spec.source.rpartition(":")[0], spec.folder).absolute())
    try:
        returned = function(**dict(spec.params))
    except RAISED as problem:
        line = line_in(path, problem)
        raise DataError(FIELD, f"{path}{f':{line}' if line else ''}: {in_one_line(problem)}") from problem
    called = f"{function.__name__}()"
    if isinstance(returned, pd.DataFrame):
        return from_table(from_pandas(returned, called, spec.table), spec)
    if isinstance(returned, tuple) and len(returned) == 2:
        returned = dict(zip(("x", "y"), returned, strict=True))
    if not isinstance(returned, Mapping):
        kind = type(returned).__name__
        raise DataError(FIELD, f"{called} must return (x, y), a dict or a DataFrame; it returned {kind}")
    return from_arrays(returned, spec, called=called)


def from_arrays(arrays: Mapping[str, Any], spec: DataSpec, *, called: str) -> DataSet:
    """Return arrays as a data set.

    Args:
        arrays: x (rows, *shape of one row), or a dict of such arrays for a model of several inputs; y (rows,) or
            (rows, targets); and any of the other KEYS.
        spec: what is known of them.
        called: whose they are, for messages.

    Raises:
        DataError: they are not what they must be, or the spec speaks of columns.
    """
    for key in OF_TABLES:
        if getattr(spec.table, key) not in ((), "", None):
            raise DataError(f"data.{key}", f"goes with tables; {called} gives arrays")
    inputs = arrays_of_inputs(arrays, spec, KEYS, called)
    needed = ("y",) if inputs and "x" not in arrays else ("x", "y")
    known = (*(inputs if "x" not in needed else ()), *(key for key in KEYS if key != "x" or key in needed))
    if unknown := [key for key in arrays if key not in known]:
        remedy = "; list the inputs of a model of several in data.inputs" if not inputs or spec.inputs else ""
        raise DataError(FIELD, f"{called} has {unknown[0]!r}; it may have {', '.join(known)}{remedy}")
    if absent := [key for key in needed if key not in arrays]:
        raise DataError(FIELD, f"{called} has no {absent[0]!r}; it must have {' and '.join(needed)}")
    if inputs:
        x, slices = side_by_side({name: _features(inputs, name, called) for name in inputs}, called)
    else:
        x, slices = _features(arrays, "x", called), ()
    targets = labels_of(_array(arrays, "y", called), spec.table.task, field=FIELD, name=f"y of {called}")
    size = int(np.prod(x.shape[1:]))
    names = tuple(map(str, arrays.get("feature_names", _names(slices) or [f"x{i + 1}" for i in range(size)])))
    if len(names) != size:
        raise DataError(FIELD, f"{called} has {len(names)} feature_names and {size} features per row")
    groups = _array(arrays, "groups", called) if "groups" in arrays else None
    return DataSet(
        x=x,
        y=targets.y,
        task=targets.task,
        n_outputs=targets.n_outputs,
        feature_names=names,
        weights=_weights(arrays, called) if "weights" in arrays else None,
        class_names=targets.class_names,
        class_values=targets.class_values,
        inputs=slices,
        notices=targets.notices,
        groups=None if groups is None else np.unique(groups, return_inverse=True)[1].astype(np.int64),
        times=times_of(_array(arrays, "times", called), "times") if "times" in arrays else None,
    )


def _names(slices: tuple[InputSlice, ...]) -> list[str]:
    return [f"{each.name}_{i + 1}" for each in slices for i in range(each.size)]


def _array(arrays: Mapping[str, Any], key: str, called: str) -> NDArray[Any]:
    array = np.asarray(arrays[key])
    if array.ndim == 0:
        raise DataError(FIELD, f"{key} of {called} is a single value; it must have one row per sample")
    return array


def _features(arrays: Mapping[str, Any], key: str, called: str) -> Floats | NDArray[np.uint8]:
    """Return features with an axis of them at least; images of uint8 stay what they are."""
    if isinstance(arrays[key], list | tuple) and any(len(getattr(each, "shape", ())) > 1 for each in arrays[key]):
        remedy = "name the inputs of a model of several in a dict"
        raise DataError(FIELD, f"{key} of {called} is a {type(arrays[key]).__name__} of arrays; {remedy}")
    x = _numbers(arrays, key, called)
    x = x[:, None] if x.ndim == 1 else x  # (rows, *shape of one row)
    return x if x.dtype == np.uint8 and x.ndim > 2 else narrowed(x, FIELD, f"{key} of {called}")


def _weights(arrays: Mapping[str, Any], called: str) -> NDArray[np.float32]:
    return in_float32(_numbers(arrays, "weights", called), FIELD, f"weights of {called}")


def _numbers(arrays: Mapping[str, Any], key: str, called: str) -> NDArray[Any]:
    array = _array(arrays, key, called)
    if array.dtype.kind not in "biuf":
        raise DataError(FIELD, f"{key} of {called} holds {array.dtype}; it must hold numbers")
    return array
