"""The whole training as one XLA program: many epochs a call, coefficients and the number of epochs as inputs.

What Keras' `fit` does, it does too: the same loss, penalties, optimizer, reshuffling and smaller last batch. How it
differs:
  - the loop over epochs and batches runs inside the program, so Python is asked once in a while only;
  - coefficients are inputs, so one compilation serves every configuration of a sweep;
  - the program is a pure function: any number of threads may share it;
  - where an epoch is one batch, rows are not shuffled: a mean over all rows does not depend on their order.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.backend import load_keras, load_tensorflow
from regsearch.data import Split
from regsearch.errors import TrainingStopped
from regsearch.trainers.base import Plan, Problem, Trained, Trainer, curve_from, permutations
from regsearch.trainers.optimizers import learning_rate, optimizer

CALL_S = 0.25  # aimed-at length of one call of the program: how long Ctrl-C may wait
SHUFFLED_AT_ONCE = 4_000_000  # row numbers handed to one call, at most (but for one stretch at least)


@dataclass(frozen=True, kw_only=True, eq=False)
class _State:
    """Where a training stands: everything the next epoch depends on but the data."""

    weights: Any
    variables: Any
    slots: Any
    step: Any
    points: Any  # (stretches, 4) the learning curve so far
    stretch: int
    finite: bool

    def loop(self) -> tuple[Any, ...]:
        """What the program carries from step to step."""
        return self.weights, self.variables, self.slots, self.step


class CompiledTrainer(Trainer):
    """Trains by one XLA program; raises what TensorFlow raises for a model that XLA cannot compile."""

    def __init__(self, problem: Problem) -> None:
        """Prepare the program; it is compiled by the first training."""
        super().__init__(problem)
        self._tf = load_tensorflow()
        self._ops = load_keras().ops
        self._optimizer = optimizer(problem.training)
        self._rate = learning_rate(problem.training)
        self._plan = Plan.of(problem.training.epochs)
        self._advance = self._tf.function(self._run_stretches, jit_compile=True, autograph=False)
        self._compiling, self._compiled = threading.Lock(), set[Any]()
        self._stretch_s: float | None = None  # how long a stretch took last time

    def train(
        self, split: Split, *, seed: int, coefficients: NDArray[np.float32], stop: threading.Event | None = None
    ) -> Trained:
        """Train once; see Trainer.train."""
        before, variables = self.initial(seed)
        state = self._start(before, variables)
        parts = [self._tf.constant(a) for part in (split.train, split.validation) for a in (part.x, part.y)]
        orders = permutations(seed, len(split.train.x))
        self._compile(state, parts, coefficients)
        started = time.perf_counter()
        while state.finite and state.stretch < self._plan.stretches:
            if stop is not None and stop.is_set():
                raise TrainingStopped("the training was stopped")
            state = self._next(state, parts, coefficients, orders)
        seconds = time.perf_counter() - started
        return self._trained(before, state, seconds)

    def _start(self, weights: Any, variables: Any) -> _State:
        tf = self._tf
        return _State(
            weights=[tf.constant(w) for w in weights],
            variables=[tf.constant(v) for v in variables],
            slots=[[tf.zeros_like(w) for w in weights] for _ in range(self._optimizer.slots)],
            step=tf.constant(0.0),
            points=tf.zeros((self._plan.stretches, 4)),
            stretch=0,
            finite=True,
        )

    def _compile(self, state: _State, parts: list[Any], coefficients: Any) -> None:
        """Compile the program for these shapes, once: by a call that advances by nothing."""
        shapes = tuple(part.shape for part in parts)
        with self._compiling:
            if shapes not in self._compiled:
                self._call(state, parts, coefficients, self._orders(iter(()), len(parts[0]), first=1, count=0), 0)
                self._compiled.add(shapes)

    def _next(self, state: _State, parts: list[Any], coefficients: Any, orders: Iterator[Any]) -> _State:
        """Advance by about CALL_S. How many stretches that is depends on the clock; their results do not."""
        rows = len(parts[0])
        count = min(self._stretches_a_call(rows), self._plan.stretches - state.stretch)
        order = self._orders(orders, rows, first=state.stretch, count=count)
        started = time.perf_counter()
        state = self._call(state, parts, coefficients, order, count)
        self._stretch_s = (time.perf_counter() - started) / count
        return state

    def _call(self, state: _State, parts: list[Any], coefficients: Any, order: Any, count: int) -> _State:
        weights, variables, slots, step, points, done, finite = self._advance(
            state.loop(), state.points, parts, coefficients, order, np.int32(state.stretch), np.int32(count)
        )
        return _State(
            weights=weights,
            variables=variables,
            slots=slots,
            step=step,
            points=points,
            stretch=int(done),  # waits for the program
            finite=bool(finite),
        )

    def _stretches_a_call(self, rows: int) -> int:
        """How many stretches to run in one call: one until it is known how long one takes."""
        if self._stretch_s is None:
            return 1
        return max(1, min(int(CALL_S / self._stretch_s), self._most_at_once(rows)))

    def _most_at_once(self, rows: int) -> int:
        if rows <= self.problem.training.batch_size:
            return self._plan.stretches
        return max(1, SHUFFLED_AT_ONCE // (rows * self._plan.epochs_each))

    def _orders(self, orders: Iterator[Any], rows: int, *, first: int, count: int) -> NDArray[np.int32]:
        """(epochs, rows) the order of the rows in each epoch of a call, padded to one shape; (1, 1) where unused."""
        if rows <= self.problem.training.batch_size:
            return np.zeros((1, 1), np.int32)
        plan = self._plan
        most = min(self._most_at_once(rows), plan.stretches) * plan.epochs_each + plan.rest
        epochs = count * plan.epochs_each + (plan.rest if first == 0 else 0)
        table = np.zeros((most, rows), np.int32)
        for row, order in enumerate(islice(orders, epochs)):
            table[row] = order
        return table

    def _trained(self, before: Any, state: _State, seconds: float) -> Trained:
        ends = self._plan.ends[: state.stretch]
        return Trained(
            before=before,
            after=[w.numpy() for w in state.weights],
            state=[v.numpy() for v in state.variables],
            curve=curve_from(ends, state.points.numpy()),
            epochs=int(ends[-1]),
            seconds=seconds,
            diverged=not state.finite,
        )

    # What follows is traced into the program.

    def _run_stretches(
        self, loop: Any, points: Any, parts: Any, coefficients: Any, order: Any, first: Any, count: Any
    ) -> tuple[Any, ...]:
        tf, plan = self._tf, self._plan
        x, y, x_validation, y_validation = parts

        def body(stretch: Any, epoch: Any, finite: Any, points: Any, *loop: Any) -> tuple[Any, ...]:
            end = epoch + plan.epochs_each + tf.where(stretch == 0, plan.rest, 0)
            _, *loop = tf.while_loop(
                lambda e, *_: e < end,
                lambda e, *inner: (e + 1, *self._epoch(inner, x, y, order, e, coefficients)),
                (epoch, *loop),
            )
            point = tf.stack([*self._scores(loop, x, y), *self._scores(loop, x_validation, y_validation)])
            points = tf.tensor_scatter_nd_update(points, [[stretch]], [point])
            return stretch + 1, end, self._all_finite(point[0], loop[0]), points, *loop

        done, _, finite, points, *loop = tf.while_loop(
            lambda stretch, epoch, finite, *_: tf.logical_and(finite, stretch < first + count),
            body,
            (first, tf.constant(0), tf.constant(True), points, *loop),
        )
        return *loop, points, done, finite

    def _epoch(self, loop: Any, x: Any, y: Any, order: Any, epoch: Any, coefficients: Any) -> Any:
        tf, rows, batch = self._tf, x.shape[0], self.problem.training.batch_size
        if rows <= batch:
            return self._step(loop, x, y, coefficients)

        def one_batch(loop: Any, start: Any, size: int) -> Any:
            chosen = tf.slice(order, [epoch, start], [1, size])[0]
            return self._step(loop, tf.gather(x, chosen), tf.gather(y, chosen), coefficients)

        full = rows // batch
        _, *loop = tf.while_loop(
            lambda i, *_: i < full,
            lambda i, *inner: (i + 1, *one_batch(inner, i * batch, batch)),
            (tf.constant(0), *loop),
        )
        return one_batch(loop, full * batch, rows % batch) if rows % batch else loop

    def _step(self, loop: Any, x: Any, y: Any, coefficients: Any) -> tuple[Any, ...]:
        weights, variables, slots, step = loop
        with self._tf.GradientTape() as tape:
            tape.watch(weights)
            prediction, variables = self.model.stateless_call(weights, variables, x, training=True)
            loss = self._ops.mean(self.loss(y, prediction)) + self._penalty(weights, coefficients)
        gradients = tape.gradient(loss, weights)
        weights, slots = self._optimizer.update(self._ops, weights, gradients, slots, step + 1, self._rate(step))
        return weights, variables, slots, step + 1

    def _penalty(self, weights: Any, coefficients: Any) -> Any:
        """Σ over weights of l1·Σ|w| + l2·Σw²; weights that no penalty is made for are left out."""
        ops = self._ops
        terms = [
            coefficients[w.index, 0] * ops.sum(ops.abs(weights[w.index]))
            + coefficients[w.index, 1] * ops.sum(ops.square(weights[w.index]))
            for w in self.weights
            if w.role is not None
        ]
        return sum(terms)

    def _scores(self, loop: Any, x: Any, y: Any) -> tuple[Any, Any]:
        prediction, loss = self.traced_outputs(loop[0], loop[1], x, y)
        return loss, self._ops.mean(self.problem.metric.rows(self._ops, y, prediction))

    def _all_finite(self, loss: Any, weights: Any) -> Any:
        tf = self._tf
        return tf.reduce_all([tf.math.is_finite(loss), *[tf.reduce_all(tf.math.is_finite(w)) for w in weights]])
