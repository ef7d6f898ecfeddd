"""First the orders of magnitude, then a grid inside the best one; every cell completed exactly once.

How workers share cells is told in claims.py; what follows from the results, in ledger.py; which cells there are, in
grid.py.
"""

import enum
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from optuna import Study, Trial, TrialPruned
from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.exceptions import UpdateFinishedTrialError
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState

from sweeps.samplers.claims import Claims, fail, record_heartbeat
from sweeps.samplers.grid import Conditions, Fine, Grid, Key, coarse_values
from sweeps.samplers.ledger import CLAIM, NO_CELL, NO_STAGE, Ledger, Look, stage_name

SPACE = "coarse_to_fine:space"  # study system attribute: the space that its cells come from


class Poll(enum.Enum):
    """What `study.ask` would meet."""

    CELL = "cell"  # something can be asked for now
    WAIT = "wait"  # the stage's last cells are still running elsewhere
    DONE = "done"  # the search is over


class CellState(enum.Enum):
    """Where a cell stands."""

    UNDECIDED = "undecided"  # of a stage whose cells are not known yet
    FREE = "free"
    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"  # closed, but takes no part in choosing
    GIVEN_UP = "given up"  # failed too often


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One point of a stage's grid.

    Args:
        stage: coarse, fine, fine-2 …; grid where there is only one.
        params: its parameters; empty while undecided.
        state: where it stands.
        value: its trial's value, if COMPLETE.
        trials: the numbers of the trials that tried it, failed ones first.
    """

    stage: str
    params: Mapping[str, Any]
    state: CellState
    value: float | None = None
    trials: tuple[int, ...] = ()


class NothingLeft(RuntimeError):
    """Every cell is closed: call `poll` before `study.ask`."""


class CoarseToFineSampler(BaseSampler):
    """Visit every cell of a coarse grid exactly once, then of a finer one around its best cell, over any workers.

    Log-scaled floats are gridded by their powers of ten, categories and ints by their values, linear floats by `points`
    even steps. Works with any study of one objective, in memory or in a database, under `study.optimize` and
    ask/tell; such a study belongs to this sampler alone. Under ask/tell call `poll` first: `study.ask` itself waits
    while the stage's last cells run elsewhere, so that one thread that asks several times before it tells may wait for
    itself. In a storage with heartbeats whoever asks also keeps up the trial's heartbeat, as `study.optimize` does.

    Args:
        space: each parameter's distribution, the same as the objective suggests it with. Of equal cells, the earlier
            category is preferred.
        conditions: `{"lambda": ("regularizer", ("l1", "l2"))}`: lambda exists only where regularizer is l1 or l2.
        fine: how a float is refined: `around` (log-spaced between the neighbouring orders), `within` (2 … 9 times 10^k
            inside the best order, then around), or `none` for a plain grid.
        points: values of a refined float, and of a linear float in the coarse stage; several floats share them.
        stages: how many stages there are, the coarse one included.
        max_failures: failed trials after which a cell is given up; `failures` reports it.
        grace_s: seconds after which a trial that has neither claimed a cell nor shown a sign of life is failed.

    Raises:
        ValueError: an argument is out of range; the message names it.
    """

    def __init__(
        self,
        space: Mapping[str, BaseDistribution],
        *,
        conditions: Conditions | None = None,
        fine: Fine = "around",
        points: int = 9,
        stages: int = 2,
        max_failures: int = 3,
        grace_s: float = 120.0,
    ) -> None:
        for name, count in (("stages", stages), ("max_failures", max_failures)):
            if count < 1:
                raise ValueError(f"{name} is at least 1, not {count}")
        if not grace_s > 0:
            raise ValueError(f"grace_s is more than 0 seconds, not {grace_s}")
        self._conditions = {name: (parent, tuple(values)) for name, (parent, values) in (conditions or {}).items()}
        self._grid = Grid(space, self._conditions, fine, points)
        self._stages = stages
        self._max_failures = max_failures
        self._claims = Claims(self._grid, grace_s)
        self._ledger: Ledger | None = None
        self._recorded: Ledger | None = None  # the books whose study is known to hold our settings

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_ledger": None, "_recorded": None}  # both hold for this process only

    def poll(self, study: Study) -> Poll:
        """Say without waiting whether a cell can be asked for now; fails the trials of dead workers on the way."""
        look = self._books(study).look()
        if look.queued or look.n_free > len(look.undecided):
            return Poll.CELL
        if look.over:
            return Poll.DONE
        self._claims.fail_dead(study, look.undecided)
        return Poll.WAIT

    def cells(self, study: Study) -> list[Cell]:
        """Return every cell of the stages so far, and as many undecided ones as the stages to come can have at most."""
        books = self._books(study)
        look = books.look()
        known = [self._cell(books, look, key) for stage in books.stages for key in stage.cells]
        later = range(len(books.stages), len(books.stages) + books.stages_left)
        return known + [
            Cell(stage=stage_name(index), params={}, state=CellState.UNDECIDED)
            for index in later
            for _ in range(self._grid.most_refined())
        ]

    def extent(self, study: Study) -> tuple[int, int]:
        """Return how many cells are closed and how many there can be at most, without counting."""
        books = self._books(study)
        books.look()
        known, later = len(books.stage_of), books.stages_left * self._grid.most_refined()
        return known - books.n_open, known + later

    def failures(self, study: Study) -> list[Cell]:
        """Return the cells that were given up after `max_failures` failed trials."""
        return [cell for cell in self.cells(study) if cell.state is CellState.GIVEN_UP]

    def choice(self, study: Study) -> Cell | None:
        """Return the best coarse cell; None until the coarse stage is closed, or if none of its cells was completed."""
        books = self._books(study)
        look = books.look()
        best = books.choice()
        return None if best is None else self._cell(books, look, best)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Claim a cell for the trial, waiting while the stage's last cells run elsewhere.

        Raises:
            NothingLeft: the search is over, outside `study.optimize`; inside, the loop stops and the trial is pruned.
            ValueError: the study's cells come from another space, or it has several objectives.
            UpdateFinishedTrialError: others failed this trial because they took its worker for dead.
        """
        try:
            books = self._books(study)
            self._record_space(books)
            record_heartbeat(study._storage, trial._trial_id)
            if "fixed_params" in trial.system_attrs or books.claimed(trial) is not None:
                self._claims.fill(books, trial)
            elif not self._claims.pick(study, books, trial) and not _stop(study):
                raise NothingLeft("every cell is closed; call poll(study) before study.ask()")
        except BaseException:  # Ctrl-C while waiting, too: an undecided trial would hold up everybody else
            fail(study._storage, trial._trial_id)
            raise

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return nothing: a cell's values are handed out one by one."""
        self._raise_error_if_multi_objective(study)
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return nothing: a cell's values are handed out one by one."""
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Return the parameter's value in the trial's cell.

        Raises:
            TrialPruned: nothing was left for this trial.
            ValueError: the space or the trial's cell has no such parameter, or its distribution is another.
        """
        self._raise_error_if_multi_objective(study)
        self._check_suggested(param_name, param_distribution)
        attrs = trial.system_attrs
        claim = attrs.get(CLAIM) or NO_CELL
        if param_name in claim["params"]:
            return claim["params"][param_name]
        if claim["stage"] != NO_STAGE:
            where = self._grid.condition(param_name)
            raise ValueError(
                f"trial {trial.number}: its cell {claim['params']} has no {param_name!r}; it exists {where}"
            )
        if "fixed_params" in attrs:
            return self._complement(trial, param_name)
        raise TrialPruned("nothing is left to search")

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Stop `study.optimize` when this trial closes the last cell."""
        books = self._books(study)
        look = books.look()
        ended = books.ends_with(look.trials[trial.number], state, values[0] if values else None)
        if ended and not look.queued:
            _stop(study)

    def _books(self, study: Study) -> Ledger:
        storage, study_id = study._storage, study._study_id
        books = self._ledger
        if books is None or books.storage is not storage or books.study_id != study_id:
            self._raise_error_if_multi_objective(study)
            stored = storage.get_study_system_attrs(study_id).get(SPACE)
            if stored is not None:
                self._check_stored(stored)
            books = Ledger(storage, study_id, self._grid, self._stages, self._max_failures)
            self._ledger = books
        return books

    def _record_space(self, books: Ledger) -> None:
        if self._recorded is not books:
            books.storage.set_study_system_attr(books.study_id, SPACE, self._settings())
            self._recorded = books

    def _settings(self) -> dict[str, Any]:
        conditions = sorted((name, [parent, list(values)]) for name, (parent, values) in self._conditions.items())
        return {
            "space": [[name, distribution_to_json(d)] for name, d in self._grid.space.items()],
            "conditions": [list(condition) for condition in conditions],
            "fine": self._grid.fine,
            "points": self._grid.points,
        }

    def _check_stored(self, stored: Mapping[str, Any]) -> None:
        for field, ours in self._settings().items():
            if stored[field] != ours:
                raise ValueError(f"{field}: this study was made with {stored[field]}, not {ours}")

    def _check_suggested(self, name: str, distribution: BaseDistribution) -> None:
        space = self._grid.space
        if name not in space:
            raise ValueError(f"the objective suggests {name!r}, which is not in the space ({', '.join(space)})")
        if distribution != space[name]:
            raise ValueError(f"the objective suggests {name!r} from {distribution}, but the space has {space[name]}")

    def _complement(self, trial: FrozenTrial, name: str) -> Any:
        """Return some coarse value for what a partly enqueued trial leaves open; it takes no cell."""
        distribution = self._grid.space[name]
        values = coarse_values(distribution, self._grid.points)
        return distribution.to_external_repr(values[trial.number % len(values)])

    def _cell(self, books: Ledger, look: Look, key: Key) -> Cell:
        result, holders = books.results.get(key), look.holders.get(key, [])
        if result is not None:
            state = CellState(result.state.name.lower())
        elif holders:
            state = CellState.RUNNING
        else:
            state = CellState.GIVEN_UP if books.gave_up(key) else CellState.FREE
        return Cell(
            stage=books.stage_of[key],
            params=self._grid.params(key),
            state=state,
            value=result.value if result else None,
            trials=(*books.failed.get(key, ()), *([result.number] if result else holders)),
        )


def stage_of(trial: FrozenTrial | Trial) -> str:
    """Return the name of the stage that a trial's cell belongs to; empty for a trial that takes no cell."""
    if isinstance(trial, Trial):
        attrs = trial.study._storage.get_trial_system_attrs(trial._trial_id)
    else:
        attrs = trial.system_attrs
    return str((attrs.get(CLAIM) or NO_CELL)["stage"])


def release(study: Study, number: int) -> None:
    """Fail a running trial whose worker stops, and free its cell: this does not count among the cell's failures."""
    trial = study.get_trials(deepcopy=False)[number]
    with suppress(UpdateFinishedTrialError):  # others were quicker
        study._storage.set_trial_system_attr(trial._trial_id, CLAIM, None)
    study.tell(number, state=TrialState.FAIL, skip_if_finished=True)


def _stop(study: Study) -> bool:
    try:
        study.stop()
    except RuntimeError:  # not inside study.optimize: Optuna has no public way to ask
        return False
    return True
