"""What is done to a data set: its columns, its classes and its subsets, for people."""

from dataclasses import dataclass

import numpy as np

from regsearch.data.columns import Column
from regsearch.data.scaling import Scaling, scaling_of
from regsearch.data.subsets import DataSet, Split
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
    """

    name: str
    kind: str
    use: str
    treatment: str
    missing: int


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


def describe_data(spec: DataSpec, data: DataSet, split: Split, use: InputUse | None = None) -> DataDescription:
    """Return what is done to a data set.

    Args:
        spec: what was asked for.
        data: all rows.
        split: as the first repeat has it.
        use: what the model does with its rows first.

    Raises:
        DataError: the data do not fit what the model does with them.
    """
    scaled = SCALED[scaling_of(spec, data, use)]
    if data.columns:
        columns = tuple(_of_column(column, scaled, split) for column in data.columns)
    else:
        columns = (*_of_arrays(data, scaled, split),)
    names = ("train", "validation", "test")
    sizes = [(name, len(subset.x)) for name, subset in zip(names, split.subsets, strict=False)]
    return DataDescription(task=data.task, columns=columns, classes=_classes(data), subsets=tuple(sizes))


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


def _of_arrays(data: DataSet, scaled: str, split: Split) -> list[ColumnDescription]:
    shape = " x ".join(map(str, data.x.shape[1:]))
    y = "numbers" if data.task == "regression" else "labels of 0 and 1" if data.task == "multilabel" else "classes"
    standardized = "standardized for training" if split.target_scale is not None else ""
    return [
        ColumnDescription(name="x", kind=f"{shape} {data.x.dtype}", use="feature", treatment=scaled, missing=0),
        ColumnDescription(name="y", kind=y, use="target", treatment=standardized, missing=0),
    ]


def _classes(data: DataSet) -> tuple[tuple[str, int], ...]:
    if data.task == "regression":
        return ()
    if data.task == "multilabel":
        names = data.class_names or tuple(f"y{i + 1}" for i in range(data.n_outputs))
        return tuple(zip(names, data.y.sum(axis=0).astype(int).tolist(), strict=True))
    numbers, counts = np.unique(data.y, return_counts=True)
    named = [data.class_names[int(n)] if data.class_names else f"{n:g}" for n in numbers]
    return tuple(zip(named, counts.tolist(), strict=True))
