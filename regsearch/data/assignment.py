"""The assignment of rows to the train, validation and test subsets."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from regsearch.data.checks import in_rows
from regsearch.data.subsets import DataSet
from regsearch.errors import DataError
from regsearch.seeds import fold_seed
from regsearch.spec import SplitSpec

FIELD = "data.split"
Rows = NDArray[np.int64]  # positions of rows


class Assignment(NamedTuple):
    """Positions of rows, (rows of the subset,) int64 each."""

    train: Rows
    validation: Rows
    test: Rows


class Counts(NamedTuple):
    """How many rows each subset is to have."""

    train: int
    validation: int
    test: int


def assign_rows(data: DataSet, split: SplitSpec, *, random_state: int, seed: int | None, repeat: int) -> Assignment:
    """Return which rows are in which subset.

    The test subset depends on `random_state` alone; so do folds, with the repeat's index. Groups stay together, in
    numbers of rows as near to those asked for as whole groups allow.

    Args:
        data: whose rows they are.
        split: the sizes of the subsets, or what decides them.
        random_state: seed of what all repeats share.
        seed: of a repeat's own draw of train and validation rows; None for the one fixed draw.
        repeat: the repeat's index, which decides the fold.

    Raises:
        DataError: the data cannot be split so.
    """
    if split.column:
        assignment = _by_column(data)
    elif split.order == "time":
        assignment = _by_time(data, split, repeat)
    else:
        assignment = _at_random(data, split, random_state, seed, repeat)
    if data.groups is not None:
        _check_groups(data.groups, assignment)
    return assignment


def assign_in_order(counts: Counts) -> Assignment:
    """Return rows as they come: the first train, the next validate, the last test."""
    return Assignment(*np.split(np.arange(sum(counts)), [counts.train, counts.train + counts.validation]))


def counts_of(split: SplitSpec, rows: int) -> Counts:
    """Return how many of all rows are in each subset; with folds those of the first.

    Raises:
        DataError: there are fewer rows, or none is left to train or to validate on.
    """
    test = int(split.test) if split.test >= 1 else round(split.test * rows)
    if split.folds:
        if rows - test < split.folds:
            raise DataError(f"{FIELD}.folds", f"{split.folds} folds need as many rows; there are {max(0, rows - test)}")
        return Counts(rows - test - (rows - test) // split.folds, (rows - test) // split.folds, test)
    validation = int(split.validation) if split.validation >= 1 else round(split.validation * rows)
    rest = rows - test - validation
    train = rest
    if split.train is not None:
        train = int(split.train) if split.in_counts else min(round(split.train * rows), rest)
    if train + validation + test > rows:
        raise DataError(FIELD, f"asks for {train + validation + test} rows and there are {rows}")
    if min(train, validation) <= 0:
        raise DataError(FIELD, f"leaves {train} rows to train on and {validation} to validate on")
    return Counts(train, validation, test)


def _at_random(data: DataSet, split: SplitSpec, random_state: int, seed: int | None, repeat: int) -> Assignment:
    counts, rows = counts_of(split, len(data.x)), np.arange(len(data.x))
    rest, test = _draw_two(data, split, rows, len(rows) - counts.test, counts.test, random_state)
    if split.folds:
        shuffle, fold = divmod(repeat, split.folds)
        return Assignment(*_fold(data, split, rest, fold, fold_seed(random_state, shuffle)), test)
    train_state = random_state if seed is None else seed
    return Assignment(*_draw_two(data, split, rest, counts.train, counts.validation, train_state), test)


def _draw_two(
    data: DataSet, split: SplitSpec, rows: Rows, first: int, second: int, random_state: int
) -> tuple[Rows, Rows]:
    """Draw two disjoint subsets of so many of these rows."""
    from sklearn.model_selection import train_test_split

    if not second:
        return rows, rows[:0]
    if data.groups is not None:
        return _whole_groups(data.groups, rows, first, second, random_state)
    classes = _classes(data, split, rows, 2)
    try:
        drawn = train_test_split(rows, train_size=first, test_size=second, random_state=random_state, stratify=classes)
    except ValueError as error:
        raise DataError(FIELD, f"cannot keep the classes' proportions: {error}; or write stratify = false") from None
    return drawn[0], drawn[1]


def _whole_groups(groups: Rows, rows: Rows, first: int, second: int, random_state: int) -> tuple[Rows, Rows]:
    """Assign shuffled groups: to the second subset until it is as near to its size as can be, then to the first.

    Raises:
        DataError: there are fewer groups than subsets.
    """
    known, sizes = np.unique(groups[rows], return_counts=True)
    if len(known) < 2:
        many = "is one group, which stays" if len(np.unique(groups)) == 1 else "are too few groups, which stay"
        raise DataError("data.group", f"there {many} in one subset; every subset needs a group of its own")
    order = np.random.default_rng(random_state).permutation(len(known))
    ends = np.cumsum(sizes[order])
    border = 1 + int(np.abs(ends[:-1] - second).argmin())
    end = border + 1 + int(np.abs(ends[border:] - ends[border - 1] - first).argmin())
    chosen = [np.isin(groups[rows], known[drawn]) for drawn in (order[border:end], order[:border])]
    return rows[chosen[0]], rows[chosen[1]]


def _fold(data: DataSet, split: SplitSpec, rows: Rows, fold: int, random_state: int) -> tuple[Rows, Rows]:
    """Return the rows to train on and those to validate on in one of the folds."""
    from sklearn import model_selection as sklearn

    classes = _classes(data, split, rows, split.folds)
    groups = None if data.groups is None else data.groups[rows]
    if groups is not None and (count := len(np.unique(groups))) < split.folds:
        raise DataError(f"{FIELD}.folds", f"{split.folds} folds need as many groups; there are {count}")
    kinds = {
        (False, False): sklearn.KFold,
        (True, False): sklearn.StratifiedKFold,
        (False, True): sklearn.GroupKFold,
        (True, True): sklearn.StratifiedGroupKFold,
    }
    kind = kinds[classes is not None, groups is not None]
    folds = kind(split.folds, shuffle=True, random_state=random_state).split(rows, classes, groups)
    train, validation = list(folds)[fold]
    return rows[train], rows[validation]


def _classes(data: DataSet, split: SplitSpec, rows: Rows, subsets: int) -> Rows | None:
    """Return what keeps its proportions in every subset; None where nothing does.

    Raises:
        DataError: a class has fewer rows than subsets.
    """
    if data.task == "regression" or not split.stratify:
        return None
    classes: Rows = data.y[rows, 0].astype(int)
    known, counts = np.unique(classes, return_counts=True)
    if counts.min() < subsets:
        number = int(known[counts.argmin()])
        name = repr(data.class_names[number]) if data.class_names else number
        problem = f"class {name} has {in_rows(int(counts.min()))} for {subsets} subsets, each of which is to have some"
        raise DataError(FIELD, f"{problem}; add rows, leave the class out, or write stratify = false")
    return classes


def _by_column(data: DataSet) -> Assignment:
    assert data.subset_names is not None, "loaded without the column"
    assignment = Assignment(*(np.flatnonzero(data.subset_names == name) for name in Assignment._fields))
    for name in ("train", "validation"):
        if not len(getattr(assignment, name)):
            raise DataError(f"{FIELD}.column", f"no row is in the {name} subset; the column must say {name!r} for some")
    return assignment


def _by_time(data: DataSet, split: SplitSpec, repeat: int) -> Assignment:
    """Return the earliest rows to train on, later ones to validate on, the last ones to test on.

    Rows of the same time stay together: borders move to the nearest change of time. With folds, as in time-series
    cross-validation, each fold trains on all rows before those it validates on.
    """
    if data.times is None:
        needed = "data.time of a table, or times beside x and y"
        raise DataError(f"{FIELD}.order", f'"time" needs what rows are ordered by: {needed}')
    counts, order = counts_of(split, len(data.x)), np.argsort(data.times, kind="stable")
    times = data.times[order]
    changes = np.flatnonzero(times[1:] != times[:-1]) + 1
    if not len(changes):
        raise DataError("data.time", "is the same in every row, so that none is before another")
    end = len(order) - counts.test
    size = end // (split.folds + 1) if split.folds else counts.validation
    last = end - size * (split.folds - 1 - repeat % split.folds) if split.folds else end
    first = 0 if split.folds or split.train is None else last - size - counts.train
    borders = [_moved(place, changes, len(order)) for place in (first, last - size, last, end)]
    start, middle, stop, test = borders
    if not (start < middle < stop) or (counts.test and test == len(order)):
        raise DataError(FIELD, f"leaves a subset without rows: times change {len(changes)} times in {len(order)} rows")
    return Assignment(order[start:middle], order[middle:stop], order[test:])


def _moved(place: int, changes: Rows, rows: int) -> int:
    """Return the place nearest to this one between two rows of different times; both ends of the data are such."""
    places = np.concatenate([[0], changes, [rows]])
    return int(places[np.abs(places - place).argmin()])


def _check_groups(groups: Rows, assignment: Assignment) -> None:
    """Raise where a group has rows in several subsets."""
    train, validation, test = (np.unique(groups[rows]) for rows in assignment)
    pairs = ((train, validation), (train, test), (validation, test))
    several = np.unique(np.concatenate([np.intersect1d(*pair) for pair in pairs]))
    if len(several):
        rows = np.flatnonzero(groups == several[0])
        what = f"{len(several)} of {len(np.unique(groups))} groups have rows in several subsets"
        example = f"such as rows {rows[0] + 1} and {rows[-1] + 1} of one"
        remedy = "leave out data.group, or the order or column that splits them"
        raise DataError("data.group", f"{what}, {example}; {remedy}")
