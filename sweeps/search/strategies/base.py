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
from sweeps.config.published import STAGE as LITERATURE
from sweeps.samplers.coarse_to_fine import Poll


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How far a search is, in configurations; `total` is the most there can be while stages are undecided."""

    done: int
    total: int


class Strategy(ABC):
    """A way to search, for one sweep and its study."""

    sampler: BaseSampler

    def __init__(self, config: SweepConfig) -> None:
        self.name = str(config.search.strategy)
        self.most = config.max_configurations
        self._done = self._read = 0  # of the trials below this number, those that are done
        self._unfinished: list[int] = []  # and those that are neither that nor failed

    def poll(self, study: Study) -> Poll:
        """Say whether a configuration can be asked for now, later, or never again.

        A trial counts from when it is asked for; one that failed gives its place back.
        """
        if self.most is None:
            return self._poll(study)
        done, running = self._counts(study)
        if running + done < self.most:
            return self._poll(study)
        if running:  # unwrapped, because silencing its experimental warning is not thread-safe
            inspect.unwrap(fail_stale_trials)(study)
        return Poll.WAIT if running else Poll.DONE

    def is_surplus(self, study: Study, trial: Trial) -> bool:
        """Return whether a trial that was just asked for is one too many, as others asked at the same time.

        Numbers are given in order, and a failed trial does not come back. So the last trial that is kept had fewer than
        `most` before it that did not fail, and there are never more than `most`.
        """
        if self.most is None or trial.number < self.most:
            return False
        before = study.get_trials(deepcopy=False)[: trial.number]
        return sum(t.state is not TrialState.FAIL for t in before) >= self.most

    def stage(self, trial: Trial) -> str:
        """Return the name of the stage that a trial belongs to; literature for a published setting beside them."""
        return self._stage(trial) or (LITERATURE if LITERATURE in trial.user_attrs else self.name)

    def abandoned(self, study: Study) -> Sequence[Mapping[str, Any]]:
        """Return the parameters of the configurations that failed too often to be tried again."""
        return []

    def extent(self, study: Study) -> Extent:
        """Return how far the search is, within its budget."""
        done = self._counts(study)[0]
        return Extent(done=done, total=done + self.left(study))

    @abstractmethod
    def left(self, study: Study) -> int:
        """Return how many configurations a search without hurry would still visit; at most, while undecided."""

    @abstractmethod
    def _poll(self, study: Study) -> Poll:
        """Say what `poll` does, budget aside."""

    def _stage(self, trial: Trial) -> str:
        """Return the name of the trial's stage; empty where it has none."""
        return ""

    def _afforded(self, study: Study) -> int:
        """Return how many more configurations may be done."""
        return max(0, (self.most or 0) - self._counts(study)[0])

    def _counts(self, study: Study) -> tuple[int, int]:
        """Return how many trials are done, and how many run; one that has ended is read once."""
        trials = study.get_trials(deepcopy=False)
        new = [*self._unfinished, *range(self._read, len(trials))]
        self._read = len(trials)
        self._unfinished = [n for n in new if not trials[n].state.is_finished()]
        self._done += sum(trials[n].state in (TrialState.COMPLETE, TrialState.PRUNED) for n in new)
        return self._done, sum(trials[n].state is TrialState.RUNNING for n in self._unfinished)
