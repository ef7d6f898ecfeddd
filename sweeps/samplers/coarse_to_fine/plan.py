"""Which cells there are, stage by stage: a pure function of the results of closed stages, in whatever order they came.

Two plans specialize it: coarse_to_fine_plan, and beside this folder the one of precomputed draws.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .cell_space import CellSpace, Key

Edge = Literal["low", "high"]


@dataclass(frozen=True, kw_only=True)
class Score:
    """A completed cell's value, and its standard error where the objective gave one."""

    value: float
    standard_error: float | None = None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage's cells, sorted; `Plan.in_order` says in which order they are handed out."""

    name: str
    cells: tuple[Key, ...]


class Plan(ABC):
    """The stages of one search, whose cells lie in a space; one stage without edges unless a method says otherwise."""

    def __init__(self, space: CellSpace) -> None:
        self.space = space

    @abstractmethod
    def first(self) -> Stage:
        """Return the first stage, as large as it begins."""

    def after(self, stages: Sequence[Stage], scores: Mapping[Key, Score], maximize: bool) -> list[Stage] | None:
        """Return the stages once all cells of these are closed; None if the search is over.

        Cells without a score take no part.
        """
        return None

    def undecided(self, stages: Sequence[Stage]) -> list[tuple[str, int]]:
        """Return of each stage that may come, or grow, its name and how many cells it can have at most, or more."""
        return []

    def in_order(self, cells: Sequence[Key]) -> list[Key]:
        """Return a stage's cells in the order in which they are handed out."""
        return list(cells)

    def preference(self, key: Key) -> tuple[Any, ...]:
        """Return by what cells of equal value are sorted, the better one first; nothing where none is preferred."""
        return ()

    def edges(self, keys: Iterable[Key], stages: Sequence[Stage]) -> dict[Key, dict[str, Edge]]:
        """Return which numbers of each of these cells lie at an end of their range in the first stage."""
        return {key: {} for key in keys}

    def warnings(self, stages: Sequence[Stage], scores: Mapping[Key, Score], maximize: bool) -> list[str]:
        """Return what the closed first stage leaves to be desired, a sentence each."""
        return []
