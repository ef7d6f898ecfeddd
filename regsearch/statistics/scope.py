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
        train_rows: how many rows a network is trained on; None where that is not known.
        pool_rows: how many there are to draw splits from, training and validation rows together; likewise.

    Example:
        >>> str(Scope(drawn="splits", train_rows=100, pool_rows=250))
        'for networks trained on 100 of these 250 rows'
    """

    drawn: Drawn
    train_rows: int | None = None
    pool_rows: int | None = None

    def __str__(self) -> str:
        if self.drawn == "seeds":
            return "for this training set"
        rows = "" if self.train_rows is None else f"{self.train_rows:,} of "
        if self.drawn == "splits":
            return f"for networks trained on {rows or 'a part of '}these{_count(self.pool_rows)} rows"
        return "for new training sets" + ("" if self.train_rows is None else f" of {self.train_rows:,} rows")


def _count(rows: int | None) -> str:
    return "" if rows is None else f" {rows:,}"
