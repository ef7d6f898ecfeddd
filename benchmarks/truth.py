"""What choosing is judged by: trainings over several training sets, scored on rows that took no part in anything.

`python -m benchmarks.truth [NAME …]` trains what benchmarks/truths/ does not hold, with regsearch's own trainer; the
replays (benchmarks/replay.py) then choose from it hundreds of times without another training. A training set is a
random state of the preset's data: moons drawn anew, or other rows of the same table. Choosing sees the validation
scores of the seeds it draws; what its choice is worth is the score on held-out rows of the seeds it did not draw.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regsearch.results import Repeat, Scores
from regsearch.seeds import repeat_seed
from regsearch.spec import Configuration, Regularizer
from regsearch.trial import evaluate
from sweeps.config import SweepConfig
from sweeps.config.toml_file import load, parse

FOLDER = Path(__file__).parent / "truths"
PRESETS = {  # the data set: the preset that says what is trained
    "moons": "moons",
    "digits": "digits-mlp",
    "breast_cancer": "breast-cancer",
    "diabetes": "diabetes-regression",
}
PENALTIES: tuple[Regularizer, ...] = ("l2", "l1", "l1_l2")
TRAINING_SETS = {"moons": 12, "digits": 10, "breast_cancer": 10, "diabetes": 10}
SEEDS = 20
PER_DECADE = {"moons": 5, "digits": 2, "breast_cancer": 2, "diabetes": 2}  # λs; between them is interpolated


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What was trained of one data set. Cell 0 is no regularization, then every λ of each penalty; see `cells`.

    Args:
        name: the data set.
        greater_is_better: whether more of the metric is better.
        lambdas: ascending.  # (lambdas,)
        validation: mean validation scores.  # (sets, cells, seeds)
        held_out: scores on the rows that took no part.  # (sets, cells, seeds)
        rows: what each validation row contributes, mean over seeds.  # (sets, cells, rows)
    """

    name: str
    greater_is_better: bool
    lambdas: NDArray[np.float64]
    validation: NDArray[np.float64]
    held_out: NDArray[np.float64]
    rows: NDArray[np.float64]


def sweep(name: str, training_set: int = 1) -> SweepConfig:
    """Return the preset of a data set, with this training set for all its repeats."""
    plain = load(PRESETS[name]).to_dict()
    kept = {key: value for key, value in plain.get("search", {}).items() if key == "lambda"}
    return parse(
        plain
        | {"data": plain["data"] | {"random_state": training_set}}
        | {"search": kept | {"regularizers": ["none", *PENALTIES]}}
        | {"evaluation": plain.get("evaluation", {}) | {"resample": False}}
    )


def lambdas(name: str) -> NDArray[np.float64]:
    """Return the λs that are trained of a data set."""
    range_ = sweep(name).search.lambda_
    return np.geomspace(range_.low, range_.high, round(np.log10(range_.high / range_.low)) * PER_DECADE[name] + 1)


def cells(name: str) -> list[Configuration]:
    """Return the configurations in the order in which they are stored."""
    (target,) = sweep(name).targets
    penalized = [Configuration.tied(penalty, value, target) for penalty in PENALTIES for value in lambdas(name)]
    return [Configuration(), *penalized]


def truth(name: str) -> Truth:
    """Return what is stored of a data set."""
    with np.load(FOLDER / f"{name}.npz") as stored:
        arrays = {key: stored[key].astype(np.float64) for key in ("validation", "held_out", "rows")}
    return Truth(name=name, greater_is_better=sweep(name).greater_is_better, lambdas=lambdas(name), **arrays)


def train(name: str, training_set: int) -> dict[str, NDArray[Any]]:
    """Train every cell on one training set with every seed; the arrays of `Truth` without their first axis."""
    config = sweep(name, training_set)
    seeds = {i: repeat_seed(config.seed, "search", i) for i in range(SEEDS)}
    found = [_by_seed(evaluate(config.trial_spec(cell), seeds, test=True)) for cell in cells(name)]
    rows = [np.mean([r.validation_rows.scores for r in of_cell if r.validation_rows], axis=0) for of_cell in found]
    return {
        "validation": _scores([[repeat.validation for repeat in of_cell] for of_cell in found]),
        "held_out": _scores([[repeat.test for repeat in of_cell] for of_cell in found]),
        "rows": np.array(rows, np.float16),
    }


def _scores(found: list[list[Scores | None]]) -> NDArray[np.float32]:
    """Return scores, NaN where a training diverged.  # (cells, seeds)."""
    return np.array([[np.nan if one is None else one.score for one in of_cell] for of_cell in found], np.float32)


def _by_seed(repeats: Iterator[Repeat]) -> list[Repeat]:
    return sorted(repeats, key=lambda repeat: repeat.repeat)


def main(names: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in names or PRESETS:
        file = FOLDER / f"{name}.npz"
        stored = dict(np.load(file)) if file.exists() else {}
        for training_set in range(len(stored.get("validation", ())) + 1, TRAINING_SETS[name] + 1):
            begun = time.monotonic()
            trained = train(name, training_set)
            stored = {key: np.stack([*stored.get(key, ()), new]) for key, new in trained.items()}
            np.savez_compressed(file, **stored)
            took_s = time.monotonic() - begun
            print(f"{name} {training_set}: {trained['validation'].size} trainings, {took_s:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
