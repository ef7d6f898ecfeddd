"""Cells are ended once, and Optuna is told once, whatever happens to workers. Nothing here trains."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from optuna.trial import TrialState
from sqlalchemy import text

from regsearch.results import Repeat
from regsearch.spec import TrialSpec
from storage import resolve_url
from storage.liveness import Process
from sweeps.runtime import claimed_cells
from sweeps.runtime.progress import Silent
from sweeps.runtime.sweep import Sweep, open_sweep, register
from sweeps.runtime.trial_source import Job
from sweeps.runtime.trial_sources import source_of
from sweeps.runtime.worker import work
from sweeps.samplers.coarse_to_fine import Poll
from tests.storage.builders import repeat
from tests.sweeps.small import COARSE, small

GRID = small(search={"strategy": "grid"})
ELSEWHERE = replace(Process.this(), host="elsewhere")


def evaluate(spec: TrialSpec, seeds: Mapping[int, int], **_how: object) -> Iterator[Repeat]:
    for index, seed in seeds.items():
        yield repeat(index, 0.5 + index / 100, seed=seed)


class Others(Silent):
    """Takes the worker for dead at its third repeat, once, and its cell with it."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep, self.repeats, self.notes = sweep, 0, list[str]()
        self.taken: Job | Poll | None = None

    def repeated(self) -> None:
        self.repeats += 1
        if self.repeats == 3:
            silence(self.sweep)
            other = self.sweep.records.join(self.sweep.id, ELSEWHERE)
            self.taken = source_of(self.sweep, other).next()
            self.sweep.records.leave(other)

    def note(self, message: str) -> None:
        self.notes.append(message)


def silence(sweep: Sweep) -> None:
    with sweep.records.engine.begin() as connection:
        connection.execute(text("UPDATE rs_workers SET heartbeat_at = '2000-01-01 00:00:00'"))


def cells(sweep: Sweep) -> list[tuple[object, ...]]:
    found = sweep.results.sql("SELECT key, state, number, worker_id, failures FROM rs_cells ORDER BY position")
    return list(found.itertuples(index=False, name=None))


def is_whole(sweep: Sweep) -> None:
    """Every cell has ended once, Optuna has each of them once, with the same value, and nobody holds any."""
    rows = cells(sweep)
    trials = {trial.number: trial for trial in sweep.study.get_trials()}
    assert [row[1] for row in rows] == ["complete"] * COARSE
    assert sorted(int(str(row[2])) for row in rows) == sorted(trials) == list(range(COARSE))
    assert len({str(trial.params) for trial in trials.values()}) == COARSE
    assert {trial.value for trial in trials.values()} == {0.51}
    assert sweep.results.sql("SELECT count(worker_id) AS held FROM rs_cells")["held"].tolist() == [0]


def test_a_trial_has_its_scores_as_columns_and_its_repeats_as_steps(database_url: str) -> None:
    with register(GRID, resolve_url(database_url)) as sweep:
        work(sweep, evaluate=evaluate)
        is_whole(sweep)
        trial = sweep.study.get_trials()[0]
        assert trial.state is TrialState.COMPLETE and trial.duration is not None
        assert trial.intermediate_values == {0: 0.5, 1: 0.51, 2: 0.52}
        known = {name: trial.user_attrs[name] for name in ("stage", "n", "std", "se", "train_mean")}
        assert known == {
            "stage": "grid",
            "n": 3,
            "std": pytest.approx(0.01),
            "se": pytest.approx(0.01 / 3**0.5),
            "train_mean": 1.0,
        }
        assert sweep.results.trials("small")["number"].notna().all()


def test_who_was_taken_for_dead_ends_nothing(database_url: str) -> None:
    with register(GRID, resolve_url(database_url)) as sweep:
        others = Others(sweep)
        work(sweep, progress=others, evaluate=evaluate)
        assert isinstance(others.taken, Job) and len(others.notes) == 1
        assert others.notes[0] == f"{others.taken.label} was taken over by another worker"
        is_whole(sweep)


def test_what_a_silent_worker_holds_is_free(database_url: str) -> None:
    with register(GRID, resolve_url(database_url)) as sweep:
        first = source_of(sweep, sweep.records.join(sweep.id, ELSEWHERE)).next()
        second = source_of(sweep, sweep.records.join(sweep.id, ELSEWHERE)).next()
        assert isinstance(first, Job) and isinstance(second, Job) and first.label != second.label
        silence(sweep)
        work(sweep, evaluate=evaluate)
        is_whole(sweep)


def test_a_claim_whose_answer_was_lost_is_found_again(database_url: str) -> None:
    with register(GRID, resolve_url(database_url)) as sweep:
        worker = sweep.records.join(sweep.id, ELSEWHERE)
        lost, again = source_of(sweep, worker).next(), source_of(sweep, worker).next()
        assert isinstance(lost, Job) and isinstance(again, Job) and lost.label == again.label


@pytest.mark.parametrize("told", [False, True])
def test_who_dies_between_the_end_of_a_cell_and_telling_optuna_is_stood_in_for(
    database_url: str, monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    """Before the call, and after it."""
    tell = claimed_cells.tell_trial

    def die(*of_trial: object) -> int:
        if told:
            tell(*of_trial)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with register(GRID, resolve_url(database_url)) as sweep:
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(claimed_cells, "tell_trial", die)
            work(sweep, evaluate=evaluate)
        assert [row[1] for row in cells(sweep)].count("complete") == 1
        work(sweep, evaluate=evaluate)
        is_whole(sweep)


def test_a_sweep_that_an_older_version_searched_is_not_told_twice(database_url: str) -> None:
    with register(GRID, resolve_url(database_url)) as sweep:
        work(sweep, evaluate=evaluate)
        with sweep.records.engine.begin() as connection:
            connection.execute(text("DELETE FROM rs_cells"))  # such a version had none

    def none(*_: object, **__: object) -> Iterator[Repeat]:
        raise AssertionError("trained again")
        yield

    with open_sweep("small", database_url) as again:
        assert not source_of(again).is_done()
        work(again, evaluate=none)
        is_whole(again)
        assert source_of(again).is_done() and source_of(again).left() == 0
