"""Keras' own `fit`: what the compiled trainer is held against, and a way to train what XLA cannot compile.

It meets the same initial weights and the same order of rows as the compiled trainer.
"""

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.backend import load_keras
from regsearch.data import Part, Split
from regsearch.errors import TrainingStopped
from regsearch.trainers.base import BUILDING, Plan, Problem, Trained, Trainer, curve_from, permutations, values
from regsearch.trainers.optimizers import keras_optimizer


class FitTrainer(Trainer):
    """Trains with `model.fit`, penalties set as keras.regularizers on the model's own variables."""

    def __init__(self, problem: Problem) -> None:
        """Build the model once, to know its weights."""
        super().__init__(problem)
        self._plan = Plan.of(problem.training.epochs)

    def train(
        self, split: Split, *, seed: int, coefficients: NDArray[np.float32], stop: threading.Event | None = None
    ) -> Trained:
        """Train once; see Trainer.train."""
        training = self.problem.training
        model = self._compiled_model(seed, coefficients)
        before = values(model.trainable_variables)
        batches = _batches(split.train, training.batch_size, permutations(seed, len(split.train.x)))
        watch = _watch(self, model, split, stop)
        started = time.perf_counter()
        steps = -(-len(split.train.x) // training.batch_size)
        model.fit(batches, epochs=training.epochs, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=[watch])
        seconds = time.perf_counter() - started
        if stop is not None and stop.is_set():
            raise TrainingStopped("the training was stopped")
        ends = self._plan.ends[: len(watch.points)]
        return Trained(
            before=before,
            after=values(model.trainable_variables),
            state=values(model.non_trainable_variables),
            curve=curve_from(ends, np.asarray(watch.points, np.float32)),
            epochs=int(ends[-1]),
            seconds=seconds,
            diverged=watch.diverged,
        )

    def point(self, model: Any, split: Split) -> list[float]:
        """Return one point of the learning curve: train loss and score, validation loss and score."""
        weights, state = values(model.trainable_variables), values(model.non_trainable_variables)
        found = []
        for part in (split.train, split.validation):
            prediction, loss = self.outputs(weights, state, part.x, part.y)
            found += [loss, float(self.problem.metric.rows(np, part.y, prediction).mean())]
        return found

    def _compiled_model(self, seed: int, coefficients: NDArray[np.float32]) -> Any:
        keras, training = load_keras(), self.problem.training
        with BUILDING:
            model = self.fresh_model(seed)
        for weight, (l1, l2) in zip(self.weights, coefficients, strict=True):
            if l1 or l2:
                model.trainable_variables[weight.index].regularizer = keras.regularizers.L1L2(float(l1), float(l2))
        model.compile(optimizer=keras_optimizer(training), loss=self.problem.loss)
        return model


def _batches(
    part: Part, batch_size: int, orders: Iterator[NDArray[np.int32]]
) -> Iterator[tuple[NDArray[np.float32], NDArray[Any]]]:
    """Yield the part's batches without end, in a new order every epoch."""
    for order in orders:
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            yield part.x[chosen], part.y[chosen]


def _watch(trainer: FitTrainer, model: Any, split: Split, stop: threading.Event | None) -> Any:
    """Return a callback that records the learning curve and ends a training that diverged or was stopped."""
    ends = set(Plan.of(trainer.problem.training.epochs).ends.tolist())

    class Watch(load_keras().callbacks.Callback):  # type: ignore[misc]
        points: list[list[float]]
        diverged = False

        def on_train_begin(self, logs: Any = None) -> None:
            self.points = []

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch + 1 in ends:
                self.points.append(trainer.point(model, split))
                found = [np.asarray(self.points[-1][0]), *values(model.trainable_variables)]
                self.diverged = not all(np.isfinite(array).all() for array in found)
            model.stop_training = self.diverged or (stop is not None and stop.is_set())

    return Watch()
