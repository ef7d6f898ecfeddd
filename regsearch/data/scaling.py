"""Features on one scale, by what the train rows say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from regsearch.data.subsets import DataSet, Floats
from regsearch.errors import DataError
from regsearch.input_slices import InputSlice
from regsearch.input_use import InputUse
from regsearch.spec import DataSpec

AT_ONCE = 4_000_000  # numbers widened to float64 at once: 32 MB
WHITE = 255  # the largest value of a uint8 image
LARGEST_ID = 2**24  # float32 tells integers apart up to here
DARKEST = 128  # an array of uint8 whose values all are below is none: digits of 16 greys, or counts

Scaling = Literal["none", "standard", "image", "ids"]


def scaling_of(spec: DataSpec, data: DataSet, taken: InputSlice, use: InputUse) -> Scaling:
    """Return what is done to features: standardized, divided by 255, or nothing, as they are ids or the spec says so.

    Args:
        spec: what was asked for.
        data: all rows.
        taken: which of their numbers, one input of the model.
        use: what the model does with them.

    Raises:
        DataError: the spec asks for ids to be standardized, or they are no integers.
    """
    x = taken.of(data.x)  # (rows, *shape of one row)
    if ids := _id_features(taken, use):
        if spec.scale == "standard":
            what = f"'standard' would turn ids into fractions, and layer {use.token_layer!r} looks them up"
            raise DataError("data.scale", f'{what}; leave it out, or write scale = "none"')
        _check_ids(x.reshape(len(x), -1), ids, use)
        if len(ids) == taken.size:
            return "ids"
    if spec.scale != "auto":
        return spec.scale
    if taken.dtype == "uint8" and x.ndim > 2 and x.max() >= DARKEST:
        return "none" if use.rescales else "image"
    return "standard"


def _id_features(taken: InputSlice, use: InputUse) -> tuple[int, ...]:
    """Return which numbers of an input, flattened, the model looks up as ids."""
    if use.token_layer is None:
        return ()
    return use.token_features or tuple(range(taken.size))


def id_channels(taken: InputSlice, use: InputUse) -> NDArray[np.int64]:
    """Return the channels that hold ids."""
    return np.unique(np.asarray(_id_features(taken, use), np.int64) % taken.shape[-1])


def _check_ids(x: NDArray[np.generic], ids: tuple[int, ...], use: InputUse) -> None:
    """Raise where a feature that is looked up holds anything but integers that float32 can tell apart."""
    for feature in ids:
        column = np.asarray(x[:, feature], np.float64)  # (rows,)
        column = column[~np.isnan(column)]  # those are filled in by other ids
        odd = column[(column != np.floor(column)) | (np.abs(column) > LARGEST_ID)]
        if odd.size:
            takes = f"layer {use.token_layer!r} looks up integers, {LARGEST_ID:,} at most"
            raise DataError("data.source", f"holds {odd[0]:.10g}, and {takes}")


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
        with np.errstate(over="ignore"):  # found by whoever needs them finite
            scaled = np.divide(centred, self.std, out=np.empty(flat.shape, np.float32), casting="same_kind")
        if padding is not None and self.mask_value is not None:
            rounding_error = 2 * np.finfo(np.float32).eps * max(1.0, abs(self.mask_value))
            scaled[_is_padding(scaled, self.mask_value), 0] += np.float32(rounding_error)
            scaled[padding] = self.mask_value
        return scaled.reshape(x.shape)


def standardization(x: Floats, mask_value: float | None = None, *, left: Sequence[int] = ()) -> Standardization:
    """Return the standardization by these rows, padding not counted; some channels are left as they are.

    In two passes in float64, as NumPy does it, but without its copy of x in float64.
    """
    flat = x.reshape(-1, x.shape[-1])
    if (padding := _is_padding(flat, mask_value)) is not None and not padding.all():
        flat = flat[~padding]
    mean = flat.mean(axis=0, dtype=np.float64)
    if flat.dtype == np.float64:  # far from 0 a sum loses digits, which what is left of the mean gives back
        mean += (flat - mean).mean(axis=0)
    step = max(1, AT_ONCE // mean.size)
    squares = sum(np.square(flat[i : i + step] - mean).sum(axis=0) for i in range(0, len(flat), step))
    constant = flat.min(axis=0) == flat.max(axis=0)  # its squares need not be 0: the mean is rounded
    std = np.where(constant, 1.0, np.sqrt(squares / len(flat)))
    mean[list(left)], std[list(left)] = 0.0, 1.0
    return Standardization(mean=mean, std=std, mask_value=mask_value)


def _is_padding(flat: Floats, mask_value: float | None) -> NDArray[np.bool_] | None:
    """Return (rows · steps,) whether every channel holds the mask's value."""
    return None if mask_value is None else (flat == mask_value).all(axis=1)
