"""What every strategy looks for: scores of a dense grid of lambdas × regularizers × seeds, trained exhaustively.

`python -m benchmarks.search_truth` trains what benchmarks/search_truth.npz does not hold, with regsearch's own trainer:
some minutes of one core a data set. The strategies are then run against what is stored, hundreds of times.
"""

import functools
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.seeds import repeat_seed
from regsearch.spec import Configuration, Regularizer
from regsearch.trial import evaluate
from sweeps.config import SweepConfig
from sweeps.config.toml_file import load, parse

FILE = Path(__file__).with_suffix(".npz")
PRESETS = {  # the data set: the preset that says what is trained
    "moons": "moons",
    "digits": "digits-mlp",
    "breast_cancer": "breast-cancer",
    "diabetes": "diabetes-regression",
}
PENALTIES: tuple[Regularizer, ...] = ("l2", "l1", "l1_l2")
SEEDS = 30
PER_DECADE = {"moons": 10, "digits": 10, "breast_cancer": 10, "diabetes": 5}  # λs; between them is interpolated


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What was trained of one data set.

    Args:
        config: the sweep that it belongs to.
        lambdas: ascending.  # (lambdas,)
        none: scores without regularization, by seed.  # (seeds,)
        scores: scores with a penalty.  # (PENALTIES, lambdas, seeds)
    """

    config: SweepConfig
    lambdas: NDArray[np.float64]
    none: NDArray[np.float64]
    scores: NDArray[np.float64]

    def of(self, regularizer: str, lambda_: float | None) -> NDArray[np.float64]:
        """Return a configuration's scores, interpolated over log λ between neighbours.  # (seeds,)."""
        if lambda_ is None:
            return self.none
        at = np.interp(np.log(lambda_), np.log(self.lambdas), np.arange(len(self.lambdas)))
        below = min(int(at), len(self.lambdas) - 2)
        low, high = self.scores[PENALTIES.index(regularizer), below : below + 2]
        return low + (at - below) * (high - low)


def sweep(name: str, *, seed: int = 1, **search: Any) -> SweepConfig:
    """Return the preset of a data set, searching no more than is stored."""
    plain = _preset(PRESETS[name])
    kept = {key: value for key, value in plain.get("search", {}).items() if key == "lambda"}
    return parse(plain | {"seed": seed, "search": kept | {"regularizers": ["none", *PENALTIES]} | search})


@functools.cache
def _preset(name: str) -> dict[str, Any]:
    return load(name).to_dict()


def truth(name: str) -> Truth:
    """Return what is stored of a data set."""
    with np.load(FILE) as stored:
        return Truth(
            config=sweep(name),
            lambdas=lambdas(name),
            none=stored[f"{name}_none"].astype(np.float64),
            scores=stored[f"{name}_scores"].astype(np.float64),
        )


def lambdas(name: str) -> NDArray[np.float64]:
    """Return the grid of a data set's lambdas."""
    low, high = sweep(name).search.lambda_.low, sweep(name).search.lambda_.high
    return np.geomspace(low, high, round(np.log10(high / low)) * PER_DECADE[name] + 1)


def train(name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Train a data set's grid; scores without and with a penalty, NaN where a training diverged."""
    config = sweep(name)
    (target,) = config.targets

    def scores(configuration: Configuration) -> Iterator[float]:
        seeds = {i: repeat_seed(config.seed, "search", i) for i in range(SEEDS)}
        found = sorted(evaluate(config.trial_spec(configuration), seeds, threads=1), key=lambda r: r.repeat)
        return (np.nan if repeat.validation is None else repeat.validation.score for repeat in found)

    none = np.fromiter(scores(Configuration()), np.float32)
    grid = [
        [np.fromiter(scores(Configuration.tied(penalty, value, target)), np.float32) for value in lambdas(name)]
        for penalty in PENALTIES
    ]
    return none, np.array(grid)


def main(names: list[str]) -> None:
    for name in names or PRESETS:
        stored = dict(np.load(FILE)) if FILE.exists() else {}
        if f"{name}_scores" in stored:
            continue
        begun = time.monotonic()
        stored[f"{name}_none"], stored[f"{name}_scores"] = train(name)
        np.savez_compressed(FILE, **stored)
        print(f"{name}: {stored[f'{name}_scores'].size} trainings, {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
