"""Budgets as workers keep them, on both databases; trainings are made up, and everything else is real."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import storage
from regsearch.errors import SweepFileError
from storage.liveness import Process
from sweeps.analysis.answer import answer
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.config import SweepConfig
from sweeps.runtime.sweep import Sweep, create, open_sweep, register
from sweeps.runtime.trial_sources import source_of
from sweeps.runtime.worker import work
from sweeps.samplers.coarse_to_fine import Poll
from sweeps.search.strategies import optuna_samplers
from tests.sweeps.made_up import Trainer
from tests.sweeps.small import COARSE, small

REPEATS = 3


class Countdown:
    """A clock that is up once a trainer has done so many trainings."""

    def __init__(self, trainer: Trainer, most: int) -> None:
        self._trainer, self._most = trainer, most

    @property
    def is_up(self) -> bool:
        return self._trainer.count >= self._most


def timed(stop_after: str = "1h", **search: Any) -> SweepConfig:
    return small(search={"strategy": "grid", "stop_after": stop_after} | search)


def opened(config: SweepConfig, url: str) -> Sweep:
    return register(config, storage.resolve_url(url))


def test_when_time_is_up_repeats_are_kept_and_the_configuration_is_given_back(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = Trainer()
    with opened(timed(), database_url) as sweep:
        with monkeypatch.context() as patched:
            patched.setattr("sweeps.runtime.worker.clock", lambda *_: Countdown(trainer, REPEATS + 2))
            work(sweep, evaluate=trainer)
        assert trainer.count == REPEATS + 2 == len(sweep.results.repeats("small"))
        assert [t.state.name for t in sweep.study.trials] == ["COMPLETE"]
        assert not source_of(sweep).is_done() and source_of(sweep).left() == COARSE - 1
        work(sweep, evaluate=trainer)
        assert trainer.count == REPEATS * COARSE  # what was trained is not trained again
        assert set(sweep.results.leaderboard("small")["state"]) == {"complete"}
        assert sweep.results.sql("SELECT * FROM rs_failures").empty


def test_a_configuration_whose_last_repeat_ends_with_the_time_is_complete(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = Trainer()
    with opened(timed(), database_url) as sweep:
        monkeypatch.setattr("sweeps.runtime.worker.clock", lambda *_: Countdown(trainer, 2 * REPEATS))
        work(sweep, evaluate=trainer)
        assert [t.state.name for t in sweep.study.trials] == ["COMPLETE", "COMPLETE"]


def test_the_time_of_all_workers_counts_and_more_can_be_given(database_url: str) -> None:
    trainer = Trainer()
    limited = small(training={"timeout": "5m"}).training
    with opened(timed("1h"), database_url) as sweep:
        earlier = sweep.records.join(sweep.id, Process("elsewhere", "", "", 1, ""))
        sweep.records.leave(earlier)
        _began_earlier(sweep, timedelta(hours=2))
        work(sweep, evaluate=trainer)
        assert trainer.count == 0
    with opened(timed("3h").model_copy(update={"training": limited}), database_url) as more:
        assert more.config.hash() == sweep.config.hash()
    with open_sweep("small", database_url) as again:  # as another worker opens it
        assert (again.config.search.stop_after, again.config.training.timeout) == ("3h", "5m")
        work(again, evaluate=trainer)
        assert trainer.count == REPEATS * COARSE


def test_no_budget_is_overshot_by_workers_that_ask_at_the_same_instant(database_url: str) -> None:
    at_once = threading.Barrier(3)

    def together(count: int) -> None:
        if count <= 9:  # so that nobody is done before all have begun
            at_once.wait(30)

    trainer = Trainer(after=together)
    config = small(search={"strategy": "tpe", "trainings": 7 * REPEATS + 2})
    opened(config, database_url).close()

    def join() -> None:
        with open_sweep("small", database_url) as sweep:
            work(sweep, evaluate=trainer)

    workers = [threading.Thread(target=join) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    with open_sweep("small", database_url) as sweep:
        assert [t.state.name for t in sweep.study.trials].count("COMPLETE") == 7
        assert trainer.count <= 7 * REPEATS
        assert sweep.strategy.poll(sweep.study) is Poll.DONE


def test_what_was_given_up_is_in_the_answer(tmp_path: Path) -> None:
    with opened(small(search={"strategy": "grid"}), f"sqlite:///{tmp_path}/a.db") as sweep:
        work(sweep, evaluate=Trainer(broken=1e-1))
        found = answer(load_snapshot(sweep.results, "small"))
        assert [str(each) for each in found.abandoned] == ["l2 1e-1 (MemoryError: no room)"]
        assert found.to_dict()["given_up"][0]["reason"] == "MemoryError: no room"
        assert str(found.winner.configuration) == "l2 1e-2"


def test_a_score_goes_with_its_standard_error_where_that_decides_what_goes_on(tmp_path: Path) -> None:
    with opened(small(search={"promote": "one-se"}), f"sqlite:///{tmp_path}/a.db") as sweep:
        work(sweep, evaluate=Trainer())
        # Every repeat has the same two rows: none by the seeds; by the rows, of 0.9 and 1, half their difference.
        best = sweep.results.sql("SELECT key, standard_error FROM rs_cells WHERE stage = 'coarse' ORDER BY value DESC")
        assert '"lambda": 0.01,' in best["key"][0]
        assert best["standard_error"][0] == pytest.approx(0.05)


def test_what_is_not_installed_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optuna_samplers, "find_spec", lambda package: None)
    with pytest.raises(SweepFileError, match="'gp' needs scipy and torch"):
        create(small(search={"strategy": "gp"}), f"sqlite:///{tmp_path}/a.db")
    assert not list(tmp_path.iterdir())


def _began_earlier(sweep: Sweep, by: timedelta) -> None:
    """Let the workers that were there have begun earlier than they did."""
    begun = sweep.results.workers("small")["started_at"].min() - by
    with sweep.records.engine.begin() as connection:
        value = begun.to_pydatetime() if connection.dialect.name == "postgresql" else str(begun.tz_localize(None))
        connection.execute(text("UPDATE rs_workers SET started_at = :begun"), {"begun": value})
