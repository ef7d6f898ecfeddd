"""The training loop as TensorFlow traces it: one program that advances a training by any number of steps.

XLA compiles it, or it stays a graph of TensorFlow's own kernels.

What Keras' `fit` does, it does too: the same loss, penalties, optimizer, reshuffling and smaller last batch; early
stopping is keras.callbacks.EarlyStopping's. How it differs:
  - the loops over epochs and batches run inside the program, so Python is asked once in a while only;
  - coefficients and weight decay are inputs, so one compilation serves every configuration of a sweep;
  - the program is a pure function: any number of threads may share it;
  - a small model's weights are one vector where the optimizer is written out, and the optimizer one update of it;
  - where an epoch is one batch, rows are not shuffled: a mean over all rows does not depend on their order.
"""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Literal

import numpy as np

from regsearch.backend import load_keras, load_tensorflow
from regsearch.data import Split
from regsearch.errors import ModelError, RegsearchError
from regsearch.penalties import penalty
from regsearch.spec import EarlyStopping
from regsearch.trainers.base import Trainer, rows_at_once
from regsearch.trainers.calls import called_in_training, predicted
from regsearch.trainers.epochs import CURVE_POINTS, curve_subset
from regsearch.trainers.rewrites import rewritten, with_transpose
from regsearch.trainers.state import Best, Core, Data, Regularization, State
from regsearch.trainers.tensors import Arrays, Tensor, Tensors
from regsearch.trainers.updates import update_of

LoopEngine = Literal["xla", "graph"]  # what runs the program

# TensorFlow's operations behind tf.random.normal and the like.
DRAWN_WITHOUT_SEED = {
    "Multinomial",
    "ParameterizedTruncatedNormal",
    "RandomGamma",
    "RandomPoissonV2",
    "RandomShuffle",
    "RandomStandardNormal",
    "RandomUniform",
    "RandomUniformInt",
    "TruncatedNormal",
}


class Program:
    """The compiled training of one model and its settings; `advance` is the program."""

    def __init__(self, trainer: Trainer, engine: LoopEngine = "xla") -> None:
        """Prepare the program; it is compiled for each shape of its arguments by the first call with it."""
        self._engine = engine
        self._tf, self._ops = load_tensorflow(), load_keras().ops
        self._trainer, training = trainer, trainer.problem.training
        self._batch, self._stopping = training.batch_size, training.early_stopping
        self.update = update_of(training, trainer.model, trainer.compilation.optimizer)
        self.advance = self._tf.function(self._advance, jit_compile=engine == "xla", autograph=False)

    def data(self, split: Split) -> Data:
        """Return a split as tensors."""
        tf = self._tf
        weights = self._trainer.problem.row_weights(split.train)
        shown = curve_subset(split.train)
        validation = split.validation if self._stopping else curve_subset(split.validation)
        x, y = tf.constant(split.train.x), tf.constant(split.train.y)
        whole = shown is split.train
        return Data(
            x=x,
            y=y,
            weights=() if weights is None else tf.constant(weights),
            x_shown=x if whole else tf.constant(shown.x),
            y_shown=y if whole else tf.constant(shown.y),
            x_validation=tf.constant(validation.x),
            y_validation=tf.constant(validation.y),
            unit=() if split.target_scale is None else tf.constant(split.unit),
            origin=() if split.target_scale is None else tf.constant(split.target_scale.mean.astype(np.float32)),
        )

    def start(self, weights: Arrays, variables: Arrays) -> State:
        """Return the state of a training before its first step."""
        tf = self._tf
        packed = self.update.pack([tf.constant(w) for w in weights])
        others = [tf.constant(v) for v in variables]
        slots = self.update.slots(packed)
        best = Best(loss=tf.constant(np.float32(np.inf)), weights=packed, variables=others, waited=tf.constant(0))
        return State(
            core=Core(weights=packed, variables=others, slots=slots, step=tf.constant(0)),
            points=tf.zeros((CURVE_POINTS, 5)),
            recorded=tf.constant(0),
            finite=tf.constant(True),
            stopped=tf.constant(False),
            best=best if self._stopping else (),
        )

    def result(self, state: State) -> tuple[Arrays, Arrays]:
        """Return the weights and the other variables a training gives: with early stopping those of its best epoch."""
        kept = state.best if self._stopping else state.core
        return [w.numpy() for w in self.update.unpack(kept.weights)], [v.numpy() for v in kept.variables]

    # What follows is traced into the program.

    def _advance(
        self,
        state: State,
        data: Data,
        regularization: Regularization,
        permutations: Tensor,
        first_epoch: Tensor,
        curve_steps: Tensor,
        limit: Tensor,
    ) -> State:
        """Train until `limit` steps are done or the training ends.

        Args:
            state: where it stands.
            data: what it is trained on.
            regularization: penalties and weight decay.
            permutations: (epochs · rows,) int32, the order of rows from `first_epoch` on; unused where an epoch is one
                batch.
            first_epoch: () int32.
            curve_steps: (200,) int32, steps done at each point of the learning curve, ascending.
            limit: () int32.
        """
        tf, batches = self._tf, -(-data.x.shape[0] // self._batch)

        def going_on(state: State) -> Tensor:
            return state.finite & ~state.stopped & (state.core.step < limit)

        def to_the_next_evaluation(state: State) -> list[State]:
            step = state.core.step
            due = step - step % batches + batches if self._stopping else curve_steps[state.recorded]
            core = self._train(state.core, tf.minimum(limit, due), data, regularization, permutations, first_epoch)
            state = state._replace(core=core)
            reached = tf.equal(core.step, due)
            return [tf.cond(reached, lambda: self._evaluate(state, data, curve_steps, batches), lambda: state)]

        with rewritten() if self._engine == "xla" else nullcontext():
            (state,) = tf.while_loop(going_on, to_the_next_evaluation, [state], parallel_iterations=1)
        self._check_pure()
        return state

    def _check_pure(self) -> None:
        """Raise where a training would depend on more than its arguments.

        A variable that is not the model's own would hold the same in every step, of every training; numbers drawn
        without a seed would differ from run to run.
        """
        tf = self._tf
        graph = tf.compat.v1.get_default_graph()
        if any(tensor.dtype == tf.resource for tensor, _ in graph.captures):
            raise RegsearchError(
                "the model reads a variable that is not among its own, as keras.random does without a seed "
                "(give it a keras.random.SeedGenerator that the layer keeps)"
            )
        operations = {node.op for function in graph.as_graph_def().library.function for node in function.node_def}
        if drawn := sorted(operations & DRAWN_WITHOUT_SEED):
            remedy = "use keras.random with a keras.random.SeedGenerator that the layer keeps"
            raise ModelError("model.builder", f"the model draws numbers that no seed decides ({drawn[0]}); {remedy}")

    def _train(
        self,
        core: Core,
        until: Tensor,
        data: Data,
        regularization: Regularization,
        permutations: Tensor,
        first_epoch: Tensor,
    ) -> Core:
        """Take steps until so many are done."""
        tf, (rows, batch) = self._tf, (data.x.shape[0], self._batch)
        if rows <= batch:
            transposed = tf.transpose(data.x)

            def all_rows(core: Core) -> Core:
                x = tf.identity(data.x)
                with with_transpose(x, transposed):
                    return self._step(core, x, data.y, data.weights, regularization)

            return self._loop(until, all_rows, core)
        full, batches = rows // batch, -(-rows // batch)

        def one_batch(core: Core, size: int) -> Core:
            first = (core.step // batches - first_epoch) * rows + core.step % batches * batch
            chosen = tf.gather(permutations, first + tf.range(size))  # tf.slice would compile anew for each first_epoch
            x, y, weights = (tf.nest.map_structure(lambda t: tf.gather(t, chosen), part) for part in data[:3])
            return self._step(core, x, y, weights, regularization)

        def epoch(core: Core) -> Core:
            start = core.step - core.step % batches
            core = self._loop(tf.minimum(until, start + full), lambda core: one_batch(core, batch), core)
            if full == batches:
                return core
            return self._loop(tf.minimum(until, start + batches), lambda core: one_batch(core, rows % batch), core)

        return self._loop(until, epoch, core)

    def _loop(self, until: Tensor, body: Callable[[Core], Core], core: Core) -> Core:
        (core,) = self._tf.while_loop(
            lambda core: core.step < until, lambda core: [body(core)], [core], parallel_iterations=1
        )
        return core

    def _step(self, core: Core, x: Tensor, y: Tensor, row_weights: Tensor, regularization: Regularization) -> Core:
        tf, weights = self._tf, self.update.unpack(core.weights)
        with tf.GradientTape() as tape:
            tape.watch(weights)
            call = called_in_training(self._trainer.model, weights, core.variables, self._trainer.inputs.of(x), tape)
            losses = self._trainer.loss(y, call.prediction)  # (rows,)
            losses = losses if isinstance(row_weights, tuple) else losses * row_weights  # a tensor has no ==
            loss = self._ops.mean(losses) + sum(call.losses)
            loss += penalty(self._ops, call.weights, self._trainer.weights, regularization.coefficients)
        gradients = call.gradients(tape, loss)
        moved, slots = self.update.moved(core, call.weights, gradients, regularization.weight_decay)
        return Core(weights=moved, variables=call.variables, slots=slots, step=core.step + 1)

    def _evaluate(self, state: State, data: Data, curve_steps: Tensor, batches: int) -> State:
        """At the end of an epoch: whether all is finite, whether to stop, and a point of the learning curve."""
        tf, core = self._tf, state.core
        weights = self.update.unpack(core.weights)
        prediction = self._predictions(weights, core.variables, data.x_validation)
        validation = self._scores(data, data.y_validation, prediction)
        state = state._replace(finite=self._finite(validation[0], core.weights))
        if self._stopping:
            state = self._compare_with_best(state, validation[0], self._stopping)

        def record() -> State:
            train = self._scores(data, data.y_shown, self._predictions(weights, core.variables, data.x_shown))
            point = tf.stack([tf.cast(core.step // batches, tf.float32), *train, *validation])
            points = tf.tensor_scatter_nd_update(state.points, [[state.recorded]], [point])
            finite = state.finite & self._finite(train[0], [])
            return state._replace(points=points, recorded=state.recorded + 1, finite=finite)

        if not self._stopping:
            return record()
        due = tf.equal(core.step, curve_steps[state.recorded]) | state.stopped | ~state.finite
        state = tf.cond(due, record, lambda: state)
        return state

    def _compare_with_best(self, state: State, loss: Tensor, stopping: EarlyStopping) -> State:
        tf, core, best = self._tf, state.core, state.best
        better = loss < best.loss - stopping.min_delta
        kept = Best(loss=loss, weights=core.weights, variables=core.variables, waited=tf.constant(0))
        best = tf.cond(better, lambda: kept, lambda: best._replace(waited=best.waited + 1))
        return state._replace(best=best, stopped=best.waited >= stopping.patience)

    def _scores(self, data: Data, y: Tensor, prediction: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean loss without penalties, and the metric, in the labels' own units.

        Labels far from 0 would lose their digits in float32, so that their mean is added only where it matters.
        """
        metric = self._trainer.problem.metric
        if not isinstance(data.unit, tuple):  # a tensor has no ==
            y, prediction = data.unit * y, data.unit * prediction
        losses = self._trainer.loss(y, prediction)
        if metric.from_zero and not isinstance(data.origin, tuple):
            y, prediction = data.origin + y, data.origin + prediction
        return self._ops.mean(losses), metric.score(self._ops, y, prediction)

    def _predictions(self, weights: Tensors, variables: Tensors, x: Tensor) -> Tensor:
        """Return (rows, outputs), some rows after the other where there are many."""
        tf, rows = self._tf, x.shape[0]

        def forward(x: Tensor) -> Tensor:
            return predicted(self._trainer.model, weights, variables, self._trainer.inputs.of(x))

        block = rows_at_once(tuple(x.shape[1:]))
        if rows <= block:
            return forward(x)
        whole = rows // block * block
        stacked = tf.reshape(x[:whole], (-1, block, *x.shape[1:]))
        signature = tf.TensorSpec((block, self._trainer.problem.data.n_outputs))
        found = tf.map_fn(forward, stacked, fn_output_signature=signature, parallel_iterations=1)
        head = tf.reshape(found, (whole, signature.shape[1]))
        return head if whole == rows else tf.concat([head, forward(x[whole:])], axis=0)

    def _finite(self, loss: Tensor, weights: Tensors) -> Tensor:
        tf = self._tf
        return tf.reduce_all([tf.math.is_finite(loss), *[tf.reduce_all(tf.math.is_finite(w)) for w in weights]])
