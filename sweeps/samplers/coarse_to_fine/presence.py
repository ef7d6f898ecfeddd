"""Which parameters a cell has: some exist only where another one has certain values."""

from collections.abc import Mapping, Sequence
from typing import Any

from optuna.distributions import BaseDistribution, FloatDistribution

from .values import internal

Conditions = Mapping[str, tuple[str, Sequence[Any]]]  # of a parameter: its parent, and the values that must have


class Presence:
    """Where each parameter of a space exists.

    Args:
        space: each parameter's distribution.
        conditions: of those that do not exist everywhere.

    Raises:
        ValueError: a condition names what the space does not have; the message names it.
    """

    def __init__(self, space: Mapping[str, BaseDistribution], conditions: Conditions) -> None:
        self._space = space
        self._conditions = {name: self._checked(name, *condition) for name, condition in conditions.items()}
        self.order = sorted(space, key=self._depth)  # parents before what depends on them

    def exists(self, name: str, row: Mapping[str, float | None]) -> bool:
        """Return whether a parameter exists, given the internal values of those before it."""
        if name not in self._conditions:
            return True
        parent, values = self._conditions[name]
        return row[parent] in values

    def where(self, name: str) -> str:
        """Say where a parameter exists."""
        if name not in self._conditions:
            return "in every cell"
        parent, values = self._conditions[name]
        return f"only where {parent} is {' or '.join(str(self._space[parent].to_external_repr(v)) for v in values)}"

    def _checked(self, name: str, parent: str, values: Sequence[Any]) -> tuple[str, list[float]]:
        for known in (name, parent):
            if known not in self._space:
                raise ValueError(f"conditions[{name!r}]: {known!r} is not in the space ({', '.join(self._space)})")
        if isinstance(self._space[parent], FloatDistribution):
            raise ValueError(f"conditions[{name!r}]: {parent!r} is a float; only categories and ints can be asked for")
        indices = [internal(self._space[parent], value) for value in values]
        if not indices or None in indices:
            raise ValueError(f"conditions[{name!r}]: {values!r} are not values of {parent!r}: {self._space[parent]}")
        return parent, [v for v in indices if v is not None]

    def _depth(self, name: str, below: tuple[str, ...] = ()) -> int:
        if name in below:
            raise ValueError(f"conditions: {' -> '.join((*below, name))} goes round in a circle")
        return 1 + self._depth(self._conditions[name][0], (*below, name)) if name in self._conditions else 0
