"""The values of one parameter: in the coarse stage, in a finer one, and the name of each."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

SIGNIFICANT_DIGITS = 4  # of a grid value; 1e-3 reached in two ways is one cell
MAX_INTS = 100  # values of one int parameter; more is no grid
MAX_LINEAR_SPAN = 1000.0  # high / low of a float range without log; more spans orders of magnitude


def coarse_values(distribution: BaseDistribution, points: int) -> list[float]:
    """Return a parameter's values in the coarse stage, ascending: categories as their indices."""
    match distribution:
        case CategoricalDistribution():
            return list(range(len(distribution.choices)))
        case FloatDistribution(log=True) | IntDistribution(log=True):
            return _decades(distribution)
        case FloatDistribution():
            return _distinct(distribution, np.linspace(distribution.low, distribution.high, points))
        case IntDistribution(low=low, high=high, step=step):
            return list(range(low, high + 1, step))
    raise TypeError(f"{distribution!r} is not a float, int or categorical distribution")


def values_between(distribution: FloatDistribution, low: float, high: float, points: int) -> list[float]:
    """Return at most `points` evenly spaced values strictly between low and high, on the distribution's scale."""
    spaced = np.geomspace if distribution.log else np.linspace
    return [v for v in _distinct(distribution, spaced(low, high, points + 2)[1:-1]) if low < v < high]


def digits_within(distribution: FloatDistribution, value: float) -> list[float]:
    """Return 2 … 9 times 10^k inside the value's order of magnitude and the distribution's range."""
    exponent = math.floor(math.log10(value))
    digits = [float(f"{digit}e{exponent}") for digit in range(2, 10)]
    return [v for v in digits if distribution.low <= v <= distribution.high]


def decades_above(distribution: FloatDistribution, value: float) -> list[float]:
    """Return the powers of ten above a value, as far as the distribution goes."""
    exponents = range(math.floor(math.log10(value)) + 1, math.floor(math.log10(distribution.high)) + 1)
    return [v for k in exponents if value < (v := float(f"1e{k}")) <= distribution.high]


def snap(distribution: FloatDistribution, value: float) -> float:
    """Return the grid's name of a value: 4 significant digits (of the range's width without log), inside the range."""
    if distribution.step is not None:
        value = distribution.low + round((value - distribution.low) / distribution.step) * distribution.step
    elif distribution.log:
        value = float(f"{value:.{SIGNIFICANT_DIGITS - 1}e}")
    elif distribution.high > distribution.low:
        value = round(value, SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(distribution.high - distribution.low)))
    return min(max(value, distribution.low), distribution.high)


def is_same(distribution: FloatDistribution, value: float, other: float) -> bool:
    """Return whether two values are one but for rounding.

    Neighbours were rounded, so their middle may miss a value that lies there by up to one unit of its last digit.
    """
    if distribution.log:
        return math.isclose(value, other, rel_tol=10.0 ** (1 - SIGNIFICANT_DIGITS))
    return abs(value - other) < (distribution.high - distribution.low) * 10.0 ** (1 - SIGNIFICANT_DIGITS)


def internal(distribution: BaseDistribution, value: Any) -> float | None:
    """Return Optuna's internal representation of a value, snapped; None where the distribution does not have it."""
    try:
        found = distribution.to_internal_repr(value)
    except ValueError:
        return None
    if not distribution._contains(found):
        return None
    return snap(distribution, found) if isinstance(distribution, FloatDistribution) else found


def check_distribution(name: str, distribution: BaseDistribution) -> None:
    """Raise a ValueError, which names the parameter, where a distribution makes no grid."""
    match distribution:
        case FloatDistribution(log=False, low=low, high=high) if 0 < low and high / low > MAX_LINEAR_SPAN:
            raise ValueError(
                f"space[{name!r}]: {low:g} to {high:g} spans orders of magnitude; use FloatDistribution(…, log=True)"
            )
        case IntDistribution(log=False, low=low, high=high, step=step) if (high - low) // step >= MAX_INTS:
            raise ValueError(f"space[{name!r}]: more than {MAX_INTS} values; give it a larger step, or log=True")
        case CategoricalDistribution(choices=choices):
            for i, choice in enumerate(choices):
                first = int(distribution.to_internal_repr(choice))
                if first != i:
                    raise ValueError(f"space[{name!r}]: {choices[first]!r} and {choice!r} are one category for Optuna")
        case FloatDistribution() | IntDistribution():
            return
        case _:
            raise ValueError(f"space[{name!r}]: {distribution!r} is not a float, int or categorical distribution")


def _decades(distribution: FloatDistribution | IntDistribution) -> list[float]:
    low, high = distribution.low, distribution.high
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    powers = [v for k in exponents if low <= (v := float(f"1e{k}")) <= high]
    return _distinct(distribution, powers if len(powers) > 1 else sorted({low, *powers, high}))


def _distinct(distribution: FloatDistribution | IntDistribution, values: Iterable[float]) -> list[float]:
    if isinstance(distribution, IntDistribution):
        return sorted({int(v) for v in values})
    return sorted({snap(distribution, float(v)) for v in values})
