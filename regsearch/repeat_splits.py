"""Which rows a repeat trains on, is chosen by and is tested on."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regsearch.data import DataSet, InputUse, Split, load, make_split
from regsearch.data.sources import redrawn_rows
from regsearch.data.splits import first_row
from regsearch.recent import Recent
from regsearch.seeds import split_seed
from regsearch.spec import DataSpec

CACHED_BYTES = 512 * 2**20  # of splits


def repeat_split(
    data: DataSpec,
    *,
    resample: bool,
    repeat: int,
    seed: int,
    uses: Sequence[InputUse] = (),
    scale_target: bool = False,
    pooled: bool = False,
) -> Split:
    """Return the split of a repeat: drawn by its seed, or its fold, or the one that all repeats share.

    Where a part of the train rows is kept, that part is the repeat's own.

    Args:
        data: what is split.
        resample: whether each repeat draws its own train and validation rows.
        repeat: its index.
        seed: its seed.
        uses: what the model does with each of its inputs first.
        scale_target: whether to standardize a regression's labels.
        pooled: whether the validation rows are among the train rows too.

    Raises:
        DataError: the data cannot be split so.
    """
    own = {"seed": split_seed(seed)} if resample else {}
    return make_split(data, uses=uses, scale_target=scale_target, pooled=pooled, repeat=repeat, kept_seed=seed, **own)


def repeat_data(data: DataSpec, seed: int) -> DataSet:
    """Return the data set that a repeat's rows are of: one drawn by its seed, where each repeat's are drawn anew."""
    return redrawn_rows(data, split_seed(seed)) if data.split.redraw else load(data)


def places_of(rows: NDArray[np.uint32], data: DataSpec, repeat: int) -> NDArray[np.int64]:
    """Return where rows, by their numbers, stand in a repeat's data set."""
    return rows.astype(np.int64) - first_row(data, repeat)


class RepeatSplits:
    """The splits of a sweep's repeats, those last used kept; it may be used from several threads at once."""

    def __init__(
        self, data: DataSpec, *, resample: bool, uses: Sequence[InputUse] = (), scale_target: bool = False
    ) -> None:
        """Make the first of those that do not depend on a seed, so that data that cannot be split are told at once.

        Raises:
            DataError: the data cannot be split so.
        """
        self._data, self._resample = data, resample
        self._uses, self._scale_target = uses, scale_target
        self._kept: Recent[Split] = Recent(CACHED_BYTES, lambda split: split.nbytes)
        if not resample:
            self.get(0, 0)

    def get(self, repeat: int, seed: int) -> Split:
        """Return the split of a repeat; see `repeat_split`."""
        split = self._data.split
        repeat = repeat if split.folds or split.redraw else 0  # all others are one split
        key = (seed if self._resample or split.keep else None, repeat)
        return self._kept.get(key, lambda: self._made(repeat, seed))

    def _made(self, repeat: int, seed: int) -> Split:
        uses, scale_target = self._uses, self._scale_target
        return repeat_split(
            self._data, resample=self._resample, repeat=repeat, seed=seed, uses=uses, scale_target=scale_target
        )
