"""What a display knows: of its own process what the worker tells, of the whole sweep what the database says."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

from regsearch.errors import StorageError
from regsearch.scoring import summarize
from storage.progress import SweepProgress
from sweeps.analysis.candidates import Candidate, best_of
from sweeps.config import SweepConfig
from sweeps.runtime.optuna_storage import worker_name
from sweeps.runtime.pace import Pace, format_duration
from sweeps.runtime.progress import Progress, Reader, searched
from sweeps.search.strategies import Extent

REFRESH_S = 1.0
WAIT_TIMES = 10  # as long as a reading took, until the next one: it costs a tenth of the time at most
LONGEST_WAIT_S = 10.0  # which is reached where the database was away


class Board(Progress, ABC):
    """The state of a display. Safe to share between the worker's thread and the one that reads."""

    def __init__(self) -> None:
        self.running = ""  # in this process
        self.repeats = self.repeats_done = 0
        self.extent: Extent | None = None  # as the worker told it last
        self.config: SweepConfig | None = None
        self.sweep: SweepProgress | None = None  # the newest reading
        self.others: Mapping[str, str | None] = {}  # who is at work beside this process, and at what
        self.best: Candidate | None = None
        self._pace = Pace()
        self._finished_then: int | None = None  # configurations, by the first reading since the extent was told
        self._lock = threading.Lock()

    @contextmanager
    def watching(self, config: SweepConfig, read: Reader) -> Iterator[None]:
        """Read how far the sweep is every second, in a thread of its own: the work waits for no display."""
        self.config, stopping = config, threading.Event()

        def watch(pause_s: float) -> None:
            while not stopping.wait(pause_s):
                pause_s = self.refresh(read)
                self.refreshed()

        thread = threading.Thread(target=watch, args=[self.refresh(read)], name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join(REFRESH_S)  # no longer: it may be waiting for a database that is away
            self.refresh(read)
            self.others = {}

    def refresh(self, read: Reader) -> float:
        """Read how far the sweep is; return the seconds until that is to be done again."""
        begun_s, extent = time.monotonic(), self.extent
        with suppress(StorageError):  # what is known stays; the worker says that the database is away
            self._take(read(), extent)  # read outside the lock, which the work waits for
        return min(max(REFRESH_S, WAIT_TIMES * (time.monotonic() - begun_s)), LONGEST_WAIT_S)

    def _take(self, sweep: SweepProgress, extent: Extent | None) -> None:
        """Take note of a reading, and of what the extent was when it began."""
        with self._lock:
            self.sweep = sweep
            self._pace.add(time.monotonic(), sweep.repeats)
            self._compare(searched(o.id, o.configuration, o.stage, summarize(o.scores)) for o in sweep.leaders)
            self.others = {name: doing for name, doing in sweep.workers.items() if name != worker_name()}
            if self._finished_then is None and extent is self.extent:
                self._finished_then = sweep.finished

    def reached(self, extent: Extent) -> None:
        """Take note of how far the search is; what is finished elsewhere from here on, readings say."""
        with self._lock:
            self.extent, self._finished_then = extent, None

    def started(self, label: str, repeats: int, done: int) -> None:
        """Take note of a configuration that begins."""
        self.running, self.repeats, self.repeats_done = label, repeats, done

    def repeated(self) -> None:
        """Take note of a repeat."""
        self.repeats_done += 1

    def ended(self, label: str, candidate: Candidate | None, extent: Extent) -> None:
        """Take note of a configuration that has ended here, before any reading has it."""
        self.reached(extent)
        with self._lock:
            self._compare([candidate] if candidate else [])

    @abstractmethod
    def note(self, message: str) -> None:
        """Print it."""

    @abstractmethod
    def refreshed(self) -> None:
        """The database was read again."""

    @property
    def done(self) -> int:
        """How many configurations are done, whoever did them."""
        if self.extent is None:
            return 0
        since = self.sweep.finished - self._finished_then if self.sweep and self._finished_then is not None else 0
        return min(self.extent.total, self.extent.done + since)

    def seconds_left(self) -> float | None:
        """Return the time left by the rate of all workers; None until it can be told."""
        if self.extent is None or self.sweep is None or self.config is None:
            return None
        open_configurations = self.extent.total - self.done
        return self._pace.seconds_for(open_configurations * self.config.evaluation.repeats - self.sweep.open_repeats)

    def format_left(self) -> str:
        """Return the time left; empty until it can be told, and at the end."""
        left = self.seconds_left()
        return f"about {format_duration(left)} left" if left and left > 0 else ""

    def _compare(self, found: Iterable[Candidate]) -> None:
        """Take note of the best, ties as in the answer."""
        if self.config is not None:
            known = [self.best] if self.best else []
            self.best = best_of([*known, *found], greater_is_better=self.config.greater_is_better)
