"""All workers of a sweep train with the engine that was decided on first, whatever a stopwatch of theirs shows."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from regsearch import trial
from regsearch.spec import TrialSpec
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.runtime.checking import SweepCheck, check_sweep
from sweeps.runtime.sweep import create, open_sweep, register
from sweeps.runtime.worker import work
from tests.sweeps.small import small

LOOKS = 6  # at the stopwatch for each engine: before and after steps, three times


class Lying:
    """A stopwatch that shows other seconds from look to look than have passed."""

    def __init__(self, *seconds: float) -> None:
        self.now, self.seconds = 0.0, itertools.cycle(seconds)

    def __call__(self) -> float:
        self.now += next(self.seconds)
        return self.now


SLOW_XLA = Lying(*([10.0] * LOOKS + [0.1] * LOOKS) * 2, 0, 1e6)  # the last two ends of epochs by `fit`
QUICK_XLA = Lying(1e-6)


@pytest.fixture(scope="module")
def checks() -> tuple[SweepCheck, SweepCheck]:
    """What two workers find out that begin at the same moment."""
    found = []
    for stopwatch in (SLOW_XLA, QUICK_XLA):
        trial._evaluators.clear()  # as in a process of its own
        found.append(check_sweep(small(), stopwatch=stopwatch))
    return found[0], found[1]


def test_a_stopwatch_decides(checks: tuple[SweepCheck, SweepCheck]) -> None:
    assert [check.engine.engine for check in checks] == ["graph", "xla"]
    assert [check.proof.engine for check in checks] == ["graph", "xla"]


@pytest.mark.parametrize("first", [0, 1], ids=["graph", "xla"])
def test_two_workers_train_with_the_engine_of_the_first(
    checks: tuple[SweepCheck, SweepCheck], first: int, database_url: str, tmp_path: Any
) -> None:
    engine, trained = checks[first].engine.engine, list[str]()

    def evaluate(spec: TrialSpec, *args: Any, **options: Any) -> Iterator[Any]:
        trained.append(spec.training.engine)
        return trial.evaluate(spec, *args, **options)

    opened = [register(small(), database_url, check) for check in (checks[first], checks[1 - first])]
    with opened[0], opened[1], ThreadPoolExecutor(2) as pool:
        assert [sweep.engine for sweep in opened] == [engine, engine]
        list(pool.map(lambda sweep: work(sweep, evaluate=evaluate), opened))
    assert set(trained) == {engine}
    with open_sweep("small", database_url) as sweep:
        snapshot = load_snapshot(sweep.results, "small")
        assert snapshot.checks["engine"]["engine"] == engine
        assert snapshot.trial_spec(snapshot.candidates[0].configuration).training.engine == engine
        means = {str(c.configuration): c.mean for c in snapshot.candidates}
    with create(small(training={"engine": engine}), f"sqlite:///{tmp_path}/named.db") as named:
        work(named)
        again = load_snapshot(named.results, "small")
    assert means == {str(c.configuration): c.mean for c in again.candidates}
    assert all(np.isfinite(mean) for mean in means.values())


def test_a_sweep_file_may_name_the_engine(database_url: str) -> None:
    with create(small(training={"engine": "graph"}), database_url) as sweep:
        assert sweep.check is not None and sweep.check.engine.reason == "named in [training]"
        assert sweep.engine == "graph"
