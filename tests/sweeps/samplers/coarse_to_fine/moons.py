"""The case study's space, and an objective on it."""

import math

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution

from sweeps.samplers.coarse_to_fine import CoarseToFineSampler

REGULARIZERS = ("none", "l2", "l1", "l1_l2")
CONDITIONS = {"lambda": ("regularizer", ("l1", "l2", "l1_l2"))}


def space(low: float = 1e-6, high: float = 1e-1) -> dict[str, BaseDistribution]:
    return {
        "regularizer": CategoricalDistribution(REGULARIZERS),
        "lambda": FloatDistribution(low, high, log=True),
    }


def sampler(low: float = 1e-6, high: float = 1e-1, **options) -> CoarseToFineSampler:
    return CoarseToFineSampler(space(low, high), conditions=CONDITIONS, **options)


def suggest(trial: optuna.Trial, low: float = 1e-6, high: float = 1e-1) -> tuple[str, float | None]:
    regularizer = trial.suggest_categorical("regularizer", REGULARIZERS)
    return regularizer, None if regularizer == "none" else trial.suggest_float("lambda", low, high, log=True)


def score(regularizer: str, value: float | None) -> float:
    """Largest, and 0, for l2 1e-3; -9 for none."""
    return -9.0 if value is None else -abs(math.log10(value) + 3) - REGULARIZERS.index(regularizer) + 1
