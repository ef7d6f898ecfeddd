"""The cells of a coarse-to-fine grid, as pure functions of a space and of the cells already planned.

Cells that differ in their floats alone are one family.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product
from typing import Literal, get_args

from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution

from .cell_space import POINTS, CellSpace, Conditions, Key
from .plan import Edge
from .values import coarse_values, decades_above, digits_within, internal, is_same, values_between

Fine = Literal["around", "within", "none"]
Ranges = Mapping[str, tuple[float, float]]

LEAST_POINTS = 3  # of each refined float, where several share
# Trial values closer than this are equal. sweeps.analysis has one of its own for scores: this folder stands alone.
TIE_RELATIVE = 1e-12


class Grid:
    """The coarse cells of a space, and what may follow from any of them: larger decades, or finer cells around it.

    CoarseToFineSampler says what the arguments are, and a ValueError which one is out of range. Where a cell has
    several floats, they share the points: n floats have points / n values each, but three at least.
    """

    def __init__(
        self,
        distributions: Mapping[str, BaseDistribution],
        conditions: Conditions | None = None,
        fine: Fine = "around",
        points: int = POINTS,
        grow: Ranges | None = None,
    ) -> None:
        if fine not in get_args(Fine):
            raise ValueError(f"fine is one of {', '.join(get_args(Fine))}, not {fine!r}")
        self.space = CellSpace(distributions, conditions, points)
        self.fine = fine
        if not isinstance(grow, Mapping | None):
            raise ValueError(f"grow is {{parameter: (low, high)}}, not {grow!r}")
        self.grow = {name: self._checked_range(name, range_) for name, range_ in (grow or {}).items()}
        self._names = list(distributions)
        ints = {name: self.space.values(name) for name, d in distributions.items() if isinstance(d, IntDistribution)}
        self._ints = {name: (values[0], values[-1]) for name, values in ints.items()}
        self._floats = {i: d for i, d in enumerate(distributions.values()) if isinstance(d, FloatDistribution)}

    def coarse(self) -> list[Key]:
        """Return the product of every parameter's coarse values, under the conditions."""
        rows: list[dict[str, float | None]] = [{}]
        for name in self.space.order:
            values = self._coarse_values(name)
            rows = [{**row, name: v} for row in rows for v in (values if self.space.exists(name, row) else [None])]
        return [tuple(row[name] for name in self._names) for row in rows]

    def grown(self, key: Key, planned: Collection[Key]) -> list[Key]:
        """Return the cells of a family that are new when its floats on their upper edge get one decade more.

        `key` is the family's best cell, among all coarse cells, `planned`. Where none of its floats lies on its upper
        edge, or none of those may grow, nothing is returned.
        """
        axes = self._axes(key, planned)
        for i, taken in axes.items():
            if key[i] == taken[-1]:
                axes[i] = taken + self._decades_left(i, taken)[:1]
        return self._new(key, axes, planned)

    def refined(self, best: Key, planned: Collection[Key]) -> list[Key]:
        """Return the next stage: `best` with its floats between their neighbours among the planned cells.

        `best` is one of those, and none of them is returned; a cell without a float has nothing to refine.
        """
        axes = self._axes(best, planned)
        finer = {i: self._refined(i, value, axes[i], len(axes)) for i, value in self._values(best).items()}
        return self._new(best, finer, planned)

    def most_grown(self, key: Key, planned: Collection[Key]) -> int:
        """Return how many cells a family has when all of its floats have grown to the end, above what is planned."""
        axes = self._axes(key, planned)
        sizes = {i: len(taken) for i, taken in axes.items()}
        most = {i: len(taken) + len(self._decades_left(i, taken)) for i, taken in axes.items()}
        return math.prod(most.values()) - math.prod(sizes.values())

    def most_refined(self, key: Key) -> int:
        """Return an upper bound of how many cells `refined` can return for a family, 0 where it has no float."""
        floats = len(self._values(key))
        finer = max(self._share(floats), 8 if self.fine == "within" else 0)
        return 0 if self.fine == "none" else int((finer + 1) ** floats) - 1

    def ends(self, family: Sequence[Key]) -> dict[str, tuple[float, float]]:
        """Return the lowest and the highest value of each number of a family, of those that have more than one."""
        floats = {self._names[i]: (taken[0], taken[-1]) for i, taken in self._axes(family[0], family).items()}
        return {name: (low, high) for name, (low, high) in (self._ints | floats).items() if low < high}

    def edges(self, key: Key, ends: Mapping[str, tuple[float, float]]) -> dict[str, Edge]:
        """Return which of a cell's numbers lie at an end."""
        pairs = [(name, value, *ends[name]) for name, value in zip(self._names, key, strict=True) if name in ends]
        return {name: "low" if value == low else "high" for name, value, low, high in pairs if value in (low, high)}

    def best(self, results: Mapping[Key, float], maximize: bool) -> Key:
        """Return the best of some cells; ties go to the larger float, then to the earlier category or number."""
        top = max(results.values()) if maximize else min(results.values())
        tied = [key for key, value in results.items() if math.isclose(value, top, rel_tol=TIE_RELATIVE)]
        return min(tied, key=self.preference)

    def preference(self, key: Key) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return what equal cells are sorted by."""
        floats = tuple(-v if (v := key[i]) is not None else math.inf for i in self._floats)
        return floats, tuple(-math.inf if v is None else v for v in key)

    def family(self, key: Key) -> Key:
        """Return what the cells of a family have in common."""
        # A float's own value says nothing, but having one does: nested conditions may differ in that alone.
        return tuple(0.0 if v is not None and i in self._floats else v for i, v in enumerate(key))

    def _coarse_values(self, name: str) -> list[float]:
        if name not in self.grow:
            return self.space.values(name)
        # Named as the whole range names them: the ends of a part of it need not be values of the grid.
        begin = coarse_values(FloatDistribution(*self.grow[name], log=True), self.space.points)
        whole = self.space.distributions[name]
        return sorted({v for value in begin if (v := internal(whole, value)) is not None})

    def _share(self, floats: int) -> int:
        """Return how many values each of so many floats is refined by."""
        return max(min(self.space.points, LEAST_POINTS), -(-self.space.points // max(1, floats)))

    def _values(self, key: Key) -> dict[int, float]:
        """Return a cell's floats by their places in its key."""
        return {i: v for i in self._floats if (v := key[i]) is not None}

    def _axes(self, key: Key, planned: Iterable[Key]) -> dict[int, list[float]]:
        """Return the values, ascending, that a family has of each of its floats, by their places in a key."""
        family = [other for other in planned if self.family(other) == self.family(key)]
        return {i: sorted({v for other in family if (v := other[i]) is not None}) for i in self._values(key)}

    def _new(self, key: Key, axes: Mapping[int, Sequence[float]], planned: Collection[Key]) -> list[Key]:
        """Return the product of these floats' values with the rest of a cell, without what is planned already."""
        visited = set(planned)
        cells = product(*(axes.get(i, [v]) for i, v in enumerate(key)))
        return [cell for cell in cells if cell not in visited]

    def _decades_left(self, i: int, taken: Sequence[float]) -> list[float]:
        return decades_above(self._floats[i], taken[-1]) if self._names[i] in self.grow else []

    def _refined(self, i: int, value: float, taken: Sequence[float], floats: int) -> list[float]:
        finer = self._finer(i, value, taken, floats)
        return sorted({value, *(v for v in finer if not is_same(self._floats[i], v, value))})

    def _finer(self, i: int, value: float, taken: Sequence[float], floats: int) -> list[float]:
        name, distribution = self._names[i], self._floats[i]
        # Only the second stage starts from whole decades, so only there is "inside the decade" something to fill.
        if self.fine == "within" and distribution.log:
            decades = self._coarse_values(name)
            if {*taken} <= {*decades, *decades_above(distribution, decades[-1])}:
                return digits_within(distribution, value)[::floats]
        lowest, _ = self.grow.get(name, (distribution.low, distribution.high))
        low = max((v for v in taken if v < value), default=lowest)
        high = min((v for v in taken if v > value), default=distribution.high)
        return values_between(distribution, low, high, self._share(floats))

    def _checked_range(self, name: str, range_: tuple[float, float]) -> tuple[float, float]:
        distribution = self.space.distributions.get(name)
        if not isinstance(distribution, FloatDistribution) or not distribution.log:
            raise ValueError(f"grow[{name!r}]: only log-scaled floats of the space grow, by orders of magnitude")
        if not isinstance(range_, Sequence) or len(range_) != 2:
            raise ValueError(f"grow[{name!r}] is a pair, (low, high), not {range_!r}")
        low, high = range_
        if not distribution.low <= low <= high <= distribution.high:
            limits = f"{distribution.low:g} to {distribution.high:g}"
            raise ValueError(f"grow[{name!r}]: {low:g} to {high:g} is no range inside the space's own, {limits}")
        return float(low), float(high)
