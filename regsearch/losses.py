"""Losses by Keras' names: their options, and the kinds of target that each is for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import TYPE_CHECKING

from regsearch.backend import load_keras
from regsearch.errors import InputError
from regsearch.options import Choice, Option, bind
from regsearch.spec import Named, Task, TrainingSpec

if TYPE_CHECKING:
    import tensorflow as tf

FIELD = "training.loss"

RowLoss = Callable[["tf.Tensor", "tf.Tensor"], "tf.Tensor"]  # y (rows, targets), predictions (rows, outputs) -> (rows,)


@dataclass(frozen=True, kw_only=True)
class Loss(Choice):
    """A loss and the tasks whose targets and outputs it is defined on.

    Args:
        tasks: kinds of target.
        one_hot: whether it takes classes as (rows, classes) of 0 and 1, not as their numbers.
    """

    tasks: tuple[Task, ...]
    one_hot: bool = False


_SMOOTHING = Option(low=0, below=1, default=0.0)

# from_logits is left out: the output layer gives probabilities, which is what metrics take.
LOSSES: dict[str, Loss] = {
    "binary_crossentropy": Loss(options={"label_smoothing": _SMOOTHING}, tasks=("binary", "multilabel")),
    "binary_focal_crossentropy": Loss(
        options={
            "alpha": Option(low=0, high=1, default=0.25),
            "gamma": Option(low=0, default=2.0),
            "apply_class_balancing": Option(kind=bool, default=False),
            "label_smoothing": _SMOOTHING,
        },
        tasks=("binary", "multilabel"),
    ),
    "sparse_categorical_crossentropy": Loss(tasks=("multiclass",)),
    "categorical_crossentropy": Loss(options={"label_smoothing": _SMOOTHING}, tasks=("multiclass",), one_hot=True),
    "categorical_focal_crossentropy": Loss(
        options={
            "alpha": Option(low=0, default=0.25),
            "gamma": Option(low=0, default=2.0),
            "label_smoothing": _SMOOTHING,
        },
        tasks=("multiclass",),
        one_hot=True,
    ),
    "categorical_hinge": Loss(tasks=("multiclass",), one_hot=True),
    "kl_divergence": Loss(tasks=("multiclass",), one_hot=True),
    "hinge": Loss(tasks=("binary",)),
    "squared_hinge": Loss(tasks=("binary",)),
    "mean_squared_error": Loss(tasks=("regression", "binary")),
    "mean_absolute_error": Loss(tasks=("regression",)),
    "mean_absolute_percentage_error": Loss(tasks=("regression",)),
    "mean_squared_logarithmic_error": Loss(tasks=("regression",)),
    "huber": Loss(options={"delta": Option(above=0, default=1.0)}, tasks=("regression",)),
    "log_cosh": Loss(tasks=("regression",)),
    "poisson": Loss(tasks=("regression",)),
}


def keras_loss(loss: Named) -> RowLoss:
    """Return Keras' function, options bound; `compile` takes it too.

    Raises:
        InputError: there is no such loss, or its options do not fit.
    """
    chosen, options = bind(FIELD, loss.name, dict(loss.options), LOSSES)
    function = getattr(load_keras().losses, loss.name)
    bound = partial(function, **options)
    return update_wrapper(_on_one_hot(bound) if chosen.one_hot else bound, function)  # Keras asks for its name


def _on_one_hot(loss: RowLoss) -> RowLoss:
    def on_numbers(y: "tf.Tensor", prediction: "tf.Tensor") -> "tf.Tensor":
        """Return the loss of each row for y (rows, 1), class numbers."""
        return loss(load_keras().ops.one_hot(y[:, 0], prediction.shape[-1]), prediction)

    return on_numbers


def check_fit(training: TrainingSpec, task: Task) -> None:
    """Refuse a loss or class weights that do not go with the target.

    Raises:
        InputError: they do not; the message names the field and what it may be.
    """
    if training.loss is not None:
        loss, _ = bind(FIELD, training.loss.name, dict(training.loss.options), LOSSES)
        if task not in loss.tasks:
            fitting = ", ".join(name for name, other in LOSSES.items() if task in other.tasks)
            raise InputError(FIELD, f"{training.loss.name!r} does not fit a {task} target; use {fitting}")
    if training.class_weight is not None and task in ("regression", "multilabel"):
        raise InputError("training.class_weight", f"goes with classes; the target is one of {task}")
