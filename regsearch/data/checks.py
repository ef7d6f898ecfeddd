"""Whether data can be trained on."""

import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data.subsets import DataSet
from regsearch.errors import DataError

NAMED = 3  # columns named in a message, at most


def checked(data: DataSet) -> DataSet:
    """Return the data set where it can be trained on; no copy of it is made.

    Raises:
        DataError: it has no rows or no features; features, target and weights differ in their number of rows; one of
            them holds NaN or infinity; there is one class only; weights are negative, or 0 in every row.
    """
    _check_counts(data)
    filled = {column for imputation in data.imputations for column in imputation.columns}
    _check_finite(data.x, [f"column {name!r}" for name in data.feature_names], filled)
    _check_finite(data.y, ["the target"] if data.y[0].size == 1 else [f"target {i}" for i in range(data.y[0].size)])
    if data.task != "regression" and one_class(data.y):
        raise DataError("data", f"the target is {data.y[0, 0]:g} in every row; it takes two classes or more")
    if data.weights is not None:
        _check_weights(data.weights)
    return data


def _check_counts(data: DataSet) -> None:
    rows, features = len(data.x), math.prod(data.x.shape[1:])
    if rows == 0 or features == 0:
        raise DataError("data", f"has {in_rows(rows)} of {features} features; it takes one or more of each")
    columns = {"target": data.y, "weights": data.weights, "groups": data.groups, "times": data.times}
    for name, values in columns.items():
        if values is not None and len(values) != rows:
            raise DataError("data", f"the features have {in_rows(rows)} and the {name} {in_rows(len(values))}")


def _check_finite(values: NDArray[Any], names: Sequence[str], filled: Collection[int] = ()) -> None:
    """Raise where a column holds NaN or infinity, or infinity where NaN is going to be filled in.

    Columns are called by their number where `names` are not as many.
    """
    columns = values.reshape(len(values), -1)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        sums = columns.sum(axis=0, dtype=np.float64)  # finite only where all that is summed is
    bad = [i for i in np.flatnonzero(~np.isfinite(sums)).tolist() if i not in filled or np.isinf(columns[:, i]).any()]
    if not bad:
        return
    called = names if len(names) == len(sums) else [f"column {i}" for i in range(len(sums))]
    counts = [in_rows(int(np.count_nonzero(~np.isfinite(columns[:, i])))) for i in bad[:NAMED]]
    others = [f"{called[i]} in {count}" for i, count in zip(bad[1:], counts[1:], strict=False)]
    more = [f"{len(bad) - NAMED} more"] if len(bad) > NAMED else []
    listed = ", ".join([f"{called[bad[0]]} holds NaN or infinity in {counts[0]}", *others, *more])
    raise DataError("data", f"{listed}; fill them in or leave these rows out")


def _check_weights(weights: NDArray[np.float32]) -> None:
    _check_finite(weights, ["the weights' column"])
    if negative := int(np.count_nonzero(weights < 0)):
        raise DataError("data", f"the weights are negative in {in_rows(negative)}; each must be 0 or more")
    if not weights.any():
        raise DataError("data", "the weights are 0 in every row; some must be more")


def one_class(y: NDArray[Any]) -> bool:
    """Return whether all rows are of one class."""
    return bool(y.min() == y.max())


def in_rows(count: int) -> str:
    """Return the number of rows with the word in its right form."""
    return f"{count} row" if count == 1 else f"{count} rows"
