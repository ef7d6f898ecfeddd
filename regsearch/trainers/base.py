"""The contract of a trainer: a seed and the coefficients of each phase in, trained weights and a learning curve out."""

import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from regsearch.backend import load_keras, load_tensorflow
from regsearch.data import Split
from regsearch.in_memory import is_in_memory
from regsearch.input_use import input_uses
from regsearch.loading import is_reference
from regsearch.model_checks import check_model
from regsearch.model_weights import trainable_weights, without_penalties
from regsearch.models import build
from regsearch.recent import Recent
from regsearch.results import Curve
from regsearch.trainers.calls import predicted
from regsearch.trainers.compilation import compilation_of
from regsearch.trainers.problem import Problem
from regsearch.trainers.starts import APART, Starts, seeding_ignored, starts_of
from regsearch.trainers.tensors import Array, Arrays, Model, Tensor, Tensors, Variable
from regsearch.trainers.time_limit import Stop
from regsearch.weights import Weight

CACHED_BYTES = 256 * 2**20  # of initial weights, and of data as tensors
NUMBERS_AT_ONCE = 2**20  # of x, scored together: the activations of a large data set do not fit into memory

SHARED = (
    "problem",
    "starts",
    "model",
    "compilation",
    "weights",
    "loss",
    "inputs",
    "input_uses",
    "_initial",
    "_forward",
)

BUILDING = threading.Lock()  # Keras' seed and its names of layers are global to the process


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainerPhase:
    """A stretch of epochs of a training with its own penalties.

    Args:
        epochs: how long it is.
        coefficients: (weights, 2) float32, l1 and l2 of each weight.
        weight_decay: decoupled weight decay; see TrialSpec.
    """

    epochs: int
    coefficients: NDArray[np.float32]
    weight_decay: float = 0.0


Phases = Sequence[TrainerPhase]


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

    def __init__(self, problem: Problem, *, like: "Trainer | None" = None) -> None:
        """Build the model, to know its weights.

        Args:
            problem: what to train.
            like: another trainer of the same problem, whose model, initial weights and so on this one shares.

        Raises:
            ModelError: there is no such builder, or its model cannot be trained on the data.
        """
        if like is not None:
            vars(self).update({name: getattr(like, name) for name in SHARED})
            return
        self.problem = problem
        self.starts: Starts = APART
        with BUILDING:
            self.model = self._built()
            self.compilation = compilation_of(self.model, problem)
            graph = check_model(self.model, problem.data, self.compilation.loss_name)
            if is_reference(problem.model.builder) or is_in_memory(problem.model.builder):
                self.starts = starts_of(self.fresh_model)
        self.problem = replace(problem, training=self.compilation.training)
        self.weights: tuple[Weight, ...] = trainable_weights(self.model, graph)
        self.loss = self.compilation.loss
        self.inputs = graph.inputs
        self.input_uses = input_uses(self.model, graph)
        self._initial: Recent[tuple[Arrays, Arrays]] = Recent(CACHED_BYTES, _bytes)
        self._forward = load_tensorflow().function(
            self._traced_outputs, input_signature=self._signature(), autograph=False
        )

    @abstractmethod
    def train_phases(self, split: Split, *, seed: int, phases: Phases, stop: Stop = None) -> tuple[Trained, ...]:
        """Train once, one phase after the other from the same state.

        Args:
            split: the train rows are fitted; train and validation rows are scored for the learning curve.
            seed: of initial weights, permutations and random layers.
            phases: their epochs add up to those of the training; with early stopping there is one.
            stop: set from another thread to end it early.

        Returns:
            How the model stood at the end of each phase; fewer than phases where it diverged or stopped early.

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
        """Train once with the same coefficients throughout; see `train_phases`."""
        epochs = self.problem.training.epochs
        phase = TrainerPhase(epochs=epochs, coefficients=coefficients, weight_decay=weight_decay)
        return self.train_phases(split, seed=seed, phases=[phase], stop=stop)[-1]

    def outputs(
        self, weights: Arrays, state: Arrays, x: Array, y: Array, unit: Array | None = None
    ) -> tuple[Array, float]:
        """Return (rows, outputs) what the model gives for x, and its mean loss on (x, y) without penalties.

        `unit`, Split.unit, is what y and the outputs count in: the loss is in the labels' own units.
        """
        block, unit = rows_at_once(x.shape[1:]), np.ones(y.shape[1], np.float32) if unit is None else unit
        pieces = [slice(i, i + block) for i in range(0, len(x), block)]
        found = [self._forward(weights, state, x[piece], y[piece], unit) for piece in pieces]
        predictions, losses = ([each.numpy() for each in kind] for kind in zip(*found, strict=True))
        return np.concatenate(predictions), float(np.concatenate(losses).mean(dtype=np.float64))

    def fresh_model(self, seed: int) -> Model:
        """Return a new model whose initial weights depend on `seed` alone. Call with the building lock held."""
        load_keras().utils.set_random_seed(seed)
        with seeding_ignored() if self.starts == "reseeded" else nullcontext():
            return self._built()

    def initial(self, seed: int) -> tuple[Arrays, Arrays]:
        """Return the trainable weights and the other variables of a new model, as Keras initializes it from `seed`."""
        return self._initial.get(seed, lambda: self._values_of_a_fresh_model(seed))

    def _values_of_a_fresh_model(self, seed: int) -> tuple[Arrays, Arrays]:
        with BUILDING:
            model = self.fresh_model(seed)
            return values(model.trainable_variables), values(model.non_trainable_variables)

    def _built(self) -> Model:
        model = build(self.problem.model, self.problem.data)
        return without_penalties(model) if self.problem.model.own_penalties == "replace" else model

    def _signature(self) -> tuple[Tensors, Tensors, Tensor, Tensor, Tensor]:
        """What `_traced_outputs` takes, for any number of rows, so that it is traced once."""
        spec = load_tensorflow().TensorSpec
        weights, state = (
            [spec(v.shape, v.dtype) for v in group]
            for group in (self.model.trainable_variables, self.model.non_trainable_variables)
        )
        data = self.problem.data
        labels = "int32" if data.task == "multiclass" else "float32"
        x, y = spec((None, *data.x.shape[1:]), "float32"), spec((None, data.y.shape[1]), labels)
        return weights, state, x, y, spec((data.y.shape[1],), "float32")

    def _traced_outputs(
        self, weights: Tensors, state: Tensors, x: Tensor, y: Tensor, unit: Tensor
    ) -> tuple[Tensor, Tensor]:
        prediction = predicted(self.model, weights, state, self.inputs.of(x))
        if self.problem.data.task == "regression":
            return prediction, self.loss(unit * y, unit * prediction)
        return prediction, self.loss(y, prediction)


def rows_at_once(input_shape: tuple[int, ...]) -> int:
    """Return how many rows are scored together."""
    return max(1, NUMBERS_AT_ONCE // math.prod(input_shape))


def values(variables: Sequence[Variable]) -> Arrays:
    """Return copies of Keras variables as arrays."""
    return [np.asarray(v).copy() for v in variables]  # np.array(v) makes Keras' variables warn under NumPy 2


def _bytes(kept: tuple[Arrays, Arrays]) -> int:
    return sum(array.nbytes for group in kept for array in group)
