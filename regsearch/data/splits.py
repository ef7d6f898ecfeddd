"""A data set split into train, validation and test subsets, ready to train on."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from regsearch.data.assignment import assign_in_order, assign_rows, counts_of
from regsearch.data.checks import in_rows, one_class
from regsearch.data.fewer_rows import fewer_rows
from regsearch.data.named import GENERATED
from regsearch.data.preparation import Preparation
from regsearch.data.sources import fresh_rows, load, redrawn_rows
from regsearch.data.subsets import DataSet, Split, Subset
from regsearch.errors import DataError
from regsearch.input_use import InputUse
from regsearch.spec import DataSpec, Task


def make_split(
    spec: DataSpec,
    *,
    seed: int | None = None,
    repeat: int = 0,
    kept_seed: int = 0,
    uses: Sequence[InputUse] = (),
    scale_target: bool = False,
    pooled: bool = False,
) -> Split:
    """Split a data set.

    A generated set, already shuffled, is split in order by counts: train first, then validation, then test. Else rows
    are drawn, or follow from their time or from a column; see SplitSpec.

    Args:
        spec: what to split, and how.
        seed: of this repeat's own draw of train and validation rows; None for the one fixed split.
        repeat: which repeat it is for: it decides the fold.
        kept_seed: seed of the order in which train rows are left out, where not all are kept.
        uses: what the model does with each of its inputs, in their order in x; () for nothing that matters.
        scale_target: whether to standardize a regression's labels.
        pooled: whether the validation rows are among the train rows too, to train on all that may be looked at.

    Returns:
        The subsets; missing values filled in, features scaled as the spec says, and labels standardized where asked
        for, all by the train rows.

    Raises:
        DataError: the split does not fit the data, or leaves nothing to learn from in the train subset.
    """
    how, redrawn = spec.split, spec.split.redraw and seed is not None
    data = redrawn_rows(spec, seed) if redrawn and seed is not None else load(spec)
    if how.in_counts and spec.source in GENERATED and (seed is None or redrawn):
        assigned = assign_in_order(counts_of(how, len(data.x)))
    else:
        assigned = assign_rows(data, how, random_state=spec.random_state, seed=seed, repeat=repeat)
    if how.keep:
        kept = fewer_rows(data, how, assigned.train, seed=kept_seed)
        assigned = assigned._replace(train=kept)
    if pooled:
        assigned = assigned._replace(train=np.concatenate([assigned.train, assigned.validation]))
    prepare = Preparation(spec, data, uses, assigned.train, scale_target=scale_target)
    split = prepared_split(data, assigned.train, assigned.validation, prepare)
    if redrawn:
        split = _numbered_apart(split, first=first_row(spec, repeat))
    return replace(split, test=_test(spec, data, assigned.test, prepare))


def first_row(spec: DataSpec, repeat: int) -> int:
    """Return the number of the first row of a repeat's data set: its own, where each repeat's are drawn anew."""
    return spec.n_samples + spec.fresh_test + repeat * spec.n_samples if spec.split.redraw else 0


def _numbered_apart(split: Split, *, first: int) -> Split:
    """Number a repeat's rows from `first` on, since no other repeat has them."""
    train, validation = (replace(of, rows=of.rows + np.uint32(first)) for of in (split.train, split.validation))
    return replace(split, train=train, validation=validation)


def prepared_split(
    data: DataSet, train: NDArray[np.int64], validation: NDArray[np.int64], prepare: Preparation
) -> Split:
    """Return some rows to train on and some to validate on, prepared as the former say; without test rows.

    Args:
        data: whose rows they are.
        train: positions of rows.  # (rows,)
        validation: likewise.  # (rows,)
        prepare: what was fitted on the train rows.

    Raises:
        DataError: the train rows leave nothing to learn from.
    """
    split = Split(
        train=_subset(data, train, prepare),
        validation=_subset(data, validation, prepare),
        test=None,
        target_scale=prepare.target_scale,
    )
    _check_train(data.task, split.train)
    return split


def _check_train(task: Task, train: Subset) -> None:
    """Raise where a split that the data allow leaves nothing to learn from, as it may where a class is rare."""
    rows = in_rows(len(train.y))
    if task != "regression" and one_class(train.y):
        raise DataError("data.split", f"leaves {rows} of one class only to train on; train on more rows")
    if train.weights is not None and not train.weights.any():
        raise DataError("data.split", f"leaves {rows} to train on, all of weight 0; train on more rows")


def _test(spec: DataSpec, data: DataSet, rows: NDArray[np.int64], prepare: Preparation) -> Subset | None:
    """Return the test subset; fresh rows are numbered after the data set's own."""
    if spec.source in GENERATED and spec.fresh_test:
        fresh = fresh_rows(spec)
        subset = _subset(fresh, np.arange(len(fresh.x)), prepare)
        return replace(subset, rows=subset.rows + np.uint32(spec.n_samples))
    return _subset(data, rows, prepare) if len(rows) else None


def _subset(data: DataSet, rows: NDArray[np.int64], prepare: Preparation) -> Subset:
    y, own_y = prepare.labels(data.y[rows])
    weights = None if data.weights is None else data.weights[rows]
    return Subset(x=prepare.features(data.x[rows]), y=y, rows=rows.astype(np.uint32), weights=weights, own_y=own_y)
