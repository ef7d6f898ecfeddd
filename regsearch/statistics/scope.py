"""Which networks a claim is about: what varied while the claim was made, and what was held fixed."""

from dataclasses import dataclass
from typing import Literal

Drawn = Literal["seeds", "splits", "training sets"]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a claim holds for; beside rows to score on and initial weights, which always vary.

    Args:
        drawn: what each repeat drew anew: `seeds` alone, on one training set; `splits`, other rows of one pool; or
            `training sets`, rows never seen before.
        train_rows: how many rows a network is trained on.
        pool_rows: how many there are to draw splits from, training and validation rows together.

    Example:
        >>> str(Scope(drawn="splits", train_rows=100, pool_rows=250))
        'for networks trained on 100 of these 250 rows'
    """

    drawn: Drawn
    train_rows: int
    pool_rows: int

    def __str__(self) -> str:
        if self.drawn == "seeds":
            return f"for this training set of {self.train_rows:,} rows"
        if self.drawn == "splits":
            return f"for networks trained on {self.train_rows:,} of these {self.pool_rows:,} rows"
        return f"for new training sets of {self.train_rows:,} rows"

    @property
    def overlap(self) -> float:
        """The share of training rows that two repeats have in common, in the mean."""
        shares = {"seeds": 1.0, "splits": self.train_rows / self.pool_rows, "training sets": 0.0}
        return shares[self.drawn]
