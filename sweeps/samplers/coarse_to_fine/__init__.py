"""First the orders of magnitude, then a grid inside the best one; every cell completed exactly once.

This folder needs Optuna and NumPy only, imports itself relatively, and works wherever it is copied to.
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
