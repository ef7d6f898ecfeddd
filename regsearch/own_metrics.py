"""Metrics of the user's own, `my_metrics.py:score`.

The function takes the labels and the predictions of all rows and returns one number, or one per row whose mean is the
metric. Labels are (rows,) numbers of classes or of a regression; predictions are (rows,) of one output, the probability
of class 1 of two. Of several classes, labels or targets predictions are (rows, outputs), and so are several labels.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.errors import RAISED, InputError, RegsearchError, in_one_line
from regsearch.in_memory import is_in_memory, kept
from regsearch.loading import check_unchanged, line_in, load_function, resolve
from regsearch.scoring import FIELD, Metric
from regsearch.spec.data_spec import TASK_NAMES

REMEDY = "put the function into a file (metric = 'my_metrics.py:score')"
GROUPS = 30  # of rows, left out in turn

Score = Callable[[NDArray[Any], NDArray[Any]], Any]


def own_metric(reference: str, folder: str, *, digest: str = "", greater_is_better: bool = True) -> Metric:
    """Return the metric in a file of the user's, or in memory.

    A learning curve has no points of it where training is compiled: it cannot be traced.

    Args:
        reference: `file.py:function`, or the name of a function in memory.
        folder: what the file's path is relative to.
        digest: the SHA-256 that the file must have; empty for any.
        greater_is_better: whether more is better.

    Raises:
        InputError: the file is not there, has changed, cannot be imported, or has no such function; or the function is
            of another process.
    """
    function, path = _function(reference, folder, digest)

    def score(y: NDArray[Any], prediction: NDArray[Any]) -> Any:
        try:
            return np.asarray(function(y, prediction), np.float64)
        except RegsearchError:
            raise
        except RAISED as problem:
            line = line_in(path, problem)
            where = f"{path}{f':{line}' if line else ''}"
            raise InputError(FIELD, f"{where}: {in_one_line(problem)}") from problem

    return Metric(
        name=reference,
        rows=lambda xp, y, prediction: rows_of(score, _plain(y), _plain(prediction)),
        compiled=lambda xp, y, prediction: xp.array(np.nan, dtype="float32"),
        greater_is_better=greater_is_better,
        tasks=TASK_NAMES,
        from_zero=True,
    )


def _function(reference: str, folder: str, digest: str) -> tuple[Callable[..., Any], str]:
    """Return the function, and the file that it stands in."""
    if is_in_memory(reference):
        function = kept(reference, field=FIELD, remedy=REMEDY)
        return function, getattr(getattr(function, "__code__", None), "co_filename", "")
    file = reference.rpartition(":")[0]
    check_unchanged(file, folder, digest, field=FIELD, error=InputError)
    function = load_function(reference, folder, field=FIELD, error=InputError)
    return function, str(resolve(file, folder).absolute())


def rows_of(score: Score, y: NDArray[Any], prediction: NDArray[Any]) -> NDArray[np.float64]:
    """Return (rows,) contributions whose mean is the score.

    Where the function gives one number T, the delete-a-group jackknife gives its error (Shao and Tu 1995, The Jackknife
    and Bootstrap, section 2.3): with G groups of rows and T₋ the score without one, its rows contribute

        T + (P - mean of P)·√(N/G),  P = G·T - (G - 1)·T₋.

    Args:
        score: the function.
        y: the labels of N rows.
        prediction: likewise.

    Raises:
        InputError: it gives neither a finite number nor one per row.
    """
    found = score(y, prediction)
    if found.shape not in ((), (len(y),)):
        problem = f"gives an array of shape {found.shape}; it must give a number, or one per row: ({len(y)},)"
        raise InputError(FIELD, problem)
    if not np.isfinite(found).all():
        raise InputError(FIELD, f"gives {found[~np.isfinite(found)].flat[0]}; it must give finite numbers")
    if found.ndim:
        return found  # type: ignore[no-any-return]
    groups = min(GROUPS, len(y))
    member = np.random.default_rng(0).permutation(len(y)) % groups  # (rows,)
    values = np.array([_without(score, y, prediction, member == group, float(found)) for group in range(groups)])
    pseudo = groups * found - (groups - 1) * values
    spread = (pseudo - pseudo.mean()) * np.sqrt(len(y) / groups)
    rows = found + spread[member]
    return rows - (rows.mean() - found)  # type: ignore[no-any-return]  # groups differ by a row


def _without(
    score: Score, y: NDArray[Any], prediction: NDArray[Any], left_out: NDArray[np.bool_], otherwise: float
) -> float:
    """Return the score without some rows; `otherwise` where it is not defined on the rest."""
    if left_out.all():
        return otherwise
    try:
        value = float(score(y[~left_out], prediction[~left_out]))
    except (InputError, TypeError, ValueError):  # as where a class is gone
        return otherwise
    return value if np.isfinite(value) else otherwise


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
