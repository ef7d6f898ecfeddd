"""Learning-rate schedules by Keras' names: their options, and Keras' own objects, which trace into a program."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from regsearch.backend import load_keras
from regsearch.options import Choice, Option, bind
from regsearch.spec import Named, TrainingSpec

FIELD = "training.learning_rate_schedule"


def _piecewise_problem(options: Mapping[str, Any]) -> str | None:
    boundaries, values = options["boundaries"], options["values"]
    if len(boundaries) != len(values):
        return f"boundaries and values must be as many, got {len(boundaries)} and {len(values)},"
    if any(a >= b for a, b in pairwise(boundaries)):
        return f"boundaries must rise, got {list(boundaries)},"
    return None


def _warmup_problem(options: Mapping[str, Any]) -> str | None:
    if (options["warmup_target"] is None) == (options["warmup_steps"] == 0):
        return None
    return "warmup_target and warmup_steps must be given together"


_STEPS = Option(kind=int, low=1)
_LEAST = Option(low=0, high=1, default=0.0)  # as a fraction of the initial rate
_STAIRCASE = Option(kind=bool, default=False)

SCHEDULES: dict[str, Choice] = {
    "exponential_decay": Choice(
        keras="ExponentialDecay",
        options={"decay_steps": _STEPS, "decay_rate": Option(above=0), "staircase": _STAIRCASE},
    ),
    "inverse_time_decay": Choice(
        keras="InverseTimeDecay",
        options={"decay_steps": _STEPS, "decay_rate": Option(low=0), "staircase": _STAIRCASE},
    ),
    "polynomial_decay": Choice(
        keras="PolynomialDecay",
        options={
            "decay_steps": _STEPS,
            "end_learning_rate": Option(low=0, default=1e-4),
            "power": Option(above=0, default=1.0),
            "cycle": Option(kind=bool, default=False),
        },
    ),
    "cosine_decay": Choice(
        keras="CosineDecay",
        options={
            "decay_steps": _STEPS,
            "alpha": _LEAST,
            "warmup_target": Option(above=0, default=None),
            "warmup_steps": Option(kind=int, low=0, default=0),
        },
        problem=_warmup_problem,
    ),
    "cosine_decay_restarts": Choice(
        keras="CosineDecayRestarts",
        options={
            "first_decay_steps": _STEPS,
            "t_mul": Option(low=1, default=2.0),
            "m_mul": Option(above=0, default=1.0),
            "alpha": _LEAST,
        },
    ),
    "piecewise_constant_decay": Choice(
        keras="PiecewiseConstantDecay",
        options={"boundaries": Option(kind=int, low=0, many=True), "values": Option(above=0, many=True)},
        problem=_piecewise_problem,
    ),
}


def bound_schedule(schedule: Named) -> tuple[Choice, dict[str, Any]]:
    """Return a schedule by its name, and all its options.

    Raises:
        InputError: there is no such schedule, or its options do not fit.
    """
    return bind(FIELD, schedule.name, dict(schedule.options), SCHEDULES)


def keras_schedule(training: TrainingSpec) -> Any:
    """Return Keras' object of the learning-rate schedule, or None where the rate is constant.

    Steps are batches, counted from 0. `learning_rate` is the rate at step 0; `values` of piecewise_constant_decay are
    the rates after each of its boundaries.

    Raises:
        InputError: there is no such schedule, or its options do not fit.
    """
    if training.schedule is None:
        return None
    schedule, options = bound_schedule(training.schedule)
    rate = float(training.learning_rate)
    made = getattr(load_keras().optimizers.schedules, schedule.keras)
    if "boundaries" in options:
        return made(list(options["boundaries"]), [rate, *options["values"]])
    return made(rate, **options)
