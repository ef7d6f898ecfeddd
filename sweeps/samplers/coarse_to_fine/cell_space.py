"""The space that cells lie in, and the key by which each cell is known.

A key holds one number per parameter in the space's order (Optuna's internal representation: the value of a float or an
int, the index of a category), None where the cell does not have that parameter.
"""

from collections.abc import Mapping
from typing import Any

from optuna.distributions import BaseDistribution

from .presence import Conditions, Presence
from .values import check_distribution, coarse_values, internal

Key = tuple[float | None, ...]

POINTS = 9  # unless told


class CellSpace:
    """Between parameters and keys.

    Args:
        distributions: of each parameter.
        conditions: which parameters exist only where another one has certain values.
        points: values of a linear float.

    Raises:
        ValueError: an argument is out of range; the message names it.
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
        self.presence = Presence(self.distributions, self.conditions)

    def values(self, name: str) -> list[float]:
        """Return a parameter's values on a coarse grid, in Optuna's internal representation."""
        return coarse_values(self.distributions[name], self.points)

    def key(self, params: Mapping[str, Any]) -> Key | None:
        """Return the key of these parameters; None where they are not exactly one setting of the whole space."""
        row: dict[str, float | None] = {}
        for name in self.presence.order:
            if self.presence.exists(name, row) != (name in params):
                return None
            row[name] = internal(self.distributions[name], params[name]) if name in params else None
            if name in params and row[name] is None:
                return None
        return tuple(row[name] for name in self.distributions) if params.keys() <= self.distributions.keys() else None

    def params(self, key: Key) -> dict[str, Any]:
        """Return a cell's parameters, those it does not have left out."""
        named = zip(self.distributions.items(), key, strict=True)
        return {name: distribution.to_external_repr(v) for (name, distribution), v in named if v is not None}
