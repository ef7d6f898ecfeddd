"""The lines of a script that say which rows train and which validate."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.data import DataSet, Split
from regsearch.data.assignment import counts_of
from regsearch.data.named import GENERATED
from regsearch.errors import InputError
from regsearch.script.code import Code, literal
from regsearch.seeds import fold_seed, split_seed
from regsearch.spec import DataSpec, TrialSpec


def rows_code(spec: TrialSpec, data: DataSet, split: Split, *, repeat: int, seed: int, code: Code) -> None:
    """Add the lines that assign to `train` and `validation` the positions of their rows.

    Args:
        spec: what is trained.
        data: all rows.
        split: what the lines must give.
        repeat: whose split it is.
        seed: its seed.
        code: what the lines are added to.
    """
    how = spec.data.split
    if how.redraw:
        raise InputError("--to", "a script cannot draw the rows of one repeat anew; export .keras or .toml")
    if how.in_counts and spec.data.source in GENERATED and not spec.resample:
        end = len(split.train.x) + len(split.validation.x)
        code.add(f"train, validation = np.arange({len(split.train.x)}), np.arange({len(split.train.x)}, {end})")
    elif how.column:
        column = f"table[{literal(how.column)}]"
        code.add(*(f'{name} = np.flatnonzero({column} == "{name}")' for name in ("train", "validation")))
    elif how.order == "time":
        _by_time(data, split, code)
    else:
        _at_random(spec, data, split, repeat, seed, code)


def _by_time(data: DataSet, split: Split, code: Code) -> None:
    order = np.argsort(data.times, kind="stable")  # type: ignore[arg-type]
    place = np.empty(len(order), int)
    place[order] = np.arange(len(order))
    code.add('order = np.argsort(times, kind="stable")')
    for name, subset in (("train", split.train), ("validation", split.validation)):
        places = place[subset.rows.astype(int)]
        code.add(f"{name} = order[{places[0]}:{places[-1] + 1}]")


def _at_random(spec: TrialSpec, data: DataSet, split: Split, repeat: int, seed: int, code: Code) -> None:
    """Add the lines that draw the test rows, which nothing here looks at, then those of the two other subsets."""
    how, random_state = spec.data.split, spec.data.random_state
    counts = counts_of(how, len(data.x))
    code.add("rows = np.arange(len(y))")
    if counts.test:
        left = np.sort(np.setdiff1d(np.arange(len(data.x)), _test_rows(split)))
        _draw(data, spec.data, "rows", len(data.x) - counts.test, counts.test, random_state, code, left=left)
    if how.folds:
        shuffle, fold = divmod(repeat, how.folds)
        _fold(data, spec.data, fold, fold_seed(random_state, shuffle), code)
        return
    state = split_seed(seed) if spec.resample else random_state
    _draw(
        data,
        spec.data,
        "train, validation",
        counts.train,
        counts.validation,
        state,
        code,
        left=split.train.rows,
        right=split.validation.rows,
    )


def _draw(
    data: DataSet,
    spec: DataSpec,
    names: str,
    first: int,
    second: int,
    random_state: int,
    code: Code,
    *,
    left: NDArray[Any],
    right: NDArray[Any] | None = None,
) -> None:
    """Add the line that draws two disjoint subsets of `rows`, or whole groups of them."""
    if data.groups is not None:
        _draw_groups(data, names, random_state, code, left=left, right=right)
        return
    code.needs("from sklearn.model_selection import train_test_split")
    stratify = ", stratify=y[rows]" if data.task != "regression" and spec.split.stratify else ""
    if stratify and data.task == "multilabel":
        stratify = ", stratify=y[rows, 0]"
    sizes = f"train_size={first}, test_size={second}, random_state={random_state}{stratify}"
    target = names if "," in names else f"{names}, _"
    code.add(f"{target} = train_test_split(rows, {sizes})")


def _draw_groups(
    data: DataSet, names: str, random_state: int, code: Code, *, left: NDArray[Any], right: NDArray[Any] | None
) -> None:
    """Add the lines that draw whole groups: how many there are of each is known."""
    assert data.groups is not None
    code.add(f"drawn = np.random.default_rng({random_state}).permutation(np.unique(groups[rows]))")
    firsts = len(np.unique(data.groups[left.astype(int)]))
    if right is None:
        code.add(f"rows = rows[np.isin(groups[rows], drawn[-{firsts}:])]")
        return
    seconds = len(np.unique(data.groups[right.astype(int)]))
    code.add(
        f"train = rows[np.isin(groups[rows], drawn[{seconds}:{seconds + firsts}])]",
        f"validation = rows[np.isin(groups[rows], drawn[:{seconds}])]",
    )


def _fold(data: DataSet, spec: DataSpec, fold: int, random_state: int, code: Code) -> None:
    """Add the lines that take one of the folds."""
    stratified = data.task != "regression" and spec.split.stratify
    grouped = data.groups is not None
    kind = f"{'Stratified' if stratified else ''}{'Group' if grouped else ''}KFold"
    code.needs(f"from sklearn.model_selection import {kind}")
    classes = "y[rows, 0]" if data.task == "multilabel" else "y[rows]"
    given = f"rows, {classes if stratified else None}, {'groups[rows]' if grouped else None}"
    code.add(
        f"folds = {kind}({spec.split.folds}, shuffle=True, random_state={random_state}).split({given})",
        f"train, validation = (rows[part] for part in list(folds)[{fold}])",
    )


def _test_rows(split: Split) -> NDArray[Any]:
    return np.empty(0, int) if split.test is None else split.test.rows.astype(int)
