"""Penalties on the weights of a model.

penalty = Σ over weights of l1·Σ|w| + l2·Σw², as keras.regularizers.L1L2 defines it.
"""

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from regsearch.spec import Penalty
from regsearch.weights import Weight, matching

if TYPE_CHECKING:
    import tensorflow as tf


def penalty(
    ops: ModuleType, tensors: Sequence["tf.Tensor"], weights: Sequence[Weight], coefficients: "tf.Tensor"
) -> "tf.Tensor":
    """Return Σ over weights of l1·Σ|w| + l2·Σw²; those on which the builder has set a penalty get no other.

    Args:
        ops: keras.ops.
        tensors: the values of the weights.
        weights: which they are, in the same order.
        coefficients: (weights, 2), l1 and l2 of each.
    """
    return sum(
        coefficients[w.index, 0] * ops.sum(ops.abs(tensors[w.index]))
        + coefficients[w.index, 1] * ops.sum(ops.square(tensors[w.index]))
        for w in weights
        if not w.own
    )


def coefficients(weights: Sequence[Weight], penalties: Sequence[Penalty]) -> NDArray[np.float32]:
    """Return (weights, 2) float32: l1 and l2 of each weight; penalties on the same weight add up.

    Raises:
        InputError: a target matches no weight, or only weights that the builder has set a penalty on.
    """
    table = np.zeros((len(weights), 2))
    for penalty in penalties:
        found = matching(weights, penalty.target)
        shares = depth_shares(len({w.unit for w in found}), penalty.ratio)
        share_of = dict(zip(sorted({w.unit for w in found}), shares, strict=True))
        for weight in found:
            table[weight.index] += share_of[weight.unit] * np.array([penalty.l1, penalty.l2])
    return table.astype(np.float32)


def depth_shares(layers: int, ratio: float) -> list[float]:
    """Return what each layer's coefficients are multiplied by, from the input to the output; the largest is 1."""
    strongest = max(1.0, ratio ** (layers - 1))
    return [ratio**i / strongest for i in range(layers)]


def l2_norm(weight: NDArray[np.float32]) -> float:
    """Return √Σw², summed in float64."""
    return float(np.sqrt(np.square(weight, dtype=np.float64).sum()))


def l1_norm(weight: NDArray[np.float32]) -> float:
    """Return Σ|w|, summed in float64."""
    return float(np.abs(weight, dtype=np.float64).sum())
