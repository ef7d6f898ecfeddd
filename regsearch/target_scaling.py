"""Whether a regression's labels are standardized for training."""

from collections.abc import Sequence
from typing import Any

from regsearch.errors import InputError
from regsearch.notices import Notice
from regsearch.spec import Task
from regsearch.weights import Weight

# Losses whose minimum stays where it is when labels and predictions are shifted and scaled together.
SCALABLE = ("mean_squared_error", "mean_absolute_error")


def scales_target(asked: bool | None, task: Task, loss: str, last_layer: Any) -> bool:
    """Return whether to train on labels with mean 0 and standard deviation 1 on the train rows.

    Args:
        asked: DataSpec.scale_target; None for yes where loss and model allow it.
        task: what kind of labels there are.
        loss: Keras' name of the loss.
        last_layer: the Keras layer that gives the model's output; see `last_layer`.

    Raises:
        InputError: it was asked for and means nothing.
    """
    if asked is False:
        return False
    why = _why_not(task, loss, last_layer)
    if asked and why:
        raise InputError("data.scale_target", f"cannot be true: {why}; leave it out")
    return not why


def target_notices(asked: bool | None, task: Task, loss: str, last_layer: Any) -> tuple[Notice, ...]:
    """Say that a regression's labels are not standardized where one might expect it; see `scales_target`."""
    why = _why_not(task, loss, last_layer)
    if asked is not None or task != "regression" or not why:
        return ()
    return (Notice(code="target-not-scaled", message=f"the target is trained on in its own units: {why}"),)


def _why_not(task: Task, loss: str, layer: Any) -> str:
    """Return why standardized labels would not do; empty where they do."""
    if task != "regression":
        return f"the target is {task}"
    if loss not in SCALABLE:
        return f"loss {loss!r} has a scale or a zero of its own"
    kind, activation = type(layer), getattr(layer, "activation", None)
    name = getattr(activation, "__name__", "linear")
    if name != "linear" or (".activations." in kind.__module__ and activation is None):
        return f"the last layer, {layer.name!r}, gives what {name if activation else kind.__name__} lets through"
    if kind.__name__ in ("Rescaling", "Normalization"):
        return f"the last layer, {layer.name!r}, brings the output to the target's scale by itself"
    return ""


def last_layer(model: Any, weights: Sequence[Weight]) -> Any:
    """Return the layer that gives a model's output, of a model in a model its own; None where there is none.

    Args:
        model: the Keras model.
        weights: its weights; of a model without a graph those of the output say which layer it is.
    """
    if getattr(model, "outputs", None):
        layer = model.outputs[0]._keras_history.operation
        return last_layer(layer, weights) if getattr(layer, "layers", None) else layer
    names = {name for weight in weights if weight.output for name in weight.layer.split("/")}
    layers = [layer for layer in model._flatten_layers(include_self=False) if layer.name in names]
    return layers[-1] if layers else None
