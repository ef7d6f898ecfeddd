"""What is done to the numbers that one input of a model takes, by what the train rows say."""

import numpy as np
from numpy.typing import NDArray

from regsearch.data.scaling import WHITE, id_channels, scaling_of, standardization
from regsearch.data.subsets import DataSet, Floats
from regsearch.input_slices import InputSlice
from regsearch.input_use import InputUse
from regsearch.spec import DataSpec


class InputScaling:
    """Scales the numbers of a row that one input takes: by standardization, by 255, or not at all.

    `taken` says which they are.
    """

    def __init__(self, spec: DataSpec, data: DataSet, taken: InputSlice, use: InputUse, train: Floats) -> None:
        """Fit it.

        Args:
            spec: what was asked for.
            data: all rows.
            taken: the numbers of the input.
            use: what the model does with them first.
            train: (rows, …) the train rows, missing values filled in.

        Raises:
            DataError: the rows do not hold what the input takes.
        """
        self.taken, self._scaling = taken, scaling_of(spec, data, taken, use)
        self._standard = None
        if self._scaling == "standard":
            self._standard = standardization(taken.of(train), use.mask_value, left=id_channels(taken, use).tolist())

    def scaled(self, x: Floats) -> NDArray[np.float32]:
        """Return (rows, *shape) the numbers of the input; x, of all inputs, may be overwritten in their place."""
        floats: Floats = self.taken.of(x)
        if self._standard is not None:
            return self._standard.apply(floats)
        return (floats / np.float32(WHITE) if self._scaling == "image" else floats).astype(np.float32, copy=False)
