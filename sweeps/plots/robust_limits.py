"""One axis on which the differences that matter can be seen, though a few values lie far out."""

from collections.abc import Collection, Sequence

import numpy as np

FAR_OUT = 3.0  # interquartile ranges from the quartiles: Tukey (1977), Exploratory Data Analysis, "far out"
LONGER = 2.0  # how much longer an axis may be for the sake of what is far out
MARGIN = 0.06  # of the axis, at either end


def robust_limits(
    values: Sequence[float], ends: Sequence[tuple[float, float]], *, keep: Collection[float]
) -> tuple[float, float]:
    """Return where an axis begins and ends.

    It holds all values with their bars, unless those far out would make it more than twice as long: then they are left
    outside, for marks to tell.

    Args:
        values: what is drawn; at least one.
        ends: the lower and upper end of each one's bar.
        keep: values that stay inside in any case, as that of the winner.

    Example:
        >>> low, high = robust_limits([0.39, 0.43, 0.45, 0.47, -2.0], [(v, v) for v in (0.39, 0.47)], keep=[0.47])
        >>> 0.2 < low < 0.39, 0.47 < high < 0.6
        (True, True)
    """
    everything = np.array([*values, *np.ravel(ends), *keep], np.float64)
    everything = everything[np.isfinite(everything)]
    whole = everything.min(), everything.max()
    quarter, three = np.percentile([v for v in values if np.isfinite(v)], [25, 75])
    reach = FAR_OUT * (three - quarter)
    low, high = min(quarter - reach, *keep), max(three + reach, *keep)
    within = everything[(everything >= low) & (everything <= high)]
    found = within.min(), within.max()
    if whole[1] - whole[0] <= LONGER * (found[1] - found[0]) or found[0] == found[1]:
        found = whole
    room = MARGIN * (found[1] - found[0]) or 0.05 * abs(found[0]) or 0.05
    return float(found[0] - room), float(found[1] + room)
