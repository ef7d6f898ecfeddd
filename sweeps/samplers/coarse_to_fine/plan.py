"""Which stages a search has: a pure function of the results of the closed ones, whatever the order they came in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from optuna.distributions import FloatDistribution

from .grid import TIE_RELATIVE, Edge, Grid, Key

Rule = Literal["best", "each", "one-se"]
Promote = Rule | Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Score:
    """A completed cell's value, and its standard error where the objective gave one."""

    value: float
    standard_error: float | None = None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage's cells, sorted; `Grid.in_order` says in which order they are given out."""

    name: str
    cells: tuple[Key, ...]


class Plan:
    """From the results of closed stages to the next stage.

    Args:
        grid: where cells come from.
        stages: how many stages there are at most, the coarse one included.
        promote: which cells go on: the `best`, the best of `each` branch, those of them within one standard error of
            the best (`one-se`), or the best for each value of the parameters that are named.

    Raises:
        ValueError: an argument is out of range; the message names it.
    """

    def __init__(self, grid: Grid, stages: int = 2, promote: Promote = "best") -> None:
        if stages < 1:
            raise ValueError(f"stages is at least 1, not {stages}")
        self.grid = grid
        self.promote = promote if isinstance(promote, str) else tuple(promote)
        self._check_promote(self.promote)
        self._most_stages = 1 if grid.fine == "none" else stages

    def first(self) -> Stage:
        """Return the coarse stage, as large as it begins."""
        return Stage(name="coarse" if self._most_stages > 1 else "grid", cells=tuple(self.grid.coarse()))

    def after(self, stages: Sequence[Stage], scores: Mapping[Key, Score], maximize: bool) -> list[Stage] | None:
        """Return the stages once all cells of these are closed; None if the search is over.

        The coarse stage grows while a cell that would go on lies on an upper edge that may move; then come finer ones.

        Args:
            stages: all of them so far.
            scores: of the completed cells; those without one take no part.
            maximize: whether larger values are better.
        """
        branches = self._branches(stages)
        best = [(key, branches[self.grid.branch(key)]) for key in self.promoted(stages, scores, maximize)]
        if len(stages) == 1:
            more = [new for key, branch in best for new in self.grid.grown(key, branch)]
            if more:
                return [Stage(name=stages[0].name, cells=(*stages[0].cells, *_distinct(more)))]
        if len(stages) >= self._most_stages:
            return None
        finer = [new for key, branch in best for new in self.grid.refined(key, branch)]
        return [*stages, Stage(name=_name(len(stages)), cells=_distinct(finer))] if finer else None

    def promoted(self, stages: Sequence[Stage], scores: Mapping[Key, Score], maximize: bool) -> list[Key]:
        """Return the cells that go on from these stages, the best one first; none if none was completed."""
        values = {key: scores[key].value for stage in stages for key in stage.cells if key in scores}
        if not values:
            return []
        top = self.grid.best(values, maximize)
        groups: dict[Any, dict[Key, float]] = {}
        for key, value in values.items():
            groups.setdefault(self._group(key), {})[key] = value
        leaders = [best for group in groups.values() if (best := self.grid.best(group, maximize)) != top]
        if self.promote == "one-se":
            leaders = [key for key in leaders if _is_within(scores[key], scores[top])]
        sign = -1 if maximize else 1
        return [top, *sorted(leaders, key=lambda key: (sign * values[key], self.grid.preference(key)))]

    def edges(self, keys: Iterable[Key], stages: Sequence[Stage]) -> dict[Key, dict[str, Edge]]:
        """Return which numbers of each of these cells lie at an end of their coarse range."""
        ends = {branch: self.grid.ends(cells) for branch, cells in self._branches(stages[:1]).items()}
        return {key: self.grid.edges(key, ends[self.grid.branch(key)]) for key in keys}

    def remarks(self, stages: Sequence[Stage], scores: Mapping[Key, Score], maximize: bool) -> list[str]:
        """Return what the closed coarse stage leaves to be desired, a sentence each."""
        found = []
        for best in self.promoted(stages[:1], scores, maximize)[:1]:
            for name, edge in self.edges([best], stages)[best].items():
                found.append(
                    f"The best coarse cell {self.grid.params(best)} lies at the {edge} end of the range of {name}: "
                    f"what is best may lie beyond it."
                )
            if self.promote == "one-se" and scores[best].standard_error is None:
                found.append(
                    "The best coarse cell's trial has no standard error, so only equal cells go on beside it: "
                    "the objective sets it by trial.set_user_attr('standard_error', …)."
                )
        return found

    def undecided(self, stages: Sequence[Stage]) -> list[tuple[str, int]]:
        """Return of each stage that may come, or grow, its name and how many cells it can have at most, or more."""
        branches = list(self._branches(stages).values())
        finer = self._bound((branch[0], self.grid.most_refined(branch[0])) for branch in branches)
        found = [(_name(index), finer) for index in range(len(stages), self._most_stages)]
        if len(stages) == 1:
            grown = self._bound((branch[0], self.grid.most_grown(branch[0], branch)) for branch in branches)
            found.insert(0, (stages[0].name, grown))
        return [(name, count) for name, count in found if count]

    def _bound(self, counts: Iterable[tuple[Key, int]]) -> int:
        """Add up counts of branches, of those of a group the largest only, as one of its cells goes on."""
        largest: dict[Any, int] = {}
        for key, count in counts:
            largest[self._group(key)] = max(count, largest.get(self._group(key), 0))
        return sum(largest.values())

    def _branches(self, stages: Iterable[Stage]) -> dict[Key, list[Key]]:
        """Return every planned cell by its branch."""
        branches: dict[Key, list[Key]] = {}
        for key in (key for stage in stages for key in stage.cells):
            branches.setdefault(self.grid.branch(key), []).append(key)
        return branches

    def _group(self, key: Key) -> Any:
        """Return what the cells have in common of which one goes on."""
        if self.promote == "best":
            return None
        if isinstance(self.promote, str):
            return self.grid.branch(key)
        return tuple(v for name, v in zip(self.grid.space, key, strict=True) if name in self.promote)

    def _check_promote(self, promote: Promote) -> None:
        if isinstance(promote, str):
            if promote not in get_args(Rule):
                known = ", ".join(get_args(Rule))
                raise ValueError(f"promote is one of {known}, or a list of parameters, not {promote!r}")
            return
        for name in promote:
            if name not in self.grid.space:
                raise ValueError(f"promote: {name!r} is not in the space ({', '.join(self.grid.space)})")
            if isinstance(self.grid.space[name], FloatDistribution):
                raise ValueError(f"promote: {name!r} is a float; only categories and ints divide cells into groups")


def _is_within(score: Score, best: Score) -> bool:
    """Return whether a score is within one standard error of the best, that of the best; equal ones always are."""
    reach = max(best.standard_error or 0.0, TIE_RELATIVE * abs(best.value))
    return score.value == best.value or abs(score.value - best.value) <= reach


def _distinct(cells: Iterable[Key]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(cells))


def _name(index: int) -> str:
    return "fine" if index == 1 else f"fine-{index}"
