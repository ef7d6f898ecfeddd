"""regsearch as a contender: one training at a time, or the repeats of a configuration on several threads."""

from functools import cache
from unittest.mock import patch

from benchmarks.measure import Contender
from regsearch.penalties import coefficients
from regsearch.spec import TrialSpec
from regsearch.trainers import base
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
    shared = _prepared(spec, curve)
    table = coefficients(shared.trainer.weights, spec.penalties)

    def work() -> None:
        for seed in range(SEED, SEED + trainings):
            shared.trainer.train(shared.split(seed), seed=seed, coefficients=table)

    return Contender(name=name, units=units * trainings, work=work)


def repeats(name: str, spec: TrialSpec, *, units: float, trainings: int, threads: int) -> Contender:
    """Return the contender that evaluates a configuration as a sweep does: trained, scored, on so many threads.

    Every round meets the same seeds, as every configuration of a sweep does.
    """
    seeds = {i: SEED + i for i in range(trainings)}
    shared = _prepared(spec, True)

    def work() -> None:
        list(shared.evaluate(spec, seeds, test=False, threads=threads))

    return Contender(name=name, units=units * trainings, work=work)


@cache
def _prepared(spec: TrialSpec, curve: bool) -> Evaluator:
    """Return an evaluator, one for all sections that measure the same spec: it compiles once."""
    return Evaluator(spec) if curve else _without_curve(spec)


def _without_curve(spec: TrialSpec) -> Evaluator:
    """Return an evaluator that records the last epoch alone: how many points there are is fixed as it compiles."""
    with patch.object(base, "CURVE_POINTS", 1):
        shared = Evaluator(spec)
        table = coefficients(shared.trainer.weights, spec.penalties)
        points = len(shared.trainer.train(shared.split(SEED), seed=SEED, coefficients=table).curve.epochs)
    if points != 1:
        raise RuntimeError(f"the learning curve has {points} points where it was to have 1")
    return shared
