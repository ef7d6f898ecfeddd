"""Rows in time order as groups: blocks of neighbours, long enough to be nearly independent of each other.

Neighbouring rows are alike, so that N of them tell less than N independent ones would. With r the correlation of one
row's gain with the next one's, (1+r)/(1-r) rows tell as much as one (for a gain that forgets at rate r, AR(1)). A block
is at least 8 times as long: then blocks are nearly independent, and their spread is the error of the mean. There are 4
to 20 of them; with fewer than 100 rows no 4 blocks are long enough.

Sources: Schmeiser (1982), Operations Research 30:556-568 (batch means, and why few batches are enough); the factor of 8
is from simulation (docs/statistics.md): 93 to 96 % are covered for r up to 0.8.
"""

import numpy as np
from numpy.typing import NDArray

from regsearch.statistics.paired_error import Floats

FEWEST_ROWS = 100
BLOCKS = (4, 20)
CORRELATION_TIMES = 8  # in a block


def time_blocks(gains: Floats) -> NDArray[np.intp]:
    """Return the block of each row, of blocks of equal length to within a row.

    Args:
        gains: each row's mean gain, in time order, at least 4 of them.  # (rows,)

    Example:
        >>> import numpy as np
        >>> blocks = time_blocks(np.repeat([0.0, 1.0, 0.0, 1.0], 50))  # changes every 50 rows only
        >>> len(np.unique(blocks))
        4
    """
    rows = len(gains)
    apart = gains - gains.mean()
    squares = float(apart @ apart)
    r = min(max(float(apart[1:] @ apart[:-1]) / squares, 0.0), 0.99) if squares > 0 else 0.0
    fitting = int(rows / (CORRELATION_TIMES * (1 + r) / (1 - r)))
    blocks = min(max(fitting, BLOCKS[0]), BLOCKS[1])
    return np.arange(rows) * blocks // rows
