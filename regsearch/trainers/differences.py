"""How far apart two trainings are, tensor by tensor, as a multiple of what the rounding of float32 explains."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regsearch.trainers.tensors import Array, Arrays

OF_UPDATE = 1e-4  # of the norm of what the steps changed: gradients are sums of products, in another order each time
OF_NORM = 5e-7  # of the tensor's norm: a few roundings of float32, each within 6e-8, however little was changed
NOISE = 1e-6  # of the largest gradient: what rounding leaves in each
MOST = 4  # tensors named in a message


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How far a tensor is from its reference.

    Args:
        name: of the tensor.
        relative: ‖a - b‖ / ‖b‖.
        multiple: ‖a - b‖ as a multiple of what is tolerated; above 1 it differs.
    """

    name: str
    relative: float = 0.0
    multiple: float = 0.0

    @property
    def apart(self) -> bool:
        """Whether it differs by more than rounding explains."""
        return self.multiple > 1


def difference(name: str, before: Array, a: Array, b: Array, error: Array | float = 0.0) -> Difference:
    """Return how far a is from b; integers must be the same.

    relative = ‖a - b‖ / ‖b‖, multiple = ‖a - b‖ / (‖(b - before)·(1e-4 + error)‖ + 5e-7·‖b‖).

    Args:
        name: of the tensor.
        before: what it was before the steps.
        a: what one training made of it.
        b: what the reference made of it.
        error: relative error of the gradients that moved each of its numbers; see `gradient_error`.
    """
    if np.array_equal(a, b):
        return Difference(name=name)
    if not np.issubdtype(b.dtype, np.floating) or not np.isfinite(a).all():
        return Difference(name=name, relative=math.inf, multiple=math.inf)
    a, b, before = (array.astype(np.float64) for array in (a, b, before))
    apart, norm, update = (float(np.linalg.norm(v)) for v in (a - b, b, (b - before) * (OF_UPDATE + error)))
    tolerated = update + OF_NORM * norm
    return Difference(
        name=name,
        relative=apart / norm if norm else math.inf,
        multiple=apart / tolerated if tolerated else math.inf,
    )


def gradient_error(gradients: Sequence[Array | None], weights: Arrays) -> Arrays:
    """Return the relative error that float32 leaves in each number of the gradients: 1e-6 · largest gradient / |g|.

    Gradients are sums of terms as large as the largest of them, so where they cancel rounding is left; Adam, which
    divides by their size, passes it on. From 1 on a gradient is nothing but noise. Where it is 0
    there is no error; a weight without a gradient, which Keras leaves out of weight decay too, moves no prediction.
    """
    sizes = [None if g is None else np.abs(g) for g in gradients]
    largest = max(float(size.max(initial=0)) for size in sizes if size is not None)
    with np.errstate(divide="ignore"):
        return [
            np.full(w.shape, np.inf) if size is None else np.where(size > 0, NOISE * largest / size, 0.0)
            for size, w in zip(sizes, weights, strict=True)
        ]
