"""The stages of a coarse-to-fine search: which cells go on, and what follows from them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, get_args

from optuna.distributions import FloatDistribution

from .cell_space import Key
from .grid import TIE_RELATIVE, Grid
from .plan import Edge, Plan, Score, Stage

PromotionRule = Literal["best", "each", "one-se"]
Promote = PromotionRule | Sequence[str]


class CoarseToFinePlan(Plan):
    """From the results of closed stages to the next stage.

    CoarseToFineSampler says what the arguments are, and a ValueError which one is out of range.
    """

    def __init__(self, grid: Grid, stages: int = 2, promote: Promote = "best") -> None:
        if stages < 1:
            raise ValueError(f"stages is at least 1, not {stages}")
        super().__init__(grid.space)
        self.grid = grid
        self.promote = promote if isinstance(promote, str) else tuple(promote)
        self._check_promote(self.promote)
        self._most_stages = 1 if grid.fine == "none" else stages

    def first(self) -> Stage:
        """Return the coarse stage, as large as it begins; it is called grid where none follows."""
        return Stage(name="coarse" if self._most_stages > 1 else "grid", cells=tuple(self.grid.coarse()))

    def after(self, stages: Sequence[Stage], scores: Mapping[Key, Score], maximize: bool) -> list[Stage] | None:
        """Return the stages that follow: the coarse one grown, as long as that may be, or a finer one; see Plan."""
        families = self._families(stages)
        best = [(key, families[self.grid.family(key)]) for key in self.promoted(stages, scores, maximize)]
        if len(stages) == 1:  # it grows while a cell that would go on lies on an upper edge that may move
            more = [new for key, family in best for new in self.grid.grown(key, family)]
            if more:
                return [Stage(name=stages[0].name, cells=(*stages[0].cells, *_distinct(more)))]
        if len(stages) >= self._most_stages:
            return None
        finer = [new for key, family in best for new in self.grid.refined(key, family)]
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

    def in_order(self, cells: Sequence[Key]) -> list[Key]:
        """Return a stage's cells in the order in which they are handed out: every beginning covers them evenly.

        It is van der Corput's sequence (1935): the places' numbers with their binary digits reversed.
        """
        digits = max(1, (len(cells) - 1).bit_length())
        reversed_numbers = (int(f"{i:0{digits}b}"[::-1], 2) for i in range(2**digits))
        return [cells[place] for place in reversed_numbers if place < len(cells)]

    def preference(self, key: Key) -> tuple[Any, ...]:
        """Return by what cells of equal value are sorted: the larger float comes first, then the earlier category."""
        return self.grid.preference(key)

    def edges(self, keys: Iterable[Key], stages: Sequence[Stage]) -> dict[Key, dict[str, Edge]]:
        """Return which numbers of each of these cells lie at an end of their coarse range."""
        ends = {family: self.grid.ends(cells) for family, cells in self._families(stages[:1]).items()}
        return {key: self.grid.edges(key, ends[self.grid.family(key)]) for key in keys}

    def warnings(self, stages: Sequence[Stage], scores: Mapping[Key, Score], maximize: bool) -> list[str]:
        """Return what the closed coarse stage leaves to be desired, a sentence each."""
        found = []
        for best in self.promoted(stages[:1], scores, maximize)[:1]:
            for name, edge in self.edges([best], stages)[best].items():
                found.append(
                    f"The best coarse cell {self.space.params(best)} lies at the {edge} end of the range of {name}: "
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
        families = list(self._families(stages).values())
        finer = self._bound((family[0], self.grid.most_refined(family[0])) for family in families)
        found = [(_name(index), finer) for index in range(len(stages), self._most_stages)]
        if len(stages) == 1:
            grown = self._bound((family[0], self.grid.most_grown(family[0], family)) for family in families)
            found.insert(0, (stages[0].name, grown))
        return [(name, count) for name, count in found if count]

    def _bound(self, counts: Iterable[tuple[Key, int]]) -> int:
        """Add up counts of families, of those of a group the largest only, as one of its cells goes on."""
        largest: dict[Any, int] = {}
        for key, count in counts:
            largest[self._group(key)] = max(count, largest.get(self._group(key), 0))
        return sum(largest.values())

    def _families(self, stages: Iterable[Stage]) -> dict[Key, list[Key]]:
        """Return every planned cell by its family."""
        families: dict[Key, list[Key]] = {}
        for key in (key for stage in stages for key in stage.cells):
            families.setdefault(self.grid.family(key), []).append(key)
        return families

    def _group(self, key: Key) -> Any:
        """Return what the cells have in common of which one goes on."""
        if self.promote == "best":
            return None
        if isinstance(self.promote, str):
            return self.grid.family(key)
        return tuple(v for name, v in zip(self.space.distributions, key, strict=True) if name in self.promote)

    def _check_promote(self, promote: Promote) -> None:
        if isinstance(promote, str):
            if promote not in get_args(PromotionRule):
                known = ", ".join(get_args(PromotionRule))
                raise ValueError(f"promote is one of {known}, or a list of parameters, not {promote!r}")
            return
        distributions = self.space.distributions
        for name in promote:
            if name not in distributions:
                raise ValueError(f"promote: {name!r} is not in the space ({', '.join(distributions)})")
            if isinstance(distributions[name], FloatDistribution):
                raise ValueError(f"promote: {name!r} is a float; only categories and ints divide cells into groups")


def _is_within(score: Score, best: Score) -> bool:
    """Return whether a score is within one standard error of the best, that of the best; equal ones always are."""
    reach = max(best.standard_error or 0.0, TIE_RELATIVE * abs(best.value))
    return score.value == best.value or abs(score.value - best.value) <= reach


def _distinct(cells: Iterable[Key]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(cells))


def _name(index: int) -> str:
    return "fine" if index == 1 else f"fine-{index}"
