"""Strategies by name: which sampler searches, what is left to do, and what its stages are called."""

from sweeps.config import SweepConfig
from sweeps.search.strategies.base import Extent, Strategy
from sweeps.search.strategies.cell_strategy import CellStrategy, gridded, precomputed
from sweeps.search.strategies.coarse_to_tpe import CoarseToTpe
from sweeps.search.strategies.learned import Learned
from sweeps.search.strategies.optuna_samplers import check_installed

__all__ = ["CellStrategy", "Extent", "Strategy", "check_installed", "strategy"]


def strategy(config: SweepConfig) -> Strategy:
    """Return the strategy that a sweep file names; a SweepFileError says which package it needs that is not there."""
    name = str(config.search.strategy)
    check_installed(name)
    match name:
        case "coarse-to-fine" | "grid":
            return CellStrategy(config, gridded(config))
        case "random" | "qmc":
            return CellStrategy(config, precomputed(config))
        case "coarse-to-tpe":
            return CoarseToTpe(config)
    return Learned(config)
