"""Missing values, filled in by what the train rows say."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regsearch.data.subsets import Floats, Imputation
from regsearch.errors import DataError

Filling = tuple[list[int], Floats]  # columns of x, and the value of each where it is missing


def fillings(x: Floats, imputations: Sequence[Imputation], names: Sequence[str]) -> list[Filling]:
    """Return what fills in the missing values of which columns.

    Args:
        x: (rows, features) of the train rows, NaN where a value is missing.
        imputations: what fills in which columns.
        names: of all columns, for messages.

    Raises:
        DataError: a column has no value in any train row.
    """
    return [(list(each.columns), _value(x[:, each.columns], each.how, names[each.columns[0]])) for each in imputations]


def fill_in(x: Floats, values: Sequence[Filling]) -> None:
    """Replace NaN in x, (rows, features), in place."""
    for columns, value in values:
        rows = np.flatnonzero(np.isnan(x[:, columns[0]]))
        x[rows[:, None], columns] = value


def _value(column: Floats, how: str, name: str) -> Floats:
    """Return what stands for a missing value: (columns,)."""
    known = column[~np.isnan(column[:, 0])]  # (rows, columns)
    if not len(known):
        raise DataError("data.missing", f"column {name!r} has no value in any train row to learn from")
    if how == "most-frequent":
        values, counts = np.unique(known, axis=0, return_counts=True)
        return np.asarray(values[counts.argmax()])
    wide: NDArray[np.float64] = known.astype(np.float64)
    return np.asarray(wide.mean(axis=0) if how == "mean" else np.median(wide, axis=0))
