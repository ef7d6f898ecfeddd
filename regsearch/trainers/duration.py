"""How long a training takes, from a moment of one."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from regsearch.data import Split
from regsearch.errors import TrainingStopped
from regsearch.trainers.base import Trainer, TrainerPhase
from regsearch.trainers.compiled import CompiledTrainer
from regsearch.trainers.time_limit import Stop

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
    """Return about how many seconds a step of `fit` takes: of the epochs after the first, which traces the model."""
    laps = _Laps(clock)
    with suppress(TrainingStopped):
        _seconds(trainer, split, phase, laps)
    batches = -(-len(split.train.x) // trainer.problem.training.batch_size)
    return max(laps.last - laps.first, 1e-9) / max(1, laps.count - 1) / batches


class _Laps(threading.Event):
    """Stops a training once its epochs have taken long enough; looks at the clock at the end of each."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self.clock, self.count, self.first, self.last = clock, 0, 0.0, 0.0

    def is_set(self) -> bool:
        if not super().is_set():
            self.last = self.clock()
            self.first = self.last if self.count == 0 else self.first
            self.count += 1
            if self.last - self.first >= MOMENT_S:
                self.set()
        return super().is_set()


def _seconds(trainer: Trainer, split: Split, phase: TrainerPhase, stop: Stop = None) -> float:
    return trainer.train_phases(split, seed=0, phases=[phase], stop=stop)[-1].seconds
