"""What is done to a data set: its columns, its classes and its subsets, for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from regsearch.data.columns import Column
from regsearch.data.scaling import Scaling, scaling_of
from regsearch.data.subsets import DataSet, Split
from regsearch.input_slices import InputSlice
from regsearch.input_use import InputUse
from regsearch.spec import DataSpec

SCALED: dict[Scaling, str] = {
    "none": "as it is",
    "standard": "standardized",
    "image": "divided by 255",
    "ids": "ids, as they are",
}
MAX_CATEGORIES_SHOWN = 6  # categories in a description, at most


@dataclass(frozen=True, kw_only=True)
class ColumnDescription:
    """A column of a table, or all features of an array.

    Args:
        name: its name.
        kind: what it holds.
        use: `feature`, `target`, `group`, `time`, `weights`, `split` or `left out`.
        treatment: what becomes of it before a model sees it; empty where nothing does.
        missing: rows without a value.
        input: which input of a model of several takes it; empty for none, and for a model of one.
    """

    name: str
    kind: str
    use: str
    treatment: str
    missing: int
    input: str = ""


@dataclass(frozen=True, kw_only=True)
class DataDescription:
    """What is done to a data set.

    Args:
        task: what kind of labels there are.
        columns: in the order of the table.
        classes: names of classes, or of labels, with their numbers of rows; empty for a regression.
        subsets: names of subsets with their numbers of rows.
    """

    task: str
    columns: tuple[ColumnDescription, ...]
    classes: tuple[tuple[str, int], ...]
    subsets: tuple[tuple[str, int], ...]


def describe_data(spec: DataSpec, data: DataSet, split: Split, uses: Sequence[InputUse] = ()) -> DataDescription:
    """Return what is done to a data set.

    Args:
        spec: what was asked for.
        data: all rows.
        split: as the first repeat has it.
        uses: what the model does with each of its inputs first.

    Raises:
        DataError: the data do not fit what the model does with them.
    """
    pairs = zip(data.slices, uses or [InputUse()] * len(data.slices), strict=True)
    scaled = {taken: SCALED[scaling_of(spec, data, taken, use)] for taken, use in pairs}
    columns = tuple(_of_table(data, scaled, split) if data.columns else _of_arrays(data, scaled, split))
    names = ("train", "validation", "test")
    sizes = [(name, len(subset.x)) for name, subset in zip(names, split.subsets, strict=False)]
    return DataDescription(task=data.task, columns=columns, classes=_classes(data), subsets=tuple(sizes))


def _of_table(data: DataSet, scaled: dict[InputSlice, str], split: Split) -> Iterator[ColumnDescription]:
    place = 0
    for column in data.columns:
        taken = next(each for each in scaled if place < each.stop or column.use != "feature")
        described = _of_column(column, scaled[taken], split)
        if column.use == "feature":
            place += len(column.categories) if column.encoding == "one-hot" else 1
            described = replace(described, input=taken.name if data.inputs else "")
        yield described


def _of_column(column: Column, scaled: str, split: Split) -> ColumnDescription:
    steps = []
    if column.use == "feature":
        if column.filling:
            steps.append(f"missing: {column.filling}")
        if column.encoding != "numbers":
            more = ", …" if len(column.categories) > MAX_CATEGORIES_SHOWN else ""
            joint = " < " if column.encoding == "ordinal" else ", "
            steps.append(f"{column.encoding}: {joint.join(column.categories[:MAX_CATEGORIES_SHOWN])}{more}")
        steps.append(scaled)
    elif column.use == "target" and split.target_scale is not None:
        steps.append("standardized for training")
    return ColumnDescription(
        name=column.name, kind=column.kind, use=column.use, treatment="; ".join(steps), missing=column.missing
    )


def _of_arrays(data: DataSet, scaled: dict[InputSlice, str], split: Split) -> Iterator[ColumnDescription]:
    for taken, treatment in scaled.items():
        kind, name = f"{' x '.join(map(str, taken.shape))} {taken.dtype}", taken.name if data.inputs else ""
        yield ColumnDescription(name=taken.name, kind=kind, use="feature", treatment=treatment, missing=0, input=name)
    y = "numbers" if data.task == "regression" else "labels of 0 and 1" if data.task == "multilabel" else "classes"
    standardized = "standardized for training" if split.target_scale is not None else ""
    yield ColumnDescription(name="y", kind=y, use="target", treatment=standardized, missing=0)


def _classes(data: DataSet) -> tuple[tuple[str, int], ...]:
    if data.task == "regression":
        return ()
    if data.task == "multilabel":
        names = data.class_names or tuple(f"y{i + 1}" for i in range(data.n_outputs))
        return tuple(zip(names, data.y.sum(axis=0).astype(int).tolist(), strict=True))
    numbers, counts = np.unique(data.y, return_counts=True)
    named = [data.class_names[int(n)] if data.class_names else f"{n:g}" for n in numbers]
    return tuple(zip(named, counts.tolist(), strict=True))
