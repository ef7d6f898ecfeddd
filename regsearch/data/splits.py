"""How rows are divided into train, validation and test parts."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data.checks import in_rows, one_class
from regsearch.data.named import GENERATED, generated
from regsearch.data.parts import DataSet, Part, Split
from regsearch.data.scaling import standardized
from regsearch.data.sources import load
from regsearch.errors import DataError
from regsearch.seeds import derived_seed
from regsearch.spec import DataSpec, SplitSpec, Task


def make_split(spec: DataSpec, *, seed: int | None = None, repeat: int = 0) -> Split:
    """Divide a data set.

    A generated set, already shuffled, is divided in order by counts: train first, then validation, then test. Else the
    test rows are drawn by the data's own random_state and the others with `seed`; classes keep their proportions.

    Args:
        spec: what to divide, and how.
        seed: of this repeat's own draw of train and validation rows; None for the one fixed split.
        repeat: which repeat it is for: it decides the fold.

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
    return standardized(split) if spec.scale == "standard" else split


def _check_train_part(task: Task, train: Part) -> None:
    """Raise where a division that the data allow leaves nothing to learn from, as it may where a class is rare."""
    rows = in_rows(len(train.y))
    if task != "regression" and one_class(train.y):
        raise DataError("data.split", f"leaves {rows} of one class only to train on; train on more rows")
    if train.weights is not None and not train.weights.any():
        raise DataError("data.split", f"leaves {rows} to train on, all of weight 0; train on more rows")


def _test_part(spec: DataSpec, data: DataSet, rows: NDArray[Any]) -> Part | None:
    if spec.source in GENERATED and spec.fresh_test:
        return _fresh(spec)
    return _part(data, rows) if len(rows) else None


@lru_cache(maxsize=8)
def _fresh(spec: DataSpec) -> Part:
    """Rows drawn anew from the same generator; they are numbered after the data set's own."""
    data = generated(spec, spec.fresh_test, derived_seed(spec.random_state, 1))
    rows = np.arange(spec.fresh_test, dtype=np.uint32) + np.uint32(spec.n_samples)
    return Part(x=data.x, y=data.y, rows=rows)


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
