"""What is done to rows before a model sees them, by what the train rows say."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regsearch.data.imputation import fill_in, fillings
from regsearch.data.input_scaling import InputScaling
from regsearch.data.scaling import standardization
from regsearch.data.subsets import DataSet, Floats, TargetScale
from regsearch.errors import DataError
from regsearch.input_use import InputUse
from regsearch.spec import DataSpec

Labels = NDArray[np.float64 | np.float32 | np.int32]


class Preparation:
    """What is done to rows before a model sees them: missing values filled in, features and labels scaled.

    `fillings` is what fills in which columns, `inputs` how each input is scaled. `target_scale` tells the units of
    standardized labels; None where they stay in their own. `table` says what was asked for of the columns of a table.
    """

    def __init__(
        self, spec: DataSpec, data: DataSet, uses: Sequence[InputUse], train: NDArray[np.int64], *, scale_target: bool
    ) -> None:
        """Fit it.

        Args:
            spec: what was asked for.
            data: all rows.
            uses: what the model does with each of its inputs first; () for nothing that matters.
            train: (rows,) which rows train.
            scale_target: whether to standardize a regression's labels.

        Raises:
            DataError: a column has no value in any train row, or x does not hold what the model takes.
        """
        self.table = spec.table
        x = _floats(data.x[train])
        self.fillings = fillings(x.reshape(len(x), -1), data.imputations, data.feature_names)
        self._fill_in(x)
        pairs = zip(data.slices, uses or [InputUse()] * len(data.slices), strict=True)
        self.inputs = [InputScaling(spec, data, taken, use, x) for taken, use in pairs]
        self._is_regression = data.task == "regression"
        self.target_scale: TargetScale | None = None
        if scale_target and self._is_regression:
            labels = standardization(data.y[train].astype(np.float64))
            self.target_scale = TargetScale(mean=labels.mean, std=labels.std)

    def features(self, x: Floats | NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return features as the model takes them.

        Args:
            x: (rows, *shape of one row), a copy of the data set's, which may be overwritten.

        Raises:
            DataError: a number is too far from those of the train rows for a float32.
        """
        floats = _floats(x)
        self._fill_in(floats)
        if len(self.inputs) == 1:
            return _finite(self.inputs[0].scaled(floats), "a feature").reshape(x.shape)
        scaled = np.empty(floats.shape, np.float32)  # (rows, numbers)
        for each in self.inputs:
            scaled[:, each.taken.start : each.taken.stop] = each.scaled(floats).reshape(len(floats), -1)
        return _finite(scaled, "a feature")

    def labels(self, y: Labels) -> tuple[NDArray[np.float32 | np.int32], NDArray[np.float64] | None]:
        """Return labels as they are trained on, and in their own units where these are others.

        Args:
            y: (rows, targets), as DataSet has them.

        Raises:
            DataError: as of `features`.
        """
        if self.target_scale is not None:
            own = y.astype(np.float64)
            return _finite(self.target_scale.standardized(own), "the target"), own
        return y.astype(np.float32) if self._is_regression else y, None  # type: ignore[return-value]

    def _fill_in(self, x: Floats) -> None:
        fill_in(x.reshape(len(x), -1), self.fillings)


def _floats(x: Floats | NDArray[np.uint8]) -> Floats:
    return x.astype(np.float32) if x.dtype == np.uint8 else x  # type: ignore[return-value]


def _finite(scaled: NDArray[np.float32], what: str) -> NDArray[np.float32]:
    """Return scaled numbers where they are numbers still, as they may not be where train rows hardly differ."""
    if not np.isfinite(scaled.sum(dtype=np.float64)):
        problem = "in a row is more than 3e38 standard deviations of the train rows away from their mean"
        raise DataError("data.split", f"{what} {problem}; train on more rows, or drop its column")
    return scaled
