"""Built-in model builders, what any builder must return, and the loss that follows from the target."""

import inspect
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from regsearch.backend import load_keras
from regsearch.data import DataSet
from regsearch.errors import ModelError, RegsearchError, in_one_line, nearest
from regsearch.penalties import ROLE_NAMES, trainable_weights
from regsearch.spec import ModelSpec, Task

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

    A model that its builder did not build, as a Sequential without an Input, is built for rows as the data have them.

    Raises:
        ModelError: there is no builder of that name, it raises, or it returns something else.
    """
    if spec.builder not in BUILDERS:
        known = ", ".join(BUILDERS)
        raise ModelError("model.builder", f"{spec.builder!r} is not one of {known}{nearest(spec.builder, BUILDERS)}")
    builder = BUILDERS[spec.builder]
    try:
        model = builder(
            data.x.shape[1:], data.n_outputs, output_activation=OUTPUT_ACTIVATION[data.task], **dict(spec.options)
        )
        if isinstance(model, load_keras().Model) and not model.built:
            _symbolic_output(model, data)
    except RegsearchError:
        raise
    except Exception as error:  # of the user's own builder, or of Keras in it
        where = _where(error, builder)
        raise ModelError("model.builder", f"{spec.builder!r} raised {in_one_line(error)}{where}") from error
    if not isinstance(model, load_keras().Model):
        raise ModelError("model.builder", f"{spec.builder!r} must return a keras.Model; it returned {_type(model)}")
    return model


def check(model: Any, data: DataSet) -> None:
    """Raise where a model that `build` returned cannot be trained on the data, or penalized.

    Raises:
        ModelError: it has several inputs or outputs, they do not fit the data or the target, a layer computes in
            something else than float32, or no weight can be penalized.
    """
    _check_input(model, data)
    _check_output(model, data)
    _check_precision(model)
    if not any(weight.role for weight in trainable_weights(model)):
        raise ModelError("model.builder", f"the model has no trainable weight to penalize: no {', '.join(ROLE_NAMES)}")


def _check_input(model: Any, data: DataSet) -> None:
    inputs = getattr(model, "inputs", None) or []  # a subclass of keras.Model declares none
    if len(inputs) > 1:
        raise ModelError("model.builder", f"the model has {len(inputs)} inputs; it may have one")
    try:
        _symbolic_output(model, data)
    except Exception as error:
        takes = " or ".join(str(tensor.shape) for tensor in inputs) or f"something else ({in_one_line(error)})"
        problem = f"the model takes {takes}, the data give {(None, *data.x.shape[1:])}"
        raise ModelError("model.builder", problem) from error


def _check_output(model: Any, data: DataSet) -> None:
    output, wanted = _symbolic_output(model, data), (None, data.n_outputs)
    if not isinstance(output, load_keras().KerasTensor):
        found = f"{_type(output)} of {len(load_keras().tree.flatten(output))}"
        raise ModelError("model.builder", f"the model must give one output; it gives {found}")
    if output.shape[1:] != wanted[1:]:
        raise ModelError("model.builder", f"the model gives {output.shape}, the target needs {wanted}")


def _check_precision(model: Any) -> None:
    keras = load_keras()
    for layer in [*model._flatten_layers(include_self=False), model]:  # layers in layers too; Keras has no public way
        policy = layer.dtype_policy
        kinds = {kind for kind in (policy.compute_dtype, policy.variable_dtype) if keras.backend.is_float_dtype(kind)}
        if kinds <= {"float32"} or isinstance(layer, keras.layers.InputLayer):
            continue
        everywhere = policy.name == keras.config.dtype_policy().name
        remedy = "keras.config.set_dtype_policy('float32')" if everywhere else "leave its dtype out"
        raise ModelError(
            "model.builder", f"{policy.name} is not supported: layer {layer.name!r} must compute in float32; {remedy}"
        )


def _symbolic_output(model: Any, data: DataSet) -> Any:
    """Return what the model gives for rows as the data have them: shapes without numbers."""
    return model(load_keras().KerasTensor((None, *data.x.shape[1:]), dtype="float32"))


def _where(error: Exception, builder: Callable[..., Any]) -> str:
    """Return ' (file:line)' of the builder's file where the error passed last, or where the builder begins."""
    code = getattr(inspect.unwrap(builder), "__code__", None)
    if code is None:
        return ""
    _, *frames = traceback.walk_tb(error.__traceback__)  # the first is the call of the builder
    lines = [line for frame, line in frames if frame.f_code.co_filename == code.co_filename]
    return f" ({code.co_filename}:{[code.co_firstlineno, *lines][-1]})"


def _type(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
