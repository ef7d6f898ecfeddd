"""The sampler itself: what Optuna calls, and what its users ask."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from optuna import Study, Trial, TrialPruned
from optuna.distributions import BaseDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.logging import get_logger
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState

from .cells import Cell, CellState, NothingLeft, Poll
from .claims import Claims, give_back, record_heartbeat
from .grid import Edge, Fine, Grid, Key, Ranges
from .ledger import CLAIM, NO_CELL, NO_STAGE, Ledger, Look
from .plan import Plan, Promote
from .presence import Conditions
from .settings import differences, settings
from .values import coarse_values

SPACE = "coarse_to_fine:space"  # study system attribute: what its cells come from

_logger = get_logger("optuna.coarse_to_fine")  # below Optuna's own, so that its verbosity holds


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
        promote: which cells go on to the next stage: the `best` one; the best of `each` branch, that is of each
            combination of categories and ints; those of them within one standard error of the best (`one-se`; the
            objective gives it as the user attribute STANDARD_ERROR); or the best for each value of the parameters that
            are named, `["regularizer"]`.
        grow: of log-scaled floats, the range that the coarse stage begins with, `{"lambda": (1e-6, 1e-1)}`. It grows
            upward, an order of magnitude at a time, while a cell that would go on lies on its upper edge, as far as the
            parameter's distribution goes. It never grows downward: the smaller orders only come nearer to 0.
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
        promote: Promote = "best",
        grow: Ranges | None = None,
        max_failures: int = 3,
        grace_s: float = 120.0,
    ) -> None:
        if max_failures < 1:
            raise ValueError(f"max_failures is at least 1, not {max_failures}")
        if not grace_s > 0:
            raise ValueError(f"grace_s is more than 0 seconds, not {grace_s}")
        self._grid = Grid(space, conditions, fine, points, grow)
        self._plan = Plan(self._grid, stages, promote)
        self._settings = settings(self._plan, conditions or {})
        self._max_failures = max_failures
        self._claims = Claims(self._grid, grace_s)
        self._ledger: Ledger | None = None
        self._recorded: Ledger | None = None  # the books whose study is known to hold our settings
        self._remarked: Ledger | None = None  # those whose remarks were logged

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_ledger": None, "_recorded": None, "_remarked": None}  # of this process only

    def poll(self, study: Study) -> Poll:
        """Say without waiting whether a cell can be asked for now; fails the trials of dead workers on the way."""
        books = self._books(study)
        look = books.look()
        self._remark(books)
        if look.queued or look.n_free > len(look.undecided):
            return Poll.CELL
        if look.over:
            return Poll.DONE
        self._claims.fail_dead(study, look.undecided)
        return Poll.WAIT

    def cells(self, study: Study) -> list[Cell]:
        """Return every cell so far, and as many undecided ones as the stages to come can have at most."""
        books = self._books(study)
        known = self._cells(books, lambda: [key for stage in books.stages for key in stage.cells])
        return known + [
            Cell(stage=name, params={}, state=CellState.UNDECIDED)
            for name, count in books.undecided()
            for _ in range(count)
        ]

    def extent(self, study: Study) -> tuple[int, int]:
        """Return how many cells are closed and how many there can be at most."""
        books = self._books(study)
        books.look()
        known, later = len(books.stage_of), sum(count for _, count in books.undecided())
        return known - books.n_open, known + later

    def failures(self, study: Study) -> list[Cell]:
        """Return the cells that were given up after `max_failures` failed trials."""
        return [cell for cell in self.cells(study) if cell.state is CellState.ABANDONED]

    def choice(self, study: Study) -> Cell | None:
        """Return the best coarse cell; None until the coarse stage is closed, or if none of its cells was completed."""
        return next(iter(self.promoted(study)), None)

    def promoted(self, study: Study) -> list[Cell]:
        """Return the coarse cells that go on, the best first; none until the coarse stage is closed."""
        books = self._books(study)
        return self._cells(books, books.promoted)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Claim a cell for the trial, waiting while the stage's last cells run elsewhere.

        Raises:
            NothingLeft: the search is over, outside `study.optimize`; inside, the loop stops and the trial is pruned.
            ValueError: the study's cells come from another space, or it has several objectives.
            UpdateFinishedTrialError: others failed this trial because they took its worker for dead.
        """
        try:
            books = self._books(study)
            self._record_settings(books)
            record_heartbeat(study._storage, trial._trial_id)
            if "fixed_params" in trial.system_attrs or books.claimed(trial) is not None:
                self._claims.fill(books, trial)
            elif not self._claims.pick(study, books, trial) and not _stop(study):
                raise NothingLeft("every cell is closed; call poll(study) before study.ask()")
            self._remark(books)
        except BaseException as error:  # Ctrl-C while waiting, too: an undecided trial would hold up everybody else
            try:
                give_back(study._storage, trial._trial_id)
            except Exception as second:  # as when the database has gone: the first error says more
                error.add_note(f"trial {trial.number} could not be failed either: {second}")
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
        claim = self._books(study).published(trial)
        if param_name in claim["params"]:
            return claim["params"][param_name]
        if claim["stage"] != NO_STAGE:
            where = self._grid.presence.where(param_name)
            raise ValueError(
                f"trial {trial.number}: its cell {claim['params']} has no {param_name!r}; it exists {where}"
            )
        if "fixed_params" in trial.system_attrs:
            return self._complement(trial, param_name)
        raise TrialPruned("nothing is left to search")

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Stop `study.optimize` when this trial closes the last cell."""
        books = self._books(study)
        books.forget(trial)
        look = books.look()
        remarks = books.last_remarks(look.trials[trial.number], state, values)
        if remarks is not None and not look.queued:
            self._remark(books, remarks)
            _stop(study)

    def _books(self, study: Study) -> Ledger:
        storage, study_id = study._storage, study._study_id
        books = self._ledger
        if books is None or books.storage is not storage or books.study_id != study_id:
            self._raise_error_if_multi_objective(study)
            stored = storage.get_study_system_attrs(study_id).get(SPACE)
            if stored is not None and (found := differences(stored, self._settings)):
                raise ValueError("; ".join(found))
            books = Ledger(storage, study_id, self._plan, self._max_failures)
            self._ledger = books
        return books

    def _record_settings(self, books: Ledger) -> None:
        if self._recorded is not books:
            books.storage.set_study_system_attr(books.study_id, SPACE, self._settings)
            self._recorded = books

    def _remark(self, books: Ledger, remarks: Sequence[str] | None = None) -> None:
        """Log once what the closed coarse stage leaves to be desired."""
        if self._remarked is not books and (remarks is not None or books.coarse_is_closed):
            self._remarked = books
            for remark in books.remarks() if remarks is None else remarks:
                _logger.warning(remark)

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

    def _cells(self, books: Ledger, wanted: Callable[[], Iterable[Key]]) -> list[Cell]:
        """Return these cells, which `wanted` names once the books are up to date."""
        look = books.look()
        keys = list(wanted())
        edges = self._plan.edges(keys, books.stages)
        return [self._cell(books, look, key, edges[key]) for key in keys]

    def _cell(self, books: Ledger, look: Look, key: Key, edges: Mapping[str, Edge]) -> Cell:
        result, holders = books.results.get(key), look.holders.get(key, [])
        if result is not None:
            state = CellState(result.state.name.lower())
        elif holders:
            state = CellState.RUNNING
        else:
            state = CellState.ABANDONED if books.is_abandoned(key) else CellState.FREE
        return Cell(
            stage=books.stage_of[key],
            params=self._grid.params(key),
            state=state,
            value=result.score.value if result and result.score else None,
            trials=(*books.failed.get(key, ()), *([result.number] if result else holders)),
            edges=edges,
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
