"""What every training of a sweep shares, and how much each row counts in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regsearch.data import DataSet, Subset
from regsearch.errors import InputError
from regsearch.models import LOSS
from regsearch.scoring import Metric
from regsearch.spec import ModelSpec, Named, TrainingSpec


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """What every training of a sweep shares.

    Raises:
        InputError: there are more or fewer class weights than classes.
    """

    data: DataSet
    model: ModelSpec
    training: TrainingSpec
    metric: Metric

    def __post_init__(self) -> None:
        given = self.training.class_weight
        if isinstance(given, tuple) and len(given) != self._classes:
            problem = f"needs one number for each of the {self._classes} classes, got {len(given)}"
            raise InputError("training.class_weight", problem)

    @property
    def loss(self) -> Named:
        """The loss that is minimized: the one asked for, else the one that follows from the labels."""
        return self.training.loss or Named(name=LOSS[self.data.task])

    def row_weights(self, subset: Subset) -> NDArray[np.float32] | None:
        """Return (rows,) how much each row counts in the training loss; None where all count 1.

        A row's own weight is multiplied by its class's: as given, or rows/(classes · rows of the class), as
        scikit-learn's `balanced` has it.
        """
        given = self.training.class_weight
        if given is None:
            return subset.weights
        classes = subset.y[:, 0].astype(int)  # (rows,)
        if given == "balanced":
            counts = np.bincount(classes, minlength=self._classes)  # (classes,)
            given = tuple(len(classes) / (np.count_nonzero(counts) * np.maximum(counts, 1)))
        by_class: NDArray[np.float32] = np.asarray(given, np.float32)[classes]  # (rows,)
        return by_class if subset.weights is None else by_class * subset.weights

    @property
    def _classes(self) -> int:
        return max(2, self.data.n_outputs)
