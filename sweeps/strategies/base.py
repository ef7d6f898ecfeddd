"""What every way to search has in common: the budget of configurations, exact over any number of workers."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optuna import Study, Trial
from optuna.samplers import BaseSampler
from optuna.storages import fail_stale_trials
from optuna.trial import TrialState

from sweeps.config import SweepConfig
from sweeps.literature import STAGE as LITERATURE
from sweeps.samplers.coarse_to_fine import Poll

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


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

    def __init__(self, config: SweepConfig) -> None:
        self.name = str(config.search.strategy)
        self.most = config.most_configurations

    def poll(self, study: Study) -> Poll:
        """Say whether a configuration can be asked for now, later, or never again.

        A trial counts from when it is asked for; one that failed gives its place back.
        """
        if self.most is None or len(study.get_trials(deepcopy=False)) < self.most:
            return self._poll(study)
        counts = [t.state for t in study.get_trials(deepcopy=False)]
        running = counts.count(TrialState.RUNNING)
        if running + sum(map(counts.count, FINISHED)) < self.most:
            return self._poll(study)
        if running:  # unwrapped, because silencing its experimental warning is not thread-safe
            inspect.unwrap(fail_stale_trials)(study)
        return Poll.WAIT if running else Poll.DONE

    def is_surplus(self, study: Study, trial: Trial) -> bool:
        """Return whether a trial that was just asked for is one too many, as others asked at the same time.

        Numbers are given in order, and a failed trial does not come back: of the trials that fit, the last one had
        fewer than `most` others before it that did not fail, so that there are never more than `most`.
        """
        if self.most is None or trial.number < self.most:
            return False
        before = study.get_trials(deepcopy=False)[: trial.number]
        return sum(t.state is not TrialState.FAIL for t in before) >= self.most

    def stage(self, trial: Trial) -> str:
        """Return the name of the stage that a trial belongs to; literature for a published setting beside them."""
        return self._stage(trial) or (LITERATURE if LITERATURE in trial.user_attrs else self.name)

    def given_up(self, study: Study) -> Sequence[Mapping[str, Any]]:
        """Return the parameters of the configurations that failed too often to be tried again."""
        return []

    def extent(self, study: Study) -> Extent:
        """Return how far the search is, within its budget."""
        given_up = len(self.given_up(study))
        done = len(study.get_trials(deepcopy=False, states=FINISHED))
        total = done + self.left(study)
        return Extent(done=done + given_up, total=given_up + (total if self.most is None else min(total, self.most)))

    @abstractmethod
    def left(self, study: Study) -> int:
        """Return how many configurations were not visited yet, whatever the budget; at most, while undecided."""

    @abstractmethod
    def _poll(self, study: Study) -> Poll:
        """Say what `poll` does, budget aside."""

    @abstractmethod
    def _stage(self, trial: Trial) -> str:
        """Return the name of the trial's stage; empty where it has none."""
