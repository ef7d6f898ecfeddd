"""Penalties on a trained model's weights as keras.regularizers that outlast saving, where Keras allows.

A model adds to its loss what the regularizers of its variables say; what is saved of it is what its layers say.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from regsearch.backend import load_keras
from regsearch.trainers.tensors import Model, Variable
from regsearch.weights import Weight

SUFFIX = "_regularizer"


def keep_penalties(model: Model, weights: Sequence[Weight], coefficients: NDArray[np.float32]) -> None:
    """Set penalties on weights and on the layers that hold them, in place of what stood there.

    Weights on which the builder has set a penalty of its own keep that. A layer whose weights share one argument, as
    those of MultiHeadAttention do, or that takes none for a weight, keeps the penalty until it is saved.

    Args:
        model: whose weights they are.
        weights: which they are, in the order of `model.trainable_variables`.
        coefficients: (weights, 2), l1 and l2 of each; 0 and 0 for no penalty.
    """
    regularizers = load_keras().regularizers
    for weight, variable, (l1, l2) in zip(weights, model.trainable_variables, coefficients, strict=True):
        if not weight.own:
            variable.regularizer = regularizers.L1L2(short(l1), short(l2)) if l1 or l2 else None
    tell_layers(model, model.trainable_variables)


def tell_layers(model: Model, variables: Iterable[Variable]) -> None:
    """Set the regularizers of some variables on the layers that hold them, which is what is saved of a model."""
    meant = {id(variable) for variable in variables}
    for layer in model._flatten_layers():
        for name in [name for name in vars(layer) if name.endswith(SUFFIX)]:
            for variable in _variables(layer, name.removesuffix(SUFFIX)):
                if id(variable) in meant:
                    setattr(layer, name, variable.regularizer)


def _variables(layer: object, name: str) -> Iterator[Variable]:
    """Yield the weight of a layer that a regularizer is for: `kernel`, or `recurrent_kernel` of `recurrent`.

    That of a depthwise convolution is called `kernel`, and its regularizer `depthwise_regularizer`.
    """
    names: tuple[str, ...] = (name, f"{name}_kernel")
    if name == "depthwise" and not hasattr(layer, "depthwise_kernel"):
        names = ("kernel",)
    for attribute in names:
        if getattr(layer, attribute, None) is not None:
            yield getattr(layer, attribute)


def short(value: np.float32) -> float:
    """Return a float32 as its shortest decimal: 0.001, not 0.0010000000474974513."""
    return float(f"{value:.7g}") if np.float32(f"{value:.7g}") == value else float(value)
