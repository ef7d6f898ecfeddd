"""Why a model may train otherwise than the compiled program expects, as far as its layers tell."""

from collections.abc import Sequence

from regsearch.backend import load_keras
from regsearch.trainers.tensors import Model, Variable


def suspect(model: Model, names: Sequence[str]) -> str | None:
    """Return what may be behind the difference of these tensors, named by their paths in the model; None for nothing.

    In this order: a layer that moves its own state, a layer that is not Keras', a constraint.
    """
    layers = {layer.name: layer for layer in model._flatten_layers(include_self=False)}
    own = [layer for layer in layers.values() if not type(layer).__module__.startswith("keras.")]
    state = {_path(v, model): v for v in model.non_trainable_variables}
    moved = [name for name in names if name in state]
    if moved:
        return f"the state of layer {_layer_of(moved[0])!r} moves otherwise"
    for name in names:
        inside = [layer for layer in own if layer.name in name.split("/")]
        if inside:
            return f"layer {inside[0].name!r} is a {type(inside[0]).__name__}, not one of Keras'"
    constrained = [v for v in model.trainable_variables if v.constraint is not None and _path(v, model) in names]
    if constrained:
        return f"it has the constraint {type(constrained[0].constraint).__name__}"
    if own:
        return f"layer {own[0].name!r} is a {type(own[0]).__name__}, not one of Keras'"
    keras = load_keras()
    functional = isinstance(model, keras.Sequential) or type(model).__name__ == "Functional"
    return None if functional else f"the model is a {type(model).__name__}, with a call of its own"


def _path(variable: Variable, model: Model) -> str:
    return str(variable.path.removeprefix(f"{model.name}/"))


def _layer_of(name: str) -> str:
    return name.rpartition("/")[0] or name
