"""The draws of another sampler, each tried exactly once, over any number of workers."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler

from sweeps.samplers.coarse_to_fine import CoarseToFineSampler
from sweeps.samplers.coarse_to_fine.claims import Claims
from sweeps.samplers.coarse_to_fine.grid import Grid, Key
from sweeps.samplers.coarse_to_fine.ledger import Ledger
from sweeps.samplers.coarse_to_fine.plan import Plan
from sweeps.samplers.coarse_to_fine.presence import Conditions

MAX_IN_VAIN = 1000  # draws in a row that were there before: then the space has no others


class DrawnSampler(CoarseToFineSampler):
    """Visit the first `count` different draws of a sampler that does not look at results, such as Random and QMC.

    Which they are depends on that sampler's seed alone: neither on how many workers there are, nor on who fails or is
    stopped. Nothing is drawn twice, and floats have 4 significant digits.

    Args:
        space: each parameter's distribution.
        make: returns the sampler that draws, seeded.
        count: how many; fewer where the space does not hold so many.
        conditions: as CoarseToFineSampler has them. What a draw has beyond them is left out.
        max_failures: failed trials after which a draw is given up.
        grace_s: seconds after which a trial that has neither claimed a draw nor shown a sign of life is failed.

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
        super().__init__(
            space, conditions=conditions, fine="none", stages=1, max_failures=max_failures, grace_s=grace_s
        )
        if count < 1:
            raise ValueError(f"count is at least 1, not {count}")
        self._grid = _Draws(space, conditions, make, count)
        self._plan = Plan(self._grid, stages=1)
        self._claims = Claims(self._grid, grace_s)

    def _remark(self, books: Ledger, remarks: Sequence[str] | None = None) -> None:
        """Say nothing: draws have no edge."""


class _Draws(Grid):
    """A grid whose cells are draws."""

    def __init__(
        self,
        space: Mapping[str, BaseDistribution],
        conditions: Conditions | None,
        make: Callable[[], BaseSampler],
        count: int,
    ) -> None:
        super().__init__(space, conditions, "none")
        self._make = make
        self._count = count

    def coarse(self) -> list[Key]:
        """Return the draws."""
        found: dict[Key, None] = {}
        in_vain = 0
        drawn = draws(self._make(), self.space)
        while len(found) < self._count and in_vain < MAX_IN_VAIN:
            key = self._under_conditions(next(drawn))
            in_vain = in_vain + 1 if key in found else 0
            found[key] = None
        return list(found)

    def in_order(self, cells: Sequence[Key]) -> list[Key]:
        """Return the draws as they were drawn."""
        return list(cells)

    def _under_conditions(self, params: Mapping[str, Any]) -> Key:
        """Return the cell of a draw, which has a value for every parameter."""
        row: dict[str, float | None] = {}
        for name in self.presence.order:
            there = self.presence.exists(name, row)
            row[name] = self.space[name].to_internal_repr(params[name]) if there else None
        key = self.key({name: params[name] for name, value in row.items() if value is not None})
        assert key is not None
        return key


def draws(sampler: BaseSampler, space: Mapping[str, BaseDistribution]) -> Iterator[dict[str, Any]]:
    """Yield what a sampler draws from a space without conditions, one after the other, without end."""
    study = optuna.create_study(sampler=sampler)
    trial = study._storage.get_trial(study.ask()._trial_id)  # which one does not matter
    for _ in itertools.count():
        joint = sampler.sample_relative(study, trial, dict(space))
        yield joint or {name: sampler.sample_independent(study, trial, name, d) for name, d in space.items()}
