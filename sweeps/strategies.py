"""Strategies by name: which sampler searches, what is left to do, and what its stages are called."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from optuna import Study, Trial
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import TrialState

from sweeps.config import GRID_STRATEGIES, SweepConfig
from sweeps.literature import STAGE as LITERATURE
from sweeps.samplers.coarse_to_fine import CoarseToFineSampler, Poll, stage_of
from sweeps.samplers.reseeded import ReseededSampler
from sweeps.space import conditions, distributions

GRACE_S = 60.0  # how long a worker may be silent before others take over its configuration


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How far a search is, in configurations; `total` is the most there can be while stages are undecided."""

    done: int
    total: int


class Strategy(ABC):
    """A way to search, for one sweep.

    Args:
        config: what to search.
    """

    sampler: BaseSampler

    @abstractmethod
    def poll(self, study: Study) -> Poll:
        """Say whether a configuration can be asked for now, later, or never again."""

    def is_surplus(self, study: Study, trial: Trial) -> bool:
        """Return whether a trial that was just asked for is one too many, as others asked at the same time."""
        return False

    @abstractmethod
    def stage(self, trial: Trial) -> str:
        """Return the name of the stage that a trial belongs to."""

    def given_up(self, study: Study) -> list[str]:
        """Return the configurations that failed too often to be tried again, in words."""
        return []

    @abstractmethod
    def extent(self, study: Study) -> Extent:
        """Return how far the search is."""


class Grid(Strategy):
    """coarse-to-fine, and grid: every cell once."""

    def __init__(self, config: SweepConfig) -> None:
        """Build the sampler; see CoarseToFineSampler."""
        self._name = str(config.search.strategy)
        coarse_only = self._name == "grid"
        self._cells = CoarseToFineSampler(
            distributions(config),
            conditions=conditions(config),
            fine="none" if coarse_only else config.search.fine,
            stages=1 if coarse_only else 2,
            grace_s=GRACE_S,
        )
        self.sampler = self._cells

    def poll(self, study: Study) -> Poll:
        """Say whether a cell can be asked for."""
        return self._cells.poll(study)

    def stage(self, trial: Trial) -> str:
        """Return coarse, fine …; grid where there are no stages; literature for what is no cell of the grid."""
        stage = stage_of(trial)
        return LITERATURE if not stage else "grid" if self._name == "grid" else stage

    def given_up(self, study: Study) -> list[str]:
        """Return the cells that were given up."""
        return [" ".join(map(str, cell.params.values())) for cell in self._cells.failures(study)]

    def extent(self, study: Study) -> Extent:
        """Count cells; those of a stage that is not decided yet count as the most it can have."""
        closed, most = self._cells.extent(study)
        return Extent(done=closed, total=most)


class Budget(Strategy):
    """random and tpe: as many configurations as the sweep file says."""

    def __init__(self, config: SweepConfig) -> None:
        """Build Optuna's sampler, reseeded for each trial, so that a resumed sweep goes on as an unbroken one would."""
        self._name = str(config.search.strategy)
        self._trials = config.trials or 0
        makers = {
            "random": lambda seed: RandomSampler(seed=seed),
            "tpe": lambda seed: TPESampler(seed=seed),
        }
        self.sampler = ReseededSampler(makers[self._name], config.seed)
        self._done = self._read = 0  # of the trials below this number, those that are done
        self._unfinished: list[int] = []  # and those that are neither that nor failed

    def poll(self, study: Study) -> Poll:
        """Compare what was asked for with the budget; a failed trial gives its place back."""
        done, running = self._counts(study)
        if running + done < self._trials:
            return Poll.CELL
        return Poll.WAIT if running else Poll.DONE

    def is_surplus(self, study: Study, trial: Trial) -> bool:
        """Count the trials before it: numbers are given in order, so all agree which trials fit the budget."""
        if trial.number < self._trials:
            return False
        before = [t for t in study.get_trials(deepcopy=False) if t.number < trial.number]
        return sum(t.state != TrialState.FAIL for t in before) >= self._trials

    def stage(self, trial: Trial) -> str:
        """Return the strategy's name, as it has no stages; literature for a published setting."""
        return LITERATURE if LITERATURE in trial.user_attrs else self._name

    def extent(self, study: Study) -> Extent:
        """Count finished trials."""
        return Extent(done=self._counts(study)[0], total=self._trials)

    def _counts(self, study: Study) -> tuple[int, int]:
        """Return how many trials are done, and how many run; one that has ended is looked at once."""
        trials = study.get_trials(deepcopy=False)
        new = [*self._unfinished, *range(self._read, len(trials))]
        self._read = len(trials)
        self._unfinished = [n for n in new if not trials[n].state.is_finished()]
        self._done += sum(trials[n].state in (TrialState.COMPLETE, TrialState.PRUNED) for n in new)
        return self._done, sum(trials[n].state == TrialState.RUNNING for n in self._unfinished)


def strategy(config: SweepConfig) -> Strategy:
    """Return the strategy that a sweep file names."""
    return Grid(config) if config.search.strategy in GRID_STRATEGIES else Budget(config)
