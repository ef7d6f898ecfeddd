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

    `taken` says which they are, `kind` which of these, `standard` the standardization where it is that.
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
        self.taken, self.kind = taken, scaling_of(spec, data, taken, use)
        self.standard = None
        if self.kind == "standard":
            self.standard = standardization(taken.of(train), use.mask_value, left=id_channels(taken, use).tolist())

    def scaled(self, x: Floats) -> NDArray[np.float32]:
        """Return (rows, *shape) the numbers of the input; x, of all inputs, may be overwritten in their place."""
        floats: Floats = self.taken.of(x)
        if self.standard is not None:
            return self.standard.apply(floats)
        return (floats / np.float32(WHITE) if self.kind == "image" else floats).astype(np.float32, copy=False)
