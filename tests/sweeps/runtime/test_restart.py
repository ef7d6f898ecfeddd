"""Postgres is killed and started again in the middle of a sweep. Nothing here trains."""

import signal
import threading
from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from regsearch.results import Repeat
from regsearch.spec import TrialSpec
from storage import resolve_url
from sweeps.analysis.candidates import Candidate
from sweeps.runtime.progress import Silent
from sweeps.runtime.sweep import register
from sweeps.runtime.worker import work
from sweeps.search.strategies import Extent
from tests.postgres import PostgresServer
from tests.storage.builders import norm, repeat
from tests.sweeps.small import COARSE, small


class Restarts(Silent):
    """Pulls the plug of the server when the worker reaches a moment, and starts it again behind the worker's back."""

    def __init__(self, server: PostgresServer, moments: Mapping[str, int]) -> None:
        self.server = server
        self.moments = moments  # by name, how often it is let pass
        self.seen: Counter[str] = Counter()
        self.starting: list[threading.Thread] = []

    def reach(self, moment: str) -> None:
        self.seen[moment] += 1
        if self.seen[moment] == self.moments.get(moment):
            self.finish()
            self.server.stop(signal.SIGQUIT)
            self.starting.append(threading.Thread(target=self.server.start))
            self.starting[-1].start()

    def finish(self) -> None:
        for thread in self.starting:
            thread.join()

    def started(self, label: str, repeats: int, done: int) -> None:
        self.reach("a trial begins")

    def ended(self, label: str, candidate: Candidate | None, extent: Extent) -> None:
        self.reach("a trial has ended")


@pytest.mark.parametrize("strategy", ["grid", "random"])
def test_a_restart_costs_nothing_but_a_pause(postgres_server: PostgresServer, postgres_url: str, strategy: str) -> None:
    moments = {"a trial begins": 2, "a repeat has ended": 8, "a trial has ended": 3}
    restarts, trained = Restarts(postgres_server, moments), []

    def evaluate(spec: TrialSpec, seeds: Mapping[int, int], **_how: object) -> Iterator[Repeat]:
        for index, seed in seeds.items():
            trained.append((spec.key(), seed))
            yield repeat(index, np.random.default_rng(seed).random(), seed=seed, weight_norms=(norm(),))
            restarts.reach("a repeat has ended")

    config = small(search={"strategy": strategy, "trials": None if strategy == "grid" else COARSE})
    try:
        with register(config, resolve_url(postgres_url)) as sweep:
            work(sweep, progress=restarts, evaluate=evaluate)
            trials = sweep.study.get_trials()
            recorded = sweep.results.sql("SELECT number FROM rs_trials ORDER BY number")
            board = sweep.results.leaderboard("small")
    finally:
        restarts.finish()
    assert len(restarts.starting) == len(moments)
    assert [trial.state.name for trial in trials] == COARSE * ["COMPLETE"]
    assert recorded["number"].tolist() == [trial.number for trial in trials]
    assert set(board["state"]) == {"complete"} and set(board["n"]) == {3}
    assert len(trained) == len(set(trained)) == 3 * len(board)
