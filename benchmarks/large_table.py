"""Whether a large table fits: peak memory of training on a million rows, `python -m benchmarks.large_table`.

Each kind of file is read, divided, scaled and trained on for one epoch in a process of its own, whose peak is printed.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.machine import facts

ROWS, COLUMNS = 1_000_000, 50
MOST = 4.0  # GB of resident memory, at most
FILES = ("table.parquet", "table.csv")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the peak of each kind of file; return 1 where one is above the bar."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_table", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help=f"{ROWS:,} unless told")
    parser.add_argument("--of", type=Path, help=argparse.SUPPRESS)  # in the child: the file to train on
    given = parser.parse_args(arguments)
    if given.of is not None:
        print(*train(given.of))
        return 0
    print(*(f"{name}: {value}" for name, value in facts().items()), sep="\n", end="\n\n")
    print(f"{given.rows:,} rows of {COLUMNS} columns")
    print(f"{'file':<16}{'GB':>7}{'load, s':>10}{'train, s':>10}{'peak GB':>10}")
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), given.rows)
        for name in FILES:
            path = Path(folder, name)
            command = [sys.executable, "-m", "benchmarks.large_table", "--of", str(path)]
            said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            loaded, trained, peak = map(float, said.split())
            peaks.append(peak)
            size = path.stat().st_size / 1e9
            print(f"{name:<16}{size:>7.2f}{loaded:>10.1f}{trained:>10.1f}{peak:>10.2f}", flush=True)
    print(f"\npeak {max(peaks):.2f} GB (<= {MOST:g} GB): {'pass' if max(peaks) <= MOST else 'FAIL'}")
    return 0 if max(peaks) <= MOST else 1


def make(folder: Path, rows: int) -> None:
    """Write the same table of random numbers, and a target of two classes, as every kind of file."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    rng = np.random.default_rng(1)
    columns = {f"x{i}": rng.normal(size=rows) for i in range(COLUMNS)}
    columns["y"] = columns["x0"] + rng.normal(size=rows) > 0
    table = pa.table(columns)
    parquet.write_table(table, folder / FILES[0])
    csv.write_csv(table, folder / FILES[1])


def train(path: Path) -> tuple[float, float, float]:
    """Load a table and train on it once; return seconds of both, and the peak of resident memory in GB."""
    from regsearch.data import make_split
    from regsearch.spec import DataSpec, ModelSpec, Penalty, SplitSpec, TableSpec, TrainingSpec, TrialSpec
    from regsearch.trial import evaluate

    data = DataSpec(
        source=str(path),
        split=SplitSpec(validation=0.25, test=0.25),
        scale="standard",
        table=TableSpec(target=("y",)),
    )
    started = time.perf_counter()
    make_split(data)
    loaded = time.perf_counter()
    spec = TrialSpec(
        data=data,
        metric="accuracy",
        model=ModelSpec(options=(("hidden", (64,)),)),
        training=TrainingSpec(epochs=1, batch_size=1024),
        penalties=(Penalty(l2=1e-4),),
    )
    (repeat,) = evaluate(spec, {0: 1}, test=True)
    assert repeat.test is not None, repeat.reason
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9  # Linux counts in KiB
    return loaded - started, time.perf_counter() - loaded, peak


if __name__ == "__main__":
    sys.exit(main())
