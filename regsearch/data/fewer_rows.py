"""A part of the rows to train on, for what fewer rows would have given."""

import numpy as np
from numpy.typing import NDArray

from regsearch.data.subsets import DataSet
from regsearch.errors import DataError
from regsearch.seeds import kept_rows_seed
from regsearch.spec import SplitSpec

Rows = NDArray[np.int64]  # positions of rows


def fewer_rows(data: DataSet, split: SplitSpec, rows: Rows, *, seed: int) -> Rows:
    """Return `split.keep` of the rows to train on.

    A repeat leaves rows out in one order, so that what is kept of fewer is a part of what is kept of more. In time the
    latest stay, in every repeat. Else each repeat draws an order of its own, in which classes keep their proportions
    and groups stay together; their rows come as near to the number as whole groups allow.

    Args:
        data: whose rows they are.
        split: how many to keep, and how rows were split.
        rows: the positions of the train rows; in time, the earliest first.
        seed: of the repeat.

    Raises:
        DataError: there are fewer.
    """
    if split.keep > len(rows):
        raise DataError("data.split.keep", f"must be at most the {len(rows):,} rows to train on, got {split.keep:,}")
    if split.order == "time":
        return rows[len(rows) - split.keep :]
    random = np.random.default_rng(kept_rows_seed(seed))
    shuffled = random.permutation(rows)
    if data.groups is not None:
        return _whole_groups(data.groups[shuffled], shuffled, split.keep)
    if data.task == "regression" or not split.stratify:
        return shuffled[: split.keep]
    return shuffled[_in_proportion(data.y[shuffled, 0])[: split.keep]]


def _in_proportion(classes: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return an order whose every beginning has the classes in about their proportions."""
    _, number, counts = np.unique(classes, return_inverse=True, return_counts=True)
    by_class = np.argsort(number, kind="stable")
    place = np.empty(len(classes), np.intp)  # of each row within its class
    place[by_class] = np.arange(len(classes)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.argsort((place + 0.5) / counts[number], kind="stable")


def _whole_groups(groups: NDArray[np.int64], rows: Rows, keep: int) -> Rows:
    """Return the rows of the first groups, as many groups as come nearest to that number of rows."""
    known, first, sizes = np.unique(groups, return_index=True, return_counts=True)
    order = np.argsort(first)
    many = 1 + int(np.abs(np.cumsum(sizes[order]) - keep).argmin())
    return rows[np.isin(groups, known[order[:many]])]
