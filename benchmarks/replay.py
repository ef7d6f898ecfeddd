"""What ways of choosing cost and lose: `python -m benchmarks.replay`, half a minute, from benchmarks/truths/.

Each replay takes one training set, draws REPEATS of the stored seeds, and chooses by their validation scores alone.
What the choice is worth is its gain over no regularization on held-out rows with the seeds that were not drawn. Regret
is what it lacks of the gain of the best cell on that training set; regret and trainings are means over replays, and
regret is a percentage of the best cell's mean gain.
"""

import argparse
import functools
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.truth import PENALTIES, PRESETS, Truth, truth
from regsearch.statistics.one_se import strongest_within_one_se
from regsearch.statistics.optimism import Optimism
from regsearch.statistics.paired_error import Floats, PairedError, together
from regsearch.statistics.racing import EXACT, FAST, Racing

REPEATS = 10
REPLAYS = 50  # of each training set
NONE = (-1, 0.0)  # which penalty, and at which place on the grid of λ

Cell = tuple[int, float]


@dataclass(frozen=True, kw_only=True)
class Replay:
    """One training set and the seeds that choosing sees; scores are signed so that more is better.

    Args:
        stored: what was trained.
        training_set: which one.
        drawn: the seeds that choosing sees.
    """

    stored: Truth
    training_set: int
    drawn: NDArray[np.intp]

    def validation(self, cell: Cell) -> Floats:
        """Return the scores that choosing sees.  # (REPEATS,)."""
        return np.asarray(self._of(self.stored.validation, cell)[self.drawn])

    def undrawn(self, cell: Cell) -> float:
        """Return the mean validation score of the other seeds."""
        return float(np.delete(self._of(self.stored.validation, cell), self.drawn).mean())

    def held_out(self, cell: Cell) -> float:
        """Return the mean score on held-out rows, of the other seeds."""
        return float(np.delete(self._of(self.stored.held_out, cell), self.drawn).mean())

    def rows(self, cell: Cell) -> Floats:
        """Return each validation row's mean score.  # (rows,)."""
        return self._of(self.stored.rows, cell)

    def gain(self, cell: Cell) -> float:
        """Return what a cell is worth: its gain over no regularization on held-out rows."""
        return self.held_out(cell) - self.held_out(NONE)

    @functools.cached_property
    def best_gain(self) -> float:
        """The gain of the best stored cell; 0 where none is best."""
        places = range(len(self.stored.lambdas))
        return max(0.0, *(self.gain((penalty, place)) for penalty in range(len(PENALTIES)) for place in places))

    def _of(self, values: Floats, cell: Cell) -> Floats:
        """Interpolate between neighbouring λs, on their log scale."""
        of_set, (penalty, place) = values[self.training_set], cell
        sign = 1.0 if self.stored.greater_is_better else -1.0
        if cell == NONE:
            return np.asarray(sign * of_set[0])
        lambdas = len(self.stored.lambdas)
        below = min(int(place), lambdas - 2)
        low, high = of_set[1 + penalty * lambdas + below : 3 + penalty * lambdas + below]
        return np.asarray(sign * (low + (place - below) * (high - low)))


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a way of choosing chose, and after how many trainings."""

    cell: Cell
    trainings: int


Chooser = Callable[[Replay], Choice]


def orders(stored: Truth) -> list[Cell]:
    """Return the powers of ten and none, in the order in which ties are decided: larger λ, then l2 before l1."""
    per_decade = round(1 / np.log10(stored.lambdas[1] / stored.lambdas[0]))
    places = range(len(stored.lambdas) - 1, -1, -per_decade)
    return [(penalty, float(place)) for place in places for penalty in range(len(PENALTIES))] + [NONE]


def inside(stored: Truth, cell: Cell) -> list[Cell]:
    """Return the cells of the fine stage around an order, larger λ first; none around none."""
    if cell == NONE:
        return []
    per_decade = round(1 / np.log10(stored.lambdas[1] / stored.lambdas[0]))
    penalty, middle = cell
    low, high = max(middle - per_decade, 0), min(middle + per_decade, len(stored.lambdas) - 1)
    places = np.linspace(high, low, round((high - low) / per_decade * 5) + 1)[1:-1]
    return [(penalty, float(place)) for place in places if abs(place - middle) > 1e-9]


def mean_of(repeats: int) -> Chooser:
    """Return the choice of the best mean of the first repeats, on orders."""

    def choose(replay: Replay) -> Choice:
        cells = orders(replay.stored)
        return Choice(cell=_best(replay, cells, repeats), trainings=repeats * len(cells))

    return choose


def coarse_to_fine(replay: Replay) -> Choice:
    """Choose on orders, then inside the best one."""
    coarse = orders(replay.stored)
    middle = _best(replay, coarse, REPEATS)
    fine = inside(replay.stored, middle)
    cells = sorted([*fine, middle], key=lambda cell: -cell[1])
    return Choice(cell=_best(replay, cells, REPEATS), trainings=REPEATS * (len(coarse) + len(fine)))


def one_se(*, paired: bool) -> Chooser:
    """Return the choice of the strongest penalty within one standard error of the best, on orders."""

    def choose(replay: Replay) -> Choice:
        cells = orders(replay.stored)
        best = _best(replay, cells, REPEATS)
        family = [cell for cell in cells if cell[0] == best[0]]
        errors = [_error(replay, cell, best, paired=paired) for cell in family]
        at = strongest_within_one_se(errors, [cell[1] for cell in family], greater_is_better=True)
        return Choice(cell=family[at], trainings=REPEATS * len(cells))

    return choose


def race(racing: Racing, *, fine: bool = False) -> Chooser:
    """Return the choice of a race on orders, and one inside the best order where `fine`."""

    def choose(replay: Replay) -> Choice:
        coarse = _raced(replay, orders(replay.stored), racing)
        cells = inside(replay.stored, coarse.cell) if fine else []
        if not cells:
            return coarse
        found = _raced(replay, sorted([*cells, coarse.cell], key=lambda cell: -cell[1]), racing, coarse.cell)
        return Choice(cell=found.cell, trainings=coarse.trainings + found.trainings)

    return choose


WAYS: dict[str, Chooser] = {
    "best single score, orders": mean_of(1),
    "mean of 3, orders": mean_of(3),
    "mean of 10, orders": mean_of(REPEATS),
    "racing 4, 7, 10, orders": race(EXACT),
    "racing fast, orders": race(FAST),
    "coarse-to-fine": coarse_to_fine,
    "racing 4, 7, 10, coarse-to-fine": race(EXACT, fine=True),
    "racing fast, coarse-to-fine": race(FAST, fine=True),
    "one-SE, paired, orders": one_se(paired=True),
    "one-SE, unpaired, orders": one_se(paired=False),
}


def _best(replay: Replay, cells: Sequence[Cell], repeats: int) -> Cell:
    means = [round(float(replay.validation(cell)[:repeats].mean()), 9) for cell in cells]
    return cells[int(np.argmax(means))]


def _raced(replay: Replay, cells: Sequence[Cell], racing: Racing, known: Cell | None = None) -> Choice:
    """Return the winner of a race and its trainings, without those of a cell that was fully repeated before."""
    left, trainings, before = list(cells), 0, 0
    for rung in racing.rungs:
        trainings += sum(cell != known for cell in left) * (rung - before)
        survive = racing.survivors(np.array([replay.validation(cell)[:rung] for cell in left]).round(9))
        left, before = [cell for cell, kept in zip(left, survive, strict=True) if kept], rung
    return Choice(cell=_best(replay, left, racing.rungs[-1]), trainings=trainings)


def _error(replay: Replay, cell: Cell, best: Cell, *, paired: bool) -> PairedError:
    """Return a cell's difference from the best; its error paired, or that of the best's own score."""
    gains = replay.validation(cell) - replay.validation(best)  # (seeds,)
    rows = replay.rows(cell) - replay.rows(best) if paired else replay.rows(best)  # (rows,)
    seeds = gains if paired else replay.validation(best)
    v_seed, v_rows = (float(values.var(ddof=1) / len(values)) for values in (seeds, rows))
    variance, df = together(v_seed, v_rows, v_both=0.0, repeats=len(gains), groups=len(rows))
    return PairedError(
        difference=float(gains.mean()),
        repeats=len(gains),
        rows=len(rows),
        groups=len(rows),
        v_seed=v_seed,
        v_rows=v_rows,
        v_both=0.0,
        variance=variance,
        df=df,
    )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a way of choosing did on a data set, in the mean over replays.

    Args:
        gain: over no regularization, on held-out rows.
        regret: what it lacks of the best cell's.
        best: the best cell's gain.
        trainings: how many it took.
    """

    gain: float
    regret: float
    best: float
    trainings: float


def replays(stored: Truth, number: int) -> list[Replay]:
    """Return this many replays of each training set; each has its own seeds, the same for every way of choosing."""
    sets, _, seeds = stored.validation.shape
    rng = np.random.default_rng(0)
    return [
        Replay(stored=stored, training_set=i, drawn=rng.permutation(seeds)[:REPEATS])
        for i in range(sets)
        for _ in range(number)
    ]


def outcome(way: Chooser, over: Iterable[Replay]) -> Outcome:
    """Return what a way of choosing does."""
    chosen = [(replay, way(replay)) for replay in over]
    gain = float(np.mean([replay.gain(choice.cell) for replay, choice in chosen]))
    best = float(np.mean([replay.best_gain for replay, _ in chosen]))
    trainings = float(np.mean([choice.trainings for _, choice in chosen]))
    return Outcome(gain=gain, regret=best - gain, best=best, trainings=trainings)


def optimism(over: Iterable[Replay]) -> Optimism:
    """Return the optimism of coarse-to-fine's winner over no regularization, in the mean."""
    chosen = [(replay, coarse_to_fine(replay).cell) for replay in over]
    validation = [replay.validation(cell).mean() - replay.validation(NONE).mean() for replay, cell in chosen]
    undrawn = [replay.undrawn(cell) - replay.undrawn(NONE) for replay, cell in chosen]
    return Optimism(
        chosen=float(np.mean(validation)),
        fresh_seeds=float(np.mean(undrawn)),
        confirmed=float(np.mean([replay.gain(cell) for replay, cell in chosen])),
    )


def table(names: Sequence[str], found: dict[str, dict[str, Outcome]]) -> str:
    """Return regret and trainings as Markdown."""
    lines = [f"| way of choosing | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for way in WAYS:
        cells = [f"{one.regret / one.best:.1%}, {one.trainings:.0f}" for one in (found[name][way] for name in names)]
        lines.append(f"| {way} | {' | '.join(cells)} |")
    best = [f"{found[name]['coarse-to-fine'].best:.4f}" for name in names]
    return "\n".join([*lines, f"| best cell's gain over none | {' | '.join(best)} |"])


def optimism_table(found: dict[str, Optimism]) -> str:
    """Return optimism as Markdown."""
    lines = ["| data set | gain when chosen | with fresh seeds | on held-out rows | times |", "|---|---|---|---|---|"]
    for name, one in found.items():
        times = one.chosen / one.confirmed
        lines.append(f"| {name} | {one.chosen:.4f} | {one.fresh_seeds:.4f} | {one.confirmed:.4f} | {times:.1f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__.partition("\n")[0])
    parser.add_argument("--replays", type=int, default=REPLAYS, help="of each training set")
    parser.add_argument("--data", nargs="+", default=list(PRESETS), metavar="NAME")
    options = parser.parse_args(arguments)
    over = {name: replays(truth(name), options.replays) for name in options.data}
    found = {name: {way: outcome(choose, over[name]) for way, choose in WAYS.items()} for name in options.data}
    print(table(options.data, found), optimism_table({name: optimism(over[name]) for name in options.data}), sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
