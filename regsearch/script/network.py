"""The lines of a script that build the model, its penalties in it as keras.regularizers."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.builder_call import arguments_for
from regsearch.data import DataSet
from regsearch.errors import InputError
from regsearch.loading import is_reference, load_function
from regsearch.models import BUILDERS, OUTPUT_ACTIVATION
from regsearch.script.code import Code, arguments, literal
from regsearch.script.users_files import import_code
from regsearch.spec import ModelSpec

LONGEST = 100  # characters of a layer in one line

Penalties = Mapping[int, str]  # by the place in model.trainable_variables: the code of a regularizer

# By the class of a layer: its arguments in order, with Keras' defaults; those by position come first.
_CONVOLUTION = {"filters": None, "kernel_size": None, "padding": "valid", "activation": "linear"}
_RECURRENT = {"units": None, "return_sequences": False}
LAYERS: dict[str, dict[str, Any]] = {
    "Flatten": {},
    "Dense": {"units": None, "activation": "linear"},
    "Dropout": {"rate": None},
    "BatchNormalization": {},
    "Activation": {"activation": None},
    "Conv1D": _CONVOLUTION,
    "Conv2D": _CONVOLUTION,
    "MaxPooling1D": {"pool_size": None},
    "MaxPooling2D": {"pool_size": None},
    "LSTM": _RECURRENT,
    "GRU": _RECURRENT,
}
REGULARIZED = {  # attributes of weights, and the arguments that penalize them
    "kernel": "kernel_regularizer",
    "recurrent_kernel": "recurrent_regularizer",
    "bias": "bias_regularizer",
    "gamma": "gamma_regularizer",
    "beta": "beta_regularizer",
}


def regularizer_code(l1: np.float32, l2: np.float32) -> str:
    """Return a penalty as a regularizer of Keras'; None without one."""
    first, second = short(l1), short(l2)
    if first and second:
        return f"keras.regularizers.L1L2(l1={first!r}, l2={second!r})"
    if not first and not second:
        return "None"
    return f"keras.regularizers.L1({first!r})" if first else f"keras.regularizers.L2({second!r})"


def short(value: np.float32) -> float:
    """Return a float32 as its shortest decimal: 0.001, not 0.0010000000474974513."""
    return float(np.format_float_scientific(np.float32(value), unique=True))


def penalties_of(coefficients: NDArray[np.float32]) -> Penalties:
    """Return the regularizers of weights, (weights, 2) l1 and l2, that have one."""
    return {i: regularizer_code(l1, l2) for i, (l1, l2) in enumerate(coefficients) if l1 or l2}


def built_in_code(model: Any, penalties: Penalties, code: Code) -> None:
    """Add the lines that build a model as one of our builders did, penalties as arguments of its layers."""
    variables = {id(variable): i for i, variable in enumerate(model.trainable_variables)}
    left = dict(penalties)
    shape = model.input_shape[1:]
    code.add("model = keras.Sequential(", "    [", f"        keras.Input({literal(tuple(shape))}),")
    for layer in model.layers:
        code.add(*_in_lines(_layer(layer, variables, left)))
    code.add("    ]", ")")
    code.add(*assignments(left))


def users_code(spec: ModelSpec, data: DataSet, script: Path, code: Code) -> str:
    """Add the lines that import the user's builder, and return the call of it."""
    builder = load_function(spec.builder, spec.folder, field="model.builder")
    given = {
        "input_shape": {each.name: each.shape for each in data.inputs} or data.x.shape[1:],
        "n_outputs": data.n_outputs,
        "output_activation": OUTPUT_ACTIVATION[data.task],
        "task": data.task,
    }
    positional, named = arguments_for(builder, given, dict(spec.options))
    name = import_code(spec.builder, spec.folder, script, code)
    parts = [*map(literal, positional), *filter(None, [arguments(named)])]
    return f"{name}({', '.join(parts)})"


def assignments(penalties: Penalties) -> Iterator[str]:
    """Yield the lines that set penalties on the variables of a model that is built."""
    for i, regularizer in penalties.items():
        yield f"model.trainable_variables[{i}].regularizer = {regularizer}"


def is_built_in(spec: ModelSpec) -> bool:
    """Whether the builder is one of ours, whose layers a script can list.

    Raises:
        InputError: it is in no file that a script could import.
    """
    if not is_reference(spec.builder) and spec.builder not in BUILDERS:
        raise InputError("--to", "a script imports the builder from its file, and this one is in none")
    return spec.builder in BUILDERS


def _layer(layer: Any, variables: Mapping[int, int], left: dict[int, str]) -> str:
    """Return the constructor of a layer; penalties that it takes are removed from those that are left."""
    kind = type(layer).__name__
    if kind == "Bidirectional":
        return f"keras.layers.Bidirectional({_both(layer, variables, left)})"
    return f"keras.layers.{kind}({', '.join([*_plain_arguments(layer), *_regularizers([layer], variables, left)])})"


def _in_lines(constructor: str) -> list[str]:
    """Return a layer in one line, or where that is long in one for each argument."""
    if len(constructor) <= LONGEST or constructor.startswith("keras.layers.Bidirectional"):
        return [f"        {constructor},"]
    call, given = constructor.removesuffix(")").split("(", 1)
    pieces = re.split(r", (?=[a-z_]+=keras)", given)
    return [f"        {call}(", *(f"            {piece}," for piece in pieces), "        ),"]


def _both(layer: Any, variables: Mapping[int, int], left: dict[int, str]) -> str:
    """Return the constructor of the layer in a Bidirectional, penalized where both directions are alike."""
    inner, parts = layer.forward_layer, [layer.forward_layer, layer.backward_layer]
    given = [*_plain_arguments(inner), *_regularizers(parts, variables, left)]
    return f"keras.layers.{type(inner).__name__}({', '.join(given)})"


def _plain_arguments(layer: Any) -> Iterator[str]:
    config = layer.get_config()
    for name, default in LAYERS[type(layer).__name__].items():
        value = config[name]
        value = value[0] if isinstance(value, list | tuple) and len(set(value)) == 1 else value
        if default is None:
            yield literal(value)
        elif value != default:
            yield f"{name}={literal(value)}"


def _regularizers(layers: list[Any], variables: Mapping[int, int], left: dict[int, str]) -> Iterator[str]:
    for attribute, argument in REGULARIZED.items():
        owners = [getattr(layer, "cell", layer) for layer in layers]
        places = [variables.get(id(getattr(owner, attribute, None))) for owner in owners]
        found = {left.get(place) for place in places if place is not None}
        if len(found) == 1 and None not in places and (regularizer := found.pop()) is not None:
            for place in places:
                left.pop(place)  # type: ignore[arg-type]
            yield f"{argument}={regularizer}"
