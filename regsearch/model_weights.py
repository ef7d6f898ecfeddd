"""The trainable weights of a Keras model, each with the layers that it lies in."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from regsearch.backend import load_keras
from regsearch.weights import Weight

if TYPE_CHECKING:
    import keras


def trainable_weights(model: "keras.Model") -> tuple[Weight, ...]:
    """Return the model's trainable weights, in the order of `model.trainable_variables`."""
    owners: dict[int, tuple[keras.Layer, ...]] = {}
    for layers in _layers_within(model):
        owners |= {id(variable): layers for variable in layers[-1].trainable_variables}  # the innermost comes last
    units: dict[int, int] = {}
    found = []
    for index, variable in enumerate(model.trainable_variables):
        layers = owners.get(id(variable), (model,))
        outermost = next((layer for layer in layers if not isinstance(layer, load_keras().Model)), layers[-1])
        path = variable.path.split("/")
        inner = path[1:-1] if path[0] == model.name and len(path) > 2 else path[:-1]
        weight = Weight(
            index=index,
            layer="/".join(inner),
            name=path[-1],
            unit=units.setdefault(id(outermost), len(units)),
            kinds=frozenset(name for layer in layers for name in _kinds(layer)),
            own=variable.regularizer is not None,
        )
        found.append(weight)
    return tuple(found)


def without_penalties(model: "keras.Model") -> "keras.Model":
    """Take the penalties that its builder set off all weights of a model, and return it."""
    for variable in model.trainable_variables:
        variable.regularizer = None
    return model


def _layers_within(layer: "keras.Layer", around: tuple["keras.Layer", ...] = ()) -> Iterator[tuple["keras.Layer", ...]]:
    """Yield each layer with those it lies in, outermost first; a layer comes after the one it lies in."""
    if around or not isinstance(layer, load_keras().Model):
        around = (*around, layer)
        yield around
    for inner in layer._flatten_layers(include_self=False, recursive=False):  # Keras has no public way
        yield from _layers_within(inner, around)


def _kinds(layer: "keras.Layer") -> list[str]:
    base = load_keras().Layer
    return [kind.__name__ for kind in type(layer).__mro__ if issubclass(kind, base) and kind is not base]
