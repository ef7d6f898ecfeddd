"""What a few steps of a program take: one training on all CPUs, and one on each."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from regsearch.data import Split
from regsearch.trainers.base import TrainerPhase
from regsearch.trainers.compiled import CompiledTrainer

Stopwatch = Callable[[], float]  # seconds since some moment

QUICK_S = 1e-3  # a step: graphs take a third of that to call their kernels, so that none is much faster
SHORT_S = 10.0  # the whole search: less is not worth a second engine's tracing
LONG_S = 150.0  # the whole search: from here on 2 % of it are 3 s, enough to time `fit` too
TIMES = 1.3  # as fast as XLA for the whole search: what another engine must be
QUICK_STEPS = 100  # timed where they are quick
TIMED_S = 0.3  # of steps, for each engine
SECOND = 1.15  # times as fast as one on each: what one training on all CPUs must be


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a search has to do: trainings, steps of each, and the stopwatch that times them."""

    trainings: int
    phase: TrainerPhase
    clock: Stopwatch = time.perf_counter
    cpus: int = field(default_factory=lambda: os.cpu_count() or 1)

    def seconds(self, split: Split, batch_size: int, step_s: float) -> float:
        """Return how long the search takes when a step takes so long."""
        return self.trainings * self.phase.epochs * -(-len(split.train.x) // batch_size) * step_s


@dataclass(frozen=True, kw_only=True)
class Timed:
    """What steps of an engine took.

    Args:
        alone_s: seconds a step of one training.
        together_s: the same over the number of trainings, as many at once as CPUs.
    """

    alone_s: float
    together_s: float

    @property
    def step_s(self) -> float:
        """Seconds a step, whichever way is faster."""
        return self.alone_s if self.one_at_a_time else self.together_s

    @property
    def one_at_a_time(self) -> bool:
        """Whether one training on all CPUs is faster than one for each."""
        return self.alone_s * SECOND < self.together_s


def timed(trainer: CompiledTrainer, split: Split, work: Work) -> Timed:
    """Time steps of a program, of one training and of as many as there are CPUs.

    Raises:
        CannotCompile: there is no such program.
    """
    once = trainer.steps(split, work.phase, 1)
    once()  # a graph is optimized by its first call
    one = _seconds_a_step([once], work.clock)
    if one < QUICK_S:  # then neither another engine nor more CPUs for one training are of use
        alone = _seconds_a_step([trainer.steps(split, work.phase, QUICK_STEPS)], work.clock)
        return Timed(alone_s=alone, together_s=alone / work.cpus)
    count = max(1, int(TIMED_S / 2 / one))
    runs = [trainer.steps(split, work.phase, count) for _ in range(work.cpus)]
    alone = _seconds_a_step(runs[:1], work.clock)
    return Timed(alone_s=alone, together_s=_seconds_a_step(runs, work.clock) if work.cpus > 1 else alone)


def _seconds_a_step(runs: Sequence[Callable[[], int]], clock: Stopwatch) -> float:
    """Return the seconds that runs, all at once, take for each of their steps."""
    with ThreadPoolExecutor(len(runs)) as pool:
        started = clock()
        steps = sum(pool.map(lambda run: run(), runs))
        return float(max(clock() - started, 1e-9) / max(1, steps))
