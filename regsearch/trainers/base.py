"""The contract of a trainer: one seed and one set of coefficients in, trained weights and a learning curve out."""

import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.backend import load_keras, load_tensorflow
from regsearch.data import DataSet, Split
from regsearch.models import LOSS, build
from regsearch.penalties import Weight, trainable_weights
from regsearch.results import Curve
from regsearch.scoring import Metric
from regsearch.seeds import derived_seed
from regsearch.spec import ModelSpec, TrainingSpec

CURVE_POINTS = 200
CACHED_BYTES = 256 * 2**20  # of initial weights kept by seed

Arrays = list[NDArray[Any]]

BUILDING = threading.Lock()  # Keras' seed and its names of layers are global to the process


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """What every training of a sweep shares."""

    data: DataSet
    model: ModelSpec
    training: TrainingSpec
    metric: Metric

    @property
    def loss(self) -> str:
        """Keras' name of the loss."""
        return LOSS[self.data.task]


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """A trained model.

    Args:
        before: the trainable weights it started from, in the order of `Trainer.weights`.
        after: the same after training.
        state: the model's other variables after training.
        curve: its learning curve, up to the epoch in which it diverged.
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
            ModelError: there is no such builder.
        """
        self.problem = problem
        with BUILDING:
            self.model = build(problem.model, problem.data)
        self.weights: tuple[Weight, ...] = trainable_weights(self.model)
        self.loss = load_keras().losses.get(problem.loss)
        self._initial = _Recent(CACHED_BYTES)
        self._forward = load_tensorflow().function(
            self.traced_outputs, input_signature=self._signature(), autograph=False
        )

    @abstractmethod
    def train(
        self, split: Split, *, seed: int, coefficients: NDArray[np.float32], stop: threading.Event | None = None
    ) -> Trained:
        """Train once.

        Args:
            split: the train part is fitted; train and validation parts are scored for the learning curve.
            seed: of initial weights and shuffles.
            coefficients: (weights, 2) float32, l1 and l2 of each weight.
            stop: set from another thread to give up.

        Raises:
            TrainingStopped: `stop` was set.
        """

    def outputs(
        self, weights: Arrays, state: Arrays, x: NDArray[np.float32], y: NDArray[Any]
    ) -> tuple[NDArray[Any], float]:
        """Return (rows, outputs) what the model predicts for x, and its mean loss on (x, y) without penalties."""
        prediction, loss = self._forward(weights, state, x, y)
        return prediction.numpy(), float(loss.numpy())

    def fresh_model(self, seed: int) -> Any:
        """Return a new model whose initial weights depend on `seed` alone. Call with the building lock held."""
        load_keras().utils.set_random_seed(seed)
        return build(self.problem.model, self.problem.data)

    def initial(self, seed: int) -> tuple[Arrays, Arrays]:
        """Return the trainable weights and the other variables of a new model, as Keras initializes it from `seed`."""
        with BUILDING:
            if seed not in self._initial:
                model = self.fresh_model(seed)
                self._initial[seed] = values(model.trainable_variables), values(model.non_trainable_variables)
            return self._initial[seed]

    def _signature(self) -> tuple[Any, ...]:
        """What `traced_outputs` takes, for any number of rows, so that it is traced once."""
        spec = load_tensorflow().TensorSpec
        weights, state = (
            [spec(v.shape, v.dtype) for v in group]
            for group in (self.model.trainable_variables, self.model.non_trainable_variables)
        )
        x, y = (spec((None, *array.shape[1:]), array.dtype) for array in (self.problem.data.x, self.problem.data.y))
        return weights, state, x, y

    def traced_outputs(self, weights: Any, state: Any, x: Any, y: Any) -> tuple[Any, Any]:
        """Return `outputs` as tensors, for use inside a tf.function."""
        prediction, _ = self.model.stateless_call(weights, state, x, training=False)
        return prediction, load_keras().ops.mean(self.loss(y, prediction))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a training's epochs fall into stretches of equal length, each ending in a point of the learning curve."""

    stretches: int
    epochs_each: int
    rest: int  # epochs left after the stretches: the first stretch is that much longer

    @classmethod
    def of(cls, epochs: int) -> "Plan":
        """Return the plan for a training: at most 200 points."""
        each = -(-epochs // CURVE_POINTS)
        return cls(stretches=epochs // each, epochs_each=each, rest=epochs % each)

    @property
    def ends(self) -> NDArray[np.int32]:
        """(stretches,) epochs trained at the end of each stretch."""
        return (np.arange(1, self.stretches + 1) * self.epochs_each + self.rest).astype(np.int32)


def permutations(seed: int, rows: int) -> Iterator[NDArray[np.int32]]:
    """Yield the order of the train rows in each epoch, without end; it depends on the arguments alone."""
    generator = np.random.default_rng(derived_seed(seed, 1))
    while True:
        yield generator.permutation(rows).astype(np.int32)


def curve_from(ends: NDArray[np.int32], points: NDArray[np.float32]) -> Curve:
    """Return the curve whose rows are train loss, train score, validation loss, validation score."""
    columns = points[: len(ends)].T
    return Curve(
        epochs=ends,
        train_loss=columns[0],
        train_score=columns[1],
        validation_loss=columns[2],
        validation_score=columns[3],
    )


def values(variables: list[Any]) -> Arrays:
    """Return copies of Keras variables as arrays."""
    return [np.asarray(v).copy() for v in variables]  # np.array(v) makes Keras' variables warn under NumPy 2


@dataclass
class _Recent:
    """A dictionary that forgets what was added first once it holds too many bytes."""

    limit: int
    _items: OrderedDict[int, tuple[Arrays, Arrays]] = field(default_factory=OrderedDict)

    def __contains__(self, seed: int) -> bool:
        return seed in self._items

    def __getitem__(self, seed: int) -> tuple[Arrays, Arrays]:
        return self._items[seed]

    def __setitem__(self, seed: int, value: tuple[Arrays, Arrays]) -> None:
        self._items[seed] = value
        each = sum(array.nbytes for group in value for array in group)
        while len(self._items) > max(1, self.limit // max(each, 1)):
            self._items.popitem(last=False)
