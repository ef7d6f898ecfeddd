"""A data set split into train, validation and test subsets, ready to train on."""

import numpy as np
from numpy.typing import NDArray

from regsearch.data.assignment import assign_in_order, assign_rows, counts_of
from regsearch.data.checks import in_rows, one_class
from regsearch.data.imputation import fill_in
from regsearch.data.named import GENERATED
from regsearch.data.scaling import standardized
from regsearch.data.sources import fresh_rows, load
from regsearch.data.subsets import DataSet, Split, Subset
from regsearch.errors import DataError
from regsearch.spec import DataSpec, Task


def make_split(spec: DataSpec, *, seed: int | None = None, repeat: int = 0) -> Split:
    """Split a data set.

    A generated set, already shuffled, is split in order by counts: train first, then validation, then test. Else rows
    are drawn, or follow from their time or from a column; see SplitSpec.

    Args:
        spec: what to split, and how.
        seed: of this repeat's own draw of train and validation rows; None for the one fixed split.
        repeat: which repeat it is for: it decides the fold.

    Returns:
        The subsets; missing values filled in, and features standardized where the spec says so, by the train rows.

    Raises:
        DataError: the split does not fit the data, or leaves nothing to learn from in the train subset.
    """
    data, how = load(spec), spec.split
    if how.in_counts and spec.source in GENERATED and seed is None:
        assigned = assign_in_order(counts_of(how, len(data.x)))
    else:
        assigned = assign_rows(data, how, random_state=spec.random_state, seed=seed, repeat=repeat)
    train, validation = _subset(data, assigned.train), _subset(data, assigned.validation)
    _check_train(data.task, train)
    split = Split(train=train, validation=validation, test=_test(spec, data, assigned.test))
    fill_in(split, data.imputations, data.feature_names)
    return standardized(split) if spec.scale == "standard" else split


def _check_train(task: Task, train: Subset) -> None:
    """Raise where a split that the data allow leaves nothing to learn from, as it may where a class is rare."""
    rows = in_rows(len(train.y))
    if task != "regression" and one_class(train.y):
        raise DataError("data.split", f"leaves {rows} of one class only to train on; train on more rows")
    if train.weights is not None and not train.weights.any():
        raise DataError("data.split", f"leaves {rows} to train on, all of weight 0; train on more rows")


def _test(spec: DataSpec, data: DataSet, rows: NDArray[np.int64]) -> Subset | None:
    """Return the test subset; fresh rows are numbered after the data set's own."""
    if spec.source in GENERATED and spec.fresh_test:
        fresh = fresh_rows(spec)
        numbers = np.arange(len(fresh.x), dtype=np.uint32) + np.uint32(spec.n_samples)
        return Subset(x=fresh.x, y=fresh.y, rows=numbers)
    return _subset(data, rows) if len(rows) else None


def _subset(data: DataSet, rows: NDArray[np.int64]) -> Subset:
    weights = None if data.weights is None else data.weights[rows]
    return Subset(x=data.x[rows], y=data.y[rows], rows=rows.astype(np.uint32), weights=weights)
