"""What the trials of one study say about the cells: who holds which, which are closed, which stage is open.

A trial's system attribute CLAIM says which cell it tries. Finished trials are read once, so that a look costs the same
however long the study is; what follows from them, the stages included, is a function of their results alone.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from sweeps.samplers.grid import Grid, Key

CLAIM = "coarse_to_fine:cell"  # {"stage", "params"} of the trial's cell; None or absent: it has not decided yet
NO_STAGE = ""  # the stage of a trial that takes no cell: it was enqueued with other values, or nothing was left
NO_CELL: Mapping[str, Any] = {"stage": NO_STAGE, "params": {}}


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a closed cell ended: its trial's number, state and value (None unless COMPLETE)."""

    number: int
    state: TrialState
    value: float | None = None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage's cells, in the order they are given out."""

    name: str
    cells: tuple[Key, ...]


@dataclass(frozen=True, kw_only=True)
class Look:
    """The study at one moment.

    Args:
        trials: all of them, by number.
        holders: the numbers of the RUNNING trials that hold a cell.
        undecided: the RUNNING trials that have not published a claim, lowest number first.
        queued: whether an enqueued trial waits to be asked for.
        first_free: the first of the open stage's cells that nobody holds; None if all are held.
        n_free: how many of them nobody holds.
        over: whether every cell of every stage is closed.
    """

    trials: Sequence[FrozenTrial]
    holders: Mapping[Key, list[int]]
    undecided: Sequence[FrozenTrial]
    queued: bool
    first_free: Key | None
    n_free: int
    over: bool


class Ledger:
    """The books of one study. Thread-safe.

    Args:
        storage: where the study is.
        study_id: which one; it has a single objective.
        grid: where cells come from.
        stages: how many stages there are at most.
        max_failures: failed trials after which a cell is given up.
    """

    def __init__(self, storage: BaseStorage, study_id: int, grid: Grid, stages: int, max_failures: int) -> None:
        self.storage = storage
        self.study_id = study_id
        self.results: dict[Key, Result] = {}
        self.failed: dict[Key, list[int]] = {}
        self._grid = grid
        self._most_stages = 1 if grid.fine == "none" else stages
        self._max_failures = max_failures
        self._maximize = storage.get_study_directions(study_id)[0] is StudyDirection.MAXIMIZE
        self._lock = threading.Lock()
        self._read = 0  # trials below this number are in the books, but for the unfinished ones
        self._unfinished: list[int] = []
        self._over = False
        self._open: dict[Key, None] = {}  # in order
        self.stages: list[Stage] = []
        self.stage_of: dict[Key, str] = {}
        self._append(Stage(name="coarse" if self._most_stages > 1 else "grid", cells=tuple(grid.coarse())))

    @property
    def stages_left(self) -> int:
        """How many stages may follow the open one."""
        return 0 if self._over else self._most_stages - len(self.stages)

    @property
    def n_open(self) -> int:
        """How many cells of the open stage still need a result; those of earlier stages are all closed."""
        return len(self._open)

    def look(self) -> Look:
        """Read the trials and bring the books up to date."""
        with self._lock:  # around the reading too: an older reading must not come after a newer one
            trials = self.storage.get_all_trials(self.study_id, deepcopy=False)
            self._enter(trials)
            running = [trials[n] for n in self._unfinished if trials[n].state is TrialState.RUNNING]
            holders = self._holders(running)
            return Look(
                trials=trials,
                holders=holders,
                undecided=[t for t in running if t.system_attrs.get(CLAIM) is None],
                queued=len(running) < len(self._unfinished),
                first_free=next((key for key in self._open if key not in holders), None),
                n_free=len(self._open) - len(self._open.keys() & holders.keys()),
                over=self._over,
            )

    def claimed(self, trial: FrozenTrial) -> Key | None:
        """Return the cell that a trial has published; None if it has none."""
        claim = trial.system_attrs.get(CLAIM)
        return self._grid.key(claim["params"]) if claim and claim["stage"] != NO_STAGE else None

    def is_open(self, key: Key) -> bool:
        """Return whether a cell of the open stage still needs a result."""
        return key in self._open

    def gave_up(self, key: Key) -> bool:
        """Return whether a cell failed too often and was left without a result."""
        return key not in self.results and len(self.failed.get(key, ())) >= self._max_failures

    def ends_with(self, trial: FrozenTrial, state: TrialState, value: float | None) -> bool:
        """Return whether nothing is left once this trial, still RUNNING in the storage, has ended like that."""
        with self._lock:
            key = self.claimed(trial)
            if key is None or list(self._open) != [key]:
                return self._over
            if state is not TrialState.FAIL:
                return not self._next({**self.results, key: Result(number=trial.number, state=state, value=value)})
            return len(self.failed.get(key, ())) + 1 >= self._max_failures and not self._next(self.results)

    def choice(self) -> Key | None:
        """Return the best coarse cell; None until the coarse stage is closed, or if no cell of it was completed."""
        closed = self._over or len(self.stages) > 1
        return self._best(self.results, self.stages[0].cells) if closed else None

    def _enter(self, trials: Sequence[FrozenTrial]) -> None:
        numbers = [*self._unfinished, *range(self._read, len(trials))]
        self._read = len(trials)
        self._unfinished = [n for n in numbers if not trials[n].state.is_finished()]
        for n in numbers:
            if trials[n].state.is_finished():
                self._close(trials[n])
        self._open_next_stage()

    def _close(self, trial: FrozenTrial) -> None:
        key = self.claimed(trial)
        if key is None:
            return
        if trial.state is TrialState.FAIL:
            self.failed.setdefault(key, []).append(trial.number)
        else:
            value = trial.value if trial.state is TrialState.COMPLETE else None
            self.results.setdefault(key, Result(number=trial.number, state=trial.state, value=value))
        if self._closed(key):
            self._open.pop(key, None)

    def _closed(self, key: Key) -> bool:
        return key in self.results or self.gave_up(key)

    def _open_next_stage(self) -> None:
        while not self._open and not self._over:
            cells = self._next(self.results)
            if cells:
                self._append(Stage(name=stage_name(len(self.stages)), cells=tuple(cells)))
            else:
                self._over = True

    def _append(self, stage: Stage) -> None:
        self.stages.append(stage)
        self.stage_of.update(dict.fromkeys(stage.cells, stage.name))
        self._open = {key: None for key in stage.cells if not self._closed(key)}

    def _next(self, results: Mapping[Key, Result]) -> list[Key]:
        planned = [key for stage in self.stages for key in stage.cells]
        best = self._best(results, planned) if self.stages_left else None
        return [] if best is None else self._grid.refined(best, planned)

    def _best(self, results: Mapping[Key, Result], among: Sequence[Key]) -> Key | None:
        ended = {key: results[key].value for key in among if key in results}
        values = {key: value for key, value in ended.items() if value is not None}
        return self._grid.best(values, self._maximize) if values else None

    def _holders(self, running: Sequence[FrozenTrial]) -> dict[Key, list[int]]:
        holders: dict[Key, list[int]] = {}
        for trial in running:
            key = self.claimed(trial)
            if key is not None:
                holders.setdefault(key, []).append(trial.number)
        return holders


def stage_name(index: int) -> str:
    """Return the name of a stage after the coarse one."""
    return "fine" if index == 1 else f"fine-{index}"
