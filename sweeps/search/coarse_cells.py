"""The configurations that a coarse stage visits, known before anything is searched."""

from optuna.trial import FixedTrial

from regsearch.spec import Configuration
from sweeps.config import SweepConfig
from sweeps.samplers.coarse_to_fine.grid import Grid
from sweeps.search.space import conditions, distributions, suggest
from sweeps.search.strategies.cell_strategy import grown

VISITING = ("coarse-to-fine", "coarse-to-tpe", "grid")  # strategies that begin with every coarse cell


def coarse_configurations(config: SweepConfig) -> tuple[Configuration, ...]:
    """Return what the coarse stage of a sweep visits; () where its strategy or its budget leaves some of it out."""
    if config.search.strategy not in VISITING:
        return ()
    grid = Grid(distributions(config), conditions(config), grow=grown(config))
    cells = grid.coarse()
    if config.max_configurations is not None and config.max_configurations < len(cells):
        return ()
    return tuple(suggest(FixedTrial(grid.space.params(key)), config) for key in cells)
