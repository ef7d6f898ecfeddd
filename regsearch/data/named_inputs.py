"""The inputs of a model of several: which columns of a table, or which arrays, each takes."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data.subsets import DataSet
from regsearch.errors import DataError, nearest
from regsearch.input_slices import InputSlice
from regsearch.spec import DataSpec

FIELD = "data.inputs"
LISTED = 5  # columns in a message, at most


def columns_of_inputs(spec: DataSpec, free: Sequence[str]) -> list[str]:
    """Return a table's features in the order of the inputs that they go to.

    Args:
        spec: says which columns each input takes.
        free: the columns that may be, and must be, features.

    Raises:
        DataError: an input has no columns, or one that has another use; a column is in two inputs, or in none.
    """
    taken: dict[str, str] = {}
    for name, columns in spec.inputs:
        if not columns:
            raise DataError(FIELD, f'input {name!r} has no columns; list them: inputs = {{ {name} = ["column", …] }}')
        for column in columns:
            if column in taken:
                problem = f"is in inputs {taken[column]!r} and {name!r}; it goes into one, once"
            elif column not in free:
                problem = f"of input {name!r} has another use, or is not in data.features"
            else:
                taken[column] = name
                continue
            raise DataError(FIELD, f"column {column!r} {problem}")
    if left := [column for column in free if column not in taken]:
        more = ", …" if len(left) > LISTED else ""
        listed = ", ".join(map(repr, left[:LISTED])) + more
        are = "column {} is" if len(left) == 1 else "columns {} are"
        raise DataError(FIELD, f"{are.format(listed)} in no input; add to one, or leave out by data.drop")
    return list(taken)


def slices_of_columns(spec: DataSpec, widths: Mapping[str, int]) -> tuple[InputSlice, ...]:
    """Return where the inputs lie among a table's features.

    Args:
        spec: says which columns each input takes.
        widths: how many features each column became.
    """
    sizes = [sum(widths[column] for column in columns) for _, columns in spec.inputs]
    starts = np.cumsum([0, *sizes]).tolist()
    return tuple(
        InputSlice(name=name, start=start, shape=(size,))
        for (name, _), start, size in zip(spec.inputs, starts, sizes, strict=False)
    )


def arrays_of_inputs(arrays: Mapping[str, Any], spec: DataSpec, reserved: Sequence[str], called: str) -> dict[str, Any]:
    """Return the arrays of the inputs by their names, in order; empty where there is one x.

    Args:
        arrays: a file's, or what a function of the user's returned: x may be a dict of them.
        spec: may list the names of the inputs.
        reserved: names that mean something else.
        called: whose arrays they are, for messages.

    Raises:
        DataError: one is missing, not listed, or called by a name that means something else.
    """
    names = [name for name, _ in spec.inputs]
    if listed := next((name for name, columns in spec.inputs if columns), None):
        raise DataError(FIELD, f"input {listed!r} has columns, and {called} gives arrays: inputs = {json.dumps(names)}")
    x = arrays.get("x")
    if isinstance(x, Mapping):
        given = {str(name): array for name, array in x.items()}
        where, strange = f"x of {called}", [name for name in given if names and name not in names]
        if strange or not given:
            problem = f"has {strange[0]!r}, which data.inputs does not list" if strange else "is an empty dict"
            raise DataError(FIELD, f"{where} {problem}")
    elif names:
        given, where = dict(arrays), called
        if taken := next((name for name in names if name in reserved and name != "x"), None):
            raise DataError(FIELD, f"an input cannot be called {taken!r}, for arrays of that name have another use")
    else:
        return {}
    if absent := [name for name in names if name not in given]:
        known = [name for name in given if name not in reserved or name == "x"]
        raise DataError(FIELD, f"{where} has no {absent[0]!r}{nearest(absent[0], known)}")
    return {name: given[name] for name in names or given}


def side_by_side(arrays: Mapping[str, NDArray[Any]], called: str) -> tuple[NDArray[Any], tuple[InputSlice, ...]]:
    """Return arrays, (rows, *shape) each, as one (rows, numbers), and where each lies in it.

    Raises:
        DataError: they differ in their number of rows.
    """
    (first, one), *others = arrays.items()
    for name, array in others:
        if len(array) != len(one):
            problem = f"{first!r} of {called} has {len(one)} rows and {name!r} {len(array)}"
            raise DataError(FIELD, f"{problem}; inputs have the same rows")
    starts = np.cumsum([0, *(math.prod(array.shape[1:]) for array in arrays.values())]).tolist()
    slices = tuple(
        InputSlice(name=name, start=start, shape=array.shape[1:], dtype=str(array.dtype))
        for (name, array), start in zip(arrays.items(), starts, strict=False)
    )
    flat = [np.asarray(array).reshape(len(array), -1) for array in arrays.values()]
    dtype = np.float64 if any(array.dtype == np.float64 for array in flat) else np.float32
    return np.concatenate(flat, axis=1, dtype=dtype), slices


def with_shapes(data: DataSet, spec: DataSpec) -> DataSet:
    """Return a data set whose inputs have the shapes that the spec gives them.

    Raises:
        DataError: a shape is of no input, or has more or fewer numbers than the input.
    """
    names = [each.name for each in data.inputs]
    if spec.shape and names:
        fitting = [each.name for each in data.inputs if each.size == math.prod(spec.shape)]
        example = f"{{ {(fitting or names)[0]} = {list(spec.shape)} }}"
        raise DataError("data.shape", f"must say of which input it is: shape = {example}")
    shapes = dict(spec.shapes)
    if strange := next((name for name in shapes if name not in names), None):
        known = f"{nearest(strange, names)}; inputs are {', '.join(names) or 'not named'}"
        raise DataError("data.shape", f"there is no input {strange!r}{known}")
    for each in data.inputs:
        if (shape := shapes.get(each.name)) and math.prod(shape) != each.size:
            wanted = f"{' x '.join(map(str, shape))} is {math.prod(shape)} numbers"
            raise DataError("data.shape", f"{wanted}, and a row of input {each.name!r} has {each.size}")
    return replace(data, inputs=tuple(replace(each, shape=shapes.get(each.name, each.shape)) for each in data.inputs))
