"""Inputs for raw rows, and the features of a data set made of them: missing values filled in, categories encoded."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from regsearch.backend import load_keras
from regsearch.data import DataSet
from regsearch.data.columns import Column
from regsearch.data.preparation import Preparation
from regsearch.trainers.tensors import Tensor
from regsearch.whole_model.raw_rows import ONLY, ColumnFeatures, category_values, column_features, input_names, is_text


def raw_inputs(data: DataSet) -> Mapping[str, Tensor]:
    """Return the inputs of a model that takes rows as they are in the source, by name; see `raw_rows`."""
    make = load_keras().Input
    if data.columns:
        columns = [each.column for each in column_features(data)]
        called = input_names(column.name for column in columns)
        return {called[c.name]: make((), dtype=_dtype(c, data), name=called[c.name]) for c in columns}
    numbers = _numbers(data)
    if data.inputs:
        return {each.name: make(each.shape, dtype=numbers, name=each.name) for each in data.inputs}
    return {ONLY: make(data.x.shape[1:], dtype=numbers, name=ONLY)}


def features(inputs: Mapping[str, Tensor], data: DataSet, preparation: Preparation) -> Tensor:
    """Return (rows, *shape of one row) x of a data set, as `Preparation.features` has it before it scales.

    Args:
        inputs: of `raw_inputs`.
        data: the data set, with or without its rows.
        preparation: what fills in missing values.
    """
    ops = load_keras().ops
    if not data.columns:
        pieces = [ops.reshape(each, (-1, int(np.prod(each.shape[1:])))) for each in inputs.values()]
        return ops.concatenate(pieces, axis=1) if data.inputs else inputs[ONLY]
    fillings = {columns[0]: value for columns, value in preparation.fillings}
    pairs = zip(inputs.values(), column_features(data), strict=True)
    blocks = [_block(values, each, fillings.get(each.start), _numbers(data)) for values, each in pairs]
    x = blocks[0] if len(blocks) == 1 else ops.concatenate(blocks, axis=1)  # (rows, features)
    return x if len(data.x.shape) == 2 else ops.reshape(x, (-1, *data.x.shape[1:]))


def _numbers(data: DataSet) -> str:
    """Return the type that x is computed with."""
    return "float64" if data.x.dtype == np.float64 else "float32"


def _dtype(column: Column, data: DataSet) -> str:
    """Return the type of a column's input; numbers that are categories are compared, so each must stay itself."""
    if is_text(column):
        return "string"
    if column.encoding == "numbers":
        return _numbers(data)
    values = category_values(column)
    return "float32" if len(np.unique(values.astype(np.float32))) == len(values) else "float64"


def _block(values: Tensor, of: ColumnFeatures, filling: Any, numbers: str) -> Tensor:
    """Return (rows, features of a column), its missing values filled in; None for `filling` where none may be."""
    ops, column = load_keras().ops, of.column
    if column.encoding == "numbers":
        if filling is not None:
            values = ops.where(ops.isnan(values), float(np.asarray(filling).astype(numbers)[0]), values)
        return ops.expand_dims(values, 1)
    place = None if filling is None else int(np.argmax(filling) if column.encoding == "one-hot" else filling[0])
    found = _places_of_strings(values, column, place) if is_text(column) else _places_of_numbers(values, column, place)
    places, known = found
    if column.encoding == "one-hot":
        block = ops.one_hot(places, len(column.categories), dtype=numbers)
    else:
        block = ops.expand_dims(ops.cast(places, numbers), 1)
    return block if known is None else ops.where(ops.expand_dims(known, 1), block, float("nan"))


def _places_of_strings(values: Tensor, column: Column, filling: int | None) -> tuple[Tensor, None]:
    """Return (rows,) the places of strings among a column's categories; the layer raises where one is none of them."""
    keras = load_keras()
    mask = {} if filling is None else {"mask_token": ""}  # which then is at place 0
    lookup = keras.layers.StringLookup(vocabulary=list(column.categories), num_oov_indices=0, **mask)
    places = lookup(values)
    if filling is None:
        return places, None
    return keras.ops.where(keras.ops.equal(places, 0), filling, places - 1), None


def _places_of_numbers(values: Tensor, column: Column, filling: int | None) -> tuple[Tensor, Tensor]:
    """Return (rows,) the places of numbers among a column's categories, and whether each is one of them."""
    ops = load_keras().ops
    same = ops.equal(ops.expand_dims(values, 1), category_values(column).astype(values.dtype))  # (rows, categories)
    places, known = ops.argmax(same, axis=1), ops.any(same, axis=1)
    if filling is None:
        return places, known
    missing = ops.isnan(values)
    return ops.where(missing, filling, places), ops.logical_or(known, missing)
