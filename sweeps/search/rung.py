"""Who goes on after a rung of a race: a function of the scores of the closed rung, and of nothing else."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from regsearch.statistics.racing import Racing
from sweeps.samplers.coarse_to_fine.cell_space import Key
from sweeps.samplers.coarse_to_fine.plan import Plan


def survivors(
    race: Racing, plan: Plan, scores: Mapping[Key, Sequence[float]], *, exempt: Collection[Key], maximize: bool
) -> set[Key]:
    """Return which cells are repeated further.

    Args:
        race: how they are compared.
        plan: says which of equal cells leads.
        scores: of every cell that is left, the first repeats, paired by seed, as many of each.
        exempt: cells that go on in any case: no regularization, which everything is compared with.
        maximize: whether more of the metric is better.
    """
    order = sorted(scores, key=plan.preference)
    kept = race.survivors(np.array([scores[key] for key in order], np.float64), greater_is_better=maximize)
    return {key for key, left in zip(order, kept, strict=True) if left or key in exempt}


def next_rung(race: Racing, repeats: int) -> int:
    """Return how many repeats a cell is to have that has so many.

    >>> next_rung(Racing(rungs=(4, 7, 10)), 4)
    7
    """
    return next(rung for rung in race.rungs if rung > repeats)
