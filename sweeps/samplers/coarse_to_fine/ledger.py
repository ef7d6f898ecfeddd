"""What the trials of one study say about the cells: who holds which, which are closed, which stage is open.

A trial's system attribute CLAIM says which cell it tries. Finished trials are read once, so that the state costs the
same however long the study is; what follows from them, the stages included, is a function of their results alone.
"""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from .cell_space import Key
from .plan import Plan, Score, Stage

CLAIM = "coarse_to_fine:cell"  # {"stage", "params"} of the trial's cell; None or absent: it has not decided yet
NO_STAGE = ""  # the stage of a trial that takes no cell: it was enqueued with other values, or nothing was left
NO_CELL: Mapping[str, Any] = {"stage": NO_STAGE, "params": {}}
STANDARD_ERROR = "standard_error"  # user attribute of a trial, which the objective may set: that of its value


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a closed cell ended: its trial's number and state, and its score if COMPLETE."""

    number: int
    state: TrialState
    score: Score | None = None


@dataclass(frozen=True, kw_only=True)
class StudyState:
    """The study at one moment."""

    trials: Sequence[FrozenTrial]  # all of them, by number
    holders: Mapping[Key, list[int]]  # the numbers of the RUNNING trials that hold a cell
    undecided: Sequence[FrozenTrial]  # the RUNNING trials that have not published a claim, lowest number first
    queued: bool  # whether an enqueued trial waits to be asked for
    # the first of the open stage's cells that nobody holds, one more than there are undecided trials
    free: Sequence[Key]
    n_free: int  # how many of them nobody holds
    over: bool  # whether every cell of every stage is closed


class Ledger:
    """The cells of one study of a single objective. Thread-safe."""

    def __init__(self, storage: BaseStorage, study_id: int, plan: Plan, max_failures: int) -> None:
        self.storage = storage
        self.study_id = study_id
        self.results: dict[Key, Result] = {}
        self.failed: dict[Key, list[int]] = {}
        self._plan = plan
        self._max_failures = max_failures
        self._published: dict[int, Mapping[str, Any] | None] = {}  # by this process, by trial id
        self.maximize = storage.get_study_directions(study_id)[0] is StudyDirection.MAXIMIZE
        self._lock = threading.Lock()
        self._read = 0  # trials below this number are entered, but for the unfinished ones
        self._unfinished: list[int] = []
        self._over = False
        self._order: Sequence[Key] = ()  # the last stage's cells
        self._first = 0  # all of those before this one are closed
        self.open: set[Key] = set()  # of the open stage, the cells that still need a result
        self.stage_of: dict[Key, str] = {}
        self._enter_stages([plan.first()])

    def state(self) -> StudyState:
        """Read the trials, enter what is new, and return how the study stands."""
        with self._lock:  # around the reading too: an older reading must not come after a newer one
            trials = self.storage.get_all_trials(self.study_id, deepcopy=False)
            self._enter(trials)
            running = [trials[n] for n in self._unfinished if trials[n].state is TrialState.RUNNING]
            holders = self._holders(running)
            undecided = [t for t in running if t.system_attrs.get(CLAIM) is None]
            return StudyState(
                trials=trials,
                holders=holders,
                undecided=undecided,
                queued=len(running) < len(self._unfinished),
                free=self._free(holders, len(undecided) + 1),
                n_free=len(self.open) - len(self.open & holders.keys()),
                over=self._over,
            )

    def publish(self, trial: FrozenTrial, claim: Mapping[str, Any] | None) -> None:
        """Let everybody know what a trial tries."""
        self.storage.set_trial_system_attr(trial._trial_id, CLAIM, claim)
        self._published[trial._trial_id] = claim

    def published(self, trial: FrozenTrial) -> Mapping[str, Any]:
        """Return what was published for a trial, without asking the storage where this process did it."""
        if trial._trial_id in self._published:
            return self._published[trial._trial_id] or NO_CELL
        return trial.system_attrs.get(CLAIM) or NO_CELL

    def forget(self, trial: FrozenTrial) -> None:
        """Let go of what was kept of a trial that has ended."""
        self._published.pop(trial._trial_id, None)

    def claimed(self, trial: FrozenTrial) -> Key | None:
        """Return the cell that a trial has published; None if it has none."""
        claim = trial.system_attrs.get(CLAIM)
        return self._plan.space.key(claim["params"]) if claim and claim["stage"] != NO_STAGE else None

    def is_abandoned(self, key: Key) -> bool:
        """Return whether a cell failed too often and was left without a result."""
        return key not in self.results and len(self.failed.get(key, ())) >= self._max_failures

    @property
    def first_stage_is_closed(self) -> bool:
        """Whether every cell of the first stage is closed, and none is added any more."""
        return self._over or len(self.stages) > 1

    @property
    def scores(self) -> dict[Key, Score]:
        """The scores of the completed cells."""
        return _scores(self.results)

    def final_scores(
        self, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> dict[Key, Score] | None:
        """Return the scores if nothing is left once this trial, RUNNING in the storage, has ended so; else None."""
        with self._lock:
            key, results = self.claimed(trial), self.results
            if key is not None and len(self.open) == 1 and key in self.open:
                if state is not TrialState.FAIL:
                    results = {**results, key: _result(trial, state, values)}
                elif len(self.failed.get(key, ())) + 1 < self._max_failures:
                    return None
                scores = _scores(results)
                return scores if self._plan.after(self.stages, scores, self.maximize) is None else None
            return self.scores if self._over else None

    def _enter(self, trials: Sequence[FrozenTrial]) -> None:
        numbers = [*self._unfinished, *range(self._read, len(trials))]
        self._read = len(trials)
        self._unfinished = [n for n in numbers if not trials[n].state.is_finished()]
        for n in numbers:
            if trials[n].state.is_finished():
                self._close(trials[n])
        while not self.open and not self._over:
            stages = self._plan.after(self.stages, self.scores, self.maximize)
            self._over = stages is None
            self._enter_stages(stages or self.stages)

    def _close(self, trial: FrozenTrial) -> None:
        key = self.claimed(trial)
        if key is None:
            return
        if trial.state is TrialState.FAIL:
            self.failed.setdefault(key, []).append(trial.number)
        else:
            self.results.setdefault(key, _result(trial, trial.state, trial.values))
        if self._closed(key):
            self.open.discard(key)

    def _closed(self, key: Key) -> bool:
        return key in self.results or self.is_abandoned(key)

    def _enter_stages(self, stages: list[Stage]) -> None:
        self.stages = stages
        self.stage_of = {key: stage.name for stage in stages for key in stage.cells}
        self.undecided = [] if self._over else self._plan.undecided(stages)  # see Plan
        self._order, self._first = self._plan.in_order(stages[-1].cells), 0
        self.open = {key for key in self._order if not self._closed(key)}

    def _free(self, holders: Mapping[Key, list[int]], most: int) -> list[Key]:
        while self._first < len(self._order) and self._order[self._first] not in self.open:
            self._first += 1
        rest = map(self._order.__getitem__, range(self._first, len(self._order)))
        return list(islice((key for key in rest if key in self.open and key not in holders), most))

    def _holders(self, running: Sequence[FrozenTrial]) -> dict[Key, list[int]]:
        holders: dict[Key, list[int]] = {}
        for trial in running:
            key = self.claimed(trial)
            if key is not None:
                holders.setdefault(key, []).append(trial.number)
        return holders


def _result(trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> Result:
    if state is not TrialState.COMPLETE or not values:  # Optuna gives pruned trials their last report as value
        return Result(number=trial.number, state=state)
    score = Score(value=values[0], standard_error=_standard_error(trial))
    return Result(number=trial.number, state=state, score=score)


def _standard_error(trial: FrozenTrial) -> float | None:
    error = trial.user_attrs.get(STANDARD_ERROR)
    return float(error) if isinstance(error, int | float) and 0 <= error < math.inf else None


def _scores(results: Mapping[Key, Result]) -> dict[Key, Score]:
    return {key: result.score for key, result in results.items() if result.score is not None}
