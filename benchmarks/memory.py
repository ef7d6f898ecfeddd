"""Whether memory stays where it is: resident memory over many trainings in one process, `python -m benchmarks.memory`.

Trainings come as from one sweep after another: ten configurations meet the same ten seeds, then ten new seeds come.
"""

import argparse
import gc
import itertools
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import case_study
from benchmarks.machine import facts
from regsearch.seeds import derived_seed
from regsearch.spec import Penalty, TrialSpec
from regsearch.trial import evaluate

TRAININGS = 10_000
EPOCHS = 50
SEEDS = 10  # a configuration, and configurations a sweep
FIRST, EVERY = 100, 1_000  # trainings before memory is read
MOST = 5.0  # percent of growth, at most
LAMBDAS = tuple(10.0**-k for k in range(1, SEEDS + 1))
STATM = Path("/proc/self/statm")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print resident memory as trainings go by; return 1 where it grew by more than the bar."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--trainings", type=int, default=TRAININGS, help=f"{TRAININGS} unless told")
    trainings = parser.parse_args(arguments).trainings
    if trainings <= FIRST:
        parser.error(f"--trainings must be more than {FIRST}, after which memory is first read")
    print(*(f"{name}: {value}" for name, value in facts().items()), sep="\n", end="\n\n")
    print(f"{'trainings':>10}{'resident MiB':>14}{'growth':>9}")
    sizes: list[int] = []
    for done, size in readings(trainings):
        sizes.append(size)
        print(f"{done:>10,}{size / 2**20:>14,.1f}{growth(sizes):>8.2f}%", flush=True)
    grown = growth(sizes)
    print(f"\ngrew by {grown:.2f}% (<= {MOST:g}%): {'pass' if grown <= MOST else 'FAIL'}")
    return 0 if grown <= MOST else 1


def readings(trainings: int) -> Iterator[tuple[int, int]]:
    """Train so often, and yield how often so far and the resident bytes: after 100, every 1,000, and at the end."""
    marks = [FIRST, *range(EVERY, trainings, EVERY), trainings]
    done = 0
    for spec, seeds in work():
        done += sum(1 for _ in evaluate(spec, seeds))
        while marks and done >= marks[0]:
            marks.pop(0)
            gc.collect()
            yield done, resident_bytes()
        if not marks:
            return


def work() -> Iterator[tuple[TrialSpec, dict[int, int]]]:
    """Yield configurations with the seeds of their repeats, without end."""
    base = case_study.spec(EPOCHS)
    for sweep in itertools.count():
        seeds = {i: derived_seed(sweep, i) for i in range(SEEDS)}
        for value in LAMBDAS:
            yield _penalized(base, value), seeds


def growth(sizes: Sequence[int]) -> float:
    """Return by how many percent the last reading is above the lowest.

    Not above the first: what compiling took is given back some time after it, and would hide as much growth.
    """
    return 100 * (sizes[-1] / min(sizes) - 1)


def resident_bytes() -> int:
    """Return this process' resident memory; where there is no /proc, the most that it ever was."""
    if STATM.exists():
        return int(STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import resource

    peak: Any = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) * (1 if sys.platform == "darwin" else 1024)


def _penalized(spec: TrialSpec, l2: float) -> TrialSpec:
    return replace(spec, penalties=(Penalty(l2=l2),))


if __name__ == "__main__":
    sys.exit(main())
