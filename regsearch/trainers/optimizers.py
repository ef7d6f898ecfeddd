"""Optimizers as pure functions, written out as Keras 3 defines them, so that a whole training is one program.

An optimizer keeps `slots`, one list of tensors shaped like the weights for each of its moments, and turns (weights,
gradients, slots, step, rate) into new weights and slots. What does not depend on a weight is computed once a step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from regsearch.backend import load_keras
from regsearch.options import Choice, Option, bind
from regsearch.spec import TrainingSpec
from regsearch.trainers.schedules import bound_schedule, keras_schedule
from regsearch.trainers.tensors import KerasOptimizer, Module, Tensor, Tensors

FIELD = "training.optimizer"

Update = Callable[[Module, Tensors, Tensors, list[Tensors], Tensor, Tensor], tuple[Tensors, list[Tensors]]]


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """How weights move.

    Args:
        slots: how many lists of moments it keeps; they start as zeros.
        update: (ops, weights, gradients, slots, step, rate) -> new weights, new slots; tensors are float32, step counts
            from 1, rate is a number or a scalar tensor.
    """

    slots: int
    update: Update


@dataclass(frozen=True, kw_only=True)
class Method(Choice):
    """An optimizer whose options are still to be bound.

    Args:
        make: takes all of them but clipping; None where the optimizer is not written out, and moves by Keras' own
            update.
    """

    make: Callable[..., Optimizer] | None


def _sgd(*, momentum: float, nesterov: bool) -> Optimizer:
    """Gradient descent with momentum (Polyak 1964).

    v <- momentum·v - rate·g, w <- w + v. Nesterov's momentum moves by momentum·v - rate·g instead, as Bengio et al.
    (2013), section 3.5, write it.
    """

    def plain(
        ops: Module, weights: Tensors, gradients: Tensors, slots: list[Tensors], step: Tensor, rate: Tensor
    ) -> tuple[Tensors, list[Tensors]]:
        return [w - rate * g for w, g in zip(weights, gradients, strict=True)], slots

    def with_momentum(
        ops: Module, weights: Tensors, gradients: Tensors, slots: list[Tensors], step: Tensor, rate: Tensor
    ) -> tuple[Tensors, list[Tensors]]:
        moves = [rate * g for g in gradients]
        v = [momentum * v - move for v, move in zip(slots[0], moves, strict=True)]
        ahead = [momentum * v - move for v, move in zip(v, moves, strict=True)] if nesterov else v
        return [w + a for w, a in zip(weights, ahead, strict=True)], [v]

    return Optimizer(slots=1, update=with_momentum) if momentum else Optimizer(slots=0, update=plain)


def _adam(
    *, beta_1: float, beta_2: float, epsilon: float, amsgrad: bool, weight_decay: float | None = None
) -> Optimizer:
    """Adam (Kingma and Ba 2015, the formulation before section 2.1).

    m <- m + (g - m)·(1 - β1), v <- v + (g² - v)·(1 - β2), w <- w - rate·√(1 - β2^t)/(1 - β1^t) · m/(√v + ε).
    AMSGrad (Reddi et al. 2018) divides by the largest √v so far. AdamW (Loshchilov and Hutter 2019) first takes
    weight_decay·rate·w off w; the paper's decay is not multiplied by the rate, Keras' is.
    """

    def update(
        ops: Module, weights: Tensors, gradients: Tensors, slots: list[Tensors], step: Tensor, rate: Tensor
    ) -> tuple[Tensors, list[Tensors]]:
        m = [m + (g - m) * (1 - beta_1) for m, g in zip(slots[0], gradients, strict=True)]
        v = [v + (ops.square(g) - v) * (1 - beta_2) for v, g in zip(slots[1], gradients, strict=True)]
        kept = [m, v]
        if amsgrad:
            v = [ops.maximum(largest, v) for largest, v in zip(slots[2], v, strict=True)]
            kept.append(v)
        if weight_decay:
            decay = weight_decay * rate  # w·(1 - decay) would round 1 - decay, the same way in every step
            weights = [w - decay * w for w in weights]
        scale = rate * ops.sqrt(1 - ops.power(beta_2, step)) / (1 - ops.power(beta_1, step))
        moved = [w - scale * m / (ops.sqrt(v) + epsilon) for w, m, v in zip(weights, m, v, strict=True)]
        return moved, kept

    return Optimizer(slots=3 if amsgrad else 2, update=update)


def _rmsprop(*, rho: float, momentum: float, epsilon: float, centered: bool) -> Optimizer:
    """RMSprop (Tieleman and Hinton 2012, lecture 6.5), ε under the root as in Keras.

    v <- ρ·v + (1 - ρ)·g², move = rate·g/√(v + ε), w <- w - move. Centered (Graves 2013, equations 38 to 41) takes
    ḡ², ḡ <- ρ·ḡ + (1 - ρ)·g, off v. With momentum, moves add up: b <- momentum·b + move, w <- w - b.
    """

    def update(
        ops: Module, weights: Tensors, gradients: Tensors, slots: list[Tensors], step: Tensor, rate: Tensor
    ) -> tuple[Tensors, list[Tensors]]:
        before = iter(slots)
        v = [rho * v + (1 - rho) * ops.square(g) for v, g in zip(next(before), gradients, strict=True)]
        kept, variance = [v], v
        if centered:
            mean = [rho * a + (1 - rho) * g for a, g in zip(next(before), gradients, strict=True)]
            variance = [v - ops.square(a) for v, a in zip(v, mean, strict=True)]
            kept.append(mean)
        moves = [rate * g / ops.sqrt(s + epsilon) for g, s in zip(gradients, variance, strict=True)]
        if momentum:
            moves = [momentum * b + move for b, move in zip(next(before), moves, strict=True)]
            kept.append(moves)
        return [w - move for w, move in zip(weights, moves, strict=True)], kept

    return Optimizer(slots=1 + centered + (momentum > 0), update=update)


_MOMENTUM = Option(low=0, high=1, default=0.0)
_EPSILON = Option(above=0, default=1e-7)
_ACCUMULATOR = Option(low=0, default=0.1)
_NOT_NEGATIVE = Option(low=0, default=0.0)
_CLIPPING = {name: Option(above=0, default=None) for name in ("clipnorm", "clipvalue", "global_clipnorm")}


def _rate(default: float) -> Option:
    """Return the option of a decay rate of moments."""
    return Option(low=0, below=1, default=default)


def _one_clipping(options: Mapping[str, Any]) -> str | None:
    given = [name for name in _CLIPPING if options[name] is not None]
    return f"only one of {', '.join(_CLIPPING)} may be given, got {' and '.join(given)}," if len(given) > 1 else None


def _method(keras: str, options: Mapping[str, Option], make: Callable[..., Optimizer] | None = None) -> Method:
    return Method(keras=keras, options={**options, **_CLIPPING}, problem=_one_clipping, make=make)


_MOMENTS = {"beta_1": _rate(0.9), "beta_2": _rate(0.999), "epsilon": _EPSILON}
_ADAM = _MOMENTS | {"amsgrad": Option(kind=bool, default=False)}

OPTIMIZERS: dict[str, Method] = {
    "adam": _method("Adam", _ADAM, _adam),
    "sgd": _method("SGD", {"momentum": _MOMENTUM, "nesterov": Option(kind=bool, default=False)}, _sgd),
    "adamw": _method("AdamW", _ADAM | {"weight_decay": Option(low=0, default=0.004)}, _adam),
    "rmsprop": _method(
        "RMSprop",
        {
            "rho": _rate(0.9),
            "momentum": _MOMENTUM,
            "epsilon": _EPSILON,
            "centered": Option(kind=bool, default=False),
        },
        _rmsprop,
    ),
    "adagrad": _method("Adagrad", {"initial_accumulator_value": _ACCUMULATOR, "epsilon": _EPSILON}),
    "adadelta": _method("Adadelta", {"rho": _rate(0.95), "epsilon": _EPSILON}),
    "adamax": _method("Adamax", _MOMENTS),
    "nadam": _method("Nadam", _MOMENTS),
    "ftrl": _method(
        "Ftrl",
        {
            "learning_rate_power": Option(high=0, default=-0.5),
            "initial_accumulator_value": _ACCUMULATOR,
            "l1_regularization_strength": _NOT_NEGATIVE,
            "l2_regularization_strength": _NOT_NEGATIVE,
            "l2_shrinkage_regularization_strength": _NOT_NEGATIVE,
            "beta": _NOT_NEGATIVE,
        },
    ),
    "lion": _method("Lion", {"beta_1": _rate(0.9), "beta_2": _rate(0.99)}),
    "lamb": _method("Lamb", _MOMENTS),
    "adafactor": _method(
        "Adafactor",
        {
            "beta_2_decay": Option(below=0, default=-0.8),
            "epsilon_1": Option(above=0, default=1e-30),
            "epsilon_2": Option(above=0, default=1e-3),
            "clip_threshold": Option(above=0, default=1.0),
            "relative_step": Option(kind=bool, default=True),
        },
    ),
    "muon": _method(
        "Muon",
        {
            "momentum": Option(low=0, high=1, default=0.95),
            "nesterov": Option(kind=bool, default=True),
            "ns_steps": Option(kind=int, low=1, default=5),
            "weight_decay": Option(low=0, default=0.004),
            "adam_weight_decay": Option(low=0, default=0.004),
            "adam_beta_1": _rate(0.9),
            "adam_beta_2": _rate(0.999),
            "adam_lr_ratio": Option(above=0, default=1.0),
            "epsilon": _EPSILON,
        },
    ),
}


def check_training(training: TrainingSpec) -> None:
    """Refuse an optimizer or a learning-rate schedule that is not there, without loading Keras.

    Raises:
        InputError: there is no such optimizer or schedule, or its options do not fit.
    """
    _bound(training)
    if training.schedule is not None:
        bound_schedule(training.schedule)


def optimizer(training: TrainingSpec) -> Optimizer:
    """Return the optimizer of a training that is written out, its options bound.

    Raises:
        InputError: there is no such optimizer, or its options do not fit.
        ValueError: it is not written out.
    """
    method, options = _bound(training)
    if method.make is None:
        raise ValueError(f"{training.optimizer} is not written out")
    return method.make(**{name: value for name, value in options.items() if name not in _CLIPPING})


def is_written_out(training: TrainingSpec) -> bool:
    """Whether the optimizer of a training is one of those here, and clips no gradient."""
    method, options = _bound(training)
    return method.make is not None and all(options[name] is None for name in _CLIPPING)


def keras_optimizer(training: TrainingSpec) -> KerasOptimizer:
    """Return Keras' own optimizer for a training, with its learning-rate schedule if there is one.

    Raises:
        InputError: there is no such optimizer or schedule, or its options do not fit.
    """
    method, options = _bound(training)
    schedule = keras_schedule(training)
    rate = float(training.learning_rate) if schedule is None else schedule
    return getattr(load_keras().optimizers, method.keras)(learning_rate=rate, **options)


def learning_rate(training: TrainingSpec) -> Callable[[Tensor], Tensor]:
    """Return the learning rate by step; steps are batches, counted from 0.

    It is the same number at every step, or what Keras' schedule makes of the step, a scalar tensor.

    Raises:
        InputError: there is no such schedule, or its options do not fit.
    """
    schedule = keras_schedule(training)
    if schedule is not None:
        return lambda step: schedule(step)
    constant = float(training.learning_rate)
    return lambda step: constant


def _bound(training: TrainingSpec) -> tuple[Method, dict[str, Any]]:
    return bind(FIELD, training.optimizer, dict(training.optimizer_options), OPTIMIZERS)
