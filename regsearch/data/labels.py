"""The labels of a data set, and the task that follows from them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.errors import DataError
from regsearch.notices import Notice
from regsearch.spec import Task

FEW = 20  # integers of so many different values are taken for classes
UNSURE = (6, 200)  # so many different integers may be classes or amounts
MAX_CLASSES = 1_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Labels:
    """What to predict; see DataSet."""

    y: NDArray[np.float64 | np.float32 | np.int32]
    task: Task
    n_outputs: int
    class_names: tuple[str, ...] = ()
    class_values: NDArray[Any] | None = None
    notices: tuple[Notice, ...] = ()


def labels_of(values: NDArray[Any], task: Task | None, *, field: str, name: str) -> Labels:
    """Return values as labels: strings, booleans and integers of few kinds are classes, others numbers.

    Args:
        values: (rows,), or (rows, targets) of a regression of several, or of several labels.
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
    if task == "multilabel":
        raise DataError(field, f"{name} is one column; several labels take a column of 0 and 1 each")
    if task == "regression" or (task is None and not _are_classes(values)):
        y = _numbers(values, field, name)[:, None]
        return Labels(y=y, task="regression", n_outputs=1, notices=_doubtful(values, task, name))
    return replace(_classes(values, task, field, name), notices=_doubtful(values, task, name))


def _several(values: NDArray[Any], task: Task | None, field: str, name: str) -> Labels:
    if values.ndim != 2 or task in ("binary", "multiclass"):
        raise DataError(field, f"{name} has shape {values.shape}; it must be one column, or several of numbers")
    y = _numbers(values, field, name)
    labels = bool(np.isin(y, (0, 1)).all())
    if task is None and labels and (y.sum(axis=1) == 1).all():
        problem = f"{name} looks one-hot (a single 1 per row); give the classes' numbers in one column"
        raise DataError(field, f'{problem}, or write task = "multilabel" if several labels may be 1 at once')
    if task == "multilabel" or (task is None and labels):
        return _labels(y, field, name)
    return Labels(y=y, task="regression", n_outputs=y.shape[1])


def _labels(y: NDArray[np.float64], field: str, name: str) -> Labels:
    """Return several labels of 0 and 1 per row."""
    other = y[~np.isin(y, (0, 1))]
    if other.size:
        raise DataError(field, f"{name} holds {other[0]:g}; several labels are 0 and 1 each")
    return Labels(y=y.astype(np.float32), task="multilabel", n_outputs=y.shape[1])


def _are_classes(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "OUSb" or (_are_whole(values) and len(np.unique(values)) <= FEW)


def _are_whole(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "iu" or bool(np.isfinite(values).all() and (values == np.floor(values)).all())


def _doubtful(values: NDArray[Any], task: Task | None, name: str) -> tuple[Notice, ...]:
    """Return a notice where integers were taken for classes, or for amounts, and might be the other."""
    if task is not None or values.dtype.kind in "OUSb" or not _are_whole(values):
        return ()
    different = len(np.unique(values))
    if not UNSURE[0] <= different <= min(UNSURE[1], len(values) // 2):
        return ()
    taken, other = ("classes", "regression") if different <= FEW else ("amounts", "multiclass")
    what = f"{name} holds {different} different integers, taken for {taken}"
    return (Notice(code=f"integers-as-{taken}", message=f'{what}; if they are not, write task = "{other}"'),)


def _classes(values: NDArray[Any], task: Task | None, field: str, name: str) -> Labels:
    if values.dtype.kind == "f" and (broken := values[values != np.floor(values)]).size:
        problem = f"{name} holds numbers that are not whole, such as {broken[0]:g}; a {task} target has classes"
        raise DataError(field, f'{problem}: write task = "regression"')
    try:
        known, numbers = np.unique(values, return_inverse=True)
    except TypeError:  # values that cannot be ordered
        raise DataError(field, f"{name} holds values of several types; all must be strings, or all numbers") from None
    if len(known) < 2:
        only = repr(str(known[0])) if isinstance(known[0], str) else str(known[0])
        raise DataError(field, f"{name} is {only} in every row; it takes two classes or more")
    if len(known) > MAX_CLASSES:
        ways = 'write task = "regression", or ' if values.dtype.kind in "iuf" else ""
        problem = f"{name} has {len(known):,} classes; it may have {MAX_CLASSES:,}"
        raise DataError(field, f"{problem}: {ways}group rare classes")
    if task == "binary" and len(known) != 2:
        raise DataError(field, f"{name} has {len(known)} classes; a binary target has 2")
    names = tuple(f"{one:g}" if values.dtype.kind == "f" else str(one) for one in known)
    own = None if values.dtype.kind in "OUS" else known  # strings are their names
    if len(known) == 2 and task != "multiclass":
        y = numbers[:, None].astype(np.float32)
        return Labels(y=y, task="binary", n_outputs=1, class_names=names, class_values=own)
    y_multi = numbers[:, None].astype(np.int32)
    return Labels(y=y_multi, task="multiclass", n_outputs=len(known), class_names=names, class_values=own)


def _numbers(values: NDArray[Any], field: str, name: str) -> NDArray[np.float64]:
    if values.dtype.kind not in "biuf":
        example = next((value for value in values.ravel() if not isinstance(value, int | float)), "")
        raise DataError(field, f"{name} holds {str(example)!r}; a regression's target is numbers")
    numbers = values.astype(np.float64)
    check_float32(numbers, field, name)
    return numbers


def check_float32(values: NDArray[Any], field: str, name: str) -> None:
    """Raise where a number has no place in a float32.

    Args:
        values: numbers; NaN and infinity stay what they are.
        field: of the sweep file, for messages.
        name: what they are called in messages.

    Raises:
        DataError: a number is too large.
    """
    too_large = np.isfinite(values) & (np.abs(values) > np.finfo(np.float32).max)
    if too_large.any():
        raise DataError(field, f"{name} holds {values[too_large][0]:g}, more than the 3.4e38 of a float32; rescale it")


def narrowed(values: NDArray[Any], field: str, name: str) -> NDArray[np.float32] | NDArray[np.float64]:
    """Return numbers as float32 where it holds each exactly, else as float64; see check_float32."""
    if values.dtype == np.float32:
        return values
    wide = values.astype(np.float64, copy=False)
    check_float32(wide, field, name)
    narrow = values.astype(np.float32)
    return narrow if np.array_equal(narrow, wide, equal_nan=True) else wide


def in_float32(values: NDArray[Any], field: str, name: str) -> NDArray[np.float32]:
    """Return numbers as float32; see check_float32."""
    check_float32(values, field, name)
    return values.astype(np.float32)
