"""Measure contenders side by side: each runs once a round, so that a machine that slows down slows all of them."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Clock = Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One way to do a piece of work.

    Args:
        name: what the table calls it.
        units: how many epochs or steps one call of `work` does.
        work: does them, and returns when they are done.
    """

    name: str
    units: float
    work: Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What was measured of one contender.

    Args:
        name: the contender's.
        seconds: wall-clock time of a unit, by round.
        cores: CPU time over wall-clock time, by round: how many cores it kept busy.
    """

    name: str
    seconds: tuple[float, ...]
    cores: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median over rounds of the seconds a unit takes."""
        return statistics.median(self.seconds)


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """How two contenders compare, and the bar that this is held to; None for no bar on that side."""

    name: str
    value: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def passed(self) -> bool | None:
        """Whether the bar is met; None where there is none. NaN meets no bar."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return None if self.at_most is None else self.value <= self.at_most


@dataclass(frozen=True, kw_only=True)
class Report:
    """One section of a benchmark.

    Args:
        title: what was run.
        unit: what the times are times of.
        figures: one a contender.
        ratios: between them.
        notes: what else a reader must know, a line each.
    """

    title: str
    unit: str
    figures: tuple[Figure, ...]
    ratios: tuple[Ratio, ...]
    notes: tuple[str, ...] = ()


def round_robin(
    contenders: Sequence[Contender],
    rounds: int,
    *,
    wall: Clock = time.perf_counter,
    cpu: Clock = time.process_time,
) -> dict[str, Figure]:
    """Run every contender once a round and return what each took, by its name.

    One round more comes first and is not counted: in it contenders compile and fill their caches.
    """
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    cores: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for number in range(rounds + 1):
        for contender in contenders:
            wall_before, cpu_before = wall(), cpu()
            contender.work()
            took, used = wall() - wall_before, cpu() - cpu_before
            if number > 0:
                seconds[contender.name].append(took / contender.units)
                cores[contender.name].append(used / took)
    return {name: Figure(name=name, seconds=tuple(seconds[name]), cores=tuple(cores[name])) for name in seconds}


def times(slow: Figure, fast: Figure) -> float:
    """Return how many times as long `slow` takes: the median over rounds of the ratio within a round."""
    return statistics.median(a / b for a, b in zip(slow.seconds, fast.seconds, strict=True))
