"""Features on one scale, by what the train rows say."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from regsearch.data.subsets import Split, Subset

AT_ONCE = 4_000_000  # numbers widened to float64 at once: 32 MB


def standardized(split: Split) -> Split:
    """Return the split with features of mean 0 and standard deviation 1 on the train rows.

    Every column has its own, also where it is one category of several; of images and sequences, every channel.
    """
    mean, std = _moments(split.train.x.reshape(-1, split.train.x.shape[-1]))

    def scaled(subset: Subset) -> Subset:
        x = np.subtract(subset.x, mean, out=np.empty_like(subset.x))  # in float64, piece by piece, whatever `out` is
        return replace(subset, x=np.divide(x, std, out=x))

    return replace(
        split,
        train=scaled(split.train),
        validation=scaled(split.validation),
        test=None if split.test is None else scaled(split.test),
    )


def _moments(x: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each column's mean and standard deviation, 1 for a constant column.

    In two passes in float64, as NumPy does it, but without its copy of x in float64.
    """
    mean = x.mean(axis=0, dtype=np.float64)
    step = max(1, AT_ONCE // mean.size)
    squares = sum(np.square(x[i : i + step] - mean).sum(axis=0) for i in range(0, len(x), step))
    constant = x.min(axis=0) == x.max(axis=0)  # its squares need not be 0: the mean is rounded
    return mean, np.where(constant, 1.0, np.sqrt(squares / len(x)))
