"""A data set in its train, validation and test parts, ready to train on."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data.checks import in_rows, one_class
from regsearch.data.dividing import counts_of, divided, in_order
from regsearch.data.imputation import fill_in
from regsearch.data.named import GENERATED, generated
from regsearch.data.scaling import standardized
from regsearch.data.sources import load
from regsearch.data.subsets import DataSet, Split, Subset
from regsearch.errors import DataError
from regsearch.seeds import fresh_rows_seed
from regsearch.spec import DataSpec, Task


def make_split(spec: DataSpec, *, seed: int | None = None, repeat: int = 0) -> Split:
    """Divide a data set.

    A generated set, already shuffled, is divided in order by counts: train first, then validation, then test. Else rows
    are drawn, or follow from their time or from a column; see SplitSpec.

    Args:
        spec: what to divide, and how.
        seed: of this repeat's own draw of train and validation rows; None for the one fixed split.
        repeat: which repeat it is for: it decides the fold.

    Returns:
        The parts; missing values filled in, and features standardized where the spec says so, by the train rows.

    Raises:
        DataError: the split does not fit the data, or leaves nothing to learn from in the train part.
    """
    data, split = load(spec), spec.split
    if split.in_counts and spec.source in GENERATED and seed is None:
        division = in_order(counts_of(split, len(data.x)))
    else:
        division = divided(data, split, random_state=spec.random_state, seed=seed, repeat=repeat)
    found = Split(
        train=_part(data, division.train),
        validation=_part(data, division.validation),
        test=_test_part(spec, data, division.test),
    )
    _check_train_part(data.task, found.train)
    fill_in(found, data.imputations, data.feature_names)
    return standardized(found) if spec.scale == "standard" else found


def _check_train_part(task: Task, train: Subset) -> None:
    """Raise where a division that the data allow leaves nothing to learn from, as it may where a class is rare."""
    rows = in_rows(len(train.y))
    if task != "regression" and one_class(train.y):
        raise DataError("data.split", f"leaves {rows} of one class only to train on; train on more rows")
    if train.weights is not None and not train.weights.any():
        raise DataError("data.split", f"leaves {rows} to train on, all of weight 0; train on more rows")


def _test_part(spec: DataSpec, data: DataSet, rows: NDArray[Any]) -> Subset | None:
    if spec.source in GENERATED and spec.fresh_test:
        return _fresh(spec)
    return _part(data, rows) if len(rows) else None


@lru_cache(maxsize=8)
def _fresh(spec: DataSpec) -> Subset:
    """Rows drawn anew from the same generator; they are numbered after the data set's own."""
    data = generated(spec, spec.fresh_test, fresh_rows_seed(spec.random_state))
    rows = np.arange(spec.fresh_test, dtype=np.uint32) + np.uint32(spec.n_samples)
    return Subset(x=data.x, y=data.y, rows=rows)


def _part(data: DataSet, rows: NDArray[Any]) -> Subset:
    weights = None if data.weights is None else data.weights[rows]
    return Subset(x=data.x[rows], y=data.y[rows], rows=rows.astype(np.uint32), weights=weights)
