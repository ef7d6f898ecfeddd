"""Whether picking a cell costs the same after 5,000 trials as after 5: `python -m benchmarks.picking [URL]`.

Two studies of one grid of 10,000 cells, in memory, in SQLite and, where a URL is given, there; asked in turn.
"""

import argparse
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import optuna
from optuna.distributions import IntDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.storages import BaseStorage, InMemoryStorage, RDBStorage, get_storage
from optuna.trial import FrozenTrial

from benchmarks.machine import facts
from benchmarks.measure import Figure, times
from storage.database import tune_sqlite
from storage.liveness import HEARTBEAT_S, SILENT_S
from sweeps.samplers.coarse_to_fine import Cell, CoarseToFineSampler
from sweeps.samplers.coarse_to_fine.ledger import CLAIM

FEW, MANY = 5, 5_000
ROUNDS = 30
MOST = 2.0  # times as long, at most
SPACE = {"a": IntDistribution(0, 99), "b": IntDistribution(0, 99)}


class TimedSampler(CoarseToFineSampler):
    """Notes how long it takes to pick a cell; Optuna's own work for a new trial is left out."""

    picks: tuple[float, ...] = ()

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Pick, with an eye on the clock."""
        start_s = time.perf_counter()
        super().before_trial(study, trial)
        self.picks = (*self.picks, time.perf_counter() - start_s)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what a pick takes by storage; return 1 where it takes more than twice as long with many trials."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.picking", description=__doc__)
    parser.add_argument("url", nargs="?", help="an empty database to measure as well, such as postgresql://…")
    parser.add_argument("--trials", type=int, default=MANY, help=f"{MANY} unless told")
    given = parser.parse_args(arguments)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(*(f"{name}: {value}" for name, value in facts().items()), sep="\n", end="\n\n")
    columns = ("picking, ms, after", f"{FEW} trials", f"{given.trials:,} trials", "ratio")
    print("{:<20}{:>10}{:>14}{:>8}".format(*columns))
    ratios = []
    for name, backend in storages(given.url):
        with backend as opened:
            few, many = measured(opened, given.trials)
        ratios.append(times(many, few))
        print(f"{name:<20}{1e3 * few.median:>10.3f}{1e3 * many.median:>14.3f}{ratios[-1]:>8.2f}", flush=True)
    passed = max(ratios) <= MOST
    print(f"\nat most {max(ratios):.2f} times as long (<= {MOST:g}): {'pass' if passed else 'FAIL'}")
    return 0 if passed else 1


def measured(storage: BaseStorage, many: int) -> tuple[Figure, Figure]:
    """Return the seconds that a pick takes after few trials and after many; each study is asked once a round."""
    studies = [filled(storage, trials) for trials in (FEW, many)]
    for _ in range(ROUNDS + 1):  # in the first one it reads the whole study
        for study in studies:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Heartbeat of storage", UserWarning)  # nobody keeps it up here
                study.tell(study.ask(), 0.0)
    few, many_ = (
        Figure(name=study.study_name, seconds=study.sampler.picks[1:], cores=())  # type: ignore[attr-defined]
        for study in studies
    )
    return few, many_


def filled(storage: BaseStorage, trials: int) -> optuna.Study:
    """Return a study with so many cells completed, as if it had been searched so far."""
    study = optuna.create_study(storage=storage, sampler=TimedSampler(SPACE))
    for cell in in_order(study.sampler, study)[:trials]:
        claim = {CLAIM: {"stage": cell.stage, "params": cell.params}}
        study.add_trial(
            optuna.create_trial(params=dict(cell.params), distributions=SPACE, value=0.0, system_attrs=claim)
        )
    return study


def in_order(sampler: Any, study: optuna.Study) -> list[Cell]:
    """Return the cells in the order in which they are given out."""
    cells: list[Cell] = sampler.plan.in_order(sampler.cells(study))
    return cells


def storages(url: str | None) -> Iterator[tuple[str, AbstractContextManager[BaseStorage]]]:
    """Yield each storage by its name."""
    yield "in memory", nullcontext(InMemoryStorage())
    with tempfile.TemporaryDirectory() as folder:
        yield "SQLite", database(f"sqlite:///{folder}/study.db")
    if url is not None:
        yield url.partition(":")[0], database(url)


@contextmanager
def database(url: str) -> Iterator[BaseStorage]:
    """Open a database as workers do: with heartbeats, through Optuna's cache."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # heartbeat_interval
        backend = RDBStorage(url, heartbeat_interval=HEARTBEAT_S, grace_period=SILENT_S)
    if backend.engine.name == "sqlite":
        tune_sqlite(backend.engine, immediate=True)
    yield get_storage(backend)
    backend.remove_session()
    backend.engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
