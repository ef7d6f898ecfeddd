"""A data set, its subsets, and its split into them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from regsearch.spec import Task


@dataclass(frozen=True, kw_only=True)
class Imputation:
    """What fills in the missing values of some columns of x, taken from the train rows.

    Args:
        columns: which columns: one, or those of one category in one-hot encoding.
        how: `mean`, `median`, or `most-frequent`; the last alone where there are several columns.
    """

    columns: tuple[int, ...]
    how: Literal["mean", "median", "most-frequent"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Subset:
    """Some rows of a data set.

    Args:
        x: (rows, features) float32, or (rows, *shape of one row).
        y: (rows, targets) float32 of a regression; (rows, 1) float32 0 and 1 for two classes, int32 class numbers for
            more.
        rows: (rows,) uint32, which rows of the data set these are.
        weights: (rows,) float32, how much each row counts in the training loss; None for all alike.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32 | np.int32]
    rows: NDArray[np.uint32]
    weights: NDArray[np.float32] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """A data set's subsets: train to fit on, validation to choose by, test (None where there is none) to confirm on."""

    train: Subset
    validation: Subset
    test: Subset | None

    @property
    def subsets(self) -> tuple[Subset, ...]:
        """Train, validation and, where there is one, test."""
        return tuple(s for s in (self.train, self.validation, self.test) if s is not None)

    @property
    def nbytes(self) -> int:
        """Bytes of its features and labels."""
        return sum(subset.x.nbytes + subset.y.nbytes for subset in self.subsets)


@dataclass(frozen=True, kw_only=True, eq=False)
class DataSet:
    """All rows of a data set.

    Args:
        x: (rows, features) float32, or (rows, *shape of one row).
        y: (rows, targets), as in Subset.
        task: what kind of labels y holds.
        n_outputs: how many numbers a model must give for a row.
        feature_names: one per feature of a row, in the order of its flattened x.
        weights: (rows,), as in Subset.
        class_names: one per class, in the order of their numbers; empty for a regression.
        groups: (rows,) int64, equal for rows that must stay in one subset; None where any row may go anywhere.
        times: (rows,) what rows are ordered by, ascending; None where their order has no meaning.
        subset_names: (rows,) which subset each row belongs to, where the data say so: `train`, `validation` or `test`.
        imputations: what fills in the NaN of x; the one place where x may hold it.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32 | np.int32]
    task: Task
    n_outputs: int
    feature_names: tuple[str, ...]
    weights: NDArray[np.float32] | None = None
    class_names: tuple[str, ...] = ()
    groups: NDArray[np.int64] | None = None
    times: NDArray[np.generic] | None = None
    subset_names: NDArray[np.str_] | None = None
    imputations: tuple[Imputation, ...] = ()
