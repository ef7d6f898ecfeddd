"""coarse-to-tpe: the decades, each once, then TPE between the neighbours of the best."""

from collections.abc import Mapping, Sequence
from typing import Any

from optuna import Study, Trial

from sweeps.config import SweepConfig
from sweeps.samplers.coarse_to_fine import Poll, stage_of
from sweeps.samplers.decades_first import DecadesFirstSampler
from sweeps.samplers.subspace import POINT
from sweeps.search.space import distributions
from sweeps.search.strategies.base import Strategy
from sweeps.search.strategies.cell_strategy import gridded
from sweeps.search.strategies.optuna_samplers import MAKERS


class CoarseToTpe(Strategy):
    """The decades, then TPE, until the budget is used up."""

    def __init__(self, config: SweepConfig) -> None:
        """Build both samplers."""
        super().__init__(config)
        self.sampler = self._both = DecadesFirstSampler(
            gridded(config), distributions(config), MAKERS[self.name], config.seed
        )

    def abandoned(self, study: Study) -> Sequence[Mapping[str, Any]]:
        """Return the decades that were abandoned."""
        return [cell.params for cell in self._both.decades.failures(study)]

    def left(self, study: Study) -> int:
        """Count what the budget still allows; nothing where the best has no λ to look around."""
        return 0 if self._poll(study) is Poll.DONE else self._afforded(study)

    def _poll(self, study: Study) -> Poll:
        return self._both.poll(study)

    def _stage(self, trial: Trial) -> str:
        if POINT in trial.study._storage.get_trial_system_attrs(trial._trial_id):
            return "fine"
        return "coarse" if stage_of(trial) else ""
