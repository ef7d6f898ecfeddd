"""How many trainings each strategy needs: `python -m benchmarks.search`, a few minutes; PyTorch is needed for gp.

Every strategy of the sweep file searches, by its own code, data sets that were trained exhaustively before
(benchmarks/search_truth.py). One run draws REPEATS of the stored seeds, the same for all its configurations, as in a
sweep; a trial's value is the mean over these. After each trial the best mean so far is what the run would recommend,
and what that is worth is its mean over all stored seeds, which the strategy never sees.

Good enough is a configuration whose gain over no regularization is at least the best's, less one standard error of
that gain, paired over the seeds. A run has found one after the training from which on it recommends nothing worse.
"""

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna

from benchmarks import search_picture
from benchmarks.search_truth import PRESETS, SEEDS, Truth, sweep, truth
from regsearch.spec import Configuration
from sweeps.config import PREFERENCE
from sweeps.samplers.coarse_to_fine import Poll
from sweeps.search.space import suggest
from sweeps.search.strategies import check_installed, strategy

STRATEGIES = ("coarse-to-fine", "coarse-to-tpe", "grid", "random", "qmc", "tpe", "gp", "cmaes")
REPEATS = 10  # trainings of a configuration
MOST = 60  # configurations of a run, where the strategy does not end by itself
REPETITIONS = 100
FEWER = {"gp": 10}  # repetitions, where a trial alone takes most of a second


@dataclass(frozen=True, kw_only=True)
class Runs:
    """What a strategy's runs on one data set needed.

    Args:
        data: the data set.
        strategy: the strategy.
        needed: trainings of each run until it had found what is good enough, for good; infinite where it had not.
        ended: trainings of each run in all.
    """

    data: str
    strategy: str
    needed: tuple[float, ...]
    ended: tuple[int, ...]

    @property
    def found(self) -> float:
        """The share of runs that found what is good enough."""
        return float(np.mean(np.isfinite(self.needed)))

    def quantile(self, share: float) -> float:
        """Return after how many trainings this share of the runs had found it; infinite where fewer ever did."""
        return float(np.quantile(self.needed, share, method="higher"))


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is good enough on a data set, by the mean over all stored seeds; signed so that more is better."""

    truth: Truth
    least: float

    @classmethod
    def of(cls, found: Truth) -> "Target":
        """Return what is within one standard error of the best gain."""
        gains = _sign(found) * (found.scores - found.none)  # (penalties, lambdas, seeds)
        best = gains.reshape(-1, SEEDS)[gains.mean(-1).argmax()]
        error = best.std(ddof=1) / math.sqrt(SEEDS)
        return cls(truth=found, least=float(_sign(found) * found.none.mean() + best.mean() - error))

    def is_met(self, configuration: Configuration) -> bool:
        """Return whether a configuration is good enough."""
        scores = self.truth.of(configuration.regularizer, configuration.lambda_)
        return bool(_sign(self.truth) * scores.mean() >= self.least)


def run(target: Target, data: str, name: str, repetition: int) -> tuple[float, int]:
    """Run a strategy once; return after how many trainings it had found what is good enough, and how many it took."""
    found, sign = target.truth, _sign(target.truth)
    budget = {} if name in ("coarse-to-fine", "grid") else {"trials": MOST}
    config = sweep(data, seed=repetition, strategy=name, **budget)
    seeds = np.random.default_rng(repetition).choice(SEEDS, REPEATS, replace=False)
    searching = strategy(config)
    study = optuna.create_study(sampler=searching.sampler, direction="maximize")
    seen: dict[Configuration, float] = {}
    needed = math.inf
    while searching.poll(study) is Poll.CELL:
        trial = study.ask()
        configuration = suggest(trial, config)
        seen[configuration] = sign * float(found.of(configuration.regularizer, configuration.lambda_)[seeds].mean())
        study.tell(trial, seen[configuration])
        if not target.is_met(_recommended(seen)):
            needed = math.inf
        elif needed == math.inf:
            needed = len(seen) * REPEATS  # a configuration that comes again is not trained again
    return needed, len(seen) * REPEATS


def runs(data: str, name: str, repetitions: int) -> Runs:
    """Run a strategy on a data set, each time with other seeds."""
    target = Target.of(truth(data))
    needed, ended = zip(*(run(target, data, name, repetition) for repetition in range(repetitions)), strict=True)
    return Runs(data=data, strategy=name, needed=needed, ended=ended)


def table(found: Sequence[Runs]) -> str:
    """Return the medians with their quartiles, and how many runs found it, as Markdown."""
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
    return max(seen, key=lambda c: (seen[c], c.max_coefficient, -PREFERENCE.index(c.regularizer)))


def _sign(found: Truth) -> int:
    return 1 if found.config.greater_is_better else -1


def _cell(one: Runs) -> str:
    low, middle, high = (f"{q:.0f}" if (q := one.quantile(share)) < math.inf else "–" for share in (0.25, 0.5, 0.75))
    return f"{middle} ({low} … {high}), {one.found:.0%} of {np.median(one.ended):.0f}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__.partition("\n")[0])
    parser.add_argument("--repetitions", type=int, default=REPETITIONS, help="runs of each strategy on each data set")
    parser.add_argument("--strategies", nargs="+", default=STRATEGIES, metavar="NAME")
    parser.add_argument("--data", nargs="+", default=list(PRESETS), metavar="NAME")
    parser.add_argument("--keep", type=Path, metavar="JSON", help="write runs there, and take them from there")
    parser.add_argument("--picture", type=Path, metavar="PNG", help="draw the share of runs that have found it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
