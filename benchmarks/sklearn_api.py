"""The estimator against GridSearchCV over MLPClassifier's alpha and over scikeras: same rows, trainings and epochs.

`python -m benchmarks.sklearn_api` trains a grid of six λs and none on the case study's 30 rows and on tables of 500 and
10,000, each configuration several times. scikeras is too slow for all of it: it trains a part, and its search is scaled
to the whole; the table marks it. MLPClassifier stops for nothing (tol=0, n_iter_no_change=epochs).
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from sklearn.datasets import make_classification, make_moons

from benchmarks.compare import BY_SCRIPT, LAMBDAS, Part, compare, seconds_table, task_of
from benchmarks.machine import facts
from benchmarks.peer_runs import environment

SCRIPTS = ("regsearch_sklearn", "sklearn_mlp", "scikeras_grid")
PARTS = {
    "30 rows": Part(lambdas=1, repeats=1, epochs=500),
    "500 rows": Part(lambdas=1, repeats=1, epochs=50),
    "10,000 rows": Part(lambdas=1, repeats=1, epochs=5),
}


def tasks(quick: bool) -> dict[str, Any]:
    """Return the tasks: the case study's network on moons, and one of 128 units on two tables."""
    moons = make_moons(n_samples=100, noise=0.2, random_state=1)
    tables = {rows: make_classification(rows * 4 // 3, 30, n_informative=8, random_state=1) for rows in (500, 10_000)}
    small: dict[str, Any] = {"lambdas": LAMBDAS[:2], "repeats": 2} if quick else {"lambdas": LAMBDAS, "repeats": 5}
    return {
        "30 rows": task_of(moons, 30, **small, hidden=500, epochs=20 if quick else 4000, size=30),
        "500 rows": task_of(tables[500], 500, **small, hidden=128, epochs=2 if quick else 200, size=32),
        "10,000 rows": task_of(tables[10_000], 10_000, **small, hidden=128, epochs=1 if quick else 20, size=128),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--environments", default="~/.cache/regsearch-peers", help="where the peers are installed")
    parser.add_argument("--quick", action="store_true", help="a few trainings, to see that everything runs")
    options = parser.parse_args(arguments)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for script in SCRIPTS:
            peer = BY_SCRIPT[script]
            peer = replace(peer, parts=PARTS if peer.parts else {})
            python = environment(peer.packages, Path(options.environments).expanduser())
            for name, task in tasks(options.quick).items():
                found.append(compare(peer, name, task, python, Path(folder, script, name), quick=options.quick))
    print("\n".join(f"{name}: {value}" for name, value in facts().items()))
    print(f"\n{seconds_table(found)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
