"""Optuna's storage as workers use it: Optuna's own tests of storages, and what others do to a trial of ours."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.testing.pytest_storages import StorageTestCase
from optuna.trial import TrialState
from sqlalchemy import event

import storage
from sweeps.runtime.optuna_storage import open_trials
from sweeps.runtime.own_trials import OwnTrials

X = FloatDistribution(0.0, 1.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with Optuna's tables, which take a while to make."""
    path = tmp_path_factory.mktemp("made") / "trials.db"
    open_trials(f"sqlite:///{path}")._backend.engine.dispose()
    return path


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
class TestOwnTrials(StorageTestCase):
    @pytest.fixture
    def storage(self, made: Path, tmp_path: Path) -> Iterator[OwnTrials]:
        shutil.copy(made, tmp_path / "trials.db")
        opened = open_trials(f"sqlite:///{tmp_path}/trials.db")
        yield opened
        opened._backend.engine.dispose()


@pytest.fixture
def two(database_url: str) -> Iterator[list[optuna.Study]]:
    """One study, as two workers have it open."""
    opened = [open_trials(storage.resolve_url(database_url)) for _ in range(2)]
    yield [optuna.create_study(study_name="s", storage=one, load_if_exists=True) for one in opened]
    for one in opened:
        one._backend.engine.dispose()


def ask(study: optuna.Study) -> int:
    """Start a trial with something in it, and return its id."""
    trials, trial_id = study._storage, study._storage.create_new_trial(study._study_id)
    trials.set_trial_param(trial_id, "x", 0.25, X)
    trials.set_trial_user_attr(trial_id, "who", "me")
    trials.set_trial_system_attr(trial_id, "claim", {"cell": 1})
    return trial_id


def test_what_one_worker_knows_of_its_trials_is_what_the_other_reads(two: list[optuna.Study]) -> None:
    running, complete, failed = (ask(two[0]) for _ in range(3))
    two[0]._storage.set_trial_state_values(complete, TrialState.COMPLETE, [0.5])
    two[0]._storage.set_trial_state_values(failed, TrialState.FAIL)
    known, read = (study.get_trials() for study in two)
    for one, other in zip(known, read, strict=True):
        if one.datetime_complete and other.datetime_complete:  # the clock is read twice
            assert abs((one.datetime_complete - other.datetime_complete).total_seconds()) < 60
            one.datetime_complete = other.datetime_complete
    assert known == read
    assert [trial.state.name for trial in known] == ["RUNNING", "COMPLETE", "FAIL"]
    assert two[0]._storage.get_trial(running) == known[0]


def test_a_worker_alone_reads_no_more_than_states(two: list[optuna.Study]) -> None:
    study, statements = two[0], []
    ask(study)
    study.get_trials()
    event.listen(study._storage._backend.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    for _ in range(3):
        trial_id = ask(study)
        study._storage.set_trial_state_values(trial_id, TrialState.COMPLETE, [0.5])
        statements.clear()
        assert len(study.get_trials()) == trial_id
        assert study._storage.get_trial(trial_id).value == 0.5
        assert [s for s in statements if s not in ("BEGIN IMMEDIATE", "BEGIN")] == [statements[-1]]


def test_a_worker_sees_what_others_do(two: list[optuna.Study]) -> None:
    ask(two[0])
    theirs = ask(two[1])
    assert [t.system_attrs for t in two[0].get_trials()] == 2 * [{"claim": {"cell": 1}}]
    two[1]._storage.set_trial_system_attr(theirs, "claim", {"cell": 2})
    assert [t.system_attrs["claim"]["cell"] for t in two[0].get_trials()] == [1, 2]
    two[1]._storage.set_trial_state_values(theirs, TrialState.COMPLETE, [1.0])
    assert [t.value for t in two[0].get_trials()] == [None, 1.0]


def test_trials_are_found_by_state_and_in_order_whoever_wrote_them(two: list[optuna.Study]) -> None:
    ours, theirs = two
    running, all_ = (TrialState.RUNNING,), ["RUNNING", "COMPLETE", "RUNNING", "RUNNING"]
    ours.get_trials()
    own = [ask(ours), ask(ours)]
    assert [t._trial_id for t in ours.get_trials(states=running)] == own
    other = ask(theirs)
    own.append(ask(ours))
    ours._storage.set_trial_state_values(own[1], TrialState.COMPLETE, [1.0])
    for study in two:
        assert [t._trial_id for t in study.get_trials(states=running)] == [own[0], other, own[2]]
        assert [t.number for t in study.get_trials(states=(TrialState.COMPLETE,))] == [1]
        assert [t.state.name for t in study.get_trials()] == all_
        assert [t.number for t in study.get_trials()] == [0, 1, 2, 3]


def test_what_is_put_in_the_queue_is_not_ours(two: list[optuna.Study]) -> None:
    two[0].enqueue_trial({"x": 0.5})
    trial_id = two[0].get_trials()[0]._trial_id
    assert two[1]._storage.set_trial_state_values(trial_id, TrialState.RUNNING)
    assert two[0].get_trials()[0].state is TrialState.RUNNING
    two[1]._storage.set_trial_system_attr(trial_id, "claim", {"cell": 2})
    assert two[0].get_trials()[0].system_attrs["claim"] == {"cell": 2}


@pytest.mark.parametrize("notices", ["by reading", "by writing"])
def test_a_trial_that_others_failed_is_no_longer_ours(two: list[optuna.Study], notices: str) -> None:
    mine, trial_id = two[0], ask(two[0])
    two[1]._storage.set_trial_state_values(trial_id, TrialState.FAIL)
    if notices == "by writing":
        with pytest.raises(UpdateFinishedTrialError):
            mine._storage.set_trial_user_attr(trial_id, "late", 1)
    else:
        assert mine.get_trials()[0].state is TrialState.FAIL
    assert mine._storage.get_trial(trial_id).state is TrialState.FAIL
    assert "late" not in mine.get_trials()[0].user_attrs
    with pytest.raises(UpdateFinishedTrialError):
        mine._storage.set_trial_state_values(trial_id, TrialState.COMPLETE, [1.0])
    assert mine.get_trials()[0].state is TrialState.FAIL
