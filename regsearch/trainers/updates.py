"""How the compiled program moves weights: by an optimizer written out, or by Keras' own."""

import math
from abc import ABC, abstractmethod

from regsearch.backend import load_keras, load_tensorflow
from regsearch.spec import TrainingSpec
from regsearch.trainers.functional import functional
from regsearch.trainers.optimizers import is_written_out, keras_optimizer, learning_rate, optimizer
from regsearch.trainers.state import Core
from regsearch.trainers.tensors import KerasOptimizer, Model, Tensor, Tensors

MAX_PACKED = 2**15  # weights in one vector: with more, copying costs more than it saves


class Update(ABC):
    """Keeps weights and what the optimizer knows of them in a form of its own, and moves them."""

    @abstractmethod
    def pack(self, weights: Tensors) -> Tensors:
        """Return weights in the form in which they are kept."""

    @abstractmethod
    def unpack(self, packed: Tensors) -> Tensors:
        """Return weights in their own shapes."""

    @abstractmethod
    def slots(self, packed: Tensors) -> list[Tensors]:
        """Return what the optimizer knows before its first step."""

    def at(self, slots: list[Tensors], step: int) -> list[Tensors]:
        """Return slots that take so many steps for done."""
        return slots

    @abstractmethod
    def moved(self, core: Core, weights: Tensors, gradients: Tensors, decay: Tensor) -> tuple[Tensors, list[Tensors]]:
        """Return packed weights and slots after a step.

        Args:
            core: where the training stands before the step.
            weights: the weights, unpacked; others than those of `core` where a layer has assigned some.
            gradients: of each.
            decay: () float32, weight decay beside that of the optimizer itself.
        """


class WrittenUpdate(Update):
    """An optimizer written out; a small model's weights are one vector, and the optimizer one update of it."""

    def __init__(self, training: TrainingSpec, model: Model) -> None:
        """Take over the optimizer that the settings ask for."""
        self._tf, self._ops = load_tensorflow(), load_keras().ops
        self._optimizer, self._rate = optimizer(training), learning_rate(training)
        self._shapes = [tuple(v.shape) for v in model.trainable_variables]
        self._sizes = [math.prod(shape) for shape in self._shapes]
        self._packed = sum(self._sizes) <= MAX_PACKED

    def pack(self, weights: Tensors) -> Tensors:
        """Return one vector, or the weights as they are where they are many."""
        tf = self._tf
        return [tf.concat([tf.reshape(t, [-1]) for t in weights], axis=0)] if self._packed else list(weights)

    def unpack(self, packed: Tensors) -> Tensors:
        """Return weights in their own shapes."""
        if not self._packed:
            return list(packed)
        tf = self._tf
        return [tf.reshape(t, s) for t, s in zip(tf.split(packed[0], self._sizes), self._shapes, strict=True)]

    def slots(self, packed: Tensors) -> list[Tensors]:
        """Return the optimizer's moments, packed like the weights."""
        return [[self._tf.zeros_like(w) for w in packed] for _ in range(self._optimizer.slots)]

    def moved(self, core: Core, weights: Tensors, gradients: Tensors, decay: Tensor) -> tuple[Tensors, list[Tensors]]:
        """Return packed weights and slots after a step."""
        tf, rate = self._tf, self._rate(core.step)
        taken = rate * decay
        # w·(1 - decay) would round 1 - decay, in every step alike
        decayed = [w - taken * w for w in self.pack(weights)]
        step = tf.cast(core.step + 1, tf.float32)
        return self._optimizer.update(self._ops, decayed, self.pack(gradients), core.slots, step, rate)


class KerasUpdate(Update):
    """Any optimizer of Keras by its own update: clipping, weight decay and the constraints of weights included."""

    def __init__(self, optimizer: KerasOptimizer, model: Model) -> None:
        """Take over a Keras optimizer for the weights of a model."""
        self._tf = load_tensorflow()
        self._optimizer = functional(optimizer)
        self._optimizer.build(model.trainable_variables)
        self._own_decay = own_decay(optimizer)

    def pack(self, weights: Tensors) -> Tensors:
        """Return the weights as they are."""
        return list(weights)

    def unpack(self, packed: Tensors) -> Tensors:
        """Return the weights as they are."""
        return list(packed)

    def slots(self, packed: Tensors) -> list[Tensors]:
        """Return the optimizer's variables as it has made them."""
        return [[self._tf.constant(v.numpy()) for v in self._optimizer.variables]]

    def at(self, slots: list[Tensors], step: int) -> list[Tensors]:
        """Return the optimizer's variables, the first of which counts its steps, as if so many were done."""
        iterations, *others = slots[0]
        return [[self._tf.constant(step, iterations.dtype), *others]]

    def moved(self, core: Core, weights: Tensors, gradients: Tensors, decay: Tensor) -> tuple[Tensors, list[Tensors]]:
        """Return weights and the optimizer's variables after a step."""
        for name, own in self._own_decay.items():
            setattr(self._optimizer, name, own + decay)
        moved, slots = self._optimizer.stateless_apply(core.slots[0], gradients, weights)
        return moved, [slots]


def own_decay(optimizer: KerasOptimizer) -> dict[str, float]:
    """Return an optimizer's own weight decay, by the names of the attributes that it is kept in."""
    names = ("weight_decay", "adam_weight_decay")  # Muon has one for each of its two kinds of weights
    return {name: getattr(optimizer, name) or 0.0 for name in names if hasattr(optimizer, name)}


def update_of(training: TrainingSpec, model: Model, compiled: KerasOptimizer | None) -> Update:
    """Return what moves the weights of a model.

    Args:
        training: names the optimizer, unless
        compiled: is one that the builder compiled the model with.
        model: whose weights.
    """
    if compiled is not None:
        return KerasUpdate(compiled, model)
    if is_written_out(training) and not any(v.constraint is not None for v in model.trainable_variables):
        return WrittenUpdate(training, model)
    return KerasUpdate(keras_optimizer(training), model)
