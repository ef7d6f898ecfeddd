"""regsearch as a contender: one training at a time, or the repeats of a configuration on several threads."""

from collections.abc import Sequence
from functools import cache
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Contender
from regsearch.data import Split
from regsearch.penalties import coefficients
from regsearch.spec import TrialSpec
from regsearch.trainers import compiled
from regsearch.trainers.base import TrainerPhase
from regsearch.trial import Evaluator

SEED = 1


def training(name: str, spec: TrialSpec, *, units: float, trainings: int = 1, curve: bool = True) -> Contender:
    """Return the contender that trains one model after the other, its learning curve recorded or not.

    Args:
        name: what the table calls it.
        spec: what to train.
        units: epochs or steps of one training.
        trainings: how many a round.
        curve: whether to record the usual learning curve.
    """
    shared = _prepared(spec)
    table = coefficients(shared.trainer.weights, spec.penalties)
    points = compiled.curve_epochs if curve else _last_epoch_alone

    def work() -> None:
        with patch.object(compiled, "curve_epochs", points):
            for seed in range(SEED, SEED + trainings):
                shared.trainer.train(shared.split(0, seed), seed=seed, coefficients=table)

    return Contender(name=name, units=units * trainings, work=work)


def repeats(name: str, spec: TrialSpec, *, units: float, trainings: int, threads: int) -> Contender:
    """Return the contender that evaluates a configuration as a sweep does: trained, scored, on so many threads.

    Every round meets the same seeds, as every configuration of a sweep does.
    """
    seeds = {i: SEED + i for i in range(trainings)}
    shared = _prepared(spec)

    def work() -> None:
        list(shared.evaluate(spec, seeds, test=False, threads=threads))

    return Contender(name=name, units=units * trainings, work=work)


@cache
def _prepared(spec: TrialSpec) -> Evaluator:
    """Return an evaluator, one for all sections that measure the same spec: it compiles once."""
    return Evaluator(spec)


def _last_epoch_alone(phases: Sequence[TrainerPhase], split: Split) -> NDArray[np.int32]:
    """Stand in for the points of the learning curve."""
    return np.array([sum(phase.epochs for phase in phases)], np.int32)
