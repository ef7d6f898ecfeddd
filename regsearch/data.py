"""Data sets by name, divided into train, validation and test parts."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
NAMED = 3  # columns named in a message, at most
AT_ONCE = 4_000_000  # numbers widened to float64 at once: 32 MB


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """Some rows of a data set.

    Args:
        x: (rows, features) float32.
        y: (rows, targets) float32 of a regression; (rows, 1) float32 0 and 1 for two classes, int32 class numbers for
            more.
        rows: (rows,) uint32, which rows of the data set these are.
        weights: (rows,) float32, how much each row counts in the training loss; None for all alike.
    """

    x: NDArray[np.float32]
    y: NDArray[Any]
    rows: NDArray[np.uint32]
    weights: NDArray[np.float32] | None = None


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
        y: (rows, targets), as in Part.
        task: what kind of target y is.
        n_outputs: how many numbers a model must give for a row.
        feature_names: one a column of x.
        weights: (rows,), as in Part.
    """

    x: NDArray[np.float32]
    y: NDArray[Any]
    task: Task
    n_outputs: int
    feature_names: tuple[str, ...]
    weights: NDArray[np.float32] | None = None


def load(spec: DataSpec) -> DataSet:
    """Return the data set a spec names.

    Raises:
        DataError: there is no data set of that name, or it cannot be trained on.
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
        DataError: the split does not fit the data, or leaves nothing to learn from in the train part.
    """
    data = load(spec)
    counts = _counts(spec.split, len(data.x))
    in_order = spec.split.in_counts and spec.source in GENERATED and seed is None
    train, validation, test = _in_order(*counts) if in_order else _drawn(spec, data, *counts, seed=seed)
    split = Split(train=_part(data, train), validation=_part(data, validation), test=_test_part(spec, data, test))
    _check_train_part(data.task, split.train)
    return _standardized(split) if spec.scale == "standard" else split


def checked(data: DataSet) -> DataSet:
    """Return the data set where it can be trained on; no copy of it is made.

    Raises:
        DataError: it has no rows or no features; features, target and weights differ in their number of rows; one of
            them holds NaN or infinity; there is one class only; weights are negative, or 0 in every row.
    """
    _check_counts(data)
    _check_finite(data.x, [f"column {name!r}" for name in data.feature_names])
    _check_finite(data.y, ["the target"] if data.y[0].size == 1 else [f"target {i}" for i in range(data.y[0].size)])
    if data.task != "regression" and _one_class(data.y):
        raise DataError("data", f"the target is {data.y[0, 0]:g} in every row; it takes two classes or more")
    if data.weights is not None:
        _check_weights(data.weights)
    return data


def _check_counts(data: DataSet) -> None:
    rows, features = len(data.x), math.prod(data.x.shape[1:])
    if rows == 0 or features == 0:
        raise DataError("data", f"has {_rows(rows)} of {features} features; it takes one or more of each")
    for name, values in (("target", data.y), ("weights", data.weights)):
        if values is not None and len(values) != rows:
            raise DataError("data", f"the features have {_rows(rows)} and the {name} {_rows(len(values))}")


def _check_finite(values: NDArray[Any], names: Sequence[str]) -> None:
    """Raise where a column holds NaN or infinity; columns are called by their number where `names` are not one each."""
    columns = values.reshape(len(values), -1)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        sums = columns.sum(axis=0, dtype=np.float64)  # finite only where all that is summed is
    bad = np.flatnonzero(~np.isfinite(sums)).tolist()
    if not bad:
        return
    called = names if len(names) == len(sums) else [f"column {i}" for i in range(len(sums))]
    counts = [_rows(int(np.count_nonzero(~np.isfinite(columns[:, i])))) for i in bad[:NAMED]]
    others = [f"{called[i]} in {count}" for i, count in zip(bad[1:], counts[1:], strict=False)]
    more = [f"{len(bad) - NAMED} more"] if len(bad) > NAMED else []
    found = ", ".join([f"{called[bad[0]]} holds NaN or infinity in {counts[0]}", *others, *more])
    raise DataError("data", f"{found}; fill them in or leave these rows out")


def _check_weights(weights: NDArray[np.float32]) -> None:
    _check_finite(weights, ["the weights' column"])
    if negative := int(np.count_nonzero(weights < 0)):
        raise DataError("data", f"the weights are negative in {_rows(negative)}; each must be 0 or more")
    if not weights.any():
        raise DataError("data", "the weights are 0 in every row; some must be more")


def _check_train_part(task: Task, train: Part) -> None:
    """Raise where a division that the data allow leaves nothing to learn from, as it may where a class is rare."""
    if task != "regression" and _one_class(train.y):
        raise DataError("data.split", f"leaves {_rows(len(train.y))} of one class only to train on; train on more rows")
    if train.weights is not None and not train.weights.any():
        raise DataError("data.split", f"leaves {_rows(len(train.y))} to train on, all of weight 0; train on more rows")


def _one_class(y: NDArray[Any]) -> bool:
    return bool(y.min() == y.max())


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"


@lru_cache(maxsize=8)
def _load(spec: DataSpec) -> DataSet:
    from sklearn import datasets

    if spec.source in GENERATED:
        return checked(_generated(spec, spec.n_samples, spec.random_state))
    bunch = getattr(datasets, f"load_{spec.source}")()
    return checked(_dataset(bunch.data, bunch.target, TASKS[spec.source], tuple(map(str, bunch.feature_names))))


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
    weights = None if data.weights is None else data.weights[rows]
    return Part(x=data.x[rows], y=data.y[rows], rows=rows.astype(np.uint32), weights=weights)


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
    mean, std = _moments(split.train.x)

    def scaled(part: Part) -> Part:
        x = np.subtract(part.x, mean, out=np.empty_like(part.x))  # in float64, piece by piece, whatever `out` is
        return replace(part, x=np.divide(x, std, out=x))

    return replace(
        split,
        train=scaled(split.train),
        validation=scaled(split.validation),
        test=None if split.test is None else scaled(split.test),
    )


def _moments(x: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each column's mean and standard deviation, 1 for a constant column.

    In two passes in float64, as NumPy does it, but without its copy of x in float64.
    """
    mean = x.mean(axis=0, dtype=np.float64)
    step = max(1, AT_ONCE // mean.size)
    squares = sum(np.square(x[i : i + step] - mean).sum(axis=0) for i in range(0, len(x), step))
    constant = x.min(axis=0) == x.max(axis=0)  # its squares need not be 0: the mean is rounded
    return mean, np.where(constant, 1.0, np.sqrt(squares / len(x)))
