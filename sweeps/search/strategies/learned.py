"""Strategies that learn from every result where to look next: tpe, gp, cmaes."""

from optuna import Study
from optuna.samplers import BaseSampler

from sweeps.config import SweepConfig
from sweeps.samplers.coarse_to_fine import Poll
from sweeps.samplers.reseeded import ReseededSampler
from sweeps.samplers.subspace import Subspace, SubspaceSampler
from sweeps.search.space import distributions
from sweeps.search.strategies.base import Strategy
from sweeps.search.strategies.optuna_samplers import MAKERS


class Learned(Strategy):
    """As many configurations as the sweep file says, each suggested by what is known by then."""

    def __init__(self, config: SweepConfig) -> None:
        """Build the sampler: fresh for each trial, so that a resumed sweep goes on as an unbroken one would."""
        super().__init__(config)
        self.sampler = _sampler(self.name, config)

    def left(self, study: Study) -> int:
        """Count what the budget still allows."""
        return self._afforded(study)

    def _poll(self, study: Study) -> Poll:
        return Poll.CELL


def _sampler(name: str, config: SweepConfig) -> BaseSampler:
    if name == "tpe":  # knows conditions by itself
        return ReseededSampler(MAKERS[name], config.seed)
    whole = Subspace(distributions=distributions(config))
    return SubspaceSampler(lambda study: whole, MAKERS[name], config.seed, ordinal=name == "cmaes")
