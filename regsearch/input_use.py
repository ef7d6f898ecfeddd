"""What a model does with its rows first: look numbers up as integers, rescale them, mask them.

It is read off the forward pass: from the rows through operations that keep values (reshaping, slices, casts, shifts
by a constant) to the first that do something else. So it holds for Keras' layers and for what users write themselves.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from regsearch.backend import load_tensorflow
from regsearch.errors import ModelError
from regsearch.forward_graph import ForwardGraph, forward_graph
from regsearch.input_slices import InputSlice

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

# TensorFlow's names of operations.
KEEPS = frozenset(
    "AsString BroadcastTo Cast ClipByValue ConcatV2 ExpandDims Floor FloorMod Identity IdentityN Maximum Minimum Pack "
    "Reshape Rint Round SelectV2 Slice Split SplitV Squeeze StopGradient StridedSlice Tile Transpose Unpack".split()
)
AFFINE = frozenset("Add AddV2 BiasAdd DivNoNan Mul RealDiv Sub".split())  # with a constant
LOOKS_UP = {"GatherNd": 1, "GatherV2": 1, "LookupTableFindV2": 1, "OneHot": 0, "ResourceGather": 1}  # at which input
LOOKS_UP |= {"DenseBincount": 0, "StringToHashBucketFast": 0, "StringToHashBucketStrong": 0}
SIZES = ("num_tokens", "num_bins")  # attributes of Keras' layers that look up
MOST_PROBED = 4096  # numbers of a row


@dataclass(frozen=True, kw_only=True)
class InputUse:
    """What a model does with one of its inputs first.

    Args:
        token_layer: the layer that looks numbers up as integers; None where there is none, the first of several.
        token_size: how many integers it knows, from 0; None where it does not say.
        token_features: which numbers of an input, flattened, are looked up by any layer; empty where none is.
        rescales: whether the model adds constants to its rows or multiplies them, as Rescaling and Normalization do.
        mask_value: the number that marks padding; None where nothing is masked.
    """

    token_layer: str | None = None
    token_size: int | None = None
    token_features: tuple[int, ...] = ()
    rescales: bool = False
    mask_value: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Lookup:
    """An operation that looks integers up: their tensor, the layer, how many there are, whether others are an error."""

    integers: "tf.Tensor"
    layer: str
    size: int | None
    is_limited: bool


def input_use(model: "keras.Model", row_shape: Sequence[int], *, dtype: str = "float32") -> InputUse:
    """Return what a built model of one input does with rows of this shape first."""
    (found,) = input_uses(model, forward_graph(model, row_shape, dtype=dtype))
    return found


def input_uses(model: "keras.Model", graph: ForwardGraph) -> tuple[InputUse, ...]:
    """Return what a built model does with each of its inputs first, in the order of the data."""
    whole = InputSlice(name="x", start=0, shape=tuple(graph.x.shape[1:]))
    slices = graph.inputs.slices or (whole,)
    return tuple(_use(model, graph, tensor, each) for tensor, each in zip(graph.taken, slices, strict=True))


def _use(model: "keras.Model", graph: ForwardGraph, tensor: "tf.Tensor", taken: InputSlice) -> InputUse:
    found, lookups = _followed(model, graph, tensor)
    if not lookups:
        return found
    features = [_features(graph, lookup, taken).tolist() for lookup in lookups]
    first = lookups[features.index(min(features))]
    looked_up = tuple(sorted({feature for each in features for feature in each}))
    return replace(found, token_layer=first.layer, token_size=first.size, token_features=looked_up)


def check_integers(model: "keras.Model", x: NDArray[np.generic], graph: ForwardGraph) -> None:
    """Refuse rows with an integer that a layer looks up and does not have.

    Args:
        model: the model.
        x: (rows, *shape of one row), all of the data.
        graph: its forward pass.

    Raises:
        ModelError: there is one; the message names the layer, the integer and how many the layer has.
    """
    for lookup in _followed(model, graph, graph.x)[1]:
        if not lookup.is_limited or lookup.size is None:
            continue
        integers = np.asarray(_part_of(graph, lookup)(load_tensorflow().constant(np.nan_to_num(x), graph.x.dtype)))
        low, high = int(integers.min()), int(integers.max())
        if low < 0 or high >= lookup.size:
            problem = f"layer {lookup.layer!r} looks up {low if low < 0 else high}, and has 0 to {lookup.size - 1} only"
            remedy = f"its size must be {high + 1} or more" if low >= 0 else "integers must not be negative"
            raise ModelError("model.builder", f"{problem} (size {lookup.size}); {remedy}")


def _followed(model: "keras.Model", graph: ForwardGraph, start: "tf.Tensor") -> tuple[InputUse, list[Lookup]]:
    """Return what is done with a tensor first, and the lookups."""
    varying = _varying(graph)
    lookups: dict[tf.Operation, Lookup] = {}
    rescales, masks = False, list[float]()

    def follow(tensor: "tf.Tensor") -> bool:
        """Return whether the numbers are looked up from here on."""
        nonlocal rescales
        looked_up = False
        for operation in tensor.consumers():
            place = [t is tensor for t in operation.inputs].index(True)
            others = [t for t in operation.inputs if t is not tensor]
            is_fixed = not any(t.op in varying for t in others)
            kind = operation.type
            if LOOKS_UP.get(kind) == place:
                lookups.setdefault(operation, _lookup(model, graph, operation, tensor))
                looked_up = True
            elif kind in KEEPS or (kind == "GatherV2" and place == 0 and is_fixed):
                looked_up |= any([follow(output) for output in operation.outputs])
            elif kind in AFFINE and is_fixed:
                deeper = follow(operation.outputs[0])
                looked_up |= deeper
                rescales |= not deeper
            elif kind == "NotEqual" and (value := load_tensorflow().get_static_value(others[0])) is not None:
                masks.append(float(value))
        return looked_up

    follow(start)
    return InputUse(rescales=rescales, mask_value=masks[0] if masks else None), list(lookups.values())


def _varying(graph: ForwardGraph) -> set["tf.Operation"]:
    """Return the operations that depend on rows or variables."""
    found = {tensor.op for tensor in (graph.x, *graph.trainable, *graph.state)}
    for operation in graph.operations:
        if any(tensor.op in found for tensor in operation.inputs):
            found.add(operation)
    return found


def _lookup(model: "keras.Model", graph: ForwardGraph, operation: "tf.Operation", integers: "tf.Tensor") -> Lookup:
    if integers.op.type == "SelectV2":  # keras.ops.take counts negative ones from the end
        integers = integers.op.inputs[2]
    variables = [*model.trainable_variables, *model.non_trainable_variables]
    paths = {t.op: v.path for t, v in zip((*graph.trainable, *graph.state), variables, strict=True)}
    source = next((op for op in _upstream(operation.inputs[0].op) if op in paths), None)
    layer = next(_layers_around(model, operation), None)
    size = operation.inputs[0].shape[0] if source is not None else _size_of(layer)
    name = paths[source].split("/")[-2] if source is not None else getattr(layer, "name", operation.name)
    is_limited = source is not None or type(layer).__name__ == "CategoryEncoding"
    return Lookup(integers=integers, layer=name, size=size, is_limited=is_limited)


def _size_of(layer: "keras.Layer | None") -> int | None:
    if layer is not None and hasattr(layer, "vocabulary_size"):
        return int(layer.vocabulary_size())
    return next((int(size) for name in SIZES if (size := getattr(layer, name, None))), None)


def _upstream(operation: "tf.Operation") -> Iterator["tf.Operation"]:
    """Yield an operation and those that its first input comes from."""
    while True:
        yield operation
        if not operation.inputs:
            return
        operation = operation.inputs[0].op


def _layers_around(model: "keras.Model", operation: "tf.Operation") -> Iterator["keras.Layer"]:
    """Yield the layers that an operation's name says it lies in, the innermost first."""
    layers = {layer.name: layer for layer in model._flatten_layers(include_self=False)}
    for scope in reversed(operation.name.split("/")[:-1]):
        name = scope if scope in layers else re.sub(r"_\d+$", "", scope)
        if name in layers:
            yield layers[name]


def _features(graph: ForwardGraph, lookup: Lookup, taken: InputSlice) -> NDArray[np.intp]:
    """Return which numbers of an input, flattened, the integers follow from: those that change them."""
    size, numbers = taken.size, math.prod(graph.x.shape[1:])
    if size * numbers > MOST_PROBED**2:
        return np.arange(size)
    rows = np.eye(size + 1, numbers, k=taken.start - 1)  # the first is 0, each other has a 1 in one place
    rows[0] = 0
    rows = rows.reshape(size + 1, *graph.x.shape[1:])
    integers = np.asarray(_part_of(graph, lookup)(load_tensorflow().constant(rows, graph.x.dtype)))
    if len(integers) != size + 1:  # rows were mixed
        return np.arange(size)
    integers = integers.reshape(size + 1, -1)  # (rows, integers of a row)
    changed = np.flatnonzero((integers[1:] != integers[0]).any(axis=1))
    return changed if len(changed) else np.arange(size)


def _part_of(graph: ForwardGraph, lookup: Lookup) -> "tf.types.experimental.ConcreteFunction":
    """Return the function from rows to the integers that are looked up."""
    return graph.function.prune(graph.x, lookup.integers)
