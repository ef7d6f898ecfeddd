"""First the orders of magnitude, then a grid inside the best one; every cell completed exactly once.

This folder needs Optuna and NumPy only, imports itself relatively, and works wherever it is copied to.

    sampler     CoarseToFineSampler: what Optuna calls, and what its users ask
    claims      how workers share cells
    ledger      what the trials say about the cells
    plan        which stages follow from which results
    grid        which cells there are
    presence    which parameters a cell has
    values      which values a parameter has
    settings    what is recorded in the study, and how another record differs
    cells       what users see
"""

from .cells import Cell, CellState, NothingLeft, Poll
from .ledger import STANDARD_ERROR
from .sampler import CoarseToFineSampler, release, stage_of

__all__ = [
    "STANDARD_ERROR",
    "Cell",
    "CellState",
    "CoarseToFineSampler",
    "NothingLeft",
    "Poll",
    "release",
    "stage_of",
]
