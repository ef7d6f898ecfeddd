"""A model's forward pass as a graph of TensorFlow operations: traced once, never run.

It shows the way that data take through any model: functional, sequential, subclassed, nested or with own layers.
Operations stand in the order of calls, which is by depth in a functional model, and in a Sequential its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regsearch.backend import load_tensorflow
from regsearch.input_slices import ModelInputs
from regsearch.name_scopes import closed_scopes

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


WHOLE = ModelInputs()  # of a model that takes rows as they are


@dataclass(frozen=True, kw_only=True, eq=False)
class ForwardGraph:
    """A traced forward pass.

    Args:
        x: the rows, (rows, *shape of one row), or (rows, numbers) of a model of several inputs.
        inputs: how the model takes them.
        taken: what each of its inputs takes of x, in the order of the data.
        trainable: the model's trainable variables, as tensors.
        state: its other variables, as tensors.
        output: what the model returns, as it returns it.
        function: the traced function, from which parts can be cut out and run.
    """

    x: "tf.Tensor"
    inputs: ModelInputs
    taken: tuple["tf.Tensor", ...]
    trainable: tuple["tf.Tensor", ...]
    state: tuple["tf.Tensor", ...]
    output: object
    function: "tf.types.experimental.ConcreteFunction"

    @property
    def operations(self) -> list["tf.Operation"]:
        """All operations, each after those whose results it takes."""
        return list(self.function.graph.get_operations())

    @property
    def outputs(self) -> list["tf.Tensor"]:
        """The tensors that the model returns."""
        return list(load_tensorflow().nest.flatten(self.output))


def forward_graph(
    model: "keras.Model",
    row_shape: Sequence[int | None],
    *,
    inputs: ModelInputs = WHOLE,
    dtype: str = "float32",
    training: bool = False,
) -> ForwardGraph:
    """Return the forward pass of a built model; nothing of the model changes.

    Args:
        model: the model.
        row_shape: of its rows.
        inputs: how it takes them.
        dtype: of its rows.
        training: whether it is told that it is trained.
    """
    tensorflow = load_tensorflow()
    returned: list[object] = []
    taken: list[tf.Tensor] = []

    def forward(trainable: list["tf.Tensor"], state: list["tf.Tensor"], x: "tf.Tensor") -> list["tf.Tensor"]:
        taken.extend(inputs.cut(x))
        given, arguments = inputs.arranged(taken), call_arguments(model, training=training)
        with closed_scopes():
            output, _ = model.stateless_call(trainable, state, given, **arguments)
        returned.append(output)
        return [tensorflow.identity(tensor) for tensor in tensorflow.nest.flatten(output)]

    groups = [[tensorflow.TensorSpec(v.shape, v.dtype) for v in group] for group in _variables(model)]
    function = tensorflow.compat.v1.wrap_function(forward, [*groups, tensorflow.TensorSpec((None, *row_shape), dtype)])
    tensors, count = function.inputs, len(groups[0])
    rows = sum(map(len, groups))
    return ForwardGraph(
        x=tensors[rows],
        inputs=inputs,
        taken=tuple(taken),
        trainable=tuple(tensors[:count]),
        state=tuple(tensors[count:rows]),
        output=returned[0],
        function=function,
    )


def call_arguments(model: "keras.Model", *, training: bool) -> dict[str, bool]:
    """Return what a model is called with beside its rows: `training` where its call takes it, as Keras' `fit` does."""
    return {"training": training} if model._call_has_training_arg else {}  # Keras has no public way


def _variables(model: "keras.Model") -> tuple[list["keras.Variable"], list["keras.Variable"]]:
    return model.trainable_variables, model.non_trainable_variables
