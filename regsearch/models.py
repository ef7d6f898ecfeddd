"""Built-in model builders, and the loss that follows from the target."""

from collections.abc import Callable, Sequence
from typing import Any

from regsearch.backend import load_keras
from regsearch.data import DataSet, Task
from regsearch.errors import ModelError, nearest
from regsearch.spec import ModelSpec

OUTPUT_ACTIVATION: dict[Task, str] = {"binary": "sigmoid", "multiclass": "softmax", "regression": "linear"}
LOSS: dict[Task, str] = {
    "binary": "binary_crossentropy",
    "multiclass": "sparse_categorical_crossentropy",
    "regression": "mean_squared_error",
}


def mlp(
    input_shape: tuple[int, ...],
    n_outputs: int,
    *,
    output_activation: str,
    hidden: Sequence[int] = (500,),
    activation: str = "relu",
) -> Any:
    """Return a multi-layer perceptron: layers `hidden_1` …, then `output`.

    Args:
        input_shape: shape of one row.
        n_outputs: numbers the model gives for a row.
        output_activation: activation of the output layer.
        hidden: units of each hidden layer.
        activation: activation of the hidden layers.
    """
    keras = load_keras()
    layers = [keras.layers.Dense(n, activation=activation, name=f"hidden_{i}") for i, n in enumerate(hidden, start=1)]
    output = keras.layers.Dense(n_outputs, activation=output_activation, name="output")
    return keras.Sequential([keras.Input(input_shape), *layers, output], name="mlp")


BUILDERS: dict[str, Callable[..., Any]] = {"mlp": mlp}


def build(spec: ModelSpec, data: DataSet) -> Any:
    """Return a new Keras model for the data; its initial weights follow Keras' global seed.

    Raises:
        ModelError: there is no builder of that name.
    """
    if spec.builder not in BUILDERS:
        known = ", ".join(BUILDERS)
        raise ModelError("model.builder", f"{spec.builder!r} is not one of {known}{nearest(spec.builder, BUILDERS)}")
    return BUILDERS[spec.builder](
        data.x.shape[1:], data.n_outputs, output_activation=OUTPUT_ACTIVATION[data.task], **dict(spec.options)
    )
