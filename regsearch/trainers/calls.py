"""Calls of a Keras model on given values of its variables, as Keras' own train_step and predict_step call it.

How it differs from `model.stateless_call`:
  - the model is called as a layer, so that layers in it learn whether they train where its `call` does not hand it on,
    and a `call` that takes no `training` is not given it;
  - a layer may assign variables while it is called, a trainable weight too, as SpectralNormalization does: no gradient
    goes through the assignment, and that of a weight is the sum over the values it was read with.
"""

from functools import cache
from typing import Any, NamedTuple

from regsearch.backend import load_keras, load_tensorflow
from regsearch.name_scopes import closed_scopes
from regsearch.trainers.tensors import Model, Tensor, Tensors


class Call(NamedTuple):
    """What a call in training gives.

    Args:
        prediction: (rows, outputs).
        weights: the trainable weights after it; those that went in, but for those that a layer assigned.
        versions: of each weight all values that it had, each watched by the tape.
        variables: the model's other variables after it.
        losses: () each, what the model and its layers add to the loss.
    """

    prediction: Tensor
    weights: Tensors
    versions: list[Tensors]
    variables: Tensors
    losses: Tensors

    def gradients(self, tape: Any, loss: Tensor) -> Tensors:
        """Return the gradient for each weight: summed over the values that it had, 0 where there is none."""
        tf = load_tensorflow()
        found = tape.gradient(loss, self.versions, unconnected_gradients="zero")
        return [each[0] if len(each) == 1 else tf.add_n(each) for each in found]


def predicted(model: Model, weights: Tensors, variables: Tensors, x: Tensor, *, training: bool = False) -> Tensor:
    """Return (rows, outputs) what a model gives for x."""
    with _scope()(model, weights, variables, None):
        return _called(model, x, training=training)


def called_in_training(model: Model, weights: Tensors, variables: Tensors, x: Tensor, tape: Any) -> Call:
    """Return what a model gives for x in training; the tape must watch the weights."""
    with _scope()(model, weights, variables, tape) as scope:
        prediction = _called(model, x, training=True)
        losses = model.losses
    return Call(
        prediction=prediction,
        weights=[scope.get_current_value(v) for v in model.trainable_variables],
        versions=[scope.versions[id(v)] for v in model.trainable_variables],
        variables=[scope.get_current_value(v) for v in model.non_trainable_variables],
        losses=losses,
    )


def _called(model: Model, x: Tensor, *, training: bool) -> Tensor:
    with closed_scopes():
        return model(x, training=training) if model._call_has_training_arg else model(x)  # as Model.train_step asks


@cache
def _scope() -> Any:
    """Return the class of scopes in which variables have given values."""
    tf = load_tensorflow()

    class Scope(load_keras().StatelessScope):  # type: ignore[misc]
        def __init__(self, model: Model, weights: Tensors, variables: Tensors, tape: Any) -> None:
            given = [
                *zip(model.trainable_variables, weights, strict=True),
                *zip(model.non_trainable_variables, variables, strict=True),
            ]
            super().__init__(given, collect_losses=tape is not None)
            self.tape = tape
            self.versions = {id(v): [w] for v, w in zip(model.trainable_variables, weights, strict=True)}

        def add_update(self, update: tuple[Any, Tensor]) -> None:
            variable, value = update
            value = tf.stop_gradient(value)
            if self.tape is not None and id(variable) in self.versions:
                self.tape.watch(value)
                self.versions[id(variable)].append(value)
            super().add_update((variable, value))

    return Scope
