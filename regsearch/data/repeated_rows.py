"""Rows that stand in more than one subset of a split."""

import numpy as np
from numpy.typing import NDArray

from regsearch.data.subsets import Split, Subset

MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio, odd
FIRST = 8  # features that rows are told apart by first, as most rows are
ROWS_AT_ONCE = 10_000


def repeated_rows(split: Split) -> tuple[int, int]:
    """Return how many rows outside the train subset stand in a subset before theirs too, and how many there are.

    Rows are equal where all features and labels are. They are told apart by 64 bits, so that of a million rows with
    another one is mistaken once in ten million data sets.
    """
    total = sum(len(subset.x) for subset in split.subsets[1:])
    few = _repeated(split, FIRST)
    return (_repeated(split, None) if few else 0), total


def row_hashes(subset: Subset, features: int | None = None) -> NDArray[np.uint64]:
    """Return (rows,) 64 bits of each row's labels and its first features, of all where None."""
    x = subset.x.reshape(len(subset.x), -1)[:, :features]  # (rows, features)
    odd = np.random.default_rng(0).integers(0, 2**63, x.shape[1] + subset.y.shape[1], np.uint64) * 2 + 1
    hashes = np.empty(len(x), np.uint64)
    for start in range(0, len(x), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        numbers = np.concatenate([x[rows], subset.y[rows]], axis=1, dtype=np.float32) + np.float32(0)  # -0 becomes 0
        bits = numbers.view(np.uint32).astype(np.uint64) * MIX
        bits ^= bits >> np.uint64(29)
        hashes[rows] = (bits * odd).sum(axis=1, dtype=np.uint64)
    return hashes


def _repeated(split: Split, features: int | None) -> int:
    seen, repeated = np.sort(row_hashes(split.train, features)), 0
    for subset in split.subsets[1:]:
        hashes = np.sort(row_hashes(subset, features))
        places = np.searchsorted(seen, hashes)  # far faster than np.isin, whose table these numbers crowd
        repeated += int((seen[np.minimum(places, len(seen) - 1)] == hashes).sum())
        seen = np.sort(np.concatenate([seen, hashes]))
    return repeated
