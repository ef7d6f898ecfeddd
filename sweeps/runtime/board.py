"""What a display knows: of its own process what the worker tells, of the whole sweep what the database says."""

import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from regsearch.errors import StorageError
from regsearch.scoring import summarize
from storage.progress import LiveWorker, SweepProgress
from sweeps.analysis.candidates import Candidate, best_of
from sweeps.runtime.pace import Pace, format_duration
from sweeps.runtime.progress import Ended, Source, searched
from sweeps.search.strategies import Extent

WAIT_TIMES = 10  # as long as a reading took, until the next one: it costs a tenth of the time at most


@dataclass
class Board:
    """The state of a display. Safe to share between the worker's thread and the one that reads."""

    running: str = ""  # in this process
    repeats: int = 0
    repeats_done: int = 0
    extent: Extent | None = None  # as the worker told it last
    source: Source | None = None
    sweep: SweepProgress | None = None  # the newest reading
    best: Candidate | None = None
    pace: Pace = field(default_factory=Pace)
    _finished_then: int | None = None  # configurations, by the first reading since the extent was told
    _next_s: float = 0.0  # before then nothing is read
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, label: str, repeats: int, done: int) -> None:
        """Take note of a configuration that begins."""
        self.running, self.repeats, self.repeats_done = label, repeats, done

    def reach(self, extent: Extent) -> None:
        """Take note of how far the search is; what is finished elsewhere from here on, readings say."""
        with self._lock:
            self.extent, self._finished_then = extent, None

    def end(self, what: Ended, extent: Extent) -> None:
        """Take note of a configuration that has ended here, before any reading has it."""
        self.reach(extent)
        with self._lock:
            self._compare([what.candidate] if what.candidate else [])

    def finish(self) -> None:
        """Take note that the work is over, and read how far it came."""
        with self._lock:
            if self.source is not None:
                self._read(self.source)
            self.sweep = replace(self.sweep, workers=()) if self.sweep else None

    def _read(self, source: Source) -> None:
        begun_s = time.monotonic()
        with suppress(StorageError):  # what is known stays; the worker says that the database is away
            self.sweep = source.read()
            self.pace.add(time.monotonic(), self.sweep.repeats)
            self._compare(
                searched(leader.id, leader.configuration, leader.stage, summarize(leader.scores))
                for leader in self.sweep.leaders
            )
            if self._finished_then is None:
                self._finished_then = self.sweep.finished
        self._next_s = time.monotonic() + WAIT_TIMES * (time.monotonic() - begun_s)

    def refresh(self) -> None:
        """Read how far the sweep is, unless readings take long and the last one was just now."""
        with self._lock:
            if self.source is not None and time.monotonic() >= self._next_s:
                self._read(self.source)

    def _compare(self, found: Iterable[Candidate]) -> None:
        """Take note of the best, ties as in the answer."""
        if self.source is not None:
            known = [self.best] if self.best else []
            self.best = best_of([*known, *found], greater_is_better=self.source.greater_is_better)

    @property
    def done(self) -> int:
        """How many configurations are done, whoever did them."""
        if self.extent is None:
            return 0
        since = self.sweep.finished - self._finished_then if self.sweep and self._finished_then is not None else 0
        return min(self.extent.total, self.extent.done + since)

    @property
    def others(self) -> tuple[LiveWorker, ...]:
        """Who is at work beside this process, and at what."""
        if self.source is None or self.sweep is None:
            return ()
        return tuple(worker for worker in self.sweep.workers if worker.name != self.source.worker)

    def seconds_left(self) -> float | None:
        """Return the time left by the rate of all workers; None until it can be told."""
        if self.extent is None or self.sweep is None or self.source is None:
            return None
        open_configurations = self.extent.total - self.done
        return self.pace.seconds_for(open_configurations * self.source.repeats - self.sweep.open_repeats)

    def format_left(self) -> str:
        """Return the time left; empty until it can be told, and at the end."""
        left = self.seconds_left()
        return f"about {format_duration(left)} left" if left and left > 0 else ""
