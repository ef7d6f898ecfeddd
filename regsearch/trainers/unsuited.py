"""Layers that XLA's CPU compiler makes slow code of: so slow that not even a few steps are to be timed.

It has library code for plain convolutions alone, and for these a scalar loop, forwards and back. Measured on 32 rows of
32 × 32: DepthwiseConv2D 58 ms a step for the 2.4 ms of TensorFlow's own kernels; see docs/performance.md.
"""

import math
from collections.abc import Sequence

from regsearch.trainers.tensors import Layer, Model

MOST_PRODUCTS = 2**20  # of numbers with weights, of a batch going forwards: about 10 ms a step
SLOW = ("DepthwiseConv", "SeparableConv")


def unsuited_to_xla(model: Model, rows: int) -> str | None:
    """Return which layer is too slow in XLA's code, in words; None for none.

    Args:
        model: what is trained.
        rows: of a batch.
    """
    for layer in model._flatten_layers(include_self=False):
        if _is_slow(layer) and _products(layer, rows) > MOST_PRODUCTS:
            return f"XLA has no fast code for {type(layer).__name__}, which layer {layer.name!r} is"
    return None


def _is_slow(layer: Layer) -> bool:
    kind = type(layer).__name__
    grouped = getattr(layer, "groups", 1) not in (1, None) and hasattr(layer, "kernel_size")
    transposed = kind.startswith("Conv") and kind.endswith("Transpose")
    return kind.startswith(SLOW) or transposed or grouped


def _products(layer: Layer, rows: int) -> int:
    """Return about how many products of numbers with weights a batch takes; 0 where its shape is not known."""
    shape = layer.get_build_config() or {}
    found = _known(shape.get("input_shape"))
    if found is None:
        return 0
    first = layer.data_format == "channels_first"
    space, channels = (found[1:], found[0]) if first else (found[:-1], found[-1])
    return rows * math.prod(space) * channels * int(math.prod(layer.kernel_size))


def _known(shape: Sequence[int | None] | None) -> tuple[int, ...] | None:
    """Return a shape without its rows; None where it is not known."""
    if shape is None or len(shape) < 3 or None in shape[1:]:
        return None
    return tuple(int(n) for n in shape[1:] if n is not None)
