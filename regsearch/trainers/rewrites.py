"""Some of TensorFlow's functions, written so that XLA's CPU compiler makes fast code of them.

They give what the originals give, and apply while a training is traced. Shapes they are not made for go to the
originals. Measured on the models of benchmarks/training.py; see docs/performance.md:
  - random numbers come from Threefry, not from XLA's default generator, which takes milliseconds a step;
  - convolutions and their gradients are products of matrices, or convolutions of the one kind that is fast;
  - the gradient of max pooling goes to the first largest of each window without a search for it;
  - the gradient of SELU at 0 is TensorFlow's, which is not XLA's.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import product
from typing import Any

from regsearch.backend import load_tensorflow
from regsearch.trainers.convolutions import Sizes, convolution, each_dimension, window_entry
from regsearch.trainers.tensors import Module, Tensor, Tensors

Operation = Callable[..., Tensor]  # one of TensorFlow's functions, or what stands in for it
Place = tuple[Module, str]  # a function of a module

_LOCK = threading.RLock()  # TensorFlow's functions are everybody's
_known = threading.local()


@contextmanager
def rewritten() -> Iterator[None]:
    """Replace TensorFlow's functions meanwhile, for calls of this thread: others may draw initial weights."""
    tf = load_tensorflow()
    threefry: dict[Place, dict[str, str]] = {
        (tf.random, "stateless_uniform"): {"alg": "threefry"},
        (tf.random, "stateless_normal"): {"alg": "threefry"},
        (tf.random, "stateless_truncated_normal"): {"alg": "threefry"},
        (tf.nn.experimental, "stateless_dropout"): {"rng_alg": "threefry"},
    }
    written: dict[Place, Operation] = {
        (tf, "matmul"): partial(_matmul, product=tf.matmul),
        (tf.nn, "convolution"): convolution,
        (tf.nn, "max_pool"): _max_pool,
        (tf.nn, "selu"): _selu,
    }
    with _LOCK:  # so that what is there is TensorFlow's own
        ours: dict[Place, Operation] = {
            place: partial(getattr(*place), **options) for place, options in threefry.items()
        }
        ours |= {place: _falling_back(function, getattr(*place)) for place, function in written.items()}
        with replaced(ours):
            yield


@contextmanager
def replaced(ours: Mapping[Place, Operation]) -> Iterator[None]:
    """Let functions of modules be others meanwhile, for calls of this thread."""
    with _LOCK:
        originals = {place: getattr(*place) for place in ours}
        try:
            for place, original in originals.items():
                setattr(*place, _in_this_thread(ours[place], original))
            yield
        finally:
            for place, original in originals.items():
                setattr(*place, original)


def _in_this_thread(ours: Operation, original: Operation) -> Operation:
    """Return a function that calls `ours` in the thread that asks for it now, and `original` in any other."""
    thread = threading.get_ident()

    def call(*args: Any, **options: Any) -> Tensor:
        return (ours if threading.get_ident() == thread else original)(*args, **options)

    return call


def _falling_back(ours: Operation, original: Operation) -> Operation:
    """Return a function that gives what `original` gives, by `ours` where that is made for the arguments."""

    def call(*args: Any, **options: Any) -> Tensor:
        found = ours(*args, **options)
        return original(*args, **options) if found is None else found

    return call


@contextmanager
def with_transpose(x: Tensor, transposed: Tensor) -> Iterator[None]:
    """Let products with x (rows, features) know its transpose (features, rows), made once outside a loop."""
    _known.pair = x, transposed
    try:
        yield
    finally:
        del _known.pair


def _matmul(a: Tensor, b: Tensor, *, product: Operation, **options: Any) -> Tensor:
    """Product of matrices whose gradient takes a transpose that is there."""
    x, transposed = getattr(_known, "pair", (None, None))
    if a is not x or len(x.shape) != 2 or any(options.values()):
        return None

    @load_tensorflow().custom_gradient  # type: ignore[untyped-decorator]
    def multiplied(a: Tensor, b: Tensor) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, Tensor]]]:
        return product(a, b), lambda upstream: (product(upstream, b, transpose_b=True), product(transposed, upstream))

    return multiplied(a, b)


def _max_pool(
    input: Tensor, ksize: Sizes, strides: Sizes, padding: str, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """Max pooling of (rows, *space, channels) over windows that lie side by side."""
    tf = load_tensorflow()
    space = tuple(input.shape[1:-1])
    window, strides = each_dimension(ksize, len(space)), each_dimension(strides, len(space))
    last = data_format is None or not data_format.startswith("NC")
    if None in input.shape or not last or window != strides or len(space) > 2 or not isinstance(padding, str):
        return None
    counts = tuple(n // k for n, k in zip(space, window, strict=True))
    if min(counts) < 1 or (padding != "VALID" and any(n % k for n, k in zip(space, window, strict=True))):
        return None
    offsets = list(product(*map(range, window)))

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def pooled(x: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        entries = [window_entry(x, offset, counts, window) for offset in offsets]
        largest = entries[0]
        for entry in entries[1:]:
            largest = tf.maximum(largest, entry)

        def gradient(upstream: Tensor) -> Tensor:
            found, free = [], tf.ones_like(largest, tf.bool)
            for entry in entries:
                hit = free & tf.equal(entry, largest)
                found.append(tf.where(hit, upstream, 0.0))
                free = free & ~hit
            return _back_in_place(found, x.shape, counts, window)

        return largest, gradient

    return pooled(input)


def _selu(features: Tensor, name: str | None = None) -> Tensor:
    """SELU whose gradient at 0, where it has a kink, is TensorFlow's own; XLA takes the other side's."""
    tf = load_tensorflow()
    alpha, scale = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. (2017), section 2
    plain = tf.raw_ops.Selu

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def activated(x: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        y = plain(features=x)
        return y, lambda upstream: upstream * tf.where(y < 0, y + scale * alpha, scale)

    return activated(features)


def _back_in_place(entries: Tensors, shape: Sequence[int], counts: Sequence[int], window: Sequence[int]) -> Tensor:
    """Return (rows, *space, channels) whose windows hold these entries, 0 where no window is."""
    tf, rank = load_tensorflow(), len(counts)
    stacked = tf.reshape(tf.stack(entries, axis=1 + rank), (shape[0], *counts, *window, shape[-1]))
    pairs = [axis for i in range(rank) for axis in (1 + i, 1 + rank + i)]
    covered = [n * k for n, k in zip(counts, window, strict=True)]
    joined = tf.reshape(tf.transpose(stacked, (0, *pairs, 1 + 2 * rank)), (shape[0], *covered, shape[-1]))
    rest = [(0, n - c) for n, c in zip(shape[1:-1], covered, strict=True)]
    return tf.pad(joined, [(0, 0), *rest, (0, 0)])
