"""First the orders of magnitude, then a grid inside the best one; every cell completed exactly once.

This folder needs Optuna and NumPy only, imports itself relatively, and works wherever it is copied to.

    sampler              CoarseToFineSampler
    coarse_to_fine_plan  which stages follow from which results
    grid                 which cells there are

    cell_sampler         CellSampler, for cells of any plan: what Optuna calls, and what its users ask
    claims               how workers share cells
    ledger               what the trials say about the cells
    plan                 what a plan tells: its stages
    cell_space           where cells lie, and which parameters each has
    values               which values a parameter has
    settings             what is recorded in the study, and how another record differs
    cells                what users see
    independent          what Optuna asks of a sampler that suggests each parameter by itself
"""

from .cell_sampler import CellSampler, release, stage_of
from .cells import Cell, CellState, NothingLeft, Poll
from .ledger import STANDARD_ERROR
from .sampler import CoarseToFineSampler

__all__ = [
    "STANDARD_ERROR",
    "Cell",
    "CellSampler",
    "CellState",
    "CoarseToFineSampler",
    "NothingLeft",
    "Poll",
    "release",
    "stage_of",
]
