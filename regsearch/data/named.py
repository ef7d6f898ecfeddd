"""Data sets by name: generated ones, and those that scikit-learn brings along."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data.parts import DataSet
from regsearch.spec import DataSpec, Task

GENERATED = ("moons", "circles")
BUNDLED = ("digits", "breast_cancer", "wine", "iris", "diabetes")
TASKS: dict[str, Task] = {
    "moons": "binary",
    "circles": "binary",
    "breast_cancer": "binary",
    "digits": "multiclass",
    "wine": "multiclass",
    "iris": "multiclass",
    "diabetes": "regression",
}


def bundled(name: str) -> DataSet:
    """Return a data set of scikit-learn's."""
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    return _dataset(bunch.data, bunch.target, TASKS[name], tuple(map(str, bunch.feature_names)))


def generated(spec: DataSpec, n_samples: int, random_state: int) -> DataSet:
    """Return rows of a generated set, drawn with this seed."""
    from sklearn import datasets

    make: Callable[..., Any] = getattr(datasets, f"make_{spec.source}")
    x, y = make(n_samples=n_samples, noise=spec.noise, random_state=random_state)
    return _dataset(x, y, TASKS[spec.source], ("x1", "x2"))


def _dataset(x: NDArray[Any], y: NDArray[Any], task: Task, names: tuple[str, ...]) -> DataSet:
    y_type = np.int32 if task == "multiclass" else np.float32
    n_outputs = int(y.max()) + 1 if task == "multiclass" else 1
    y = np.asarray(y, y_type)[:, None]
    return DataSet(x=np.asarray(x, np.float32), y=y, task=task, n_outputs=n_outputs, feature_names=names)
