"""Which rows a repeat trains on, is chosen by and is tested on."""

from regsearch.data import Split, make_split
from regsearch.recent import Recent
from regsearch.seeds import split_seed
from regsearch.spec import DataSpec

CACHED_BYTES = 512 * 2**20  # of splits


def repeat_split(data: DataSpec, *, resample: bool, repeat: int, seed: int) -> Split:
    """Return the split of a repeat: drawn by its seed, or its fold, or the one that all repeats share.

    Args:
        data: what is split.
        resample: whether each repeat draws its own train and validation rows.
        repeat: its index.
        seed: its seed.

    Raises:
        DataError: the data cannot be split so.
    """
    return make_split(data, seed=split_seed(seed)) if resample else make_split(data, repeat=repeat)


class RepeatSplits:
    """The splits of a sweep's repeats, those last used kept; it may be used from several threads at once."""

    def __init__(self, data: DataSpec, *, resample: bool) -> None:
        """Make the first of those that do not depend on a seed, so that data that cannot be split are told at once.

        Raises:
            DataError: the data cannot be split so.
        """
        self._data, self._resample = data, resample
        self._kept: Recent[Split] = Recent(CACHED_BYTES, lambda split: split.nbytes)
        if not resample:
            self.get(0, 0)

    def get(self, repeat: int, seed: int) -> Split:
        """Return the split of a repeat; see `repeat_split`."""
        repeat = repeat if self._data.split.folds else 0  # all others are one split
        key = seed if self._resample else repeat
        return self._kept.get(key, lambda: repeat_split(self._data, resample=self._resample, repeat=repeat, seed=seed))
