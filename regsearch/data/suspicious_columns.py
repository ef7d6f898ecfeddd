"""Columns that number rows, are nearly unique, constant, or give the target away."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regsearch.data.subsets import DataSet

LOOKED_AT = 10_000  # rows that a column is first judged by, evenly spread
NEARLY_UNIQUE = 0.95  # different values per row
FEWEST_ROWS = 30  # with fewer, anything may be unique
ROWS_PER_CATEGORY = 5  # with fewer rows per value, values say little of classes
ALIKE = 1 - 1e-9  # a squared correlation that makes two columns one
MANY_CATEGORIES = 50  # of an identifier
CATEGORIES_PER_ROW = 0.5

Rows = NDArray[np.int64] | slice


@dataclass(frozen=True, kw_only=True)
class SuspiciousColumns:
    """Names of columns, by what is wrong with them."""

    numbering: tuple[str, ...]
    nearly_unique: tuple[str, ...]
    one_hot_identifiers: tuple[str, ...]
    constant: tuple[str, ...]
    revealing: tuple[str, ...]


def suspicious_columns(data: DataSet) -> SuspiciousColumns:
    """Return which columns of a data set one may not want to train on; none of those that are images or sequences.

    A column gives the target away where each of its values goes with one class only, where classes follow each other
    along it, or where it is a target of a regression but for scale and shift.
    """
    if data.x.ndim != 2:
        return SuspiciousColumns(numbering=(), nearly_unique=(), one_hot_identifiers=(), constant=(), revealing=())
    found: dict[str, list[str]] = {"numbering": [], "nearly_unique": [], "constant": [], "revealing": []}
    some = np.unique(np.linspace(0, len(data.x) - 1, LOOKED_AT).round().astype(int))  # (rows looked at,)
    looks: list[Rows] = [some, slice(None)] if len(some) < len(data.x) else [slice(None)]
    for name, place in _places(data):
        if all(_is_constant(_values(data, place, rows)) for rows in looks):
            found["constant"].append(name)
            continue
        if place.stop - place.start == 1 and all(_is_unique(_values(data, place, rows)) for rows in looks):
            values = _values(data, place, slice(None))
            is_numbering = np.ptp(values) == len(values) - 1 and len(np.unique(values)) == len(values)
            found["numbering" if is_numbering else "nearly_unique"].append(name)
        if all(_reveals(_values(data, place, rows), data, rows) for rows in looks):
            found["revealing"].append(name)
    identifiers = [
        column.name
        for column in data.columns
        if column.encoding == "one-hot"
        and len(column.categories) >= max(MANY_CATEGORIES, CATEGORIES_PER_ROW * len(data.x))
    ]
    return SuspiciousColumns(one_hot_identifiers=tuple(identifiers), **{key: tuple(v) for key, v in found.items()})


def _places(data: DataSet) -> Iterator[tuple[str, slice]]:
    """Yield each column's name and its place in x: several features where categories are one-hot encoded.

    Columns of an input that is an image or a sequence are left out.
    """
    images = [each for each in data.inputs if len(each.shape) > 1]
    for name, place in _all_places(data):
        if not any(each.start <= place.start < each.stop for each in images):
            yield name, place


def _all_places(data: DataSet) -> Iterator[tuple[str, slice]]:
    columns = [column for column in data.columns if column.use == "feature"]
    widths = [len(column.categories) if column.encoding == "one-hot" else 1 for column in columns]
    if sum(widths) != data.x.shape[1]:  # there is no table
        yield from ((name, slice(i, i + 1)) for i, name in enumerate(data.feature_names))
        return
    for column, width, end in zip(columns, widths, np.cumsum(widths).tolist(), strict=True):
        yield column.name, slice(end - width, end)


def _values(data: DataSet, place: slice, rows: Rows) -> NDArray[np.float64]:
    """Return (rows,) a column's values, or the numbers of its categories; NaN where one is missing."""
    block = np.asarray(data.x[rows, place], np.float64)  # (rows, features of the column)
    return block[:, 0] if block.shape[1] == 1 else np.where(np.isnan(block[:, 0]), np.nan, block.argmax(axis=1))


def _is_constant(column: NDArray[np.float64]) -> bool:
    known = _known(column)
    return not len(known) or bool(known.min() == known.max())


def _is_unique(column: NDArray[np.float64]) -> bool:
    """Return whether nearly every row has an integer of its own."""
    values = _known(column)
    if len(values) < FEWEST_ROWS or not bool((values == np.floor(values)).all()):
        return False
    return len(np.unique(values)) >= NEARLY_UNIQUE * len(values)


def _reveals(values: NDArray[np.float64], data: DataSet, rows: Rows) -> bool:
    """Return whether these rows' targets follow from one column alone."""
    known = ~np.isnan(values)
    values, targets = values[known], data.y[rows][known]  # (rows,), (rows, targets)
    if len(values) < FEWEST_ROWS or _is_constant(values):
        return False
    if data.task == "regression":
        return any(_are_one(values, target) for target in targets.astype(np.float64).T)
    return any(_separates(values, classes.astype(np.int64)) for classes in targets.T)


def _are_one(values: NDArray[np.float64], target: NDArray[np.float64]) -> bool:
    a, b = values - values.mean(), target - target.mean()
    spread = float((a @ a) * (b @ b))
    return spread > 0 and float(a @ b) ** 2 >= ALIKE * spread


def _separates(values: NDArray[np.float64], classes: NDArray[np.int64]) -> bool:
    count = int(classes.max()) + 1
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, classes, values)
    np.maximum.at(high, classes, values)
    order = np.argsort(low)
    if np.isfinite(low).sum() > 1 and bool((high[order][:-1] < low[order][1:]).all()):
        return True
    categories, number = np.unique(values, return_inverse=True)
    if len(categories) * ROWS_PER_CATEGORY > len(values):
        return False
    together = np.unique(number * count + classes)  # pairs of a value and a class
    return len(together) == len(categories) and len(np.unique(classes)) > 1


def _known(column: NDArray[np.float64]) -> NDArray[np.float64]:
    return column[~np.isnan(column)]
