"""Strategies whose configurations are known beforehand: grids, and draws from the sweep's seed; each is tried once.

Over any number of workers, and however often some of them are stopped, the same configurations are tried.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from optuna import Study, Trial

from regsearch.seeds import derived_seed
from storage.liveness import SILENT_S
from sweeps.config import SweepConfig
from sweeps.samplers.coarse_to_fine import CellSampler, CoarseToFineSampler, Poll, stage_of
from sweeps.samplers.coarse_to_fine.plan import Plan, Stage
from sweeps.samplers.precomputed import PrecomputedSampler
from sweeps.search.space import conditions, distributions
from sweeps.search.strategies.base import Extent, Strategy
from sweeps.search.strategies.optuna_samplers import MAKERS

PRECOMPUTED = ("random", "qmc")
GROWN = "lambda"  # parameters of these names, and lambda_…, grow


class CellStrategy(Strategy):
    """coarse-to-fine, grid, random and qmc, whose sampler hands out cells."""

    def __init__(self, config: SweepConfig, sampler: CellSampler) -> None:
        super().__init__(config)
        self.sampler = self._cells = sampler

    def abandoned(self, study: Study) -> Sequence[Mapping[str, Any]]:
        """Return the cells that were abandoned."""
        return [cell.params for cell in self._cells.failures(study)]

    def extent(self, study: Study) -> Extent:
        """Count cells; those of a stage that is not decided yet count as the most it can have."""
        closed, most = self._cells.extent(study)
        return Extent(done=closed, total=most if self.most is None else max(closed, min(most, self.most)))

    def left(self, study: Study) -> int:
        """Count the cells that are not closed: of a grid all, of draws those that the budget still allows."""
        return self.left_of(*self._cells.extent(study))

    def left_of(self, closed: int, most: int) -> int:
        """Return how many cells are left of so many, likewise."""
        left = most - closed
        return min(left, max(0, (self.most or 0) - closed)) if self.name in PRECOMPUTED else left

    @property
    def plan(self) -> Plan:
        """Which cells there are, stage by stage."""
        return self._cells.plan

    def _poll(self, study: Study) -> Poll:
        return self._cells.poll(study)

    def stage_name(self, stage: Stage) -> str:
        """Return what a sweep calls a stage; where there is only one, it has the strategy's name."""
        return self.name if stage.name == "grid" else stage.name

    def _stage(self, trial: Trial) -> str:
        stage = stage_of(trial)
        return self.name if stage == "grid" else stage


def gridded(config: SweepConfig) -> CoarseToFineSampler:
    """Return the sampler of coarse-to-fine; without its fine stages, for grid and for what begins with a grid."""
    search, staged = config.search, config.search.strategy == "coarse-to-fine"
    return CoarseToFineSampler(
        distributions(config),
        conditions=conditions(config),
        fine=search.fine if staged else "none",
        stages=search.stages if staged else 1,
        promote=["regularizer"] if search.promote == "each-regularizer" else search.promote,
        grow=grown(config),
        grace_s=SILENT_S,
        log_warnings=False,  # what they say, the answer does
    )


def grown(config: SweepConfig) -> dict[str, tuple[float, float]]:
    """Return the ranges that the coarse stage begins with, of the parameters that grow."""
    if not config.search.grow:
        return {}
    begun = (config.search.lambda_.low, config.search.lambda_.high)
    return {name: begun for name in distributions(config) if name == GROWN or name.startswith(f"{GROWN}_")}


def precomputed(config: SweepConfig) -> PrecomputedSampler:
    """Return the sampler of random and qmc."""
    seed = derived_seed(config.seed)
    return PrecomputedSampler(
        distributions(config),
        lambda: MAKERS[str(config.search.strategy)](seed),
        count=config.max_configurations or 0,
        conditions=conditions(config),
        grace_s=SILENT_S,
    )
