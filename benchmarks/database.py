"""What the results database costs, on SQLite and on Postgres: `python -m benchmarks.database`.

Ten thousand configurations with ten repeats each, every repeat with its learning curve, weight norms and row scores:
how long it takes to record one, to read the leaderboard and to list trials, at a tenth of that and at all of it; and
what a whole trial costs around its trainings (benchmarks/overhead.py). The Postgres is the tests' own, without fsync,
as an SQLite in WAL mode does without at a commit.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from sqlalchemy import Engine, text

import storage
from benchmarks import overhead
from benchmarks.machine import facts
from benchmarks.synthetic import NAME, REPEATS, curve, repeat
from regsearch.spec import Configuration, Target
from storage.packing import pack_curve
from tests.postgres import PostgresServer, find_binaries, free_port

SIZES = (1_000, 10_000)  # configurations
LAST = 200  # of the trials recorded, those whose times are told
READS = 5


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What was measured, and what it may be at most; None where there is no bar."""

    name: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def passed(self) -> bool:
        """Whether it is within its bar."""
        return self.at_most is None or self.value <= self.at_most

    def __str__(self) -> str:
        bar = "" if self.at_most is None else f"<= {self.at_most:g}   {'pass' if self.passed else 'FAIL'}"
        return f"  {self.name:<64}{self.value:>10,.1f} {self.unit:<6}{bar}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of both databases; return 1 where one is above its bar."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.database", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help=f"configurations, {SIZES} unless told")
    parser.add_argument("--trials", type=int, default=overhead.TRIALS, help=f"{overhead.TRIALS:,} unless told")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="both unless told")
    given = parser.parse_args(arguments)
    print(*(f"{name}: {value}" for name, value in facts().items()), sep="\n", end="\n\n")
    missed = 0
    for kind in [given.only] if given.only else ["sqlite", "postgresql"]:
        with databases(kind) as new:
            for figure in chain(figures(new, given.sizes), overhead_figures(new, given.trials)):
                print(kind, figure, flush=True)
                missed += not figure.passed
    return 1 if missed else 0


def figures(new: Callable[[], str], sizes: Sequence[int]) -> Iterator[Figure]:
    """Fill a database, and yield what it costs to record and to read at each size."""
    url, empty, done = new(), new(), 0
    yield Figure(name="a curve of 200 points, packed", value=len(pack_curve(curve(0))) / 1024, unit="KB", at_most=4)
    open_empty(empty).dispose()
    engine = open_empty(url)
    records = storage.Records(engine)
    for size in sizes:
        took = [record(records, number) for number in range(done, size)]
        done = size
        at = f"at {size:,} x {REPEATS}"
        recorded, cpu = map(statistics.median, zip(*took[-LAST:], strict=True))
        yield Figure(name=f"record a trial with its {REPEATS} repeats, {at}", value=recorded, unit="ms", at_most=10)
        yield Figure(name="  of it CPU of the writer", value=cpu, unit="ms")
        analyze(engine)
        with storage.open(url) as results:
            board = median_ms(lambda: results.leaderboard(NAME))
        yield Figure(name=f"leaderboard, {at}", value=board, unit="ms", at_most=300)
        ratio = command_ms(url) / command_ms(empty)
        yield Figure(name=f"trials --limit 20, {at}, to an empty one", value=ratio, unit="times", at_most=1.5)
        yield Figure(name=f"the database, a repeat, {at}", value=size_bytes(url) / size / REPEATS / 1024, unit="KB")
    engine.dispose()


def overhead_figures(new: Callable[[], str], trials: int) -> Iterator[Figure]:
    """Run trials without trainings, and yield what each costs at the beginning and at the end."""
    found = overhead.measure(new(), new(), trials)
    for at, cost in found.items():
        name = f"a trial of {REPEATS} repeats of no training, at trial {at:,}"
        yield Figure(name=name, value=cost.ours, unit="ms", at_most=25)
        yield Figure(name="  of it CPU of the worker", value=cost.cpu, unit="ms")
        yield Figure(name="  Optuna alone, 10 reports and 6 attributes", value=cost.optunas, unit="ms")
    first, last = found[min(found)], found[max(found)]
    yield Figure(name="the last trials to the first", value=last.ours / first.ours, unit="times", at_most=1.5)
    yield Figure(name="  of CPU", value=last.cpu / first.cpu, unit="times")


def record(records: storage.Records, number: int) -> tuple[float, float]:
    """Record one trial and its repeats; return how many milliseconds that took, and of this process's CPU."""
    configuration = Configuration.tied("l2", 1e-9 * (number + 1), Target())
    repeats = [repeat(number, index) for index in range(REPEATS)]
    since, cpu_since = time.perf_counter(), time.process_time()
    begun = records.begin_trial(1, number, configuration, key=f"{number:064}", stage="coarse")
    records.add_repeats(begun.configuration_id, "search", repeats, "host:1")
    return 1e3 * (time.perf_counter() - since), 1e3 * (time.process_time() - cpu_since)


def open_empty(url: str) -> Engine:
    """Return an engine on a database that has the schema and one sweep without trials."""
    engine = storage.connect(url, write=True)
    storage.upgrade(engine)
    storage.Records(engine).register_sweep(name=NAME, config={}, config_hash="", versions={})
    return engine


def analyze(engine: Engine) -> None:
    """Let Postgres count its rows, as it does by itself within a minute; before that it may plan for one row."""
    if engine.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))


def median_ms(work: Callable[[], object]) -> float:
    """Return the median time that some work takes."""
    took = []
    for _ in range(READS):
        since = time.perf_counter()
        work()
        took.append(1e3 * (time.perf_counter() - since))
    return statistics.median(took)


def command_ms(url: str) -> float:
    """Return the median time of `regsearch trials --limit 20`, the start of its process included."""
    command = [sys.executable, "-m", "sweeps", "trials", NAME, "--limit", "20"]
    environment = os.environ | {"REGSEARCH_STORAGE": url}
    return median_ms(lambda: subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True))


def size_bytes(url: str) -> float:
    """Return how much of the disk a database takes."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))
    engine = storage.connect(url, write=False)
    with engine.connect() as connection:
        size = float(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    engine.dispose()
    return size


@contextmanager
def databases(kind: str) -> Iterator[Callable[[], str]]:
    """Give a function that makes a new, empty database and returns its URL."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            numbers = iter(range(1_000))
            yield lambda: f"sqlite:///{folder}/{next(numbers)}.db"
            return
        binaries = find_binaries()
        if binaries is None:
            raise SystemExit("no Postgres server is installed")
        server = PostgresServer(binaries=binaries, folder=Path(folder), port=free_port())
        server.create()
        server.start()
        try:
            yield lambda: storage.resolve_url(server.url(server.new_database()))
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
