"""What may be chosen, and its order by score.

Ties go to the larger lambda, then to l2 before l1 before l1_l2.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from regsearch.spec import Configuration
from sweeps.config import PREFERENCE
from sweeps.config.published import STAGE as LITERATURE

CONTROL = "control"  # stage of `none` where the search itself left it out: compared with, never chosen
EQUAL = 1e-12  # scores closer than this, relative to the larger, are one


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A configuration with all its repeats, as the leaderboard has it."""

    id: int
    configuration: Configuration
    stage: str
    n: int
    mean: float
    std: float | None
    se: float | None
    train_mean: float
    train_std: float | None

    def __repr__(self) -> str:
        where = f" on {self.configuration.target}" if self.configuration.target else ""
        spread = "" if self.std is None else f" ± {self.std:.4g}"
        return f"<{self.stage} {self.configuration}{where}: {self.mean:.4g}{spread} (n={self.n})>"

    @property
    def lambda_(self) -> float:
        """Its largest coefficient; 0 without one."""
        return self.configuration.max_coefficient

    @property
    def is_baseline(self) -> bool:
        """Whether it is no regularization."""
        return self.configuration.regularizer == "none"


def by_score(found: Iterable[Candidate], *, greater_is_better: bool) -> list[Candidate]:
    """Return candidates by their mean score, the best first; equal ones stay in order."""
    return sorted(found, key=lambda c: -c.mean if greater_is_better else c.mean)


def ranked(found: Iterable[Candidate], *, greater_is_better: bool) -> list[Candidate]:
    """Return candidates by their mean score, the best first, ties as the module says."""
    groups: list[list[Candidate]] = []
    for candidate in by_score(found, greater_is_better=greater_is_better):
        if groups and is_tied(candidate, groups[-1][0]):
            groups[-1].append(candidate)
        else:
            groups.append([candidate])
    return [candidate for tied in groups for candidate in sorted(tied, key=tie_break)]


def is_tied(a: Candidate, b: Candidate) -> bool:
    """Return whether two mean scores are equal but for rounding."""
    return is_equal(a.mean, b.mean)


def is_equal(a: float, b: float) -> bool:
    """Return whether two scores are equal but for rounding."""
    return abs(a - b) <= EQUAL * max(abs(a), abs(b), 1e-300)


def tie_break(candidate: Candidate) -> tuple[Any, ...]:
    """Return what equal scores are sorted by, as the module says."""
    return -candidate.lambda_, *_family_order(candidate), candidate.configuration.variant


def best_of(found: Iterable[Candidate], *, greater_is_better: bool) -> Candidate | None:
    """Return the best by its mean, ties as the module says; None of none."""
    return next(iter(ranked(found, greater_is_better=greater_is_better)), None)


def by_stage(found: Sequence[Candidate]) -> tuple[tuple[Candidate, ...], ...]:
    """Return the candidates of the first stage, of those after it, and of published settings, sorted for reading."""
    order = sorted(found, key=lambda c: (*_family_order(c), -c.lambda_, c.configuration.variant))
    finer = tuple(c for c in order if c.stage.startswith("fine"))
    published = tuple(c for c in order if c.stage == LITERATURE)
    return tuple(c for c in order if c not in finer + published), finer, published


def _family_order(candidate: Candidate) -> tuple[int, str, str]:
    family = candidate.configuration.family
    return PREFERENCE.index(family.regularizer), family.target, family.kind
