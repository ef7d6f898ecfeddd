"""Every cell exactly once: over threads, and when trials race, die, wake up or lose their storage."""

import threading
from collections import Counter
from datetime import datetime

import optuna
import pytest
from optuna.exceptions import ExperimentalWarning, StorageInternalError, UpdateFinishedTrialError
from optuna.storages import InMemoryStorage
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.trial import TrialState

from sweeps.samplers.coarse_to_fine import Poll, stage_of
from sweeps.samplers.coarse_to_fine.claims import BEAT
from sweeps.samplers.coarse_to_fine.ledger import CLAIM
from tests.sweeps.samplers.coarse_to_fine.moons import sampler, score, suggest

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
    assert suggest(again) == ("l2", 1e-3)  # the fourth that was given out, the fifth of the grid
    assert study.sampler.cells(study)[4].trials == (3, 19)


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
    assert suggest(trial) == ("l1_l2", 1e-3)


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


def test_nobody_waits_for_a_trial_that_died_before_it_claimed_a_cell():
    study = optuna.create_study(sampler=sampler(stages=1, grace_s=3600))
    study._storage.create_new_trial(study._study_id)
    assert suggest(study.ask()) == ("l1_l2", 1e-3)  # the second to be given out: one is left to the dead
    for _ in range(17):
        study.tell(study.ask(), 0.0)
    assert study.sampler.poll(study) is Poll.WAIT


def test_two_that_claim_one_cell_at_once_both_give_way_and_then_differ():
    storage = RacingStorage()
    study = optuna.create_study(storage=storage, sampler=sampler())
    other = []

    def meet(_trial_id: int) -> None:
        # As if another process had looked when no other trial was there, and published next.
        other.append(storage.create_new_trial(study._study_id))
        storage.set_trial_system_attr(other[0], CLAIM, {"stage": "coarse", "params": {"regularizer": "none"}})
        storage.before_claim = lambda _: storage.set_trial_system_attr(other[0], CLAIM, None)  # it gives way as well

    storage.before_claim = meet
    assert suggest(study.ask()) == ("none", None)  # trial 0 begins anew, and leaves nothing to those above it
    storage.before_claim = None
    fresh = study.ask()
    assert suggest(fresh) == ("l1", 1e-5)  # one cell is left to trial 1


def test_a_worker_that_wakes_up_after_its_cell_went_to_another_is_refused():
    study = optuna.create_study(sampler=sampler())
    sleeper = study.ask()
    study._storage.set_trial_state_values(sleeper._trial_id, TrialState.FAIL)  # as its heartbeat stopped
    again = study.ask()
    assert suggest(again) == ("none", None)
    study.tell(again, 1.0)
    with pytest.raises(UpdateFinishedTrialError):
        suggest(sleeper)
    with pytest.raises(ValueError, match="Cannot tell a FAIL trial"):
        study.tell(sleeper, 2.0)
    (cell, *_) = study.sampler.cells(study)
    assert (cell.value, cell.trials) == (1.0, (sleeper.number, again.number))


def test_clocks_of_other_machines_do_not_matter():
    study = optuna.create_study(sampler=sampler(stages=1, grace_s=3600))
    template = optuna.create_trial(state=TrialState.RUNNING)
    for year in (1970, 2200):
        template.datetime_start = datetime(year, 1, 1)
        study._storage.create_new_trial(study._study_id, template)
    for _ in range(17):
        study.ask()
    assert study.sampler.poll(study) is Poll.WAIT  # two cells, and two undecided trials
    assert TrialState.FAIL not in {trial.state for trial in study.trials}


class BreakingStorage(InMemoryStorage):
    """Fails at what it is told to, once or for good."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = set()

    def get_all_trials(self, study_id, deepcopy=True, states=None):
        if "reading" in self.broken and states is None:
            raise StorageInternalError("the database has gone")
        return super().get_all_trials(study_id, deepcopy, states)

    def set_trial_system_attr(self, trial_id, key, value):
        if "writing" in self.broken:
            raise StorageInternalError("the database has gone for good")
        super().set_trial_system_attr(trial_id, key, value)
        if key == CLAIM and value and "after the claim" in self.broken:
            self.broken = {"reading"}


@pytest.mark.parametrize("broken", ["reading", "after the claim"])
def test_a_trial_that_meets_a_broken_storage_gives_its_cell_back(broken):
    storage = BreakingStorage()
    study = optuna.create_study(storage=storage, sampler=sampler(max_failures=1))
    storage.broken = {broken}
    with pytest.raises(StorageInternalError, match=r"has gone$"):
        study.ask()
    storage.broken = set()
    assert study.trials[0].state is TrialState.FAIL
    assert suggest(study.ask()) == ("none", None)  # the failure does not count: the cell was never tried


def test_the_first_error_is_the_one_that_is_raised():
    storage = BreakingStorage()
    study = optuna.create_study(storage=storage, sampler=sampler())
    study.tell(study.ask(), 0.0)
    storage.broken = {"reading", "writing"}
    with pytest.raises(StorageInternalError, match=r"has gone\n") as raised:
        study.ask()
    assert raised.value.__notes__ == ["trial 1 could not be failed either: the database has gone for good"]
