"""Features on one scale, and labels back in their own units, as operations of a Keras model.

Each operation is that of `regsearch.data.scaling` in the same precision: the numbers are the same to the last bit.
"""

import numpy as np

from regsearch.backend import load_keras
from regsearch.data.input_scaling import InputScaling
from regsearch.data.preparation import Preparation
from regsearch.data.scaling import WHITE, Standardization
from regsearch.data.subsets import TargetScale
from regsearch.trainers.tensors import Tensor


def scaled(x: Tensor, preparation: Preparation) -> Tensor:
    """Return (rows, *shape of one row) float32 features as the network takes them.

    Args:
        x: (rows, *shape of one row), missing values filled in.
        preparation: how each input is scaled.
    """
    ops = load_keras().ops
    if len(preparation.inputs) == 1:
        found = _of_input(x, preparation.inputs[0])
        return found if found.shape == x.shape else ops.reshape(found, (-1, *x.shape[1:]))
    pieces = [ops.reshape(_of_input(x, each), (-1, each.taken.size)) for each in preparation.inputs]
    return ops.concatenate(pieces, axis=1)


def restored(outputs: Tensor, scale: TargetScale | None) -> Tensor:
    """Return (rows, outputs) in the target's own units, float64 where they were standardized."""
    if scale is None:
        return outputs
    ops = load_keras().ops
    return ops.add(ops.multiply(ops.cast(outputs, "float64"), scale.std), scale.mean)


def _of_input(x: Tensor, scaling: InputScaling) -> Tensor:
    """Return (rows, *shape) the numbers of one input, as `InputScaling.scaled` does."""
    ops, numbers = load_keras().ops, scaling.taken.of(x)
    if scaling.standard is not None:
        return _standardized(numbers, scaling.standard)
    return ops.cast(ops.divide(numbers, float(WHITE)) if scaling.kind == "image" else numbers, "float32")


def _standardized(x: Tensor, by: Standardization) -> Tensor:
    """Return (rows, *shape), as `Standardization.apply` does."""
    ops, mask = load_keras().ops, by.mask_value
    centred = ops.cast(ops.subtract(ops.cast(x, "float64"), by.mean), x.dtype)
    found = ops.cast(ops.divide(ops.cast(centred, "float64"), by.std), "float32")
    if mask is None:
        return found
    moved = np.zeros(x.shape[-1], np.float32)
    moved[0] = 2 * np.finfo(np.float32).eps * max(1.0, abs(mask))
    alike = ops.expand_dims(ops.cast(ops.all(ops.equal(found, mask), axis=-1), "float32"), -1)
    found = ops.add(found, ops.multiply(alike, moved))
    is_padding = ops.expand_dims(ops.all(ops.equal(x, mask), axis=-1), -1)
    return ops.where(is_padding, mask, found)
