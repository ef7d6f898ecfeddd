"""The trainable weights of a Keras model: the layer that each lies in, its role, and its place on the data's way.

Keras' own layers name their weights by role. In layers that are not Keras' own, a weight of two or more axes is a
kernel, whatever it is called, but for what is called a bias or a recurrent kernel.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, pairwise
from typing import TYPE_CHECKING

from regsearch.backend import load_keras
from regsearch.data_flow import Use, first_uses, last_groups, uses_of
from regsearch.forward_graph import ForwardGraph, forward_graph
from regsearch.weights import Weight, role_by_name

if TYPE_CHECKING:
    import keras

BIAS = re.compile(r"(.*_)?b(ias(es)?)?_?\d*")  # what users call weights of one axis: b, b1, out_b, bias_2

Chain = tuple["keras.Layer", ...]  # a layer with those that it lies in, outermost first


def trainable_weights(model: "keras.Model", graph: ForwardGraph | None = None) -> tuple[Weight, ...]:
    """Return the model's trainable weights, in the order of `model.trainable_variables`.

    Args:
        model: it is built.
        graph: its forward pass; None to trace that of a model that declares its input.
    """
    return weights_used(model, uses_of(graph or forward_graph(model, model.input_shape[1:])))


def weights_used(model: "keras.Model", uses: Sequence[Use]) -> tuple[Weight, ...]:
    """Return the model's trainable weights, in the order of `model.trainable_variables`, where it uses them so."""
    chains = _chains(model)
    variables = model.trainable_variables
    roles = [_role(variable, chains[id(variable)][-1]) for variable in variables]
    met = first_uses(uses)
    places = _places([chains[id(variable)] for variable in variables], met)
    order = sorted(range(len(variables)), key=lambda i: places[i])
    units = _units(order, [chains[id(variable)] for variable in variables], roles)
    masks = [0] * len(variables)
    for i, unit in enumerate(units):
        masks[unit] |= (roles[i] == "kernel") << i
    last = last_groups(uses, masks)
    return tuple(
        Weight(
            index=i,
            layer=_layer_path(variable, model),
            name=variable.path.split("/")[-1],
            unit=units[i],
            kinds=frozenset(name for layer in chains[id(variable)] for name in _kinds(layer)),
            own=variable.regularizer is not None,
            role=roles[i],
            output=last[units[i]],
        )
        for i, variable in enumerate(variables)
    )


def has_roles(model: "keras.Model") -> bool:
    """Return whether the model has a trainable weight that can be penalized by its role."""
    chains = _chains(model)
    return any(_role(variable, chains[id(variable)][-1]) for variable in model.trainable_variables)


def without_penalties(model: "keras.Model") -> "keras.Model":
    """Take the penalties that its builder set off all weights of a model, and return it."""
    for variable in model.trainable_variables:
        variable.regularizer = None
    return model


def _chains(model: "keras.Model") -> dict[int, Chain]:
    """Return by the id of each trainable variable the innermost layer that it lies in, with those around it."""
    found: dict[int, Chain] = {}
    for chain in _layers_within(model, ()):
        found |= {id(variable): chain for variable in chain[-1].trainable_variables}  # the innermost comes last
    return found


def _layers_within(layer: "keras.Layer", around: Chain) -> Iterator[Chain]:
    """Yield a layer and each layer in it, with those that it lies in; a layer comes after the one it lies in."""
    chain = (*around, layer)
    yield chain
    for inner in layer._flatten_layers(include_self=False, recursive=False):  # Keras has no public way
        yield from _layers_within(inner, chain)


def _role(variable: "keras.Variable", owner: "keras.Layer") -> str | None:
    named = role_by_name(variable.name)
    if named or _is_keras(type(owner)):
        return named
    if len(variable.shape) > 1:
        return "kernel"
    return "bias" if BIAS.fullmatch(variable.name) else None


def _places(chains: Sequence[Chain], met: Mapping[int, int]) -> list[tuple[float, ...]]:
    """Return of each weight where the data meet it: which layer of its model, which layer in that, and so on.

    Layers of a functional or sequential model stand as Keras sorts them, by depth; parallel ones as they are connected.
    Those of other models stand in the order of their first uses.
    """
    firsts: dict[int, float] = {}  # by layer
    for i, chain in enumerate(chains):
        for layer in chain:
            firsts[id(layer)] = min(firsts.get(id(layer), math.inf), met.get(i, math.inf))
    sorted_layers: dict[int, dict[int, int]] = {}  # by model
    for layer in {id(layer): layer for chain in chains for layer in chain}.values():
        if isinstance(layer, load_keras().Sequential) or hasattr(layer, "operations"):
            sorted_layers[id(layer)] = {id(inner): i for i, inner in enumerate(layer.layers)}
    return [
        (*(sorted_layers.get(id(a), firsts).get(id(b), math.inf) for a, b in pairwise(chain)), met.get(i, math.inf))
        for i, chain in enumerate(chains)
    ]


def _units(order: Sequence[int], chains: Sequence[Chain], roles: Sequence[str | None]) -> list[int]:
    """Return the number of each weight's unit, in the order in which the data meet the units.

    A unit is a layer that counts as one. Of weights that a model holds itself, each kernel begins another.
    """
    numbers: dict[object, int] = {}
    begun: dict[int, int] = {}
    fresh = count()
    units = [0] * len(chains)
    for i in order:
        layer = _unit_layer(chains[i])
        key: object = id(layer)
        if isinstance(layer, load_keras().Model):
            if roles[i] == "kernel" or id(layer) not in begun:
                begun[id(layer)] = next(fresh)
            key = (id(layer), begun[id(layer)])
        units[i] = numbers.setdefault(key, len(numbers))
    return units


def _unit_layer(chain: Chain) -> "keras.Layer":
    """Return the outermost layer that counts as one: neither made of layers nor around one that is."""
    for layer, inside in pairwise((*chain, None)):
        around_others = isinstance(layer, load_keras().layers.Wrapper) and inside and _is_made_of_layers(inside)
        if not _is_made_of_layers(layer) and not around_others:
            return layer
    return chain[-1]


def _is_made_of_layers(layer: "keras.Layer") -> bool:
    """Whether it is a model, or a layer of the user's with layers in it that have weights."""
    keras = load_keras()
    if isinstance(layer, keras.Model):
        return True
    extends = [k for k in type(layer).__mro__ if issubclass(k, keras.Layer) and k is not keras.Layer and _is_keras(k)]
    inner = layer._flatten_layers(include_self=False, recursive=False)
    return not extends and any(one.trainable_variables for one in inner)


def _is_keras(kind: type) -> bool:
    return kind.__module__.split(".")[0] == "keras"


def _layer_path(variable: "keras.Variable", model: "keras.Model") -> str:
    path = variable.path.split("/")
    return "/".join(path[1:-1] if path[0] == model.name and len(path) > 2 else path[:-1])


def _kinds(layer: "keras.Layer") -> list[str]:
    keras = load_keras()
    kinds = type(layer).__mro__ if not isinstance(layer, keras.Model) else ()
    return [kind.__name__ for kind in kinds if issubclass(kind, keras.Layer) and kind is not keras.Layer]
