"""Others take a worker for dead, at any moment of a trial: it says so and goes on. Nothing here trains."""

from collections.abc import Iterator, Mapping
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState
from sqlalchemy import text

from regsearch.results import Repeat
from regsearch.spec import TrialSpec
from storage import resolve_url
from sweeps.runtime.optuna_storage import WORKER, backend_of, close_trials, open_trials
from sweeps.runtime.progress import Silent
from sweeps.runtime.sweep import Sweep, register
from sweeps.runtime.worker import work
from tests.storage.builders import repeat
from tests.sweeps.small import COARSE, small

MOMENTS = ("it is asked for", "it is there", "it begins", "it trains", "a repeat is recorded", "it is told")


class Others(Silent):
    """Fails whatever runs, once, when the worker reaches a moment."""

    def __init__(self, study: optuna.Study, moment: str) -> None:
        self.study = study
        self.moment: str | None = moment
        self.notes: list[str] = []

    def reach(self, moment: str) -> None:
        if moment == self.moment:
            self.moment = None
            for trial in self.study.get_trials(states=(TrialState.RUNNING,)):
                self.study._storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)

    def note(self, message: str) -> None:
        self.notes.append(message)

    def started(self, label: str, repeats: int, done: int) -> None:
        self.reach("it begins")

    def repeated(self) -> None:
        self.reach("a repeat is recorded")


def reaching(others: Others, moment: str, call: Any, *, after: bool = False) -> Any:
    """Return the function with a moment before or after it."""

    def reached(*args: Any, **options: Any) -> Any:
        if not after:
            others.reach(moment)
        found = call(*args, **options)
        if after:
            others.reach(moment)
        return found

    return reached


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_trial_taken_over_is_a_note_and_no_end(
    database_url: str, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    url = resolve_url(database_url)
    config = small(search={"strategy": "tpe", "trials": COARSE})
    with register(config, url) as sweep:
        study = optuna.load_study(study_name="small", storage=open_trials(url))
        others, trained = Others(study, moment), []

        def evaluate(spec: TrialSpec, seeds: Mapping[int, int], **_how: object) -> Iterator[Repeat]:
            for index, seed in seeds.items():
                others.reach("it trains")
                trained.append((spec.key(), index))
                yield repeat(index, seed=seed)

        sampler = sweep.study.sampler
        before, settle = sampler.before_trial, sweep.records.settle
        monkeypatch.setattr(sampler, "before_trial", reaching(others, MOMENTS[0], before))
        monkeypatch.setattr(sampler, "before_trial", reaching(others, MOMENTS[1], sampler.before_trial, after=True))
        monkeypatch.setattr(sweep.records, "settle", reaching(others, MOMENTS[5], settle))
        try:
            work(sweep, progress=others, evaluate=evaluate)
        finally:
            close_trials(study)
        _all_is_there(sweep, trained)
        assert ["taken over by another worker" in note for note in others.notes] == [True]


def _all_is_there(sweep: Sweep, trained: list[tuple[str, int]]) -> None:
    states = [trial.state.name for trial in sweep.study.get_trials()]
    assert (states.count("COMPLETE"), states.count("FAIL")) == (COARSE, 1)
    board = sweep.results.leaderboard("small")
    assert set(board[board["state"] == "complete"]["n"]) == {3}
    assert len(trained) == len(set(trained))  # what was recorded before is not trained again


def test_a_trial_of_another_machine_is_taken_over_once_it_is_silent(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small(search={"strategy": "tpe", "trials": COARSE})
    with register(config, resolve_url(database_url)) as sweep:
        trial = sweep.ask()  # and then its machine is gone
        trial.set_user_attr(WORKER, "elsewhere:1")
        with backend_of(sweep.study).engine.begin() as connection:
            connection.execute(text("UPDATE trial_heartbeats SET heartbeat = '2000-01-01'"))
        monkeypatch.setattr("sweeps.runtime.worker.WAIT_S", 0.01)
        work(sweep, evaluate=lambda spec, seeds, **_how: (repeat(i, seed=seed) for i, seed in seeds.items()))
        _all_is_there(sweep, [])
