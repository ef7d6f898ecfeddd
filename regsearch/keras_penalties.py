"""Penalties on a Keras model of anybody's: which weights there are to penalize, and keras.regularizers on some of them.

A model adds to its loss what the regularizers of its variables say. Layers hand theirs over when they are built, so
that one which is set on a layer later adds nothing. Here the variable gets it, and so does the layer, for what is saved
of a model is what its layers say.
"""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from regsearch.backend import load_keras
from regsearch.data_flow import Use, uses_of
from regsearch.errors import InputError, ModelError
from regsearch.forward_graph import forward_graph
from regsearch.input_slices import InputSlice, ModelInputs
from regsearch.kept_penalties import tell_layers
from regsearch.model_weights import weights_used
from regsearch.options import Option, require
from regsearch.saved_penalties import kept_by_saving, would_be_kept
from regsearch.spec import Target
from regsearch.weights import LISTED, Weight, matching

if TYPE_CHECKING:
    import keras
    import pandas as pd

ANY_SIZE = 32  # what an axis of unknown length is taken to have, to follow the data through the model


def penalize(
    model: "keras.Model",
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    layers: str | Sequence[str] = "hidden",
    weights: Sequence[str] = ("kernel",),
) -> "keras.Model":
    """Put l1·Σ|w| + l2·Σw² on weights of a built Keras model, as keras.regularizers.L1L2, and return the model.

    The penalty takes the place of one that a weight has, and with both coefficients 0 takes it off. It is part of
    `model.losses`, and so of `fit`, at once, compiled or not. Saving keeps it where the layer has an argument for it,
    as `kernel_regularizer`; where not, a UserWarning names the weights: after loading, call this again.

    Args:
        model: any that is built: functional, sequential or subclassed, nested or with layers of one's own.
        l1: coefficient of Σ|w|, at least 0.
        l2: coefficient of Σw², at least 0.
        layers: `hidden`, `output`, `all`; a layer's name, a glob such as `conv_*`, a kind such as `Conv2D`, or `#2` for
            the second layer with a kernel; or several of these.
        weights: any of the roles `kernel`, `bias`, `recurrent`, and weights' own names.

    Raises:
        InputError: a coefficient is negative, or nothing that can be trained matches.
        ModelError: the model is not built.

    Source: keras.regularizers.L1L2, https://keras.io/api/layers/regularizers/

    Example:
        >>> import keras
        >>> net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="h"), keras.layers.Dense(1)])
        >>> regsearch.penalize(net, l2=1e-3).get_layer("h").kernel_regularizer.l2
        0.001
        >>> len(net.losses)
        1
    """
    require("l1", l1, Option(low=0))
    require("l2", l2, Option(low=0))
    target = Target(layers=layers if isinstance(layers, str) else tuple(layers), weights=_names(weights))
    found = _matching(model, target)
    meant = [model.trainable_variables[weight.index] for weight in found]
    regularizer = load_keras().regularizers.L1L2(float(l1), float(l2)) if l1 or l2 else None
    for variable in meant:
        variable.regularizer = regularizer
    tell_layers(model, meant)
    model.train_function = model.test_function = None  # what was traced before adds the old penalties
    kept = kept_by_saving(model)
    if lost := [f"{w.layer}/{w.name}" for w in found if not kept[w.index]]:
        more = f" and {len(lost) - LISTED} more" if len(lost) > LISTED else ""
        what = f"the penalty on {', '.join(lost[:LISTED])}{more} acts in this model, and saving does not keep it"
        warnings.warn(f"{what}: no layer has an argument for it; penalize the model again once loaded", stacklevel=2)
    return model


def penalizable(model: "keras.Model") -> "pd.DataFrame":
    """Return the trainable weights of a built Keras model, a row each, in the order in which the data meet them.

    Args:
        model: as for `penalize`.

    Returns:
        Columns: `layer` (path) and `weight`, which `penalize` takes as layers and weights; `role` (kernel, bias,
        recurrent, or empty); `place` (hidden or output; empty for a layer without a kernel); `shape`; `numbers`, how
        many there are; `l1` and `l2` of the penalty that it has (0 for none, NaN for another kind); `saved`, whether a
        penalty on it outlasts saving and loading.

    Raises:
        ModelError: the model is not built.

    Example:
        >>> import keras
        >>> net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="h"), keras.layers.Dense(1)])
        >>> regsearch.penalizable(net)[["layer", "weight", "place", "numbers", "saved"]].head(2)
          layer  weight   place  numbers  saved
        0     h  kernel  hidden        6   True
        1     h    bias  hidden        3   True
    """
    import pandas as pd

    weights, kept = _weights(model), would_be_kept(model)
    with_kernel = {w.unit for w in weights if w.role == "kernel"}
    rows = []
    for weight in sorted(weights, key=lambda w: (w.unit, w.index)):
        variable = model.trainable_variables[weight.index]
        l1, l2 = _coefficients(variable.regularizer)
        rows.append(
            {
                "layer": weight.layer,
                "weight": weight.name,
                "role": weight.role or "",
                "place": ("output" if weight.output else "hidden") if weight.unit in with_kernel else "",
                "shape": tuple(variable.shape),
                "numbers": int(variable.numpy().size),
                "l1": l1,
                "l2": l2,
                "saved": kept[weight.index],
            }
        )
    return pd.DataFrame(rows)


def _names(weights: Sequence[str]) -> tuple[str, ...]:
    return (weights,) if isinstance(weights, str) else tuple(weights)


def _matching(model: "keras.Model", target: Target) -> list[Weight]:
    weights = [replace(weight, own=False) for weight in _weights(model)]
    try:
        return matching(weights, target)
    except InputError as error:
        raise InputError("layers", error.problem) from None


def _weights(model: "keras.Model") -> tuple[Weight, ...]:
    """Return the trainable weights of a model.

    Where its forward pass cannot be followed, they are taken to be used in the order in which Keras lists them.

    Raises:
        ModelError: it is not built.
    """
    if not model.built or not model.weights:
        raise ModelError("model", "is not built yet: give it a keras.Input, or call it on some rows first")
    if not model.trainable_variables:
        raise ModelError("model", "has no trainable weight; set trainable = True on what is to be penalized")
    inputs = _inputs(model)
    try:
        size = sum(each.size for each in inputs.slices)
        return weights_used(model, uses_of(forward_graph(model, (size,), inputs=inputs)))
    except Exception:  # of somebody's own layer, or of rows that are no numbers
        count = len(model.trainable_variables)
        return weights_used(model, [Use(position=i, weights=1 << i, later=-2 << i) for i in range(count)])


def _inputs(model: "keras.Model") -> ModelInputs:
    """Return how a model takes rows of numbers, by what it declares or was built with."""
    declared = getattr(model, "_inputs_struct", None)  # Keras has no public way
    if declared is None:
        declared = getattr(model, "inputs", None) or None
    if declared is None:
        shapes = dict(getattr(model, "_build_shapes_dict", None) or {})
        shape = next(iter(shapes.values()), ())
        return ModelInputs(slices=_slices({"x": shape if shape and not isinstance(shape[0], tuple | list) else ()}))
    if isinstance(declared, dict):
        return ModelInputs(slices=_slices({name: t.shape for name, t in declared.items()}), form="dict")
    if isinstance(declared, list | tuple):
        named = {f"{i}": t.shape for i, t in enumerate(declared)}
        return ModelInputs(slices=_slices(named), form="one" if len(named) == 1 else "tuple", names=tuple(named))
    return ModelInputs(slices=_slices({"x": declared.shape}))


def _slices(shapes: dict[str, Any]) -> tuple[InputSlice, ...]:
    found: list[InputSlice] = []
    for name, shape in shapes.items():
        row = tuple(size or ANY_SIZE for size in shape[1:])
        found.append(InputSlice(name=name, start=found[-1].stop if found else 0, shape=row))
    return tuple(found)


def _coefficients(regularizer: Any) -> tuple[float, float]:
    """Return l1 and l2 of a regularizer of Keras'; NaN of another kind."""
    known = load_keras().regularizers
    if regularizer is None:
        return 0.0, 0.0
    if type(regularizer) not in (known.L1, known.L2, known.L1L2):
        return float("nan"), float("nan")
    config = regularizer.get_config()
    return (float(config.get("l1", 0.0)), float(config.get("l2", 0.0)))
