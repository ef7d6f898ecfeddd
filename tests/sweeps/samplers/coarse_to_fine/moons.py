"""The case study's space, an objective on it, and a worker on SQLite.

`python -m tests.sweeps.samplers.coarse_to_fine.moons URL worker|victim` works on the study named moons.
"""

import contextlib
import math
import sys
import warnings
from collections.abc import Iterator

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.storages import RDBStorage
from sqlalchemy import event

from sweeps.samplers.coarse_to_fine import CoarseToFineSampler

REGULARIZERS = ("none", "l2", "l1", "l1_l2")
CONDITIONS = {"lambda": ("regularizer", ("l1", "l2", "l1_l2"))}


def space(low: float = 1e-6, high: float = 1e-1) -> dict[str, BaseDistribution]:
    return {
        "regularizer": CategoricalDistribution(REGULARIZERS),
        "lambda": FloatDistribution(low, high, log=True),
    }


def sampler(low: float = 1e-6, high: float = 1e-1, **options) -> CoarseToFineSampler:
    return CoarseToFineSampler(space(low, high), conditions=CONDITIONS, **options)


def suggest(trial: optuna.Trial, low: float = 1e-6, high: float = 1e-1) -> tuple[str, float | None]:
    regularizer = trial.suggest_categorical("regularizer", REGULARIZERS)
    return regularizer, None if regularizer == "none" else trial.suggest_float("lambda", low, high, log=True)


def score(regularizer: str, value: float | None) -> float:
    """Largest, and 0, for l2 1e-3; -9 for none."""
    return -9.0 if value is None else -abs(math.log10(value) + 3) - REGULARIZERS.index(regularizer) + 1


@contextlib.contextmanager
def sqlite(url: str) -> Iterator[RDBStorage]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # heartbeat_interval
        storage = RDBStorage(url, heartbeat_interval=1, grace_period=2)
    event.listen(storage.engine, "connect", _on_connect)
    event.listen(storage.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    storage.engine.dispose()  # of connections made before the listeners
    yield storage
    storage.remove_session()
    storage.engine.dispose()


def _on_connect(connection, _record) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "busy_timeout = 60000"):
        connection.execute(f"PRAGMA {pragma}")


def work(url: str, role: str) -> None:
    """Work on the study until nothing is left; a victim says so in its first trial, and hangs."""

    def objective(trial: optuna.Trial) -> float:
        value = score(*suggest(trial, 1e-4, 1e-2))
        if role == "victim":
            print(trial.number, flush=True)
            sys.stdin.read()
        return value

    with sqlite(url) as storage:
        study = optuna.load_study(study_name="moons", storage=storage, sampler=sampler(1e-4, 1e-2, points=5))
        study.optimize(objective)


if __name__ == "__main__":
    work(*sys.argv[1:])
