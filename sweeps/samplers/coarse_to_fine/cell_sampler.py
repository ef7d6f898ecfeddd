"""The sampler of cells, whatever they are: what Optuna calls, and what its users ask."""

from abc import ABC
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from optuna import Study, Trial, TrialPruned
from optuna.distributions import BaseDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.logging import get_logger
from optuna.trial import FrozenTrial, TrialState

from .cell_space import Key
from .cells import Cell, CellState, NothingLeft, Poll
from .claims import Claims, give_back, record_heartbeat
from .independent import IndependentSampler
from .ledger import CLAIM, NO_CELL, NO_STAGE, Ledger, StudyState
from .plan import Edge, Plan, Score
from .settings import Settings, differences

SPACE = "coarse_to_fine:space"  # study system attribute: what its cells come from

_logger = get_logger("optuna.coarse_to_fine")  # below Optuna's own, so that its verbosity holds


class CellSampler(IndependentSampler, ABC):
    """Hand out every cell of a plan, each completed exactly once, over any number of workers.

    Works with any study of one objective, in memory or in a database, under `study.optimize` and ask/tell; such a study
    belongs to this sampler alone. Under ask/tell call `poll` first: `study.ask` itself waits while the stage's last
    cells run elsewhere, so that one thread that asks several times before it tells may wait for itself. In a storage
    with heartbeats whoever asks also keeps up the trial's heartbeat, as `study.optimize` does.

    `settings` are what every worker of a study must have in common; CoarseToFineSampler says what the rest is.

    Raises:
        ValueError: an argument is out of range; the message names it.
    """

    def __init__(
        self, plan: Plan, settings: Settings, *, max_failures: int, grace_s: float, log_warnings: bool = True
    ) -> None:
        if max_failures < 1:
            raise ValueError(f"max_failures is at least 1, not {max_failures}")
        if not grace_s > 0:
            raise ValueError(f"grace_s is more than 0 seconds, not {grace_s}")
        self.plan = plan
        self._space = plan.space
        self._settings = settings
        self._max_failures = max_failures
        self._claims = Claims(plan.space, grace_s)
        self._log_warnings = log_warnings
        self._ledger: Ledger | None = None
        self._recorded: Ledger | None = None  # the one whose study is known to hold our settings
        self._warned: Ledger | None = None  # the one whose warnings were logged

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_ledger": None, "_recorded": None, "_warned": None}  # of this process only

    def poll(self, study: Study) -> Poll:
        """Say without waiting whether a cell can be asked for now; fails the trials of dead workers on the way."""
        ledger = self._ledger_of(study)
        state = ledger.state()
        self._warn(ledger)
        if state.queued or state.n_free > len(state.undecided):
            return Poll.CELL
        if state.over:
            return Poll.DONE
        self._claims.fail_dead(study, state.undecided)
        return Poll.WAIT

    def cells(self, study: Study) -> list[Cell]:
        """Return every cell so far, and as many undecided ones as the stages to come can have at most."""
        ledger = self._ledger_of(study)
        known = self._cells(ledger, lambda: [key for stage in ledger.stages for key in stage.cells])
        return known + [
            Cell(stage=name, params={}, state=CellState.UNDECIDED)
            for name, count in ledger.undecided
            for _ in range(count)
        ]

    def extent(self, study: Study) -> tuple[int, int]:
        """Return how many cells are closed and how many there can be at most."""
        ledger = self._ledger_of(study)
        ledger.state()
        known, later = len(ledger.stage_of), sum(count for _, count in ledger.undecided)
        return known - len(ledger.open), known + later

    def failures(self, study: Study) -> list[Cell]:
        """Return the cells that were abandoned after `max_failures` failed trials."""
        return [cell for cell in self.cells(study) if cell.state is CellState.ABANDONED]

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Claim a cell for the trial, waiting while the stage's last cells run elsewhere.

        Raises:
            NothingLeft: the search is over, outside `study.optimize`; inside, the loop stops and the trial is pruned.
            ValueError: the study's cells come from another space, or it has several objectives.
            UpdateFinishedTrialError: others failed this trial because they took its worker for dead.
        """
        try:
            ledger = self._ledger_of(study)
            if self._recorded is not ledger:
                ledger.storage.set_study_system_attr(ledger.study_id, SPACE, self._settings)
                self._recorded = ledger
            record_heartbeat(study._storage, trial._trial_id)
            if "fixed_params" in trial.system_attrs or ledger.claimed(trial) is not None:
                self._claims.fill(ledger, trial)
            elif not self._claims.pick(study, ledger, trial) and not _stop(study):
                raise NothingLeft("every cell is closed; call poll(study) before study.ask()")
            self._warn(ledger)
        except BaseException as error:  # Ctrl-C while waiting, too: an undecided trial would hold up everybody else
            try:
                give_back(study._storage, trial._trial_id)
            except Exception as second:  # as when the database has gone: the first error says more
                error.add_note(f"trial {trial.number} could not be failed either: {second}")
            raise

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
        claim = self._ledger_of(study).published(trial)
        if param_name in claim["params"]:
            return claim["params"][param_name]
        if claim["stage"] != NO_STAGE:
            where = self._space.where(param_name)
            raise ValueError(
                f"trial {trial.number}: its cell {claim['params']} has no {param_name!r}; it exists {where}"
            )
        if "fixed_params" in trial.system_attrs:
            values = self._space.values(param_name)  # some value of a grid for what is left open; it takes no cell
            return self._space.distributions[param_name].to_external_repr(values[trial.number % len(values)])
        raise TrialPruned("nothing is left to search")

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Stop `study.optimize` when this trial closes the last cell."""
        ledger = self._ledger_of(study)
        ledger.forget(trial)
        now = ledger.state()
        scores = ledger.final_scores(now.trials[trial.number], state, values)
        if scores is not None and not now.queued:
            self._warn(ledger, scores)
            _stop(study)

    def _ledger_of(self, study: Study) -> Ledger:
        storage, study_id = study._storage, study._study_id
        ledger = self._ledger
        if ledger is None or ledger.storage is not storage or ledger.study_id != study_id:
            self._raise_error_if_multi_objective(study)
            stored = storage.get_study_system_attrs(study_id).get(SPACE)
            if stored is not None and (found := differences(stored, self._settings)):
                raise ValueError("; ".join(found))
            ledger = Ledger(storage, study_id, self.plan, self._max_failures)
            self._ledger = ledger
        return ledger

    def _warn(self, ledger: Ledger, scores: Mapping[Key, Score] | None = None) -> None:
        """Log once what the closed first stage leaves to be desired; scores where they are not entered yet."""
        closed = scores is not None or ledger.first_stage_is_closed
        if self._log_warnings and self._warned is not ledger and closed:
            self._warned = ledger
            known = ledger.scores if scores is None else scores
            for warning in self.plan.warnings(ledger.stages, known, ledger.maximize):
                _logger.warning(warning)

    def _check_suggested(self, name: str, distribution: BaseDistribution) -> None:
        space = self._space.distributions
        if name not in space:
            raise ValueError(f"the objective suggests {name!r}, which is not in the space ({', '.join(space)})")
        if distribution != space[name]:
            raise ValueError(f"the objective suggests {name!r} from {distribution}, but the space has {space[name]}")

    def _cells(self, ledger: Ledger, wanted: Callable[[], Iterable[Key]]) -> list[Cell]:
        """Return these cells, which `wanted` names once the ledger is up to date."""
        now = ledger.state()
        keys = list(wanted())
        edges = self.plan.edges(keys, ledger.stages)
        return [self._cell(ledger, now, key, edges[key]) for key in keys]

    def _cell(self, ledger: Ledger, now: StudyState, key: Key, edges: Mapping[str, Edge]) -> Cell:
        result, holders = ledger.results.get(key), now.holders.get(key, [])
        if result is not None:
            state = CellState(result.state.name.lower())
        elif holders:
            state = CellState.RUNNING
        else:
            state = CellState.ABANDONED if ledger.is_abandoned(key) else CellState.FREE
        return Cell(
            stage=ledger.stage_of[key],
            params=self._space.params(key),
            state=state,
            value=result.score.value if result and result.score else None,
            trials=(*ledger.failed.get(key, ()), *([result.number] if result else holders)),
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
