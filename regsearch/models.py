"""From a spec to a Keras model: what a builder is called with, what it must return, the loss that follows."""

import inspect
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from regsearch.architectures import cnn, lstm, mlp
from regsearch.backend import load_keras
from regsearch.data import DataSet
from regsearch.errors import ModelError, RegsearchError, in_one_line, nearest
from regsearch.loading import check_unchanged, is_reference, load_function
from regsearch.penalties import ROLE_NAMES, trainable_weights
from regsearch.spec import ModelSpec, Task

OUTPUT_ACTIVATION: dict[Task, str] = {
    "binary": "sigmoid",
    "multiclass": "softmax",
    "multilabel": "sigmoid",
    "regression": "linear",
}
LOSS: dict[Task, str] = {
    "binary": "binary_crossentropy",
    "multiclass": "sparse_categorical_crossentropy",
    "multilabel": "binary_crossentropy",
    "regression": "mean_squared_error",
}


BUILDERS: dict[str, Callable[..., Any]] = {"mlp": mlp, "cnn": cnn, "lstm": lstm}
ROWS_TRIED = 64
PROBABILITIES = ("crossentropy", "kl_divergence")  # what the names of losses end in that take chances


def build(spec: ModelSpec, data: DataSet) -> Any:
    """Return a new Keras model for the data; its initial weights follow Keras' global seed.

    A model that its builder did not build, as a Sequential without an Input, is built for rows as the data have them.

    Raises:
        ModelError: there is no builder of that name, its file cannot be imported or has changed, it does not take the
            options, it raises, or it returns something else.
    """
    given = {
        "input_shape": data.x.shape[1:],
        "n_outputs": data.n_outputs,
        "output_activation": OUTPUT_ACTIVATION[data.task],
        "task": data.task,
    }
    if is_reference(spec.builder):
        builder = _users(spec)
        arguments = _arguments(builder, given, dict(spec.options))
    else:
        builder = _built_in(spec.builder)
        options = {"output_activation": given["output_activation"]} | dict(spec.options)
        arguments = (given["input_shape"], given["n_outputs"]), options
    try:
        model = builder(*arguments[0], **arguments[1])
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


def check_model(model: Any, data: DataSet, loss: str) -> None:
    """Raise where a model that `build` returned cannot be trained on the data by this loss, or penalized.

    Raises:
        ModelError: it has several inputs or outputs, they do not fit the data or the target, a layer computes in
            something else than float32, the loss needs chances and it gives something else, or no weight can be
            penalized.
    """
    _check_input(model, data)
    _check_output(model, data)
    _check_precision(model)
    if loss.endswith(PROBABILITIES):
        _check_probabilities(model, data)
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


def _check_probabilities(model: Any, data: DataSet) -> None:
    x = np.nan_to_num(data.x[:ROWS_TRIED])
    found = np.asarray(model(x, training=False), np.float64)
    activation = OUTPUT_ACTIVATION[data.task]
    last = getattr(model, "layers", [None])[-1]
    linear = getattr(last, "activation", None) is load_keras().activations.linear
    if linear or found.min() < 0 or found.max() > 1:
        problem = "the model gives numbers below 0 or above 1, the target needs chances"
    elif data.task == "multiclass" and not np.allclose(found.sum(axis=1), 1, atol=1e-3):
        problem = "what the model gives for a row does not add up to 1, the target needs a chance for each class"
    else:
        return
    raise ModelError("model.builder", f"{problem}; let the last layer have activation={activation!r}")


def _built_in(name: str) -> Callable[..., Any]:
    """Return a built-in builder.

    Raises:
        ModelError: there is none of that name.
    """
    if name not in BUILDERS:
        known = ", ".join(BUILDERS)
        raise ModelError("model.builder", f"{name!r} is not one of {known}{nearest(name, BUILDERS)}")
    return BUILDERS[name]


def _users(spec: ModelSpec) -> Callable[..., Any]:
    """Return the builder in a file of the user's.

    Raises:
        ModelError: the file is not there, has changed, cannot be imported, or has no such function.
    """
    field = "model.builder"
    check_unchanged(spec.builder.rpartition(":")[0], spec.folder, spec.digest, field=field, error=ModelError)
    return load_function(spec.builder, spec.folder, field=field, error=ModelError)


def _arguments(
    builder: Callable[..., Any], given: Mapping[str, Any], options: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return what a builder of the user's is called with, by position and by name.

    What it names `input_shape`, `n_outputs`, `task` or `output_activation` it gets by name; parameters of other names
    that have no default and no option get the shape of a row, then the number of outputs.

    Raises:
        ModelError: it does not take an option, or asks for more than there is.
    """
    name = getattr(builder, "__name__", "the builder")
    parameters = dict(inspect.signature(builder).parameters)
    by_name = {key: value for key, value in given.items() if key in parameters and key not in options} | dict(options)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    named = [key for key, p in parameters.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    for option in options:
        if option not in named and not takes_any:
            known = f"{nearest(option, named)}; it takes {', '.join(named) or 'nothing'}"
            raise ModelError(f"model.{option}", f"{name}() takes no {option!r}{known}")
    unnamed = [key for key in named if key not in by_name and parameters[key].default is inspect.Parameter.empty]
    left = [given[key] for key in ("input_shape", "n_outputs") if key not in by_name]
    if len(unnamed) > len(left):
        raise ModelError(f"model.{unnamed[len(left)]}", f"is required: {name}() has no default for it")
    by_name |= dict(zip(unnamed, left, strict=False))
    positional = [key for key in named if parameters[key].kind is inspect.Parameter.POSITIONAL_ONLY and key in by_name]
    return tuple(by_name.pop(key) for key in positional), by_name


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
