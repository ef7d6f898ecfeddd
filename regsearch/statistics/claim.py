"""What may be said of a difference: better, worse, equivalent, or not shown; and for which networks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from regsearch.statistics.equivalence import is_equivalent, require_margin
from regsearch.statistics.holm import adjusted
from regsearch.statistics.interval import Interval, p_value, t_interval
from regsearch.statistics.scope import Scope

ALPHA = 0.05

Finding = Literal["better", "worse", "equivalent", "not shown", "no claim"]


class Estimate(Protocol):
    """A difference, its variance and that variance's degrees of freedom, None where unknown."""

    @property
    def difference(self) -> float: ...  # noqa: D102
    @property
    def variance(self) -> float | None: ...  # noqa: D102
    @property
    def df(self) -> float | None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How claims are made.

    Args:
        scope: the networks they are about.
        greater_is_better: whether more of the metric is better.
        searched: how many configurations the winner was the best of, where it may owe its score to what the claim is
            about, as a pool of rows that it was chosen on; 1 where what is judged took no part in choosing.
        margin: a difference that does not matter, above 0, in the metric's unit; None where the user named none.

    Raises:
        InputError: the margin is not above 0.
    """

    scope: Scope
    greater_is_better: bool = True
    searched: int = 1
    margin: float | None = None

    def __post_init__(self) -> None:
        if self.margin is not None:
            require_margin(self.margin)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What is known of one difference.

    Args:
        difference: what was found, in the metric's unit.
        interval: its 95 % interval, of this difference alone; None without a claim.
        p_value: raised for all claims made together, and for the search; None without a claim.
        finding: what may be said; `not shown` is not `equivalent`.
        reason: why there is no claim; None where there is one.
        scope: the networks it is about.
    """

    difference: float
    interval: Interval | None
    p_value: float | None
    finding: Finding
    reason: str | None
    scope: Scope


def claims(estimates: Sequence[Estimate], refusals: Sequence[str | None], rules: Rules) -> tuple[Claim, ...]:
    """Return what may be said of several differences, none of it false with a probability of 95 %.

    Args:
        estimates: what was found of each.
        refusals: why each allows no claim; None where it does. A variance that is unknown needs a reason.
        rules: how claims are made.

    Example:
        >>> import numpy as np
        >>> from regsearch.statistics.paired_error import paired_error
        >>> gains = np.array([[0.1, 0.3, 0.2, 0.4], [0.2, 0.2, 0.3, 0.3]])
        >>> scope = Scope(drawn="seeds", train_rows=30, pool_rows=100)
        >>> (found,) = claims([paired_error(gains)], [None], Rules(scope=scope))
        >>> found.finding, str(found.scope), round(found.interval.low, 2)
        ('better', 'for this training set', 0.12)
    """
    kept = [e for e, reason in zip(estimates, refusals, strict=True) if reason is None]
    values = iter(adjusted([min(1.0, rules.searched * _p_value(e)) for e in kept]))
    return tuple(
        _claim(e, next(values), rules) if reason is None else _refused(e, reason, rules)
        for e, reason in zip(estimates, refusals, strict=True)
    )


def _claim(estimate: Estimate, p: float, rules: Rules) -> Claim:
    interval = t_interval(estimate.difference, estimate.variance or 0.0, estimate.df)
    return Claim(
        difference=estimate.difference,
        interval=interval,
        p_value=p,
        finding=_finding(estimate, p, rules),
        reason=None,
        scope=rules.scope,
    )


def _finding(estimate: Estimate, p: float, rules: Rules) -> Finding:
    variance, margin = estimate.variance or 0.0, rules.margin
    if margin is not None and is_equivalent(estimate.difference, variance, estimate.df, margin=margin):
        return "equivalent"
    if p >= ALPHA:
        return "not shown"
    return "better" if (estimate.difference > 0) == rules.greater_is_better else "worse"


def _refused(estimate: Estimate, reason: str, rules: Rules) -> Claim:
    return Claim(
        difference=estimate.difference,
        interval=None,
        p_value=None,
        finding="no claim",
        reason=reason,
        scope=rules.scope,
    )


def _p_value(estimate: Estimate) -> float:
    return p_value(estimate.difference, estimate.variance or 0.0, estimate.df)
