"""How long a training takes, from a moment of one."""

import threading
from collections.abc import Callable
from dataclasses import replace

from regsearch.data import Split
from regsearch.errors import TrainingStopped
from regsearch.trainers.base import Stop, Trainer, TrainerPhase
from regsearch.trainers.compiled import CompiledTrainer

MOMENT_S = 0.5


def training_seconds(trainer: Trainer, split: Split, phase: TrainerPhase) -> float:
    """Return about how many seconds one training takes, while no other runs beside it.

    Args:
        trainer: what trains; the compiled one has compiled already.
        split: the rows.
        phase: the whole training.
    """
    if not isinstance(trainer, CompiledTrainer):
        one, three = (_seconds(trainer, split, replace(phase, epochs=epochs)) for epochs in (1, 3))
        return one + (phase.epochs - 1) * max(0.0, three - one) / 2  # the first epoch traces the model
    stop = threading.Event()
    moment = threading.Timer(MOMENT_S, stop.set)
    moment.start()
    try:
        return _seconds(trainer, split, phase, stop)
    except TrainingStopped:
        batches = -(-len(split.train.x) // trainer.problem.training.batch_size)
        return phase.epochs * batches * trainer.step_s
    finally:
        moment.cancel()


def fit_step_seconds(trainer: Trainer, split: Split, phase: TrainerPhase, clock: Callable[[], float]) -> float:
    """Return about how many seconds a step of `fit` takes."""
    taken = []
    for epochs in (1, 3):
        started = clock()
        _seconds(trainer, split, replace(phase, epochs=epochs))
        taken.append(clock() - started)
    batches = -(-len(split.train.x) // trainer.problem.training.batch_size)
    return max(taken[1] - taken[0], 1e-9) / 2 / batches  # the first epoch traces the model


def _seconds(trainer: Trainer, split: Split, phase: TrainerPhase, stop: Stop = None) -> float:
    return trainer.train_phases(split, seed=0, phases=[phase], stop=stop)[-1].seconds
