"""How many workers one database serves: `python -m benchmarks.scale`, some minutes.

Stand-in workers, whose trainings take no time, search one sweep of draws, on SQLite and on the tests' Postgres,
without fsync, on the same machine. All begin at once, when every one has opened the sweep. CPU per trial is that of all
workers, and of all processes of the Postgres server; connections are those that the workers have while they work.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import storage
from benchmarks.database import databases
from benchmarks.machine import facts
from benchmarks.synthetic import repeat
from regsearch.results import Repeat
from regsearch.spec import TrialSpec
from storage.database import connect
from sweeps.config.toml_file import parse
from sweeps.runtime.sweep import open_sweep, register
from sweeps.runtime.worker import work

WORKERS = (1, 2, 4, 8, 16)
TRIALS = 400
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one number of workers did.

    Args:
        kind: of database.
        workers: how many.
        per_second: trials.
        cpu_ms: of the workers, per trial.
        server_ms: of the database server, per trial; 0 of SQLite, which has none.
        connections: that each worker has, in the mean.
    """

    kind: str
    workers: int
    per_second: float
    cpu_ms: float
    server_ms: float
    connections: float


def evaluate(spec: TrialSpec, seeds: Mapping[int, int], **_how: object) -> Iterator[Repeat]:
    """Stand in for trainings."""
    for index in seeds:
        yield repeat(0, index)


def worker(url: str) -> None:
    """Open the sweep, say so, wait for the word to begin, work, and print the CPU seconds that took."""
    with open_sweep("scale", url) as sweep:
        print("ready", flush=True)
        sys.stdin.readline()
        begun_s = time.process_time()
        work(sweep, evaluate=evaluate)
        print(time.process_time() - begun_s, flush=True)


def measure(kind: str, url: str, count: int, trials: int) -> Run:
    """Let so many workers search a new sweep of so many trials."""
    config = parse(
        {
            "name": "scale",
            "data": {"source": "moons"},
            "search": {"strategy": "random", "trials": trials},
        }
    )
    register(config, storage.resolve_url(url)).close()
    command = [sys.executable, "-m", "benchmarks.scale", "--worker", url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, **pipes) for _ in range(count)]  # type: ignore[call-overload]
    for process in started:
        assert process.stdout.readline() == "ready\n"
    server_s, begun = _server_cpu_s(url), time.perf_counter()
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    time.sleep(1)
    connections = _connections(url)
    cpu_s = sum(float(process.stdout.readline()) for process in started)
    wall_s = time.perf_counter() - begun
    server_s = _server_cpu_s(url) - server_s
    for process in started:
        process.stdin.close()
        process.wait()
    return Run(
        kind=kind,
        workers=count,
        per_second=trials / wall_s,
        cpu_ms=1e3 * cpu_s / trials,
        server_ms=1e3 * server_s / trials,
        connections=connections / count,
    )


def _server_cpu_s(url: str) -> float:
    """Return the CPU seconds of a Postgres server's processes, those that have ended included; 0 of SQLite."""
    if not url.startswith("postgresql"):
        return 0.0
    engine = connect(storage.resolve_url(url), write=False)
    with engine.connect() as connection:
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        server = _stat(f"/proc/{backend}/stat")[1]
        ticks = 0
        for file in map(str, Path("/proc").glob("[0-9]*/stat")):
            stat = _stat(file)
            if stat and (file == f"/proc/{server}/stat" or stat[1] == server):
                ticks += sum(map(int, stat[11:15]))
    engine.dispose()
    return ticks / TICKS_PER_S


def _stat(file: str) -> list[str]:
    """Return the fields of a process's stat behind its name; none where it has ended."""
    try:
        return Path(file).read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _connections(url: str) -> int:
    if not url.startswith("postgresql"):
        return 0
    engine = connect(storage.resolve_url(url), write=False)
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with engine.connect() as connection:
        found = connection.exec_driver_sql(query).scalar_one()
    engine.dispose()
    return int(found)


def table(runs: Sequence[Run]) -> str:
    """Return runs as Markdown."""
    lines = ["| database | workers | trials per second | CPU per trial, ms | server's | connections per worker |"]
    lines.append("|---" * 6 + "|")
    for run in runs:
        server = f"{run.server_ms:.1f} | {run.connections:.1f}" if run.server_ms else "– | –"
        lines.append(f"| {run.kind} | {run.workers} | {run.per_second:.1f} | {run.cpu_ms:.1f} | {server} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__.partition("\n")[0])
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--kinds", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--worker", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.worker:
        worker(options.worker)
        return 0
    found = []
    for kind in options.kinds:
        with databases(kind) as new:
            for count in options.workers:
                found.append(measure(kind, new(), count, options.trials))
                print(table(found[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
    print(*(f"{name}: {value}" for name, value in facts().items()), table(found), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
