"""A data set split into train, validation and test subsets, ready to train on."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from regsearch.data.assignment import assign_in_order, assign_rows, counts_of
from regsearch.data.checks import in_rows, one_class
from regsearch.data.imputation import fill_in, fillings
from regsearch.data.named import GENERATED
from regsearch.data.scaling import WHITE, id_channels, scaling_of, standardization
from regsearch.data.sources import fresh_rows, load
from regsearch.data.subsets import DataSet, Floats, Split, Subset, TargetScale
from regsearch.errors import DataError
from regsearch.input_slices import InputSlice
from regsearch.input_use import InputUse
from regsearch.spec import DataSpec, Task


def make_split(
    spec: DataSpec,
    *,
    seed: int | None = None,
    repeat: int = 0,
    uses: Sequence[InputUse] = (),
    scale_target: bool = False,
) -> Split:
    """Split a data set.

    A generated set, already shuffled, is split in order by counts: train first, then validation, then test. Else rows
    are drawn, or follow from their time or from a column; see SplitSpec.

    Args:
        spec: what to split, and how.
        seed: of this repeat's own draw of train and validation rows; None for the one fixed split.
        repeat: which repeat it is for: it decides the fold.
        uses: what the model does with each of its inputs, in their order in x; () for nothing that matters.
        scale_target: whether to standardize a regression's labels.

    Returns:
        The subsets; missing values filled in, features scaled as the spec says, and labels standardized where asked
        for, all by the train rows.

    Raises:
        DataError: the split does not fit the data, or leaves nothing to learn from in the train subset.
    """
    data, how = load(spec), spec.split
    if how.in_counts and spec.source in GENERATED and seed is None:
        assigned = assign_in_order(counts_of(how, len(data.x)))
    else:
        assigned = assign_rows(data, how, random_state=spec.random_state, seed=seed, repeat=repeat)
    prepare = _Preparation(spec, data, uses, assigned.train, scale_target=scale_target)
    train, validation = _subset(data, assigned.train, prepare), _subset(data, assigned.validation, prepare)
    _check_train(data.task, train)
    test = _test(spec, data, assigned.test, prepare)
    return Split(train=train, validation=validation, test=test, target_scale=prepare.target_scale)


class _Preparation:
    """What is done to rows before a model sees them, fitted to the train rows."""

    def __init__(
        self, spec: DataSpec, data: DataSet, uses: Sequence[InputUse], train: NDArray[np.int64], *, scale_target: bool
    ) -> None:
        """Fit it.

        Raises:
            DataError: a column has no value in any train row, or x does not hold what the model takes.
        """
        x = _floats(data.x[train])
        self._fillings = fillings(x.reshape(len(x), -1), data.imputations, data.feature_names)
        self._fill_in(x)
        self._inputs = [
            _InputScaling(spec, data, taken, use, x)
            for taken, use in zip(data.slices, uses or [InputUse()] * len(data.slices), strict=True)
        ]
        self.target_scale: TargetScale | None = None
        if scale_target and data.task == "regression":
            labels = standardization(data.y[train].astype(np.float64))
            self.target_scale = TargetScale(mean=labels.mean, std=labels.std)

    def x(self, x: Floats | NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return features as the model takes them; a copy of the data set's rows comes in."""
        floats = _floats(x)
        self._fill_in(floats)
        if len(self._inputs) == 1:
            return self._inputs[0].apply(floats).reshape(x.shape)
        scaled = np.empty(floats.shape, np.float32)  # (rows, numbers)
        for each in self._inputs:
            scaled[:, each.taken.start : each.taken.stop] = each.apply(floats).reshape(len(floats), -1)
        return scaled

    def _fill_in(self, x: Floats) -> None:
        fill_in(x.reshape(len(x), -1), self._fillings)


class _InputScaling:
    """What is done to the numbers that one input of the model takes, fitted to the train rows."""

    def __init__(self, spec: DataSpec, data: DataSet, taken: InputSlice, use: InputUse, x: Floats) -> None:
        """Fit it to x, the train rows.

        Raises:
            DataError: x does not hold what the input takes.
        """
        self.taken, self._scaling = taken, scaling_of(spec, data, taken, use)
        self._standard = None
        if self._scaling == "standard":
            self._standard = standardization(taken.of(x), use.mask_value, left=id_channels(taken, use).tolist())

    def apply(self, x: Floats) -> NDArray[np.float32]:
        """Return (rows, *shape) the input's numbers, scaled; they may be overwritten in x."""
        floats: Floats = self.taken.of(x)
        if self._standard is not None:
            return self._standard.apply(floats)
        return (floats / np.float32(WHITE) if self._scaling == "image" else floats).astype(np.float32, copy=False)


def _floats(x: Floats | NDArray[np.uint8]) -> Floats:
    return x.astype(np.float32) if x.dtype == np.uint8 else x  # type: ignore[return-value]


def _check_train(task: Task, train: Subset) -> None:
    """Raise where a split that the data allow leaves nothing to learn from, as it may where a class is rare."""
    rows = in_rows(len(train.y))
    if task != "regression" and one_class(train.y):
        raise DataError("data.split", f"leaves {rows} of one class only to train on; train on more rows")
    if train.weights is not None and not train.weights.any():
        raise DataError("data.split", f"leaves {rows} to train on, all of weight 0; train on more rows")


def _test(spec: DataSpec, data: DataSet, rows: NDArray[np.int64], prepare: _Preparation) -> Subset | None:
    """Return the test subset; fresh rows are numbered after the data set's own."""
    if spec.source in GENERATED and spec.fresh_test:
        fresh = fresh_rows(spec)
        subset = _subset(fresh, np.arange(len(fresh.x)), prepare)
        return replace(subset, rows=subset.rows + np.uint32(spec.n_samples))
    return _subset(data, rows, prepare) if len(rows) else None


def _subset(data: DataSet, rows: NDArray[np.int64], prepare: _Preparation) -> Subset:
    y, own_y = data.y[rows], None
    if prepare.target_scale is not None:
        own_y = y.astype(np.float64)
        y = prepare.target_scale.standardized(own_y)
    elif data.task == "regression":
        y = y.astype(np.float32)
    weights = None if data.weights is None else data.weights[rows]
    x = prepare.x(data.x[rows])
    return Subset(x=x, y=y, rows=rows.astype(np.uint32), weights=weights, own_y=own_y)  # type: ignore[arg-type]
