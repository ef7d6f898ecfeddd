"""Features on one scale, by what the train rows say."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from regsearch.data.input_use import InputUse
from regsearch.data.subsets import DataSet, Floats
from regsearch.errors import DataError
from regsearch.spec import DataSpec

AT_ONCE = 4_000_000  # numbers widened to float64 at once: 32 MB
WHITE = 255  # the largest value of a uint8 image
DARKEST = 128  # an array of uint8 whose values all are below is none: digits of 16 greys, or counts

Scaling = Literal["none", "standard", "image", "ids"]


def scaling_of(spec: DataSpec, data: DataSet, use: InputUse | None) -> Scaling:
    """Return what is done to x: standardized, divided by 255, or nothing, as it holds ids or the spec says so.

    Raises:
        DataError: the spec asks for ids to be standardized, or they are no ids of the layer that looks them up.
    """
    if use is not None and use.token_layer is not None:
        if spec.scale == "standard":
            what = f"'standard' would turn ids into fractions, and layer {use.token_layer!r} looks them up"
            raise DataError("data.scale", f'{what}; leave it out, or write scale = "none"')
        _check_ids(data.x, use)
        return "ids"
    if spec.scale != "auto":
        return spec.scale
    if data.x.dtype == np.uint8 and data.x.ndim > 2 and data.x.max() >= DARKEST:
        return "none" if use is not None and use.rescales else "image"
    return "standard"


def _check_ids(x: NDArray[np.generic], use: InputUse) -> None:
    """Raise where x holds anything but whole numbers from 0 up to the size of the layer."""
    low, high = float(x.min()), float(x.max())
    size, layer = use.token_size, f"layer {use.token_layer!r}"
    if size is not None and (low < 0 or high >= size):
        wrong = low if low < 0 else high
        row = int(np.flatnonzero((x == wrong).reshape(len(x), -1).any(axis=1))[0])
        problem = f"row {row + 1} holds the id {wrong:.0f}, and {layer} has {size:,}: ids 0 to {size - 1}"
        raise DataError("data.source", f"{problem}; give it a larger input_dim, or other ids")
    if x.dtype.kind == "f" and bool((whole := x == np.floor(x)).all()) is False:
        raise DataError("data.source", f"holds {x[~whole][0]:g}, and {layer} looks up ids, which are whole numbers")
    if max(abs(low), abs(high)) > 2**24:
        raise DataError("data.source", f"holds the id {high:.0f}; ids may be at most {2**24:,}, which float32 holds")


@dataclass(frozen=True, kw_only=True, eq=False)
class Standardization:
    """(x - mean)/std, one mean and std per column; of images and sequences, per channel.

    Args:
        mean: (channels,) float64.
        std: (channels,) float64, 1 for a constant column.
        mask_value: what stands in every channel of a step that is padding; None where no step is.
    """

    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    mask_value: float | None = None

    def apply(self, x: Floats) -> NDArray[np.float32]:
        """Return x standardized; it may be overwritten.

        Padding stays what it is; a step that is none, but would come to look like it, is moved by a rounding error.
        """
        flat = x.reshape(-1, x.shape[-1])  # (rows · steps, channels)
        padding = _is_padding(flat, self.mask_value)
        centred = np.subtract(flat, self.mean, out=flat)  # in float64, piece by piece, whatever `out` is
        scaled = np.divide(centred, self.std, out=np.empty(flat.shape, np.float32), casting="same_kind")
        if padding is not None and self.mask_value is not None:
            rounding_error = 2 * np.finfo(np.float32).eps * max(1.0, abs(self.mask_value))
            scaled[_is_padding(scaled, self.mask_value), 0] += np.float32(rounding_error)
            scaled[padding] = self.mask_value
        return scaled.reshape(x.shape)


def standardization(x: Floats, mask_value: float | None) -> Standardization:
    """Return the standardization by these rows, padding not counted.

    In two passes in float64, as NumPy does it, but without its copy of x in float64.
    """
    flat = x.reshape(-1, x.shape[-1])
    if (padding := _is_padding(flat, mask_value)) is not None and not padding.all():
        flat = flat[~padding]
    mean = flat.mean(axis=0, dtype=np.float64)
    step = max(1, AT_ONCE // mean.size)
    squares = sum(np.square(flat[i : i + step] - mean).sum(axis=0) for i in range(0, len(flat), step))
    constant = flat.min(axis=0) == flat.max(axis=0)  # its squares need not be 0: the mean is rounded
    std = np.where(constant, 1.0, np.sqrt(squares / len(flat)))
    return Standardization(mean=mean, std=std, mask_value=mask_value)


def _is_padding(flat: Floats, mask_value: float | None) -> NDArray[np.bool_] | None:
    """Return (rows · steps,) whether every channel holds the mask's value."""
    return None if mask_value is None else (flat == mask_value).all(axis=1)
