"""Convolutions and their gradients, written so that XLA's CPU compiler makes fast code of them.

XLA has library code for a convolution of (rows, *space, channels) with (*window, channels, outputs) only; what
TensorFlow makes of its gradients falls to scalar loops. How these differ from TensorFlow's:
  - a small convolution, or one of few channels, is one matrix product of patches with the kernel;
  - the gradient for the input is a convolution of the upstream gradient, zeros between its entries where there are
    strides, with the kernel turned round;
  - the gradient for the kernel is a convolution in which rows and channels have changed places.
"""

import math
from collections.abc import Callable, Sequence
from itertools import product

from regsearch.backend import load_tensorflow
from regsearch.trainers.tensors import Tensor

Sizes = int | Sequence[int] | None  # of each dimension of space, or of all

MAX_PATCH_NUMBERS = 2**21  # of a batch; beyond that XLA's own convolution is as fast, and needs less memory
FEW_CHANNELS = 4  # of the input: so few that XLA's own convolution is slow, and patches are
MAX_FEW_PATCH_NUMBERS = 2**25  # as fast up to here: 128 MiB

Gradients = tuple[Tensor, Callable[[Tensor], tuple[Tensor, Tensor]]]


def convolution(
    input: Tensor,
    filters: Tensor,
    strides: Sizes = None,
    padding: str = "VALID",
    data_format: str | None = None,
    dilations: Sizes = None,
    name: str | None = None,
) -> Tensor:
    """Return what tf.nn.convolution gives for (rows, *space, channels); None for a case that is not written here."""
    tf = load_tensorflow()
    *window, channels, outputs = filters.shape
    space = tuple(input.shape[1:-1])
    strides, dilations = each_dimension(strides, len(window)), each_dimension(dilations, len(window))
    last = data_format is None or not data_format.startswith("NC")
    if None in input.shape or not last or input.shape[-1] != channels:
        return None
    if set(strides) != {1} and set(dilations) != {1}:  # TensorFlow has no such convolution
        return None
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilations, strict=True)]
    if padding == "SAME":
        pads = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(space, spans, strides, strict=True)]
        input = tf.pad(input, [(0, 0), *[(pad // 2, pad - pad // 2) for pad in pads], (0, 0)])
    elif padding != "VALID":
        return None
    counts = [(n - k) // s + 1 for n, k, s in zip(input.shape[1:-1], spans, strides, strict=True)]
    if min(counts) < 1:
        return None
    depth = math.prod(window) * channels
    most = MAX_FEW_PATCH_NUMBERS if channels <= FEW_CHANNELS else MAX_PATCH_NUMBERS
    if input.shape[0] * math.prod(counts) * depth > most:
        if len(window) == 3 and len({*strides}) + len({*dilations}) > 2:  # TensorFlow mixes up dilations of three axes
            return None
        return _by_convolutions(input, filters, strides, dilations, counts)
    places = product(*(range(0, span, d) for span, d in zip(spans, dilations, strict=True)))
    patches = [window_entry(input, place, counts, strides) for place in places]
    flat = tf.reshape(tf.concat(patches, axis=-1), (-1, depth))
    return tf.reshape(tf.matmul(flat, tf.reshape(filters, (depth, outputs))), (-1, *counts, outputs))


def _by_convolutions(
    input: Tensor, filters: Tensor, strides: Sequence[int], dilations: Sequence[int], counts: Sequence[int]
) -> Tensor:
    """Return TensorFlow's convolution without padding, gradients of it written as convolutions."""
    tf, rank = load_tensorflow(), len(counts)
    *window, _, _ = filters.shape
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilations, strict=True)]
    covered = [(n - 1) * s + k for n, s, k in zip(counts, strides, spans, strict=True)]
    rests = [n - c for n, c in zip(input.shape[1:-1], covered, strict=True)]
    exchanged = (rank + 1, *range(1, rank + 1), 0)  # channels and rows

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def convolved(x: Tensor, w: Tensor) -> Gradients:
        def gradient(upstream: Tensor) -> tuple[Tensor, Tensor]:
            upstream = tf.ensure_shape(upstream, (x.shape[0], *counts, w.shape[-1]))
            spread = _with_zeros_between(upstream, strides)
            around = [(k - 1, k - 1 + rest) for k, rest in zip(spans, rests, strict=True)]
            turned = tf.reverse(w, range(rank))
            turned = tf.transpose(turned, (*range(rank), rank + 1, rank))  # (*window, outputs, channels)
            of_x = _plain(tf.pad(spread, [(0, 0), *around, (0, 0)]), turned, dilations=dilations)
            seen = x[(slice(None), *map(slice, covered), slice(None))]
            of_w = _plain(
                tf.transpose(seen, exchanged),  # (channels, *space, rows)
                tf.transpose(upstream, (*range(1, rank + 1), 0, rank + 1)),  # (*counts, rows, outputs)
                strides=dilations,
                dilations=strides,
            )  # (channels, *window, outputs)
            return of_x, tf.transpose(of_w, (*range(1, rank + 1), 0, rank + 1))

        return _plain(x, w, strides=strides, dilations=dilations), gradient

    return convolved(input, filters)


def _plain(x: Tensor, w: Tensor, *, strides: Sizes = None, dilations: Sizes = None) -> Tensor:
    """Return TensorFlow's own convolution; asked for by its operation, because tf.nn.convolution is replaced."""
    tf, rank = load_tensorflow(), len(x.shape) - 2
    strides, dilations = each_dimension(strides, rank), each_dimension(dilations, rank)
    if rank == 1:  # which TensorFlow has for two dimensions only
        x, w = tf.expand_dims(x, 1), tf.expand_dims(w, 0)
        strides, dilations = (1, *strides), (1, *dilations)
    operation = tf.raw_ops.Conv3D if rank == 3 else tf.raw_ops.Conv2D
    found = operation(input=x, filter=w, strides=[1, *strides, 1], dilations=[1, *dilations, 1], padding="VALID")
    return tf.squeeze(found, 1) if rank == 1 else found


def _with_zeros_between(x: Tensor, strides: Sequence[int]) -> Tensor:
    """Return (rows, *((n - 1) * stride + 1), channels): stride - 1 zeros between entries of (rows, *n, channels)."""
    tf, (rows, *space, channels) = load_tensorflow(), x.shape
    if set(strides) == {1}:
        return x
    apart = tf.reshape(x, (rows, *[side for n in space for side in (n, 1)], channels))
    padded = tf.pad(apart, [(0, 0), *[pads for s in strides for pads in ((0, 0), (0, s - 1))], (0, 0)])
    joined = tf.reshape(padded, (rows, *[n * s for n, s in zip(space, strides, strict=True)], channels))
    kept = [slice((n - 1) * s + 1) for n, s in zip(space, strides, strict=True)]
    return joined[(slice(None), *kept, slice(None))]


def window_entry(x: Tensor, offset: Sequence[int], counts: Sequence[int], strides: Sequence[int]) -> Tensor:
    """Return (rows, *counts, channels): what lies at one offset of each window."""
    steps = [slice(o, o + (n - 1) * s + 1, s) for o, n, s in zip(offset, counts, strides, strict=True)]
    return x[(slice(None), *steps, slice(None))]


def each_dimension(value: Sizes, rank: int) -> tuple[int, ...]:
    """Return a stride, dilation or window for each dimension of space."""
    if value is None:
        return (1,) * rank
    values = (value,) * rank if isinstance(value, int) else tuple(value)
    return values[1:-1] if len(values) == rank + 2 else values * rank if len(values) == 1 else values
