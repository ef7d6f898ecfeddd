"""Penalties that rise in the course of a training, by name; a SweepFileError says which needs more epochs."""

import math
from collections.abc import Callable
from itertools import pairwise

from regsearch.errors import SweepFileError
from regsearch.spec import Schedule

# Reed and Marks, Neural Smithing (1999): 0 up to epoch 1,200, 1e-5 up to 2,500, 1e-4 up to 4,000, 1e-3 up to 5,500.
NEURAL_SMITHING = ((1200, 0.0), (2500, 1e-5), (4000, 1e-4), (5500, 1e-3))


def rising(epochs: int, low: float, high: float) -> Schedule:
    """Return a training without penalty that goes on with each power of ten from low to high, equally long each."""
    values = [0.0, *_powers_of_ten(low, high)]
    _require(epochs, len(values), "rising")
    each = epochs // len(values)
    first = epochs - each * (len(values) - 1)
    return Schedule(name="rising", phases=((first, 0.0), *((each, value) for value in values[1:])))


def neural_smithing(epochs: int, low: float, high: float) -> Schedule:
    """Return the published schedule, stretched or shrunk in proportion to the number of epochs."""
    ends = [round(end * epochs / NEURAL_SMITHING[-1][0]) for end, _ in NEURAL_SMITHING]
    lengths = [second - first for first, second in pairwise([0, *ends])]
    if min(lengths) < 1:
        _require(epochs, 10 * len(lengths), "neural-smithing")
    phases = zip(lengths, (value for _, value in NEURAL_SMITHING), strict=True)
    return Schedule(name="neural-smithing", phases=tuple(phases))


BY_NAME: dict[str, Callable[[int, float, float], Schedule]] = {"rising": rising, "neural-smithing": neural_smithing}


def _require(epochs: int, least: int, name: str) -> None:
    if epochs < least:
        raise SweepFileError("search.schedules", f"{name!r} needs at least {least} epochs, training.epochs is {epochs}")


def _powers_of_ten(low: float, high: float) -> list[float]:
    """Return the powers of ten in a range; the range's ends where there is none."""
    exponents = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
    return [float(f"1e{k}") for k in exponents] or [low, high]
