"""Data sets by name: generated ones, and those that scikit-learn brings along."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data.subsets import DataSet
from regsearch.spec import DataSpec, Task

GENERATED = ("moons", "circles", "waves")
STEPS = 20  # of a wave
BUNDLED = ("digits", "breast_cancer", "wine", "iris", "diabetes")
TASKS: dict[str, Task] = {
    "moons": "binary",
    "circles": "binary",
    "waves": "binary",
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
    if spec.source == "waves":
        return waves(n_samples, spec.noise, random_state)
    from sklearn import datasets

    make: Callable[..., Any] = getattr(datasets, f"make_{spec.source}")
    x, y = make(n_samples=n_samples, noise=spec.noise, random_state=random_state)
    return _dataset(x, y, TASKS[spec.source], ("x1", "x2"))


def waves(n_samples: int, noise: float, random_state: int) -> DataSet:
    """Return sequences of 20 steps, to tell whether their frequency rises or falls.

    Each is a sine of amplitude 1 that makes two turns, with a random phase, and noise added to every step; half of them
    are of each class. As many turns and any phase are in both, so that no single step says which it is.

    Args:
        n_samples: how many sequences.
        noise: standard deviation of the noise.
        random_state: seed.
    """
    rng = np.random.default_rng(random_state)
    y = rng.permutation(np.arange(n_samples) % 2)
    t = np.linspace(0, 1, STEPS)
    rising = 2 * t**2
    turns = np.where(y[:, None] == 1, rising, 2 - rising[::-1])
    phase = rng.uniform(0, 1, (n_samples, 1))
    x = np.sin(2 * np.pi * (turns + phase)) + noise * rng.normal(size=(n_samples, STEPS))
    data = _dataset(x, y, "binary", tuple(f"t{i}" for i in range(1, STEPS + 1)))
    return replace(data, x=data.x[:, :, None])


def _dataset(x: NDArray[np.float64], y: NDArray[np.int64], task: Task, names: tuple[str, ...]) -> DataSet:
    labels: NDArray[np.float32 | np.int32] = y[:, None].astype(np.int32 if task == "multiclass" else np.float32)
    n_outputs = int(y.max()) + 1 if task == "multiclass" else 1
    return DataSet(x=x.astype(np.float32), y=labels, task=task, n_outputs=n_outputs, feature_names=names)
