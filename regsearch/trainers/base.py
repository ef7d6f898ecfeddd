"""The contract of a trainer: one seed and the coefficients of each leg in, trained weights and a learning curve out."""

import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.backend import load_keras, load_tensorflow
from regsearch.data import DataSet, Split, Subset
from regsearch.errors import InputError
from regsearch.losses import keras_loss
from regsearch.model_checks import check_model
from regsearch.model_weights import trainable_weights, without_penalties
from regsearch.models import LOSS, build
from regsearch.recent import Recent
from regsearch.results import Curve
from regsearch.scoring import Metric
from regsearch.spec import ModelSpec, Named, TrainingSpec
from regsearch.weights import Weight

CACHED_BYTES = 256 * 2**20  # of initial weights, and of data as tensors
NUMBERS_AT_ONCE = 2**20  # of x, scored together: the activations of a large data set do not fit into memory

Arrays = list[NDArray[Any]]
Stop = threading.Event | None

BUILDING = threading.Lock()  # Keras' seed and its names of layers are global to the process


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
        """The loss that is minimized: the one asked for, else the one that follows from the target."""
        return self.training.loss or Named(name=LOSS[self.data.task])

    def row_weights(self, part: Subset) -> NDArray[np.float32] | None:
        """Return (rows,) how much each row counts in the training loss; None where all count 1.

        A row's own weight is multiplied by its class's: as given, or rows/(classes · rows of the class), as
        scikit-learn's `balanced` has it.
        """
        given = self.training.class_weight
        if given is None:
            return part.weights
        rows = part.y[:, 0].astype(int)
        if given == "balanced":
            counts = np.bincount(rows, minlength=self._classes)
            given = tuple(len(rows) / (np.count_nonzero(counts) * np.maximum(counts, 1)))
        by_class: NDArray[np.float32] = np.asarray(given, np.float32)[rows]
        return by_class if part.weights is None else by_class * part.weights

    @property
    def _classes(self) -> int:
        return max(2, self.data.n_outputs)


@dataclass(frozen=True, kw_only=True, eq=False)
class Leg:
    """A part of a training with its own penalties.

    Args:
        epochs: how long it is.
        coefficients: (weights, 2) float32, l1 and l2 of each weight.
        weight_decay: decoupled weight decay; see TrialSpec.
    """

    epochs: int
    coefficients: NDArray[np.float32]
    weight_decay: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """A trained model.

    Args:
        before: the trainable weights it started from, in the order of `Trainer.weights`.
        after: the same after training; of the best epoch where it stopped early.
        state: the model's other variables after training.
        curve: its learning curve, up to the epoch in which it ended.
        epochs: epochs trained.
        seconds: wall-clock time of the training alone.
        diverged: whether its loss became NaN or infinite.
    """

    before: Arrays
    after: Arrays
    state: Arrays
    curve: Curve
    epochs: int
    seconds: float
    diverged: bool


class Trainer(ABC):
    """Trains one model on one problem, again and again.

    `train` and `outputs` may be called from several threads at once; results depend on their arguments alone, not on
    the order of calls or the number of threads.
    """

    def __init__(self, problem: Problem) -> None:
        """Build the model once, to know its weights.

        Raises:
            ModelError: there is no such builder, or its model cannot be trained on the data.
        """
        self.problem = problem
        with BUILDING:
            self.model = self._built()
            check_model(self.model, problem.data, problem.loss.name)
        self.weights: tuple[Weight, ...] = trainable_weights(self.model, problem.data.x.shape[1:])
        self.loss = keras_loss(problem.loss)
        self._initial: Recent[tuple[Arrays, Arrays]] = Recent(CACHED_BYTES, _bytes)
        self._forward = load_tensorflow().function(
            self._traced_outputs, input_signature=self._signature(), autograph=False
        )

    @abstractmethod
    def train_legs(self, split: Split, *, seed: int, legs: Sequence[Leg], stop: Stop = None) -> tuple[Trained, ...]:
        """Train once, one leg after the other from the same state.

        Args:
            split: the train part is fitted; train and validation parts are scored for the learning curve.
            seed: of initial weights, shuffles and random layers.
            legs: their epochs add up to those of the training; with early stopping there is one.
            stop: set from another thread to give up.

        Returns:
            How the model stood at the end of each leg; fewer than legs where it diverged or stopped early.

        Raises:
            TrainingStopped: `stop` was set.
        """

    def train(
        self,
        split: Split,
        *,
        seed: int,
        coefficients: NDArray[np.float32],
        weight_decay: float = 0.0,
        stop: Stop = None,
    ) -> Trained:
        """Train once with the same coefficients throughout; see `train_legs`."""
        epochs = self.problem.training.epochs
        leg = Leg(epochs=epochs, coefficients=coefficients, weight_decay=weight_decay)
        return self.train_legs(split, seed=seed, legs=[leg], stop=stop)[-1]

    def outputs(
        self, weights: Arrays, state: Arrays, x: NDArray[np.float32], y: NDArray[Any]
    ) -> tuple[NDArray[Any], float]:
        """Return (rows, outputs) what the model predicts for x, and its mean loss on (x, y) without penalties."""
        block = rows_at_once(x.shape[1:])
        found = [self._forward(weights, state, x[i : i + block], y[i : i + block]) for i in range(0, len(x), block)]
        predictions, losses = ([each.numpy() for each in kind] for kind in zip(*found, strict=True))
        return np.concatenate(predictions), float(np.concatenate(losses).mean(dtype=np.float64))

    def fresh_model(self, seed: int) -> Any:
        """Return a new model whose initial weights depend on `seed` alone. Call with the building lock held."""
        load_keras().utils.set_random_seed(seed)
        return self._built()

    def initial(self, seed: int) -> tuple[Arrays, Arrays]:
        """Return the trainable weights and the other variables of a new model, as Keras initializes it from `seed`."""
        return self._initial.get(seed, lambda: self._values_of_a_fresh_model(seed))

    def _values_of_a_fresh_model(self, seed: int) -> tuple[Arrays, Arrays]:
        with BUILDING:
            model = self.fresh_model(seed)
            return values(model.trainable_variables), values(model.non_trainable_variables)

    def _built(self) -> Any:
        model = build(self.problem.model, self.problem.data)
        return without_penalties(model) if self.problem.model.own_penalties == "replace" else model

    def _signature(self) -> tuple[Any, ...]:
        """What `_traced_outputs` takes, for any number of rows, so that it is traced once."""
        spec = load_tensorflow().TensorSpec
        weights, state = (
            [spec(v.shape, v.dtype) for v in group]
            for group in (self.model.trainable_variables, self.model.non_trainable_variables)
        )
        x, y = (spec((None, *array.shape[1:]), array.dtype) for array in (self.problem.data.x, self.problem.data.y))
        return weights, state, x, y

    def _traced_outputs(self, weights: Any, state: Any, x: Any, y: Any) -> tuple[Any, Any]:
        prediction, _ = self.model.stateless_call(weights, state, x, training=False)
        return prediction, self.loss(y, prediction)


def rows_at_once(input_shape: tuple[int, ...]) -> int:
    """Return how many rows are scored together."""
    return max(1, NUMBERS_AT_ONCE // math.prod(input_shape))


def values(variables: list[Any]) -> Arrays:
    """Return copies of Keras variables as arrays."""
    return [np.asarray(v).copy() for v in variables]  # np.array(v) makes Keras' variables warn under NumPy 2


def _bytes(kept: tuple[Arrays, Arrays]) -> int:
    return sum(array.nbytes for group in kept for array in group)
