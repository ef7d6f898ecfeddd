"""What a winner's gain owes to having been chosen by it.

The best of many scores is best partly by luck: that of the seeds it was trained with, and that of the rows it was
scored on. Trained again on fresh seeds and scored on the same validation rows, it loses the first; on test rows, the
second:

    from seeds = gain when chosen - gain with fresh seeds on the same validation rows
    from rows  = gain with fresh seeds on validation rows - gain with fresh seeds on test rows

Source: Cawley and Talbot (2010), Journal of Machine Learning Research 11:2079-2107.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Optimism:
    """A gain over no regularization as it was chosen by, and as it was found afterwards, in the metric's unit.

    Args:
        chosen: on validation rows, with the seeds that it was chosen by.
        fresh_seeds: on the same validation rows, with seeds that took no part in choosing.
        confirmed: on test rows, with those seeds.

    Example:
        >>> found = Optimism(chosen=0.0357, fresh_seeds=0.0343, confirmed=0.0128)
        >>> round(found.from_seeds, 4), round(found.from_rows, 4)
        (0.0014, 0.0215)
    """

    chosen: float
    fresh_seeds: float
    confirmed: float

    @property
    def from_seeds(self) -> float:
        """What the gain owes to the seeds that it was chosen by."""
        return self.chosen - self.fresh_seeds

    @property
    def from_rows(self) -> float:
        """What it owes to the rows that it was chosen by; where splits are drawn anew, to which rows those were."""
        return self.fresh_seeds - self.confirmed

    @property
    def total(self) -> float:
        """What it owes to both."""
        return self.chosen - self.confirmed
