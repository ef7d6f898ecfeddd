"""Images and sequences to train on, models by builders of the tests' own."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from regsearch.data import DataSet, Split, Subset
from regsearch.models import BUILDERS
from regsearch.scoring import METRICS
from regsearch.spec import ModelSpec, TrainingSpec
from regsearch.trainers.problem import Problem

METRIC = {"binary": "accuracy", "multiclass": "accuracy", "regression": "r2"}


def cut(x: Any, y: Any, task: Any, *, train: int, weights: NDArray[np.float32] | None = None) -> tuple[DataSet, Split]:
    """Rows as a data set: the first `train` of them to fit on, the others to validate on."""
    x = np.asarray(x, np.float32)
    y = np.asarray(y, np.int32 if task == "multiclass" else np.float32).reshape(len(x), -1)
    n_outputs = int(y.max()) + 1 if task == "multiclass" else y.shape[1]
    data = DataSet(x=x, y=y, task=task, n_outputs=n_outputs, feature_names=(), weights=weights)

    def part(rows: slice) -> Subset:
        own = None if weights is None else weights[rows]
        return Subset(x=x[rows], y=y[rows], rows=np.arange(len(x), dtype=np.uint32)[rows], weights=own)

    return data, Split(train=part(slice(train)), validation=part(slice(train, None)), test=None)


def digits(shape: tuple[int, ...], task: str, *, rows: int = 84, train: int = 60, weighted: bool = False) -> Any:
    """Handwritten digits 0, 1 and 2 as rows of this shape, to tell apart, to know 0 from, or to count the ink of."""
    x, digit = load_digits(n_class=3, return_X_y=True)
    x, digit = x[:rows].reshape(-1, *shape) / 16, digit[:rows]
    ink = x.sum(axis=tuple(range(1, x.ndim)))
    y = {"multiclass": digit, "binary": digit == 0, "regression": (ink - ink.mean()) / ink.std()}[task]
    weights = np.linspace(0.2, 2, rows, dtype=np.float32) if weighted else None
    return cut(x, y, task, train=train, weights=weights)


@pytest.fixture(scope="module")
def problem() -> Iterator[Callable[..., Problem]]:
    """How to train the model of a builder on a data set; the builder is known while the tests of a module run."""
    with pytest.MonkeyPatch.context() as patch:

        def make(
            builder: Callable[..., Any], data: DataSet, *, own_penalties: Any = "replace", **training: Any
        ) -> Problem:
            patch.setitem(BUILDERS, builder.__name__, builder)
            return Problem(
                data=data,
                model=ModelSpec(builder=builder.__name__, options=(), own_penalties=own_penalties),
                training=TrainingSpec(**training),
                metric=METRICS[METRIC[data.task]],
            )

        yield make
