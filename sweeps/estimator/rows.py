"""X and y of a fit as a data set, and y as what a network is trained on."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from regsearch.data import DataSet, checked
from regsearch.data.arrays import from_arrays
from regsearch.spec import DataSpec, Scale, TableSpec, Task

Kind = Literal["classification", "regression"]


def labels_and_classes(y: NDArray[Any], kind: Kind) -> tuple[NDArray[Any], NDArray[Any] | None, Task]:
    """Return the labels by number, the classes as they were given (None of a regression), and the task.

    Args:
        y: (rows,), or (rows, labels) of 0 and 1, or (rows, targets) of numbers; checked to be finite.
        kind: what they are taken for.

    Raises:
        ValueError: they are not of this kind, or of one class.
    """
    if kind == "regression":
        flat = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
        return flat.astype(np.float64), None, "regression"
    if kind != "classification":
        raise ValueError(f"task: must be 'classification' or 'regression', got {kind!r}")
    if type_of_target(y, input_name="y") == "multilabel-indicator":
        return np.asarray(y), np.arange(y.shape[1]), "multilabel"
    check_classification_targets(y)
    if y.ndim > 1 and y.shape[1] > 1:
        raise ValueError(f"y: has {y.shape[1]} columns of classes; several columns may be labels of 0 and 1")
    classes, numbers = np.unique(column_or_1d(y, warn=True), return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"y: has 1 class, {classes[:1].tolist()[0]!r}; a classifier takes two or more")
    return numbers, classes, "binary" if len(classes) == 2 else "multiclass"


def by_class(class_weight: Any, classes: NDArray[Any] | None) -> Any:
    """Return a weight for each class in order; what is no mapping as it is.

    Raises:
        ValueError: a class is named that y does not have, or there are no classes.
    """
    if not isinstance(class_weight, Mapping):
        return class_weight
    known = [] if classes is None else classes.tolist()
    if unknown := [name for name in class_weight if name not in known]:
        raise ValueError(f"class_weight: {unknown[0]!r} is no class of y, whose classes are {known}")
    return [float(class_weight.get(name, 1.0)) for name in known]


def data_spec(task: Task, scale: Scale) -> DataSpec:
    """Return what is said of the rows."""
    return DataSpec(source="X", scale=scale, table=TableSpec(task=task))


def data_set(X: NDArray[Any], y: NDArray[Any], weights: NDArray[Any] | None, spec: DataSpec) -> DataSet:
    """Return rows as a data set.

    Raises:
        DataError: they cannot be trained on.
    """
    arrays = {"x": X, "y": y} if weights is None else {"x": X, "y": y, "weights": weights}
    return checked(from_arrays(arrays, spec, called="fit"))
