"""Data sets by name, divided into train, validation and test parts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from regsearch.errors import DataError, nearest
from regsearch.seeds import derived_seed
from regsearch.spec import DataSpec, SplitSpec

Task = Literal["binary", "multiclass", "regression"]
GENERATED = ("moons", "circles")
BUNDLED = ("digits", "breast_cancer", "wine", "iris", "diabetes")
SOURCES = GENERATED + BUNDLED
TASKS: dict[str, Task] = {
    "moons": "binary",
    "circles": "binary",
    "breast_cancer": "binary",
    "digits": "multiclass",
    "wine": "multiclass",
    "iris": "multiclass",
    "diabetes": "regression",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """Some rows of a data set.

    Args:
        x: (rows, features) float32.
        y: (rows, 1) float32: the target, or 0 and 1 for two classes; int32 class numbers for more.
        rows: (rows,) uint32, which rows of the data set these are.
    """

    x: NDArray[np.float32]
    y: NDArray[Any]
    rows: NDArray[np.uint32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """A data set divided: train to fit on, validation to choose by, test to confirm on (None where there is none)."""

    train: Part
    validation: Part
    test: Part | None


@dataclass(frozen=True, kw_only=True, eq=False)
class DataSet:
    """All rows of a data set.

    Args:
        x: (rows, features) float32.
        y: (rows, 1), as in Part.
        task: what kind of target y is.
        n_outputs: how many numbers a model must give for a row.
        feature_names: one a column of x.
    """

    x: NDArray[np.float32]
    y: NDArray[Any]
    task: Task
    n_outputs: int
    feature_names: tuple[str, ...]


def load(spec: DataSpec) -> DataSet:
    """Return the data set a spec names.

    Raises:
        DataError: there is no data set of that name.
    """
    if spec.source not in SOURCES:
        raise DataError(
            "data.source", f"{spec.source!r} is not one of {', '.join(SOURCES)}{nearest(spec.source, SOURCES)}"
        )
    return _load(spec)


def make_split(spec: DataSpec, *, seed: int | None = None) -> Split:
    """Divide a data set.

    A generated set, already shuffled, is divided in order by counts: train first, then validation, then test. Else the
    test rows are drawn by the data's own random_state and the others with `seed`; classes keep their proportions.

    Args:
        spec: what to divide, and how.
        seed: of this repeat's own draw of train and validation rows; None for the one fixed split.

    Returns:
        The parts, features standardized by the mean and standard deviation of the train rows where the spec says so.

    Raises:
        DataError: the split does not fit the data.
    """
    data = load(spec)
    counts = _counts(spec.split, len(data.x))
    in_order = spec.split.in_counts and spec.source in GENERATED and seed is None
    train, validation, test = _in_order(*counts) if in_order else _drawn(spec, data, *counts, seed=seed)
    split = Split(train=_part(data, train), validation=_part(data, validation), test=_test_part(spec, data, test))
    return _standardized(split) if spec.scale == "standard" else split


@lru_cache(maxsize=8)
def _load(spec: DataSpec) -> DataSet:
    from sklearn import datasets

    if spec.source in GENERATED:
        return _generated(spec, spec.n_samples, spec.random_state)
    bunch = getattr(datasets, f"load_{spec.source}")()
    return _dataset(bunch.data, bunch.target, TASKS[spec.source], tuple(map(str, bunch.feature_names)))


def _test_part(spec: DataSpec, data: DataSet, rows: NDArray[Any]) -> Part | None:
    if spec.source in GENERATED and spec.fresh_test:
        return _fresh(spec)
    return _part(data, rows) if len(rows) else None


@lru_cache(maxsize=8)
def _fresh(spec: DataSpec) -> Part:
    """Rows drawn anew from the same generator; they are numbered after the data set's own."""
    data = _generated(spec, spec.fresh_test, derived_seed(spec.random_state, 1))
    rows = np.arange(spec.fresh_test, dtype=np.uint32) + np.uint32(spec.n_samples)
    return Part(x=data.x, y=data.y, rows=rows)


def _generated(spec: DataSpec, n_samples: int, random_state: int) -> DataSet:
    from sklearn import datasets

    make: Callable[..., Any] = getattr(datasets, f"make_{spec.source}")
    x, y = make(n_samples=n_samples, noise=spec.noise, random_state=random_state)
    return _dataset(x, y, TASKS[spec.source], ("x1", "x2"))


def _dataset(x: NDArray[Any], y: NDArray[Any], task: Task, names: tuple[str, ...]) -> DataSet:
    y_type = np.int32 if task == "multiclass" else np.float32
    n_outputs = int(y.max()) + 1 if task == "multiclass" else 1
    y = np.asarray(y, y_type)[:, None]
    return DataSet(x=np.asarray(x, np.float32), y=y, task=task, n_outputs=n_outputs, feature_names=names)


def _part(data: DataSet, rows: NDArray[Any]) -> Part:
    return Part(x=data.x[rows], y=data.y[rows], rows=rows.astype(np.uint32))


def _counts(split: SplitSpec, n_rows: int) -> tuple[int, int, int]:
    """Return how many rows to train on, to validate on and to test on."""
    if split.in_counts:
        train, validation, test = int(split.train or 0), int(split.validation), int(split.test)
    else:
        test, validation = round(split.test * n_rows), round(split.validation * n_rows)
        rest = n_rows - test - validation
        train = rest if split.train is None else min(round(split.train * n_rows), rest)
    if train + validation + test > n_rows:
        raise DataError("data.split", f"asks for {train + validation + test} rows and there are {n_rows}")
    if min(train, validation) <= 0:
        raise DataError("data.split", f"leaves {train} rows to train on and {validation} to validate on")
    return train, validation, test


def _in_order(train: int, validation: int, test: int) -> tuple[NDArray[Any], ...]:
    return tuple(np.split(np.arange(train + validation + test), [train, train + validation]))


def _drawn(
    spec: DataSpec, data: DataSet, train: int, validation: int, test: int, *, seed: int | None
) -> tuple[NDArray[Any], ...]:
    rows = np.arange(len(data.x))
    rest, test_rows = _divided(data, rows, len(rows) - test, test, spec.random_state) if test else (rows, rows[:0])
    return *_divided(data, rest, train, validation, spec.random_state if seed is None else seed), test_rows


def _divided(data: DataSet, rows: NDArray[Any], first: int, second: int, random_state: int) -> list[NDArray[Any]]:
    """Draw two parts of so many rows, in which classes keep their proportions."""
    from sklearn.model_selection import train_test_split

    classes = None if data.task == "regression" else data.y[rows, 0]
    try:
        return train_test_split(  # type: ignore[no-any-return]
            rows, train_size=first, test_size=second, random_state=random_state, stratify=classes
        )
    except ValueError as error:
        raise DataError("data.split", f"cannot keep the classes' proportions: {error}") from error


def _standardized(split: Split) -> Split:
    mean, std = split.train.x.mean(axis=0), split.train.x.std(axis=0)
    std = np.where(std > 0, std, np.float32(1.0))

    def scale(part: Part) -> Part:
        return Part(x=((part.x - mean) / std).astype(np.float32), y=part.y, rows=part.rows)

    return Split(
        train=scale(split.train),
        validation=scale(split.validation),
        test=None if split.test is None else scale(split.test),
    )
