"""Racing: configurations that fall behind the leader are not repeated further.

At the end of a rung, where every configuration that is left has the same n repeats with the same seeds, the leader is
the one with the best mean. A configuration is eliminated where the paired differences to the leader, δ_s, are shown to
be worse than 0 by a one-sided test at level α:

    exact:  t = mean(δ)·√n / sd(δ)   against t_{n-1}
    pooled: z = mean(δ)·√n / s       against the normal;  s² = the mean of var(δ) over all that are left

Pooling borrows the spread from the others, so that two repeats are enough to eliminate by; its price is that a
configuration whose own spread is larger is eliminated too easily. Who is left is a function of the scores of a closed
rung alone, never of who finished first: any number of workers finds the same.

Sources: Maron and Moore (1997), Artificial Intelligence Review 11:193-225; Birattari et al. (2002), GECCO 11-18, with
whom the rungs differ: a rung is closed before it is judged, and seeds are the blocks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from regsearch.errors import InputError
from regsearch.statistics.interval import t_quantile
from regsearch.statistics.paired_error import Floats

FEWEST = {False: 3, True: 2}  # repeats that a spread can be told from, on its own and pooled


@dataclass(frozen=True, kw_only=True)
class Racing:
    """When configurations are compared with the leader, and how.

    Args:
        rungs: repeats at the end of each rung, ascending; the last is how many a configuration has that is never
            eliminated.
        alpha: how often a configuration as good as the leader may be eliminated at one rung, between 0 and 0.5.
        pooled: whether the spread is pooled over configurations.

    Raises:
        InputError: the rungs do not ascend or begin too early, or alpha is out of its range.

    Example:
        >>> import numpy as np
        >>> scores = np.array([[0.9, 0.8, 0.9, 0.8], [0.7, 0.6, 0.8, 0.6], [0.9, 0.7, 0.8, 0.9]])
        >>> Racing().survivors(scores).tolist()
        [True, False, True]
    """

    rungs: tuple[int, ...] = (4, 7, 10)
    alpha: float = 0.05
    pooled: bool = False

    def __post_init__(self) -> None:
        fewest = FEWEST[self.pooled]
        if not self.rungs or list(self.rungs) != sorted(set(self.rungs)) or self.rungs[0] < fewest:
            problem = f"must ascend, from {fewest} repeats on, not {list(self.rungs)}"
            raise InputError("evaluation.racing.rungs", problem)
        if not 0 < self.alpha < 0.5:
            raise InputError("evaluation.racing.alpha", f"must be between 0 and 0.5, not {self.alpha:g}")

    def survivors(self, scores: Floats, *, greater_is_better: bool = True) -> NDArray[np.bool_]:
        """Return which configurations go on after a rung.

        Args:
            scores: of all that are left, paired by seed, in an order that says who leads where means are equal; NaN
                where a repeat diverged, which eliminates.  # (configurations, repeats)
            greater_is_better: whether more of the metric is better.

        Returns:
            Which are left.  # (configurations,)
        """
        found = np.zeros(len(scores), np.bool_)
        finite = np.flatnonzero(np.isfinite(scores).all(axis=1))
        if len(finite):
            signed = scores[finite] if greater_is_better else -scores[finite]
            behind = signed[signed.mean(axis=1).argmax()] - signed  # (finite, repeats)
            error = np.sqrt(behind.var(axis=1, ddof=1) / scores.shape[1])
            found[finite] = behind.mean(axis=1) <= self._critical(scores.shape[1]) * self._shared(error)
        return found

    def _critical(self, repeats: int) -> float:
        return float(ndtri(1 - self.alpha)) if self.pooled else t_quantile(1 - self.alpha, repeats - 1)

    def _shared(self, error: Floats) -> Floats:
        """Return each standard error, or that of all others than the leader together, whose own is 0."""
        if not self.pooled or len(error) < 2:
            return error
        return np.full(len(error), np.sqrt((error**2).sum() / (len(error) - 1)))


EXACT = Racing()
FAST = Racing(rungs=(2, 4, 10), pooled=True)
