"""Who goes on after a rung of a race: a function of the scores of the closed rung, and of nothing else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regsearch.statistics.racing import Racing
from sweeps.samplers.coarse_to_fine.cell_space import Key
from sweeps.samplers.coarse_to_fine.plan import Plan

MEAN_DIGITS = 12  # to which means are compared: what differs beyond is rounding


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a rung says: who leads, and who is left, the leader among them."""

    leader: Key
    survivors: frozenset[Key]


def judge(
    race: Racing, plan: Plan, scores: Mapping[Key, Sequence[float]], *, exempt: Collection[Key], maximize: bool
) -> Judged:
    """Return which cells are left after a rung.

    Args:
        race: how they are compared.
        plan: says which of equal cells leads.
        scores: of every cell that is left, the first repeats, paired by seed; the fewest that any has are compared.
        exempt: cells that go on in any case: no regularization, which everything is compared with.
        maximize: whether more of the metric is better.
    """
    order, fewest = sorted(scores, key=plan.preference), min(map(len, scores.values()))
    table = np.array([scores[key][:fewest] for key in order], np.float64)  # (cells, repeats)
    means = table.mean(axis=1).round(MEAN_DIGITS)
    leader = order[int(means.argmax() if maximize else means.argmin())]
    kept = race.survivors(table, greater_is_better=maximize)
    left = {key for key, stays in zip(order, kept, strict=True) if stays} | {*exempt} | {leader}
    return Judged(leader=leader, survivors=frozenset(left))


def next_rung(race: Racing, repeats: int) -> int:
    """Return how many repeats a cell is to have that has so many.

    >>> next_rung(Racing(rungs=(4, 7, 10)), 4)
    7
    """
    return next(rung for rung in race.rungs if rung > repeats)
