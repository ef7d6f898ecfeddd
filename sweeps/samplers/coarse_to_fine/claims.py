"""How a trial gets its cell, with nothing but Optuna's storage calls.

A trial

1. reads all trials, and leaves one free cell each to the RUNNING ones below it that have not published a claim yet;
2. publishes the next free cell as a system attribute of its own;
3. reads all trials again: it holds the cell if it is still RUNNING, nobody else has published it, and it is open.
   Else it takes the claim back and begins anew.

Whoever holds a cell wrote before it read, so of two that publish the same one, the one that reads later sees the other,
and at most one holds it. A finished trial stays as it is, so that one which was failed while it ran cannot complete its
cell any more. Step 1 makes such meetings rare, and different the next time. A trial waits only where fewer cells are
free than trials below it are undecided, and fails those that stay silent.
Completion is exactly once, execution at least once: a trial that was failed while it ran may have run to its end.
"""

import inspect
import math
import time
from collections.abc import Sequence
from contextlib import suppress

from optuna import Study
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage, fail_stale_trials
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.trial import FrozenTrial, TrialState

from .cell_space import CellSpace, Key
from .ledger import CLAIM, NO_CELL, Ledger

BEAT = "coarse_to_fine:beat"  # trial system attribute: counts up while the trial waits for a cell

_FIRST_PAUSE_S = 0.02  # between two readings while waiting; grows to the longest
_LONGEST_FOR_TRIALS_S = 0.2  # where others are about to decide
_LONGEST_FOR_STAGE_S = 1.0


class Claims:
    """Hands out cells; fails a trial that neither claims one nor shows a sign of life for `grace_s` seconds."""

    def __init__(self, space: CellSpace, grace_s: float) -> None:
        self._space = space
        self._grace_s = grace_s
        self._beats: dict[int, tuple[int, float]] = {}  # trial id: its last sign of life, and when that was first seen

    def __reduce__(self) -> tuple[type["Claims"], tuple[CellSpace, float]]:
        return Claims, (self._space, self._grace_s)  # what was seen holds for this process only

    def pick(self, study: Study, ledger: Ledger, trial: FrozenTrial) -> bool:
        """Claim a free cell, waiting for one while the stage is not closed; False if nothing is left."""
        waiting = _Waiting(min(self._grace_s, _heartbeat_s(ledger.storage) or math.inf))
        while True:
            state = ledger.state()
            if state.over:
                ledger.publish(trial, NO_CELL)
                return False
            lower = [other for other in state.undecided if other.number < trial.number]
            if len(lower) < len(state.free):
                if self._claim(ledger, trial, state.free[len(lower)]):
                    return True
            elif waiting.pause(_LONGEST_FOR_STAGE_S if state.n_free == 0 else _LONGEST_FOR_TRIALS_S):
                self.fail_dead(study, lower)
                ledger.storage.set_trial_system_attr(trial._trial_id, BEAT, waiting.beats)
                record_heartbeat(ledger.storage, trial._trial_id)

    def _claim(self, ledger: Ledger, trial: FrozenTrial, key: Key) -> bool:
        params = self._space.params(key)
        assert self._space.key(params) == key, "a cell that is read back as another would be claimed for ever"
        ledger.publish(trial, {"stage": ledger.stage_of[key], "params": params})
        if _is_alone(ledger, trial, key):
            return True
        ledger.publish(trial, None)
        return False

    def fill(self, ledger: Ledger, trial: FrozenTrial) -> None:
        """Let an enqueued trial, or the retry of a failed one, have its cell if that is free."""
        held = ledger.claimed(trial)
        if held is not None and _is_alone(ledger, trial, held):
            return
        key = self._space.key(trial.system_attrs.get("fixed_params", {}))
        free = key is not None and key not in ledger.state().holders and key in ledger.open
        if key is None or not free or not self._claim(ledger, trial, key):
            ledger.publish(trial, NO_CELL)

    def fail_dead(self, study: Study, undecided: Sequence[FrozenTrial]) -> None:
        """Fail the trials whose heartbeat stopped, and those of the undecided ones that stay silent."""
        # Unwrapped, because silencing its experimental warning is not thread-safe.
        inspect.unwrap(fail_stale_trials)(study)
        now_s = time.monotonic()  # this machine's clock alone: those of others may be off
        for trial in undecided:
            beat = trial.system_attrs.get(BEAT, 0)
            last, since_s = self._beats.get(trial._trial_id, (None, now_s))
            if last != beat:
                self._beats[trial._trial_id] = (beat, now_s)
            elif now_s - since_s > self._grace_s:
                fail(study._storage, trial._trial_id)


class _Waiting:
    """Pauses that grow, and now and then the time for a sign of life."""

    def __init__(self, silence_s: float) -> None:
        self.beats = 0
        self._silence_s = silence_s  # how long a waiting trial may seem dead
        self._pause_s = _FIRST_PAUSE_S
        self._beaten_s = time.monotonic()

    def pause(self, longest_s: float) -> bool:
        """Sleep, each time longer, but no longer than that; return whether it is time for a sign of life."""
        self._pause_s = min(self._pause_s, longest_s, self._silence_s / 4)
        time.sleep(self._pause_s)
        self._pause_s *= 1.5
        if time.monotonic() - self._beaten_s < self._silence_s / 4:
            return False
        self._beaten_s = time.monotonic()
        self.beats += 1
        return True


def _is_alone(ledger: Ledger, trial: FrozenTrial, key: Key) -> bool:
    state = ledger.state()
    if state.trials[trial.number].state is not TrialState.RUNNING:
        raise UpdateFinishedTrialError(f"trial {trial.number} was failed by others, who took its worker for dead")
    return state.holders.get(key) == [trial.number] and key in ledger.open


def fail(storage: BaseStorage, trial_id: int) -> None:
    """Fail a trial, unless it has already ended."""
    with suppress(UpdateFinishedTrialError):
        storage.set_trial_state_values(trial_id, state=TrialState.FAIL)


def give_back(storage: BaseStorage, trial_id: int) -> None:
    """Fail a trial that did not begin, and free its cell: this does not count among the cell's failures."""
    with suppress(UpdateFinishedTrialError):
        storage.set_trial_system_attr(trial_id, CLAIM, None)
    fail(storage, trial_id)


def _heartbeat_s(storage: BaseStorage) -> float | None:
    return storage.get_heartbeat_interval() if isinstance(storage, BaseHeartbeat) else None


def record_heartbeat(storage: BaseStorage, trial_id: int) -> None:
    """Record that a trial lives, where the storage asks for it."""
    if isinstance(storage, BaseHeartbeat) and storage.get_heartbeat_interval() is not None:
        storage.record_heartbeat(trial_id)
