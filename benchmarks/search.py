"""What each strategy finds in how many trainings: `python -m benchmarks.search`; gp needs PyTorch, and minutes.

Every strategy of the sweep file searches, by its own code, what benchmarks/truths/ holds. A run takes one training set
and draws REPEATS of the stored seeds, the same for all its configurations, as in a sweep; a trial's value is the mean
of their validation scores. After each trial the best mean so far is what the run would recommend. What that is worth is
its gain over no regularization on rows that took no part, with the seeds that were not drawn. Regret is what it lacks
of the best stored cell's gain on that training set, in the mean over runs, in percent of the best cell's mean gain.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from benchmarks import search_picture
from benchmarks.replay import NONE, REPEATS, Cell, Replay
from benchmarks.truth import PENALTIES, PRESETS, SEEDS, TRAINING_SETS, Truth, sweep, truth
from regsearch.spec import Configuration
from sweeps.config import PREFERENCE, SweepConfig
from sweeps.config.toml_file import parse
from sweeps.samplers.coarse_to_fine import Poll
from sweeps.search.space import suggest
from sweeps.search.strategies import check_installed, strategy

STRATEGIES = ("coarse-to-fine", "coarse-to-tpe", "grid", "random", "qmc", "tpe", "gp", "cmaes")
ENDING = ("coarse-to-fine", "grid")  # which end by themselves
MOST = 60  # configurations of a run of any other
REPETITIONS = 60
FEWER = {"gp": 3}  # repetitions, where a trial alone takes most of a second
MARKS = (50, 100, 200)  # trainings at which the table looks


@dataclass(frozen=True, kw_only=True)
class Runs:
    """What a strategy's runs on one data set recommended.

    Args:
        data: the data set.
        strategy: the strategy.
        gains: of what each run recommended after each configuration; the last one's where it had ended.  # (runs, most)
        best: the gain of the best stored cell, in the mean over runs.
        ended: configurations of each run.
    """

    data: str
    strategy: str
    gains: tuple[tuple[float, ...], ...]
    best: float
    ended: tuple[int, ...]

    def regret(self, trainings: int) -> float:
        """Return what the recommendation lacks after so many trainings, as a share of the best cell's gain."""
        gains = np.array(self.gains)
        at = min(max(trainings // REPEATS, 1), gains.shape[1]) - 1
        return float(1 - gains[:, at].mean() / self.best)

    @property
    def trainings(self) -> int:
        """How many trainings a run took, in the median."""
        return int(np.median(self.ended)) * REPEATS


def cell_of(configuration: Configuration, stored: Truth) -> Cell:
    """Return where a configuration lies on the stored grid."""
    if configuration.lambda_ is None:
        return NONE
    place = np.interp(np.log(configuration.lambda_), np.log(stored.lambdas), np.arange(len(stored.lambdas)))
    return PENALTIES.index(configuration.regularizer), float(place)


def run(replay: Replay, config: SweepConfig) -> list[float]:
    """Run a strategy once; return the gain of what it recommends after each configuration."""
    searching = strategy(config)
    study = optuna.create_study(sampler=searching.sampler, direction="maximize")  # scores are signed
    seen: dict[Configuration, float] = {}
    gains: list[float] = []
    while searching.poll(study) is Poll.CELL:
        trial = study.ask()
        configuration = suggest(trial, config)
        is_new = configuration not in seen  # one that comes again is not trained again
        seen[configuration] = float(replay.validation(cell_of(configuration, replay.stored)).mean())
        study.tell(trial, seen[configuration])
        if is_new:
            gains.append(replay.gain(cell_of(_recommended(seen), replay.stored)))
    return gains


def runs(data: str, name: str, repetitions: int) -> Runs:
    """Run a strategy on a data set, each time on the next training set and with other seeds."""
    stored, found, best = truth(data), list[list[float]](), list[float]()
    for repetition in range(repetitions):
        drawn = np.random.default_rng(repetition).permutation(SEEDS)[:REPEATS]
        replay = Replay(stored=stored, training_set=repetition % TRAINING_SETS[data], drawn=drawn)
        found.append(run(replay, searched(data, name, repetition)))
        best.append(replay.best_gain)
    longest = max(map(len, found))
    gains = tuple((*one, *[one[-1]] * (longest - len(one))) for one in found)
    return Runs(data=data, strategy=name, gains=gains, best=float(np.mean(best)), ended=tuple(map(len, found)))


def searched(data: str, name: str, seed: int) -> SweepConfig:
    """Return the sweep of a data set that searches what is stored, by a strategy."""
    plain: dict[str, Any] = sweep(data).to_dict()
    budget = {} if name in ENDING else {"trials": MOST}
    return parse(plain | {"seed": seed, "search": plain.get("search", {}) | {"strategy": name} | budget})


def table(found: Sequence[Runs]) -> str:
    """Return regrets at the marks and at the end as Markdown."""
    sets = list(dict.fromkeys(one.data for one in found))
    cells = {(one.strategy, one.data): _cell(one) for one in found}
    names = dict.fromkeys(one.strategy for one in found)
    rows = [f"| {name} | " + " | ".join(cells[name, data] for data in sets) + " |" for name in names]
    return "\n".join([f"| strategy | {' | '.join(sets)} |", "|---" * (len(sets) + 1) + "|", *rows])


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    kept = _read(options.keep)
    found = []
    for name in options.strategies:
        for data in options.data:
            if (data, name) not in kept:
                check_installed(name)
                kept[data, name] = runs(data, name, min(options.repetitions, FEWER.get(name, options.repetitions)))
                _write(options.keep, kept)
                print(f"{name} on {data}: {_cell(kept[data, name])}", file=sys.stderr, flush=True)
            found.append(kept[data, name])
    print(table(found))
    if options.picture:
        search_picture.draw(found, options.picture)
    return 0


def _read(file: Path | None) -> dict[tuple[str, str], Runs]:
    if file is None or not file.exists():
        return {}
    found = [Runs(**one) for one in json.loads(file.read_text())]
    return {(one.data, one.strategy): one for one in found}


def _write(file: Path | None, kept: Mapping[tuple[str, str], Runs]) -> None:
    if file is not None:
        file.write_text(json.dumps([vars(one) for one in kept.values()]))


def _recommended(seen: dict[Configuration, float]) -> Configuration:
    """Return the best so far; ties go to the larger λ, then by regularizer, as in a sweep."""
    return max(seen, key=lambda c: (round(seen[c], 9), c.max_coefficient, -PREFERENCE.index(c.regularizer)))


def _cell(one: Runs) -> str:
    marks = ", ".join(f"{one.regret(mark):.0%}" for mark in MARKS)
    return f"{marks}; {one.regret(one.trainings):.0%} at {one.trainings}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__.partition("\n")[0])
    parser.add_argument("--repetitions", type=int, default=REPETITIONS, help="runs of each strategy on each data set")
    parser.add_argument("--strategies", nargs="+", default=STRATEGIES, metavar="NAME")
    parser.add_argument("--data", nargs="+", default=list(PRESETS), metavar="NAME")
    parser.add_argument("--keep", type=Path, metavar="JSON", help="write runs there, and take them from there")
    parser.add_argument("--picture", type=Path, metavar="PNG", help="draw regret against trainings")
    return parser


if __name__ == "__main__":
    sys.exit(main())
