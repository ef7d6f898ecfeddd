"""What a trial costs around its trainings: our worker with trainings that take no time, beside Optuna alone.

Both take turns in one process: wherever the worker has done so many trials, Optuna does a few of its own, with three
parameters, ten reports and six user attributes each.
"""

import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import optuna
from optuna import Trial

from benchmarks.synthetic import NAME, REPEATS, repeat
from regsearch.results import Repeat
from regsearch.spec import TrialSpec
from sweeps.analysis.candidates import Candidate
from sweeps.config import SweepConfig
from sweeps.config.toml_file import parse
from sweeps.runtime.progress import Silent
from sweeps.runtime.sweep import register
from sweeps.runtime.worker import work
from sweeps.search.strategies import Extent

TRIALS = 5_000
MARKS = (10, 1_000, TRIALS)
SPREAD = 10  # trials on each side of a mark, or before the last one


class Enough(Exception):
    """As many trials as were wanted."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Median milliseconds of a trial: of ours, of our process's CPU in it, and of Optuna's alone."""

    ours: float
    cpu: float
    optunas: float


class Clock(Silent):
    """Notes when each trial ends, and lets Optuna have its turn after those around a mark."""

    def __init__(self, optunas: "OptunaAlone", trials: int) -> None:
        self.optunas = optunas
        self.trials = trials
        self.marks = [mark for mark in MARKS if mark < trials] + [trials]
        self.took: list[tuple[float, float]] = []  # seconds that each trial took, and of CPU
        self.found: dict[int, Cost] = {}
        self._since = _clocks()

    def ended(self, label: str, candidate: Candidate | None, extent: Extent) -> None:
        """Take the time."""
        now = _clocks()
        self.took.append((now[0] - self._since[0], now[1] - self._since[1]))
        done, mark = len(self.took), self.marks[len(self.found)]
        if done == min(mark + SPREAD, self.trials):
            ours, cpu = (1e3 * statistics.median(times) for times in zip(*self.took[-2 * SPREAD :], strict=True))
            self.found[mark] = Cost(ours=ours, cpu=cpu, optunas=1e3 * self.optunas.median_s())
        if done == self.trials:
            raise Enough
        self._since = _clocks()


class OptunaAlone:
    """A study in a database of its own, as Optuna opens it by itself."""

    def __init__(self, url: str) -> None:
        self.study = optuna.create_study(storage=url)

    def median_s(self) -> float:
        """Return how long a trial takes."""
        took = []
        for _ in range(2 * SPREAD):
            since = time.perf_counter()
            self._trial(self.study.ask())
            took.append(time.perf_counter() - since)
        return statistics.median(took)

    def _trial(self, trial: Trial) -> None:
        trial.suggest_categorical("regularizer", ["none", "l1", "l2", "l1_l2"])
        for name in ("lambda_l1", "lambda_l2"):
            trial.suggest_float(name, 1e-15, 1e-1, log=True)
        for step in range(REPEATS):
            trial.report(0.5, step)
        for name in ("worker", "mean", "std", "train", "epochs", "seconds"):
            trial.set_user_attr(name, "0.5")
        self.study.tell(trial, 0.5)


def measure(url: str, optunas_url: str, trials: int) -> dict[int, Cost]:
    """Return what a trial costs around each mark."""
    repeats = [repeat(0, index) for index in range(REPEATS)]

    def evaluate(spec: TrialSpec, seeds: Mapping[int, int], **_how: object) -> Iterator[Repeat]:
        yield from (repeats[index] for index in seeds)

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    clock = Clock(OptunaAlone(optunas_url), trials)
    with register(grid(), url) as sweep:
        with suppress(Enough):
            work(sweep, progress=clock, evaluate=evaluate)
    clock.optunas.study._storage.remove_session()
    return clock.found


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def grid() -> SweepConfig:
    """Return a sweep of 5,101 cells: none, and on each of 20 layers l1, l2 and both, at fifteen powers of ten."""
    return parse(
        {
            "name": NAME,
            "data": {"source": "moons"},
            "search": {
                "strategy": "grid",
                "lambda": {"low": 1e-15, "high": 1e-1},
                "l1_l2": "independent",
                "targets": [{"layers": f"dense_{number}"} for number in range(20)],
            },
            "evaluation": {"repeats": REPEATS},
        }
    )
