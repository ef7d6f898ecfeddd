"""What a model must be to be trained on the data by a loss, and penalized."""

from typing import TYPE_CHECKING

import numpy as np

from regsearch.backend import load_keras, load_tensorflow
from regsearch.builder_call import type_name
from regsearch.data import DataSet
from regsearch.errors import RAISED, ModelError, in_one_line
from regsearch.forward_graph import ForwardGraph, call_arguments, forward_graph
from regsearch.input_slices import ModelInputs
from regsearch.input_use import check_integers
from regsearch.loading import place_of
from regsearch.model_inputs import fitting_inputs
from regsearch.model_weights import has_roles
from regsearch.models import FIELD, OUTPUT_ACTIVATION
from regsearch.notices import Notice
from regsearch.weights import ROLE_NAMES

if TYPE_CHECKING:
    import keras

ROWS_TRIED = 64
PROBABILITIES = ("crossentropy", "kl_divergence")  # what the names of losses end in that take probabilities
PRODUCTS = ("BatchMatMulV2", "BiasAdd", "MatMul")  # TensorFlow's names of what a layer without an activation ends in


def check_model(model: "keras.Model", data: DataSet, loss: str) -> ForwardGraph:
    """Raise where a model that `build` returned cannot be trained on the data by this loss, or penalized.

    Returns:
        Its forward pass, from which its weights and what it does with its rows are read.

    Raises:
        ModelError: its inputs are not those of the data; it has several outputs, or one that does not fit the
            target, or another in training; a layer computes in something else than float32, or looks up integers that
            it does not have; the loss needs probabilities and it gives something else; or no weight can be penalized.
    """
    graph = _forward(model, data)
    _check_output(graph, data)
    if call_arguments(model, training=True):
        _check_in_training(model, data, graph)
    _check_precision(model)
    check_integers(model, data.x, graph)
    if loss.endswith(PROBABILITIES):
        _check_probabilities(model, data, graph)
    if not has_roles(model):
        raise ModelError(FIELD, f"the model has no trainable weight to penalize: no {', '.join(ROLE_NAMES)}")
    return graph


def inactive_layers(model: "keras.Model") -> tuple[str, ...]:
    """Return the layers that act in training only, where the model is never told that it is trained.

    As with `fit`, a model is told where its call takes `training`; one that does not leaves dropout out, in silence.
    """
    if call_arguments(model, training=True):
        return ()
    return tuple(layer.name for layer in model._flatten_layers(include_self=False) if _acts_in_training(layer))


def inactivity_notices(model: "keras.Model") -> tuple[Notice, ...]:
    """Say which layers never act because the model's call takes no `training`."""
    layers = inactive_layers(model)
    if not layers:
        return ()
    what = f"the model's call takes no training argument, so that {', '.join(layers[:5])} act as in prediction"
    remedy = "as with Keras' fit; take training, and hand it on, to let them act"
    return (Notice(code="inactive-layers", message=f"{what}, {remedy}"),)


def _acts_in_training(layer: "keras.Layer") -> bool:
    keras = load_keras()
    if isinstance(layer, keras.layers.BatchNormalization | keras.layers.SpectralNormalization):
        return True
    rates = [getattr(layer, name) for name in ("dropout", "recurrent_dropout") if hasattr(layer, name)]
    draws = any(isinstance(value, keras.random.SeedGenerator) for value in vars(layer).values())
    return draws and (any(rates) if rates else True)


def _forward(model: "keras.Model", data: DataSet) -> ForwardGraph:
    declared = getattr(model, "inputs", None) or []  # a subclass of keras.Model declares none
    given = (None, *data.x.shape[1:])

    def told(problem: str) -> str:
        if data.inputs or (declared and tuple(declared[0].shape) == given):
            shapes = ", ".join(f"{each.name} {(None, *each.shape)}" for each in data.inputs) or given
            return f"called with rows of {shapes}, the model raised {problem}"
        takes = str(declared[0].shape) if declared else f"something else ({problem})"
        return f"the model takes {takes}, the data give {given}"

    def traced(inputs: ModelInputs) -> ForwardGraph:
        return forward_graph(model, data.x.shape[1:], inputs=inputs)

    try:
        return fitting_inputs(model, data, traced)
    except ModelError:
        raise
    except RAISED as error:  # of Keras, or of the user's own layer
        raise ModelError(FIELD, told(in_one_line(error))) from error


def _check_output(graph: ForwardGraph, data: DataSet) -> None:
    if not isinstance(graph.output, load_tensorflow().Tensor):
        outputs = graph.outputs
        found = f"{type_name(graph.output)} of {len(outputs)}"
        raise ModelError(FIELD, f"the model must give one output, as a tensor; it gives {found}")
    if graph.output.shape[1:] != (data.n_outputs,):
        problem = f"the model gives {tuple(graph.output.shape)}, the target needs {(None, data.n_outputs)}"
        raise ModelError(FIELD, problem)


def _check_in_training(model: "keras.Model", data: DataSet, graph: ForwardGraph) -> None:
    try:
        graph = forward_graph(model, data.x.shape[1:], inputs=graph.inputs, training=True)
    except RAISED as error:
        raise ModelError(
            FIELD, f"called with training=True, it raised {in_one_line(error)}{place_of(error)}"
        ) from error
    shapes = [tuple(tensor.shape) for tensor in graph.outputs]
    if [shape[1:] for shape in shapes] != [(data.n_outputs,)]:
        found = " and ".join(map(str, shapes))
        problem = f"the model gives {found} in training, and {(None, data.n_outputs)} otherwise; both must be the same"
        raise ModelError(FIELD, problem)


def _check_precision(model: "keras.Model") -> None:
    keras = load_keras()
    for layer in [*model._flatten_layers(include_self=False), model]:  # layers in layers too; Keras has no public way
        policy = layer.dtype_policy
        kinds = {kind for kind in (policy.compute_dtype, policy.variable_dtype) if keras.backend.is_float_dtype(kind)}
        if kinds <= {"float32"} or isinstance(layer, keras.layers.InputLayer):
            continue
        everywhere = policy.name == keras.config.dtype_policy().name
        remedy = "keras.config.set_dtype_policy('float32')" if everywhere else "leave its dtype out"
        raise ModelError(
            FIELD, f"{policy.name} is not supported: layer {layer.name!r} must compute in float32; {remedy}"
        )


def _check_probabilities(model: "keras.Model", data: DataSet, graph: ForwardGraph) -> None:
    x = np.nan_to_num(data.x[:ROWS_TRIED]).astype(np.float32).astype(np.float32)
    given, arguments = graph.inputs.of(x), call_arguments(model, training=False)
    found = np.asarray(model(given, **arguments), np.float64)  # (rows, outputs)
    if _ends_in_a_product(graph) or found.min() < 0 or found.max() > 1:
        problem = "the model gives numbers below 0 or above 1, the target needs probabilities"
    elif data.task == "multiclass" and not np.allclose(found.sum(axis=1), 1, atol=1e-3):
        problem = "what the model gives for a row does not add up to 1, the target needs a probability for each class"
    else:
        return
    raise ModelError(FIELD, f"{problem}; let the last layer have activation={OUTPUT_ACTIVATION[data.task]!r}")


def _ends_in_a_product(graph: ForwardGraph) -> bool:
    """Whether the output is a product with weights, or one and a bias, as of a layer without an activation."""
    last = graph.outputs[0].op
    adds_bias = last.type == "AddV2" and any(t is w for t in last.inputs for w in graph.trainable)
    return last.type in PRODUCTS or adds_bias
