"""Twenty configurations that are all as good as none: how often the best of them is said to beat it.

In each scope a sweep chooses the best of twenty by its validation score, as sweeps do, and confirms it on test rows
with fresh seeds. What the winner owes to its choice is in the simulation: where the claim is about new training sets,
the pool that the winner was chosen on favours it in confirmation too.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.coverage_cases import crossed, pool_effects
from regsearch.statistics.claim import Estimate, Rules, claims
from regsearch.statistics.new_training_sets import new_training_sets_error
from regsearch.statistics.paired_error import Floats, paired_error
from regsearch.statistics.scope import Drawn, Scope

CONFIGURATIONS = 20
SPLITS = 10
SPREAD: dict[Drawn, float] = {"seeds": 0.01, "splits": 0.03, "training sets": 0.05}  # of repeats, the same for all


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Twenty equal configurations in one scope.

    Args:
        drawn: what repeats draw; see Scope.
        from_pool: whether new training sets are splits of the pool that the winner was chosen on.
        rows: test rows.
        top: how many of the best are confirmed.
    """

    drawn: Drawn
    from_pool: bool = False
    rows: int = 319
    top: int = 1

    def __str__(self) -> str:
        how = ", from the pool chosen on" if self.from_pool else ""
        return f"{self.drawn}{how}, {self.rows:,} test rows, top {self.top}"


SCOPES: tuple[tuple[Drawn, bool], ...] = (
    ("seeds", False),
    ("splits", False),
    ("training sets", False),
    ("training sets", True),
)
SETTINGS = tuple(
    Setting(drawn=drawn, from_pool=from_pool, rows=rows, top=top)
    for drawn, from_pool in SCOPES
    for rows in (319, 5000)
    for top in (1, 5)
)


def beats(setting: Setting, rng: np.random.Generator) -> bool:
    """Return whether any of the confirmed is said to beat none, which none of them does."""
    scope = Scope(drawn=setting.drawn, train_rows=100, pool_rows=250)
    rules = Rules(scope=scope, searched=CONFIGURATIONS if setting.from_pool else 1)
    confirmed = _from_pool(setting, rng) if setting.from_pool else _independent(setting, rng)
    found = claims([_estimate(gains, setting) for gains in confirmed], [None] * setting.top, rules)
    return any(claim.finding == "better" for claim in found)


def _independent(setting: Setting, rng: np.random.Generator) -> list[Floats]:
    """Return gains in confirmation, whose rows and repeats are all new: it does not matter which were chosen."""
    shared = crossed(rng, SPLITS, setting.rows, SPREAD[setting.drawn], 0.2, 0.1)  # the luck of none
    return [shared + crossed(rng, SPLITS, setting.rows, 0.01, 0.1, 0.1) for _ in range(setting.top)]


def _from_pool(setting: Setting, rng: np.random.Generator) -> list[Floats]:
    """Return the gains of those with the best validation scores, where what the pool's rows add is in both."""
    effects = np.array([pool_effects(rng, 100, 250, 2 * SPLITS, 0.02) for _ in range(CONFIGURATIONS)])
    validation = effects[:, :SPLITS].mean(axis=1) + 0.005 * rng.normal(size=CONFIGURATIONS)
    best = np.argsort(-validation)[: setting.top]
    rows = 0.2 * rng.normal(size=(setting.top, 1, setting.rows))
    seeds = 0.01 * rng.normal(size=(setting.top, 2 * SPLITS, 1))
    return list(np.repeat(effects[best, SPLITS:], 2, axis=1)[..., None] + seeds + rows)


def _estimate(gains: Floats, setting: Setting) -> Estimate:
    error = paired_error(gains)
    if not setting.from_pool:
        return error
    by_training = gains.mean(axis=1).reshape(SPLITS, 2)
    return new_training_sets_error(by_training, error.v_rows or 0.0, overlap=0.4, rows=setting.rows)
