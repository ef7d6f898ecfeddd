"""Keras' own `fit`: what the compiled trainer is held against, and a way to train what XLA cannot compile.

It meets the same initial weights and the same permutations of the rows as the compiled trainer.
"""

import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.backend import load_keras
from regsearch.data import Split, Subset
from regsearch.errors import TrainingStopped
from regsearch.input_slices import ModelInputs
from regsearch.trainers.base import BUILDING, Phases, Trained, Trainer, values
from regsearch.trainers.epochs import curve_epochs, curve_from, curve_subset, permutations
from regsearch.trainers.overrides import overridden
from regsearch.trainers.penalizing import PenaltiesBy, add_to_gradients, set_regularizers
from regsearch.trainers.problem import Problem
from regsearch.trainers.tensors import Callback, KerasOptimizer, Model
from regsearch.trainers.time_limit import Stop
from regsearch.trainers.updates import own_decay

STEPS_AT_ONCE = 100  # at most; more make `fit` no faster
VALIDATION_LOSS = "loss_without_penalties"  # what early stopping watches


class FitTrainer(Trainer):
    """Trains with `model.fit`, penalties set as keras.regularizers on the model's own variables."""

    def __init__(self, problem: Problem, *, jit_compile: bool | str = "auto", like: Trainer | None = None) -> None:
        """Build the model once, to know its weights.

        Args:
            problem: what to train.
            jit_compile: what `compile` takes; False for a model that XLA cannot compile.
            like: a trainer to share the model with; see Trainer.
        """
        super().__init__(problem, like=like)
        self._jit_compile = False if overridden(self.model) else jit_compile
        self.penalties_by: PenaltiesBy = "loss"

    def train_phases(self, split: Split, *, seed: int, phases: Phases, stop: Stop = None) -> tuple[Trained, ...]:
        """Train once, phase by phase; see Trainer.train_phases."""
        training = self.problem.training
        with BUILDING:
            model = self.fresh_model(seed)
        before, optimizer = values(model.trainable_variables), self.compilation.new_optimizer()
        decays = own_decay(optimizer)
        row_weights = self.problem.row_weights(split.train)
        watch = _watch(self, model, split, set(curve_epochs(phases, split).tolist()), stop)
        callbacks = [watch, *self._early_stopping()]
        steps = -(-len(split.train.x) // training.batch_size)
        found, end, started = [], 0, time.perf_counter()
        for phase in phases:
            for name, own in decays.items():
                setattr(optimizer, name, (own + phase.weight_decay) or None)
            self.compile(model, optimizer, phase.coefficients, steps_at_once=_steps_at_once(steps))
            if stop is not None and stop.is_set():
                raise TrainingStopped("the training was stopped")
            visits = islice(permutations(seed, len(split.train.x)), end, None)  # `fit` takes batches ahead
            model.fit(
                _batches(split.train, row_weights, training.batch_size, visits, self.inputs),
                initial_epoch=end,
                epochs=end + phase.epochs,
                steps_per_epoch=steps,
                shuffle=False,
                verbose=0,
                callbacks=callbacks,
            )
            end += phase.epochs
            if stop is not None and stop.is_set():
                raise TrainingStopped("the training was stopped")
            found.append(
                Trained(
                    before=before,
                    after=values(model.trainable_variables),
                    state=values(model.non_trainable_variables),
                    curve=curve_from(np.asarray(watch.points, np.float32)),
                    epochs=watch.epochs,
                    seconds=time.perf_counter() - started,
                    diverged=watch.diverged,
                )
            )
            if watch.diverged:
                break
        return tuple(found)

    def scores(self, model: Model, split: Split, subset: Subset) -> list[float]:
        """Return the loss without penalties and the metric of a model on a subset of a split, in the labels' units."""
        weights, state = values(model.trainable_variables), values(model.non_trainable_variables)
        prediction, loss = self.outputs(weights, state, subset.x, subset.y, split.unit)
        return [loss, float(self.problem.metric.score(np, subset.labels, split.in_own_units(prediction)))]

    def compile(
        self,
        model: Model,
        optimizer: KerasOptimizer,
        coefficients: NDArray[np.float32],
        *,
        run_eagerly: bool = False,
        steps_at_once: int = 1,
    ) -> None:
        """Set the penalties, beside those of the builder; an optimizer that was used before keeps its state."""
        penalized = {
            weight.index: (float(l1), float(l2))
            for weight, (l1, l2) in zip(self.weights, coefficients, strict=True)
            if not weight.own
        }
        if self.penalties_by == "loss":
            set_regularizers(model, penalized)
        else:
            add_to_gradients(optimizer, model, penalized)
        own = model._compile_metrics if overridden(model) else None  # which its own train_step may update
        eager = run_eagerly or self.compilation.run_eagerly
        load_keras().Model.compile(  # a model may have a `compile` of its own, which the builder has called
            model,
            optimizer=optimizer,
            loss=self.loss,
            metrics=own and own._user_metrics,
            weighted_metrics=own and own._user_weighted_metrics,
            run_eagerly=eager,
            steps_per_execution=1 if eager or overridden(model) else steps_at_once,
            jit_compile=False if eager else self._jit_compile,
        )

    def _early_stopping(self) -> list[Callback]:
        stopping = self.problem.training.early_stopping
        if stopping is None:
            return []
        return [
            load_keras().callbacks.EarlyStopping(
                monitor=VALIDATION_LOSS,
                mode="min",
                patience=stopping.patience,
                min_delta=stopping.min_delta,
                restore_best_weights=True,
            )
        ]


def _steps_at_once(steps: int) -> int:
    """Return how many steps of an epoch `fit` takes in one call: a divisor, because it would not stop in between."""
    return next(n for n in range(min(steps, STEPS_AT_ONCE), 0, -1) if steps % n == 0)


def _batches(
    subset: Subset,
    row_weights: NDArray[np.float32] | None,
    batch_size: int,
    visits: Iterator[NDArray[np.int32]],
    inputs: ModelInputs,
) -> Iterator[tuple[Any, ...]]:
    """Yield the subset's batches without end, by a new permutation of its rows every epoch."""
    others = [subset.y, *([] if row_weights is None else [row_weights])]
    for permutation in visits:
        for start in range(0, len(permutation), batch_size):
            rows = permutation[start : start + batch_size]
            yield inputs.of(subset.x[rows]), *(array[rows] for array in others)


def _watch(trainer: FitTrainer, model: Model, split: Split, ends: set[int], stop: Stop) -> Callback:
    """Return a callback that records the learning curve and ends a training that diverged or was stopped."""
    shown, stopping = curve_subset(split.train), trainer.problem.training.early_stopping
    validation = split.validation if stopping else curve_subset(split.validation)

    class Watch(load_keras().callbacks.Callback):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.points: list[list[float]] = []
            self.epochs, self.diverged = 0, False

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.epochs = epoch + 1
            if stopping is not None:
                logs[VALIDATION_LOSS] = loss = trainer.scores(model, split, validation)[0]
                self.diverged = not np.isfinite(loss)
            if self.epochs in ends:
                self.record()
            model.stop_training = self.diverged or (stop is not None and stop.is_set())

        def on_train_end(self, logs: Any = None) -> None:
            if not self.points or self.points[-1][0] != self.epochs:  # it stopped between two points
                self.record()

        def record(self) -> None:
            scores = [score for subset in (shown, validation) for score in trainer.scores(model, split, subset)]
            self.points.append([self.epochs, *scores])
            found = [np.asarray(self.points[-1][1]), *values(model.trainable_variables)]
            self.diverged = not all(np.isfinite(array).all() for array in found)

    return Watch()
