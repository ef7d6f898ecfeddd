"""A splitter whose one fold trains on all rows, as the last fit does, which so finds its program compiled."""

import numpy as np


class AllRows:
    """Trains and scores on all rows."""

    def get_n_splits(self, X=None, y=None, groups=None):
        return 1

    def split(self, X, y=None, groups=None):
        yield np.arange(len(X)), np.arange(len(X))
