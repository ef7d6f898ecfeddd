"""Missing values, filled in by what the train rows say."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regsearch.data.subsets import Imputation, Split
from regsearch.errors import DataError


def fill_in(split: Split, imputations: Sequence[Imputation], names: Sequence[str]) -> None:
    """Replace NaN in the features of all subsets, in place.

    Args:
        split: its subsets must hold copies of the data.
        imputations: what fills in which columns.
        names: of all columns, for messages.

    Raises:
        DataError: a column has no value in any train row.
    """
    flat = [subset.x.reshape(len(subset.x), -1) for subset in split.subsets]  # (rows, features) each
    for imputation in imputations:
        columns = list(imputation.columns)
        known = flat[0][:, columns]
        known = known[~np.isnan(known[:, 0])]
        if not len(known):
            raise DataError("data.missing", f"column {names[columns[0]]!r} has no value in any train row to learn from")
        value = _value(known, imputation.how)
        for x in flat:
            rows = np.flatnonzero(np.isnan(x[:, columns[0]]))
            x[rows[:, None], columns] = value


def _value(known: NDArray[np.float32], how: str) -> NDArray[np.float32 | np.float64]:
    """Return what stands for a missing value: (columns,)."""
    if how == "most-frequent":
        values, counts = np.unique(known, axis=0, return_counts=True)
        return np.asarray(values[counts.argmax()])
    wide = known.astype(np.float64)
    return np.asarray(wide.mean(axis=0) if how == "mean" else np.median(wide, axis=0))
