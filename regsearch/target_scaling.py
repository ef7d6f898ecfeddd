"""Whether a regression's labels are standardized for training."""

from typing import Any

from regsearch.errors import InputError
from regsearch.notices import Notice
from regsearch.spec import Task

# Losses whose minimum stays where it is when labels and predictions are shifted and scaled together.
SCALABLE = ("mean_squared_error", "mean_absolute_error")


def scales_target(asked: bool | None, task: Task, loss: str, model: Any) -> bool:
    """Return whether to train on labels with mean 0 and standard deviation 1 on the train rows.

    Args:
        asked: DataSpec.scale_target; None for yes where loss and model allow it.
        task: what kind of labels there are.
        loss: Keras' name of the loss.
        model: the Keras model.

    Raises:
        InputError: it was asked for and means nothing.
    """
    if asked is False:
        return False
    why = _why_not(task, loss, model)
    if asked and why:
        raise InputError("data.scale_target", f"cannot be true: {why}; leave it out")
    return not why


def target_notices(asked: bool | None, task: Task, loss: str, model: Any) -> tuple[Notice, ...]:
    """Say that a regression's labels are not standardized where one might expect it; see `scales_target`."""
    why = _why_not(task, loss, model)
    if asked is not None or task != "regression" or not why:
        return ()
    return (Notice(code="target-not-scaled", message=f"the target is trained on in its own units: {why}"),)


def _why_not(task: Task, loss: str, model: Any) -> str:
    """Return why standardized labels would not do; empty where they do."""
    if task != "regression":
        return f"the target is {task}"
    if loss not in SCALABLE:
        return f"loss {loss!r} has a scale or a zero of its own"
    layer = _last_layer(model)
    kind, activation = type(layer), getattr(layer, "activation", None)
    name = getattr(activation, "__name__", "linear")
    if name != "linear" or (".activations." in kind.__module__ and activation is None):
        return f"the last layer, {layer.name!r}, gives what {name if activation else kind.__name__} lets through"
    if kind.__name__ in ("Rescaling", "Normalization"):
        return f"the last layer, {layer.name!r}, brings the output to the target's scale by itself"
    return ""


def _last_layer(model: Any) -> Any:
    """Return the layer that gives a model's output, of a model in a model its own; None where there is none."""
    outputs = getattr(model, "outputs", None)
    layers = getattr(model, "layers", None)
    layer = outputs[0]._keras_history.operation if outputs else layers[-1] if layers else None
    return _last_layer(layer) if getattr(layer, "layers", None) else layer
