"""A data set, its subsets, and its split into them."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from regsearch.data.columns import Column
from regsearch.input_slices import InputSlice
from regsearch.notices import Notice
from regsearch.spec import Task

Floats = NDArray[np.float32] | NDArray[np.float64]


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
class TargetScale:
    """The units of a regression's labels: label = std · y + mean, y being what is trained on.

    Args:
        mean: (targets,) float64.
        std: (targets,) float64, above 0.
    """

    mean: NDArray[np.float64]
    std: NDArray[np.float64]

    def standardized(self, labels: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return (rows, targets) what is trained on."""
        with np.errstate(over="ignore"):  # found by whoever needs them finite
            return ((labels - self.mean) / self.std).astype(np.float32)

    def restored(self, prediction: NDArray[Any]) -> NDArray[np.float64]:
        """Return (rows, targets) predictions, or y, in the labels' own units."""
        return self.mean + self.std * prediction.astype(np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Subset:
    """Some rows of a data set.

    Args:
        x: (rows, features) float32, or (rows, *shape of one row).
        y: (rows, targets) float32 of a regression, (rows, labels) float32 0 and 1 of several labels; (rows, 1) float32
            0 and 1 for two classes, int32 class numbers for more.
        rows: (rows,) uint32, which rows of the data set these are.
        weights: (rows,) float32, how much each row counts in the training loss; None for all alike.
        own_y: (rows, targets) float64, labels in their own units; None where y is in them.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32 | np.int32]
    rows: NDArray[np.uint32]
    weights: NDArray[np.float32] | None = None
    own_y: NDArray[np.float64] | None = None

    @property
    def labels(self) -> NDArray[np.float64 | np.float32 | np.int32]:
        """The labels in their own units, which scores are computed from: (rows, targets)."""
        return self.y if self.own_y is None else self.own_y


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """A data set's subsets: train to fit on, validation to choose by, test (None where there is none) to confirm on.

    `target_scale` tells the units of y where a regression's labels are standardized.
    """

    train: Subset
    validation: Subset
    test: Subset | None
    target_scale: TargetScale | None = None

    @property
    def subsets(self) -> tuple[Subset, ...]:
        """Train, validation and, where there is one, test."""
        return tuple(s for s in (self.train, self.validation, self.test) if s is not None)

    @property
    def nbytes(self) -> int:
        """Bytes of its features and labels."""
        return sum(subset.x.nbytes + subset.y.nbytes for subset in self.subsets)

    @property
    def unit(self) -> NDArray[np.float32] | None:
        """What y counts in, (targets,) in the labels' own units; None where y is in them."""
        return None if self.target_scale is None else self.target_scale.std.astype(np.float32)

    def in_own_units(self, prediction: NDArray[Any]) -> NDArray[Any]:
        """Return (rows, outputs) what a model trained on this split predicts, in the labels' own units."""
        return prediction if self.target_scale is None else self.target_scale.restored(prediction)


@dataclass(frozen=True, kw_only=True, eq=False)
class DataSet:
    """All rows of a data set.

    Args:
        x: (rows, features) or (rows, *shape of one row): float32, float64 where float32 would round, or uint8.
        y: (rows, targets), as in Subset, but float64 of a regression.
        task: what kind of labels y holds.
        n_outputs: how many numbers a model must give for a row.
        feature_names: one per feature of a row, in the order of its flattened x.
        weights: (rows,), as in Subset.
        class_names: one per class, in the order of their numbers; one per label of several; empty for a regression.
        class_values: (classes,) the classes as they were given, where these are no strings; None where they are.
        groups: (rows,) int64, equal for rows that must stay in one subset; None where any row may go anywhere.
        times: (rows,) what rows are ordered by, ascending; None where their order has no meaning.
        subset_names: (rows,) which subset each row belongs to, where the data say so: `train`, `validation` or `test`.
        imputations: what fills in the NaN of x; the one place where x may hold it.
        columns: what became of a table's columns, in its order, features in that of x; empty for arrays.
        inputs: where in x, then (rows, numbers), the inputs of a model of several lie; empty for a model of one.
        notices: what was noticed while reading it.
    """

    x: Floats | NDArray[np.uint8]
    y: NDArray[np.float64 | np.float32 | np.int32]
    task: Task
    n_outputs: int
    feature_names: tuple[str, ...]
    weights: NDArray[np.float32] | None = None
    class_names: tuple[str, ...] = ()
    class_values: NDArray[Any] | None = None
    groups: NDArray[np.int64] | None = None
    times: NDArray[np.generic] | None = None
    subset_names: NDArray[np.str_] | None = None
    imputations: tuple[Imputation, ...] = ()
    columns: tuple[Column, ...] = ()
    inputs: tuple[InputSlice, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def slices(self) -> tuple[InputSlice, ...]:
        """Where the model's inputs lie in x; that of a model of one input is all of it."""
        return self.inputs or (InputSlice(name="x", start=0, shape=self.x.shape[1:], dtype=str(self.x.dtype)),)
