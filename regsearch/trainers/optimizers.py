"""Optimizers as pure functions, written out as Keras 3 defines them, so that a whole training is one program.

An optimizer keeps `slots`, one list of tensors shaped like the weights for each of its moments, and turns (weights,
gradients, slots, step) into new weights and slots. `step` counts from 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Tensors = list[Any]
Update = Callable[[Any, Tensors, Tensors, list[Tensors], Any, float], tuple[Tensors, list[Tensors]]]


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """How weights move.

    Args:
        slots: how many lists of moments it keeps.
        update: (ops, weights, gradients, slots, step, learning rate) -> new weights, new slots.
    """

    slots: int
    update: Update


def _sgd(
    ops: Any, weights: Tensors, gradients: Tensors, slots: list[Tensors], step: Any, rate: float
) -> tuple[Tensors, list[Tensors]]:
    """Plain gradient descent: w <- w - rate·g."""
    return [w - rate * g for w, g in zip(weights, gradients, strict=True)], slots


def _adam(
    ops: Any, weights: Tensors, gradients: Tensors, slots: list[Tensors], step: Any, rate: float
) -> tuple[Tensors, list[Tensors]]:
    """Adam (Kingma and Ba 2015, the formulation before section 2.1), with Keras' defaults.

    m <- m + (g - m)·(1 - β1), v <- v + (g² - v)·(1 - β2), w <- w - rate·√(1 - β2^t)/(1 - β1^t) · m/(√v + ε).
    """
    beta_1, beta_2, epsilon = 0.9, 0.999, 1e-7
    m = [m + (g - m) * (1 - beta_1) for m, g in zip(slots[0], gradients, strict=True)]
    v = [v + (ops.square(g) - v) * (1 - beta_2) for v, g in zip(slots[1], gradients, strict=True)]
    scale = rate * ops.sqrt(1 - ops.power(beta_2, step)) / (1 - ops.power(beta_1, step))
    moved = [w - scale * m / (ops.sqrt(v) + epsilon) for w, m, v in zip(weights, m, v, strict=True)]
    return moved, [m, v]


OPTIMIZERS: dict[str, Optimizer] = {
    "adam": Optimizer(slots=2, update=_adam),
    "sgd": Optimizer(slots=0, update=_sgd),
}
