"""The space that cells lie in, and the key by which each cell is known.

A key holds one number per parameter in the space's order (Optuna's internal representation: the value of a float or an
int, the index of a category), None where the cell does not have that parameter.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from optuna.distributions import BaseDistribution, FloatDistribution

from .values import check_distribution, coarse_values, internal

Conditions = Mapping[str, tuple[str, Sequence[Any]]]  # of a parameter: its parent, and the values that must have
Key = tuple[float | None, ...]

POINTS = 9  # unless told


class CellSpace:
    """Between parameters and keys; a linear float has `points` values.

    Conditions say which parameters exist only where another one, their parent, has certain values. A ValueError says
    which argument is out of range.
    """

    def __init__(
        self,
        distributions: Mapping[str, BaseDistribution],
        conditions: Conditions | None = None,
        points: int = POINTS,
    ) -> None:
        if points < 1:
            raise ValueError(f"points is at least 1, not {points}")
        if not distributions:
            raise ValueError("space needs at least one parameter")
        for name, distribution in distributions.items():
            check_distribution(name, distribution)
        self.distributions = dict(distributions)
        self.conditions = dict(conditions or {})
        self.points = points
        self._parents = {name: self._checked(name, *condition) for name, condition in self.conditions.items()}
        self.order = sorted(self.distributions, key=self._depth)  # parents before what depends on them

    def values(self, name: str) -> list[float]:
        """Return a parameter's values on a coarse grid, in Optuna's internal representation."""
        return coarse_values(self.distributions[name], self.points)

    def exists(self, name: str, row: Mapping[str, float | None]) -> bool:
        """Return whether a parameter exists, given the internal values of those before it."""
        if name not in self._parents:
            return True
        parent, values = self._parents[name]
        return row[parent] in values

    def where(self, name: str) -> str:
        """Say where a parameter exists."""
        if name not in self._parents:
            return "in every cell"
        parent, values = self._parents[name]
        return (
            f"only where {parent} is {' or '.join(str(self.distributions[parent].to_external_repr(v)) for v in values)}"
        )

    def key(self, params: Mapping[str, Any]) -> Key | None:
        """Return the key of these parameters; None where they are not exactly one setting of the whole space."""
        row: dict[str, float | None] = {}
        for name in self.order:
            if self.exists(name, row) != (name in params):
                return None
            row[name] = internal(self.distributions[name], params[name]) if name in params else None
            if name in params and row[name] is None:
                return None
        return tuple(row[name] for name in self.distributions) if params.keys() <= self.distributions.keys() else None

    def params(self, key: Key) -> dict[str, Any]:
        """Return a cell's parameters, those it does not have left out."""
        named = zip(self.distributions.items(), key, strict=True)
        return {name: distribution.to_external_repr(v) for (name, distribution), v in named if v is not None}

    def _checked(self, name: str, parent: str, values: Sequence[Any]) -> tuple[str, list[float]]:
        space = self.distributions
        for known in (name, parent):
            if known not in space:
                raise ValueError(f"conditions[{name!r}]: {known!r} is not in the space ({', '.join(space)})")
        if isinstance(space[parent], FloatDistribution):
            raise ValueError(f"conditions[{name!r}]: {parent!r} is a float; only categories and ints can be asked for")
        indices = [internal(space[parent], value) for value in values]
        if not indices or None in indices:
            raise ValueError(f"conditions[{name!r}]: {values!r} are not values of {parent!r}: {space[parent]}")
        return parent, [v for v in indices if v is not None]

    def _depth(self, name: str, below: tuple[str, ...] = ()) -> int:
        if name in below:
            raise ValueError(f"conditions: {' -> '.join((*below, name))} goes round in a circle")
        return 1 + self._depth(self._parents[name][0], (*below, name)) if name in self._parents else 0
