"""Every cell exactly once: over threads, over processes of which one is killed, and when trials race."""

import subprocess
import sys
import threading
from collections import Counter

import optuna
import pytest
from optuna.exceptions import ExperimentalWarning, UpdateFinishedTrialError
from optuna.storages import InMemoryStorage
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.trial import TrialState

from sweeps.samplers.coarse_to_fine import CellState, Poll, stage_of
from sweeps.samplers.coarse_to_fine.claims import BEAT
from sweeps.samplers.coarse_to_fine.ledger import CLAIM
from tests.sweeps.samplers.coarse_to_fine.moons import sampler, score, sqlite, suggest

LIMIT_S = 30.0


def counts(study: optuna.Study) -> Counter:
    """How often each cell was completed."""
    return Counter(
        (stage_of(trial), *sorted(trial.params.items())) for trial in study.get_trials(states=(TrialState.COMPLETE,))
    )


def test_four_threads_complete_each_cell_exactly_once():
    study = optuna.create_study(direction="maximize", sampler=sampler())
    study.optimize(lambda trial: score(*suggest(trial)), n_jobs=4)
    cells = counts(study)
    assert Counter(stage for stage, *_ in cells) == {"coarse": 19, "fine": 8}
    assert set(cells.values()) == {1}
    surplus = [trial for trial in study.trials if trial.state is not TrialState.COMPLETE]
    assert all(trial.state is TrialState.PRUNED and stage_of(trial) == "" for trial in surplus)
    assert len(surplus) <= 4


def test_three_processes_on_sqlite_survive_the_kill_of_one(tmp_path):
    url = f"sqlite:///{tmp_path}/study.db"
    with sqlite(url) as storage:
        study = optuna.create_study(
            study_name="moons", storage=storage, direction="maximize", sampler=sampler(1e-4, 1e-2, points=5)
        )
        victim = start(url, "victim")
        killed = int(victim.stdout.readline())  # it is inside its trial now
        others = [start(url, "worker") for _ in range(2)]
        victim.kill()
        victim.communicate(timeout=2 * LIMIT_S)
        outputs = [other.communicate(timeout=2 * LIMIT_S)[1] for other in others]
        assert [other.returncode for other in others] == [0, 0], outputs
        cells = counts(study)
        # none + 3 regularizers x 3 decades, then 5 points around an inner decade, itself left out
        assert Counter(stage for stage, *_ in cells) == {"coarse": 10, "fine": 4}
        assert set(cells.values()) == {1}
        assert study.trials[killed].state is TrialState.FAIL
        assert {cell.state for cell in study.sampler.cells(study)} == {CellState.COMPLETE}


def start(url: str, role: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.sweeps.samplers.coarse_to_fine.moons", url, role]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_a_trial_that_died_before_it_claimed_a_cell_is_failed():
    study = optuna.create_study(sampler=sampler(stages=1, grace_s=0.05))
    dead = study._storage.create_new_trial(study._study_id)
    search = threading.Thread(target=study.optimize, args=(lambda trial: score(*suggest(trial)),), daemon=True)
    search.start()
    search.join(LIMIT_S)
    assert not search.is_alive(), "it waits for the dead"
    assert study._storage.get_trial(dead).state is TrialState.FAIL
    assert set(counts(study).values()) == {1}
    assert len(counts(study)) == 19


def test_a_trial_that_waits_for_a_cell_is_not_taken_for_dead():
    study = optuna.create_study(direction="maximize", sampler=sampler(1e-2, 1e-1, fine="within", grace_s=0.2))
    waited = threading.Event()

    def objective(trial: optuna.Trial) -> float:
        regularizer, value = suggest(trial, 1e-2, 1e-1)
        if trial.number == 0:  # holds the coarse stage open while two others wait
            assert waited.wait(LIMIT_S)
        return score(regularizer, value)

    def watch() -> None:
        beats: list[int] = []
        for _ in range(int(LIMIT_S * 100)):
            beats = [trial.system_attrs.get(BEAT, 0) for trial in study.get_trials(deepcopy=False)]
            if sum(beat >= 8 for beat in beats) == 2 or waited.wait(0.01):  # 8 beats: twice the grace period
                break
        waited.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    study.optimize(objective, n_jobs=3)
    watcher.join()
    assert sum(trial.system_attrs.get(BEAT, 0) >= 8 for trial in study.trials) == 2
    assert TrialState.FAIL not in {trial.state for trial in study.trials}


class BeatingStorage(InMemoryStorage, BaseHeartbeat):
    """Counts heartbeats, and takes for dead whom it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.beats = Counter()
        self.dead = []

    def record_heartbeat(self, trial_id):
        self.beats[trial_id] += 1

    def _get_stale_trial_ids(self, study_id):
        return self.dead

    def get_heartbeat_interval(self):
        return 60

    def get_heartbeat_stale_trial_callback(self):
        return None


def test_the_cells_of_the_dead_are_free_again_under_ask_and_tell():
    storage = BeatingStorage()
    study = optuna.create_study(storage=storage, sampler=sampler(stages=1))
    with pytest.warns(UserWarning, match="Heartbeat"):
        trials = [study.ask() for _ in range(19)]
    assert storage.beats == {trial._trial_id: 1 for trial in trials}
    assert study.sampler.poll(study) is Poll.WAIT
    storage.dead = [trials[3]._trial_id]
    assert study.sampler.poll(study) is Poll.WAIT  # which fails it
    assert study.sampler.poll(study) is Poll.CELL
    with pytest.warns(UserWarning, match="Heartbeat"):
        again = study.ask()
    assert suggest(again) == ("l2", 1e-4)  # the fourth cell
    assert study.sampler.cells(study)[3].trials == (3, 19)


class RacingStorage(InMemoryStorage):
    """Lets something happen right before a claim is published."""

    def __init__(self) -> None:
        super().__init__()
        self.before_claim = None

    def set_trial_system_attr(self, trial_id, key, value):
        if key == CLAIM and self.before_claim is not None:
            happens, self.before_claim = self.before_claim, None
            happens(trial_id)
        super().set_trial_system_attr(trial_id, key, value)


def test_a_trial_gives_way_to_an_enqueued_one_that_was_quicker():
    storage = RacingStorage()
    study = optuna.create_study(storage=storage, sampler=sampler())
    enqueued = []

    def overtake(_trial_id: int) -> None:
        study.enqueue_trial({"regularizer": "none"})  # the first cell, which trial 0 is about to claim
        enqueued.append(study.ask())

    storage.before_claim = overtake
    trial = study.ask()
    assert suggest(enqueued[0]) == ("none", None)
    assert stage_of(enqueued[0]) == "coarse"
    assert suggest(trial) == ("l2", 1e-6)


def test_an_enqueued_trial_gives_way_to_one_that_was_quicker():
    storage = RacingStorage()
    study = optuna.create_study(storage=storage, sampler=sampler())
    asked = []
    study.enqueue_trial({"regularizer": "none"})

    def overtake(enqueued_id: int) -> None:
        # As if another process had claimed the cell after the enqueued trial looked: written past the sampler.
        other = storage.create_new_trial(study._study_id)
        storage.set_trial_system_attr(other, CLAIM, {"stage": "coarse", "params": {"regularizer": "none"}})
        asked.append(other)

    storage.before_claim = overtake
    trial = study.ask()
    assert stage_of(trial) == ""
    assert stage_of(storage.get_trial(asked[0])) == "coarse"


def test_a_trial_failed_by_others_while_it_claims_raises():
    storage = RacingStorage()
    study = optuna.create_study(storage=storage, sampler=sampler())
    storage.before_claim = lambda trial_id: storage.set_trial_state_values(trial_id, TrialState.FAIL)
    with pytest.raises(UpdateFinishedTrialError):
        study.ask()


def retry(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
    with pytest.warns(ExperimentalWarning):
        callback = optuna.storages.RetryHeartbeatStaleTrialCallback()
    callback(study, trial)


def test_a_retried_trial_keeps_its_cell_while_that_is_free():
    study = optuna.create_study(sampler=sampler())
    failed = study.ask()
    study.tell(failed, state=TrialState.FAIL)
    retry(study, study.trials[0])
    retried = study.ask()
    assert (stage_of(retried), suggest(retried)) == ("coarse", ("none", None))


def test_a_retried_trial_whose_cell_was_taken_has_nothing_to_do():
    study = optuna.create_study(sampler=sampler())
    study.tell(study.ask(), state=TrialState.FAIL)
    taken = study.ask()
    retry(study, study.trials[0])
    retried = study.ask()
    assert stage_of(taken) == "coarse"
    assert stage_of(retried) == ""
    with pytest.raises(optuna.TrialPruned, match="nothing is left"):
        suggest(retried)
