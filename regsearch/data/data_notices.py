"""What is worth knowing of a data set before a search trusts it."""

from collections.abc import Iterator, Sequence

import numpy as np

from regsearch.data.checks import in_rows
from regsearch.data.repeated_rows import repeated_rows
from regsearch.data.subsets import DataSet, Split
from regsearch.data.suspicious_columns import suspicious_columns
from regsearch.notices import Notice

FEWEST_ROWS = 30  # of a subset
IMBALANCED = 0.8  # share of rows of the largest class
NAMED = 5  # columns in a message, at most


def data_notices(data: DataSet, split: Split, *, metric: str) -> tuple[Notice, ...]:
    """Return what is worth knowing of a data set and its first split.

    Codes: `repeated-rows`, `index-column` and `row-numbers`, `nearly-unique`, `one-hot-identifier`, `constant-column`,
    `target-in-column`, `small-subset`, `imbalanced-classes`, and what was noticed while the data were read.

    Args:
        data: all rows.
        split: as the first repeat has it.
        metric: what repeats are scored by.
    """
    return (*data.notices, *_of_columns(data), *_of_rows(split), *_of_subsets(split), *_of_classes(data, metric))


def _of_columns(data: DataSet) -> Iterator[Notice]:
    found = suspicious_columns(data)
    said = {
        "row-numbers": (found.numbering, "number the rows", "numbers the rows"),
        "nearly-unique": (found.nearly_unique, "are different in nearly every row", "is different in nearly every row"),
        "one-hot-identifier": (
            found.one_hot_identifiers,
            *["takes a feature for every other row, one-hot"] * 2,
        ),
        "constant-column": (found.constant, "are the same in every row", "is the same in every row"),
        "target-in-column": (found.revealing, "give the target away alone", "gives the target away alone"),
    }
    remedy = {
        "constant-column": "nothing can be learnt from it",
        "target-in-column": "is it known when predictions are made? if not, drop it",
    }
    for code, (names, several, one) in said.items():
        if names:
            what = f"column{'s' if len(names) > 1 else ''} {_listed(names)} {several if len(names) > 1 else one}"
            yield Notice(code=code, message=f"{what}; {remedy.get(code, 'if it is an identifier, drop it')}")


def _of_rows(split: Split) -> Iterator[Notice]:
    repeated, total = repeated_rows(split)
    if repeated:
        what = f"{in_rows(repeated)} of {total} to validate and test on stand in another subset too"
        remedy = "drop repeated rows, or keep them together by data.group"
        yield Notice(code="repeated-rows", message=f"{what}, with the same features and target; {remedy}")


def _of_subsets(split: Split) -> Iterator[Notice]:
    for name, subset in (("train", split.train), ("validation", split.validation), ("test", split.test)):
        if subset is not None and len(subset.x) < FEWEST_ROWS:
            what = f"the {name} subset has {in_rows(len(subset.x))}"
            yield Notice(code="small-subset", message=f"{what}; scores on fewer than {FEWEST_ROWS} say little")


def _of_classes(data: DataSet, metric: str) -> Iterator[Notice]:
    if metric != "accuracy" or data.task == "regression":
        return
    if data.task == "multilabel":
        shares = data.y.mean(axis=0)  # (labels,)
        share, largest = float(np.maximum(shares, 1 - shares).mean()), "the commoner value of each label"
    else:
        classes, counts = np.unique(data.y, return_counts=True)
        share, number = float(counts.max() / counts.sum()), int(classes[counts.argmax()])
        largest = f"class {data.class_names[number] if data.class_names else number!r}"
    if share >= IMBALANCED:
        balanced = "" if data.task == "multilabel" else "balanced_accuracy, "
        others = f"{balanced}f1 or average_precision"
        what = f"always saying {largest} has an accuracy of {share:.3f}"
        yield Notice(code="imbalanced-classes", message=f"{what}; evaluation.metric may be {others}")


def _listed(names: Sequence[str]) -> str:
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    return ", ".join([*map(repr, names[:NAMED]), *more])
