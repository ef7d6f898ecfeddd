"""From a spec to a Keras model, built for the data; the loss and the output that follow from the target."""

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

from regsearch.architectures import cnn, lstm, mlp
from regsearch.backend import load_keras
from regsearch.builder_call import arguments_for, line_of, type_name
from regsearch.builders import BUILDERS as OPTIONS
from regsearch.data import DataSet
from regsearch.errors import RAISED, ModelError, RegsearchError, in_one_line, nearest
from regsearch.in_memory import is_in_memory, kept
from regsearch.loading import check_unchanged, is_reference, load_function
from regsearch.model_inputs import fitting_inputs
from regsearch.spec import ModelSpec, Task

if TYPE_CHECKING:
    import keras

FIELD = "model.builder"
REMEDY = "put the function into a file (builder = 'my_model.py:build')"
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
BUILDERS: dict[str, Callable[..., "keras.Model"]] = {"mlp": mlp, "cnn": cnn, "lstm": lstm}

_handed_out: weakref.WeakSet["keras.Model"] = weakref.WeakSet()


def build(spec: ModelSpec, data: DataSet) -> "keras.Model":
    """Return a new Keras model for the data; its initial weights follow Keras' global seed.

    A model that its builder did not build, as a Sequential without an Input, is built for rows as the data have them.
    For a model of several inputs `input_shape` is a dict of their shapes.

    Raises:
        ModelError: there is no builder of that name, its file cannot be imported or has changed, it does not take the
            options, it raises, or it returns something else or the same model again.
    """
    given = {
        "input_shape": {each.name: each.shape for each in data.inputs} or data.x.shape[1:],
        "n_outputs": data.n_outputs,
        "output_activation": OUTPUT_ACTIVATION[data.task],
        "task": data.task,
    }
    if is_reference(spec.builder) or is_in_memory(spec.builder):
        builder = _users(spec)
        positional, named = arguments_for(builder, given, dict(spec.options))
    else:
        builder = _built_in(spec.builder)
        if data.inputs and spec.builder in OPTIONS:
            remedy = "one of several is built by a function of yours: my_model.py:build"
            raise ModelError(FIELD, f"{spec.builder!r} makes models of one input; {remedy}")
        defaults = OPTIONS[spec.builder].defaults if spec.builder in OPTIONS else {}
        positional = (given["input_shape"], given["n_outputs"])
        named = {"output_activation": given["output_activation"]} | defaults | dict(spec.options)
    try:
        model = builder(*positional, **named)
        if isinstance(model, load_keras().Model) and not model.built:
            rows = [load_keras().KerasTensor((None, *each.shape), dtype="float32") for each in data.slices]
            fitting_inputs(model, data, lambda inputs: model(inputs.arranged(rows)))
    except RegsearchError:
        raise
    except RAISED as error:  # of the user's own builder, or of Keras in it
        where = line_of(builder, error)
        if data.inputs and isinstance(error, KeyError):
            where += f"; the inputs are {', '.join(each.name for each in data.inputs)}"
        raise ModelError(FIELD, f"{spec.builder!r} raised {in_one_line(error)}{where}") from error
    return _new_model(spec, model)


def _new_model(spec: ModelSpec, model: object) -> "keras.Model":
    if not isinstance(model, load_keras().Model):
        raise ModelError(FIELD, f"{spec.builder!r} must return a keras.Model; it returned {type_name(model)}")
    if model in _handed_out:
        problem = "returned the same model again, which may be trained by now; it must make a new one each time"
        raise ModelError(FIELD, f"{spec.builder!r} {problem}")
    steps = int(model.optimizer.iterations) if getattr(model, "optimizer", None) is not None else 0
    if steps:
        problem = f"returned a model that is trained already, for {steps} steps; it must return one that is new"
        raise ModelError(FIELD, f"{spec.builder!r} {problem}")
    _handed_out.add(model)
    return model


def _built_in(name: str) -> Callable[..., "keras.Model"]:
    """Return a built-in builder.

    Raises:
        ModelError: there is none of that name.
    """
    if name not in BUILDERS:
        known = ", ".join(BUILDERS)
        raise ModelError(FIELD, f"{name!r} is not one of {known}{nearest(name, BUILDERS)}")
    return BUILDERS[name]


def _users(spec: ModelSpec) -> Callable[..., "keras.Model"]:
    """Return the builder in a file of the user's, or in memory.

    Raises:
        ModelError: the file is not there, has changed, cannot be imported, or has no such function; or the function is
            of another process.
    """
    load_keras()  # before the file does, for it is loaded quietly
    if is_in_memory(spec.builder):
        return kept(spec.builder, field=FIELD, error=ModelError, remedy=REMEDY)  # type: ignore[no-any-return]
    check_unchanged(spec.builder.rpartition(":")[0], spec.folder, spec.digest, field=FIELD, error=ModelError)
    return load_function(spec.builder, spec.folder, field=FIELD, error=ModelError)
