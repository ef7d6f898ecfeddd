"""The cells of a coarse-to-fine grid, as pure functions of a space and of the cells already planned.

A cell is known by its key: one number a parameter in the space's order (Optuna's internal representation: the value of
a float or an int, the index of a category), None where the cell does not have that parameter.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product
from typing import Any, Literal, get_args

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

Key = tuple[float | None, ...]
Fine = Literal["around", "within", "none"]
Conditions = Mapping[str, tuple[str, Sequence[Any]]]

SIGNIFICANT_DIGITS = 4  # of a grid value; 1e-3 reached in two ways is one cell
LEAST_POINTS = 3  # of each refined float, where several share
MAX_INTS = 100  # values of one int parameter; more is no grid
MAX_LINEAR_SPAN = 1000.0  # high / low of a float range without log; more spans orders of magnitude
TIE_RELATIVE = 1e-12  # trial values closer than this are equal


class Grid:
    """The coarse cells of a space, and the fine ones around any of them.

    Args:
        space: each parameter's distribution.
        conditions: which parameters exist only where another one has certain values.
        fine: `around` a cell (between its neighbours), `within` its order of magnitude (2 … 9 times 10^k), or `none`.
        points: values of a refined float, and of a linear float in the coarse stage. Where a cell has several floats,
            they share: n floats have points / n values each, but three at least.

    Raises:
        ValueError: an argument is out of range; the message names it.
    """

    def __init__(
        self, space: Mapping[str, BaseDistribution], conditions: Conditions, fine: Fine = "around", points: int = 9
    ) -> None:
        if fine not in get_args(Fine):
            raise ValueError(f"fine is one of {', '.join(get_args(Fine))}, not {fine!r}")
        if points < 1:
            raise ValueError(f"points is at least 1, not {points}")
        if not space:
            raise ValueError("space needs at least one parameter")
        for name, distribution in space.items():
            _check_distribution(name, distribution)
        self.space = dict(space)
        self.fine = fine
        self.points = points
        self._conditions = {name: self._checked_condition(name, *given) for name, given in conditions.items()}
        self._order = self._parents_first()
        self._is_float = [isinstance(distribution, FloatDistribution) for distribution in self.space.values()]

    def coarse(self) -> list[Key]:
        """Return the product of every parameter's coarse values, under the conditions."""
        rows: list[dict[str, float | None]] = [{}]
        for name in self._order:
            values = coarse_values(self.space[name], self.points)
            rows = [row | {name: value} for row in rows for value in (values if self._exists(name, row) else [None])]
        return [tuple(row[name] for name in self.space) for row in rows]

    def refined(self, best: Key, planned: Collection[Key]) -> list[Key]:
        """Return the next stage: `best` with its floats between their neighbours among the planned cells.

        Args:
            best: the cell to look around; one without a float has nothing to refine.
            planned: every cell of the stages before, `best` among them; none of them is returned.
        """
        branch = [key for key in planned if self._fixed_part(key) == self._fixed_part(best)]
        visited = set(branch)
        axes = [self._refined_axis(i, best, branch) for i in range(len(best))]
        return [key for key in product(*axes) if key not in visited]

    def most_refined(self) -> int:
        """Return an upper bound of the number of cells that `refined` can return, 0 where nothing can be refined."""
        if self.fine == "none":
            return 0
        counts = {sum(key[i] is not None for i in self._floats()) for key in self.coarse()}
        finer = {n: max(self._share(n), 8 if self.fine == "within" else 0) for n in counts}
        return max(int((finer[n] + 1) ** n) - 1 for n in counts)

    def best(self, results: Mapping[Key, float], maximize: bool) -> Key:
        """Return the best of these cells; ties go to the larger float, then to the earlier category or number.

        Args:
            results: each cell's trial value; at least one.
            maximize: whether larger values are better.
        """
        top = max(results.values()) if maximize else min(results.values())
        tied = [key for key, value in results.items() if math.isclose(value, top, rel_tol=TIE_RELATIVE)]
        return min(tied, key=self._preference)

    def key(self, params: Mapping[str, Any]) -> Key | None:
        """Return the key of these parameters; None where they are not exactly one setting of the whole space."""
        row: dict[str, float | None] = {}
        for name in self._order:
            if self._exists(name, row) != (name in params):
                return None
            row[name] = _internal(self.space[name], params[name]) if name in params else None
            if name in params and row[name] is None:
                return None
        return tuple(row[name] for name in self.space) if params.keys() <= self.space.keys() else None

    def params(self, key: Key) -> dict[str, Any]:
        """Return a cell's parameters, those it does not have left out."""
        named = zip(self.space.items(), key, strict=True)
        return {name: distribution.to_external_repr(v) for (name, distribution), v in named if v is not None}

    def condition(self, name: str) -> str:
        """Say where a parameter exists."""
        if name not in self._conditions:
            return "in every cell"
        parent, values = self._conditions[name]
        return f"only where {parent} is {' or '.join(str(self.space[parent].to_external_repr(v)) for v in values)}"

    def _exists(self, name: str, row: Mapping[str, float | None]) -> bool:
        if name not in self._conditions:
            return True
        parent, values = self._conditions[name]
        return row[parent] in values

    def _share(self, floats: int) -> int:
        """Return how many values each of so many floats is refined by."""
        return max(min(self.points, LEAST_POINTS), -(-self.points // max(1, floats)))

    def _floats(self) -> list[int]:
        return [i for i, is_float in enumerate(self._is_float) if is_float]

    def _fixed_part(self, key: Key) -> Key:
        # A float's own value says nothing, but having one does: nested conditions may differ in that alone.
        return tuple(0.0 if f and v is not None else v for f, v in zip(self._is_float, key, strict=True))

    def _preference(self, key: Key) -> tuple[tuple[float, ...], tuple[float, ...]]:
        floats = tuple(-v if (v := key[i]) is not None else math.inf for i in self._floats())
        return floats, tuple(-math.inf if v is None else v for v in key)

    def _refined_axis(self, i: int, best: Key, branch: Iterable[Key]) -> Sequence[float | None]:
        value, distribution = best[i], list(self.space.values())[i]
        if value is None or not isinstance(distribution, FloatDistribution):
            return [value]
        taken = {v for key in branch if (v := key[i]) is not None}
        finer = self._finer(distribution, value, taken, sum(best[j] is not None for j in self._floats()))
        return sorted({value, *(v for v in finer if not _is_same(distribution, v, value))})

    def _finer(self, distribution: FloatDistribution, value: float, taken: set[float], floats: int) -> list[float]:
        # Only the second stage starts from whole orders, so only there is "inside the order" something to fill.
        if self.fine == "within" and distribution.log and taken <= set(coarse_values(distribution, self.points)):
            return digits_within(distribution, value)[::floats]
        low = max((v for v in taken if v < value), default=distribution.low)
        high = min((v for v in taken if v > value), default=distribution.high)
        return values_between(distribution, low, high, self._share(floats))

    def _checked_condition(self, name: str, parent: str, values: Sequence[Any]) -> tuple[str, list[float]]:
        for known in (name, parent):
            if known not in self.space:
                raise ValueError(f"conditions[{name!r}]: {known!r} is not in the space ({', '.join(self.space)})")
        if isinstance(self.space[parent], FloatDistribution):
            raise ValueError(f"conditions[{name!r}]: {parent!r} is a float; only categories and ints can be asked for")
        indices = [_internal(self.space[parent], value) for value in values]
        if not indices or None in indices:
            raise ValueError(f"conditions[{name!r}]: {values!r} are not values of {parent!r}: {self.space[parent]}")
        return parent, [v for v in indices if v is not None]

    def _parents_first(self) -> list[str]:
        def depth(name: str, below: tuple[str, ...] = ()) -> int:
            if name in below:
                raise ValueError(f"conditions: {' -> '.join((*below, name))} goes round in a circle")
            return 1 + depth(self._conditions[name][0], (*below, name)) if name in self._conditions else 0

        return sorted(self.space, key=depth)


def coarse_values(distribution: BaseDistribution, points: int) -> list[float]:
    """Return a parameter's values in the coarse stage, ascending: categories as their indices."""
    match distribution:
        case CategoricalDistribution():
            return list(range(len(distribution.choices)))
        case FloatDistribution(log=True) | IntDistribution(log=True):
            return _decades(distribution)
        case FloatDistribution():
            return _distinct(distribution, np.linspace(distribution.low, distribution.high, points))
        case IntDistribution():
            return list(range(distribution.low, distribution.high + 1, distribution.step))
    raise TypeError(distribution)


def values_between(distribution: FloatDistribution, low: float, high: float, points: int) -> list[float]:
    """Return at most `points` evenly spaced values strictly between low and high, on the distribution's scale."""
    spaced = np.geomspace if distribution.log else np.linspace
    return [v for v in _distinct(distribution, spaced(low, high, points + 2)[1:-1]) if low < v < high]


def digits_within(distribution: FloatDistribution, value: float) -> list[float]:
    """Return 2 … 9 times 10^k inside the value's order of magnitude and the distribution's range."""
    exponent = math.floor(math.log10(value))
    digits = [float(f"{digit}e{exponent}") for digit in range(2, 10)]
    return [v for v in digits if distribution.low <= v <= distribution.high]


def snap(distribution: FloatDistribution, value: float) -> float:
    """Return the grid's name of a value: 4 significant digits (of the range's width without log), inside the range."""
    if distribution.step is not None:
        value = distribution.low + round((value - distribution.low) / distribution.step) * distribution.step
    elif distribution.log:
        value = float(f"{value:.{SIGNIFICANT_DIGITS - 1}e}")
    elif distribution.high > distribution.low:
        value = round(value, SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(distribution.high - distribution.low)))
    return min(max(value, distribution.low), distribution.high)


def _is_same(distribution: FloatDistribution, value: float, other: float) -> bool:
    # Neighbours were rounded, so their middle may miss a value that lies there by up to one unit of its last digit.
    if distribution.log:
        return math.isclose(value, other, rel_tol=10.0 ** (1 - SIGNIFICANT_DIGITS))
    return abs(value - other) < (distribution.high - distribution.low) * 10.0 ** (1 - SIGNIFICANT_DIGITS)


def _decades(distribution: FloatDistribution | IntDistribution) -> list[float]:
    low, high = distribution.low, distribution.high
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    powers = [v for k in exponents if low <= (v := float(f"1e{k}")) <= high]
    return _distinct(distribution, powers if len(powers) > 1 else sorted({low, *powers, high}))


def _distinct(distribution: FloatDistribution | IntDistribution, values: Iterable[float]) -> list[float]:
    if isinstance(distribution, IntDistribution):
        return sorted({int(v) for v in values})
    return sorted({snap(distribution, float(v)) for v in values})


def _internal(distribution: BaseDistribution, value: Any) -> float | None:
    try:
        internal = distribution.to_internal_repr(value)
    except ValueError:
        return None
    if not distribution._contains(internal):
        return None
    return snap(distribution, internal) if isinstance(distribution, FloatDistribution) else internal


def _check_distribution(name: str, distribution: BaseDistribution) -> None:
    match distribution:
        case FloatDistribution(log=False, low=low, high=high) if 0 < low and high / low > MAX_LINEAR_SPAN:
            raise ValueError(
                f"space[{name!r}]: {low:g} to {high:g} spans orders of magnitude; use FloatDistribution(…, log=True)"
            )
        case IntDistribution(log=False, low=low, high=high, step=step) if (high - low) // step >= MAX_INTS:
            raise ValueError(f"space[{name!r}]: more than {MAX_INTS} values; give it a larger step, or log=True")
        case FloatDistribution() | IntDistribution() | CategoricalDistribution():
            return
        case _:
            raise ValueError(f"space[{name!r}]: {distribution!r} is not a float, int or categorical distribution")
