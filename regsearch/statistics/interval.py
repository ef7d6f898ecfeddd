"""Intervals and p-values of an estimate whose variance was estimated as well, by Student's t."""

from dataclasses import dataclass

from scipy.special import stdtr, stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Interval:
    """What the data allow, at a level of confidence.

    Args:
        low: its lower end.
        high: its upper end.
        confidence: how often such intervals hold the truth, between 0 and 1.
    """

    low: float
    high: float
    confidence: float = CONFIDENCE

    def holds(self, value: float) -> bool:
        """Return whether a value lies within, ends included."""
        return self.low <= value <= self.high


def t_interval(estimate: float, variance: float, df: float | None, *, confidence: float = CONFIDENCE) -> Interval:
    """Return estimate ± t_df·√variance, two-sided.

    Args:
        estimate: what was found.
        variance: of the estimate, at least 0.
        df: degrees of freedom of the variance, above 0; None where the variance is 0.
        confidence: between 0 and 1.

    Example:
        >>> found = t_interval(1.0, 0.25, 10.0)
        >>> round(found.low, 3), round(found.high, 3)
        (-0.114, 2.114)
    """
    reach = t_quantile(0.5 + confidence / 2, df) * variance**0.5 if df is not None else 0.0
    return Interval(low=estimate - reach, high=estimate + reach, confidence=confidence)


def p_value(estimate: float, variance: float, df: float | None) -> float:
    """Return the two-sided probability of an estimate at least this far from 0, were the truth 0.

    1 where the variance is 0: what does not vary cannot be tested.
    """
    if df is None or variance == 0:
        return 1.0
    return float(2 * stdtr(df, -abs(estimate) / variance**0.5))


def t_quantile(probability: float, df: float) -> float:
    """Return the quantile of Student's t with df degrees of freedom."""
    return float(stdtrit(df, probability))
