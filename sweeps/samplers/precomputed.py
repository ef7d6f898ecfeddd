"""The draws of another sampler, each tried exactly once, over any number of workers."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler

from sweeps.samplers.coarse_to_fine.cell_sampler import CellSampler
from sweeps.samplers.coarse_to_fine.cell_space import CellSpace, Conditions, Key
from sweeps.samplers.coarse_to_fine.plan import Plan, Stage
from sweeps.samplers.coarse_to_fine.settings import settings
from sweeps.samplers.coarse_to_fine.values import internal

MAX_IN_VAIN = 1000  # draws in a row that were there before: then the space has no others


class PrecomputedSampler(CellSampler):
    """Visit the first `count` different draws of a sampler that does not look at results, such as Random and QMC.

    Which they are depends on that sampler's seed alone: neither on how many workers there are, nor on who fails or is
    stopped. Nothing is drawn twice, and floats have 4 significant digits.

    Args:
        space: each parameter's distribution.
        make: returns the sampler that draws, seeded.
        count: how many; fewer where the space does not hold so many.
        conditions: as CoarseToFineSampler has them. What a draw has beyond them is left out.
        max_failures: as there, of a draw.
        grace_s: as there.

    Raises:
        ValueError: an argument is out of range; the message names it.
    """

    def __init__(
        self,
        space: Mapping[str, BaseDistribution],
        make: Callable[[], BaseSampler],
        *,
        count: int,
        conditions: Conditions | None = None,
        max_failures: int = 3,
        grace_s: float = 120.0,
    ) -> None:
        if count < 1:
            raise ValueError(f"count is at least 1, not {count}")
        plan = _Draws(CellSpace(space, conditions), make, count)
        super().__init__(plan, settings(plan.space), max_failures=max_failures, grace_s=grace_s)


class _Draws(Plan):
    """One stage, whose cells are draws."""

    def __init__(self, space: CellSpace, make: Callable[[], BaseSampler], count: int) -> None:
        super().__init__(space)
        self._make = make
        self._count = count

    def first(self) -> Stage:
        """Return the draws; they are called a grid in what studies hold of them."""
        found: dict[Key, None] = {}
        in_vain = 0
        drawn = draws(self._make(), self.space.distributions)
        while len(found) < self._count and in_vain < MAX_IN_VAIN:
            key = self._under_conditions(next(drawn))
            in_vain = in_vain + 1 if key in found else 0
            found[key] = None
        return Stage(name="grid", cells=tuple(found))

    def _under_conditions(self, params: Mapping[str, Any]) -> Key:
        """Return the cell of a draw, which has a value for every parameter."""
        row: dict[str, float | None] = {}
        for name in self.space.order:
            there = self.space.exists(name, row)
            row[name] = internal(self.space.distributions[name], params[name]) if there else None
        return tuple(row[name] for name in self.space.distributions)


def draws(sampler: BaseSampler, space: Mapping[str, BaseDistribution]) -> Iterator[dict[str, Any]]:
    """Yield what a sampler draws from a space without conditions, one after the other, without end."""
    study = optuna.create_study(sampler=sampler)
    trial = study._storage.get_trial(study.ask()._trial_id)  # which one does not matter
    for _ in itertools.count():
        joint = sampler.sample_relative(study, trial, dict(space))
        yield joint or {name: sampler.sample_independent(study, trial, name, d) for name, d in space.items()}
