"""Whether a difference is too small to matter: two one-sided tests against a margin that the user names.

"No difference was shown" is not "there is no difference": few rows show nothing. Two configurations are equivalent
within a margin m, at level α, where both d > -m and d < m are shown at level α, which is where the two-sided interval
of level 1 - 2α lies within (-m, m).

Source: Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15:657-680.
"""

from regsearch.errors import InputError
from regsearch.statistics.interval import t_interval

ALPHA = 0.05


def is_equivalent(difference: float, variance: float, df: float | None, *, margin: float, alpha: float = ALPHA) -> bool:
    """Return whether a difference is shown to lie within ±margin.

    Args:
        difference: what was found.
        variance: of the difference.
        df: degrees of freedom of the variance; None where the variance is 0.
        margin: the largest difference that does not matter, above 0, in the metric's unit.
        alpha: how often a difference as large as the margin may be called equivalent.

    Raises:
        InputError: the margin is not above 0.

    Example:
        >>> is_equivalent(0.001, 0.002**2, 300.0, margin=0.005), is_equivalent(0.001, 0.004**2, 300.0, margin=0.005)
        (True, False)
    """
    require_margin(margin)
    found = t_interval(difference, variance, df, confidence=1 - 2 * alpha)
    return -margin < found.low and found.high < margin


def require_margin(margin: float) -> None:
    """Raise InputError where a margin is not above 0."""
    if not 0 < margin < float("inf"):
        raise InputError("margin", f"{margin:g} is no difference that does not matter; it must be above 0")
