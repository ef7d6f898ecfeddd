"""The labels of a data set, and the task that follows from them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.errors import DataError
from regsearch.spec import Task

FEW = 20  # integers of so many different values are taken for classes
MAX_CLASSES = 1_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Labels:
    """What to predict; see DataSet."""

    y: NDArray[np.float32 | np.int32]
    task: Task
    n_outputs: int
    class_names: tuple[str, ...] = ()


def labels_of(values: NDArray[Any], task: Task | None, *, field: str, name: str) -> Labels:
    """Return values as labels: strings, booleans and integers of few kinds are classes, others numbers.

    Args:
        values: (rows,), or (rows, targets) of a regression of several.
        task: what kind of target it is; None to tell by the values.
        field: of the sweep file, for messages.
        name: what the values are called in messages.

    Raises:
        DataError: there is one class, or more than 1,000; or the values are not of this task.
    """
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        return _several(values, task, field, name)
    if values.dtype.kind not in "OUSbiuf":
        raise DataError(field, f"{name} holds {values.dtype}; it may hold numbers, strings, or true and false")
    if task == "regression" or (task is None and not _are_classes(values)):
        return Labels(y=_numbers(values, field, name)[:, None], task="regression", n_outputs=1)
    return _classes(values, task, field, name)


def _several(values: NDArray[Any], task: Task | None, field: str, name: str) -> Labels:
    if values.ndim != 2 or task not in (None, "regression"):
        raise DataError(field, f"{name} has shape {values.shape}; it must be one column, or several of numbers")
    y = _numbers(values, field, name)
    if task is None and np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all():
        raise DataError(field, f"{name} looks one-hot (a single 1 per row); give the classes' numbers in one column")
    return Labels(y=y, task="regression", n_outputs=y.shape[1])


def _are_classes(values: NDArray[Any]) -> bool:
    if values.dtype.kind in "OUSb":
        return True
    whole = values.dtype.kind in "iu" or bool(np.isfinite(values).all() and (values == np.floor(values)).all())
    return whole and len(np.unique(values)) <= FEW


def _classes(values: NDArray[Any], task: Task | None, field: str, name: str) -> Labels:
    if values.dtype.kind == "f" and (broken := values[values != np.floor(values)]).size:
        problem = f"{name} holds numbers that are not whole, such as {broken[0]:g}; a {task} target has classes"
        raise DataError(field, f'{problem}: write task = "regression"')
    try:
        known, numbers = np.unique(values, return_inverse=True)
    except TypeError:  # values that cannot be ordered
        raise DataError(field, f"{name} holds values of several types; all must be strings, or all numbers") from None
    if len(known) < 2:
        raise DataError(field, f"{name} is {known[0]!s} in every row; it takes two classes or more")
    if len(known) > MAX_CLASSES:
        ways = 'write task = "regression", or ' if values.dtype.kind in "iuf" else ""
        problem = f"{name} has {len(known):,} classes; it may have {MAX_CLASSES:,}"
        raise DataError(field, f"{problem}: {ways}group rare classes")
    if task == "binary" and len(known) != 2:
        raise DataError(field, f"{name} has {len(known)} classes; a binary target has 2")
    names = tuple(f"{one:g}" if values.dtype.kind == "f" else str(one) for one in known)
    if len(known) == 2 and task != "multiclass":
        return Labels(y=numbers[:, None].astype(np.float32), task="binary", n_outputs=1, class_names=names)
    y = numbers[:, None].astype(np.int32)
    return Labels(y=y, task="multiclass", n_outputs=len(known), class_names=names)


def _numbers(values: NDArray[Any], field: str, name: str) -> NDArray[np.float32]:
    if values.dtype.kind not in "biuf":
        example = next((value for value in values.ravel() if not isinstance(value, int | float)), "")
        raise DataError(field, f"{name} holds {example!r}; a regression's target is numbers")
    return in_float32(values, field, name)


def in_float32(values: NDArray[Any], field: str, name: str) -> NDArray[np.float32]:
    """Return numbers as float32.

    Args:
        values: numbers; NaN and infinity stay what they are.
        field: of the sweep file, for messages.
        name: what they are called in messages.

    Raises:
        DataError: a number is too large.
    """
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
    too_large = np.isinf(narrow)
    if too_large.any() and (too_large := too_large & np.isfinite(values)).any():
        raise DataError(field, f"{name} holds {values[too_large][0]:g}, more than the 3.4e38 of a float32; rescale it")
    return narrow
