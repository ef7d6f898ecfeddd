"""What a compiled training passes from call to call: where it stands, how it is regularized, what it is trained on."""

from typing import Any, NamedTuple

from regsearch.trainers.tensors import Tensor, Tensors


class Core(NamedTuple):
    """What a step changes.

    Args:
        weights: the trainable weights, as the optimizer keeps them.
        variables: the model's other variables.
        slots: what the optimizer keeps: lists of tensors.
        step: () int32, steps done.
    """

    weights: Tensors
    variables: Tensors
    slots: list[Tensors]
    step: Tensor


class Best(NamedTuple):
    """The best epoch so far, for early stopping: its validation loss, weights and variables, and epochs since then."""

    loss: Tensor
    weights: Tensors
    variables: Tensors
    waited: Tensor


class State(NamedTuple):
    """Where a training stands: everything that its next epoch depends on but the data.

    Args:
        core: what a step changes.
        points: (200, 5) float32, the learning curve: epoch, train loss and score, validation loss and score.
        recorded: () int32, how many of the points are there.
        finite: () bool, whether loss and weights are finite.
        stopped: () bool, whether early stopping ended it.
        best: what early stopping keeps, a Best; () without it.
    """

    core: Core
    points: Tensor
    recorded: Tensor
    finite: Tensor
    stopped: Tensor
    best: Any


class Regularization(NamedTuple):
    """A configuration's penalties and weight decay; inputs of the program, so that nothing is compiled anew for others.

    Args:
        coefficients: (weights, 2) float32, l1 and l2 of each weight.
        weight_decay: () float32, as in TrialSpec.
    """

    coefficients: Tensor
    weight_decay: Tensor


class Data(NamedTuple):
    """What is trained on and scored: `weights` is () where all rows count alike, `shown` are the curve's train rows.

    `unit` and `origin`, (targets,), turn y into the labels' own units; () where it is in them.
    """

    x: Tensor
    y: Tensor
    weights: Tensor
    x_shown: Tensor
    y_shown: Tensor
    x_validation: Tensor
    y_validation: Tensor
    unit: Tensor
    origin: Tensor
