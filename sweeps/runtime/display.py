"""How far a sweep is, on stderr: a live display in a terminal, plain lines elsewhere."""

import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from sweeps.runtime.board import Board
from sweeps.runtime.progress import Ended, Source, format_score
from sweeps.search.strategies import Extent

REFRESH_S = 1.0


class Display(ABC):
    """Shows what a worker tells, and how far the sweep is as a whole."""

    def __init__(self) -> None:
        self.board = Board()

    @contextmanager
    def watching(self, source: Source) -> Iterator[None]:
        """Read how far the sweep is every second, in a thread of its own: the work waits for no display."""
        self.board.source, stopping = source, threading.Event()

        def watch() -> None:
            while not stopping.wait(REFRESH_S):
                self.board.refresh()
                self.refreshed()

        thread = threading.Thread(target=watch, name="progress", daemon=True)
        self.board.refresh()
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join(REFRESH_S)  # no longer: it may be waiting for a database that is away
            self.board.finish()

    def reached(self, extent: Extent) -> None:
        """Take note."""
        self.board.reach(extent)

    def started(self, label: str, repeats: int, done: int) -> None:
        """Take note."""
        self.board.start(label, repeats, done)

    def repeated(self) -> None:
        """Take note."""
        self.board.repeats_done += 1

    @abstractmethod
    def ended(self, what: Ended, extent: Extent) -> None:
        """A configuration has ended; the search is this far."""

    @abstractmethod
    def note(self, message: str) -> None:
        """Print it."""

    @abstractmethod
    def refreshed(self) -> None:
        """The database was read again."""


class Plain(Display):
    """A line for each configuration that ends here, and for each other worker that comes."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[str] = set()

    def ended(self, what: Ended, extent: Extent) -> None:
        """Print the configuration's line: what it scored, the best so far, the time left."""
        board = self.board
        board.end(what, extent)
        score = format_score(what.candidate) if what.candidate else "diverged"
        best = f"best {board.best.stage} {board.best.configuration} {format_score(board.best)}" if board.best else ""
        rest = ", ".join(filter(None, [best, board.format_left()]))
        self.note(f"[{board.done}/{extent.total}] {what.label}: {score}" + (f"; {rest}" if rest else ""))

    def note(self, message: str) -> None:
        """Print it."""
        print(message, file=sys.stderr, flush=True)

    def refreshed(self) -> None:
        """Print a line for each other worker that was not there before."""
        for worker in self.board.others:
            if worker.name not in self._known:
                self._known.add(worker.name)
                self.note(f"at work too: {worker.name}" + (f", {worker.doing}" if worker.doing else ""))


class Shown(Display):
    """A display that stays in its place, on a terminal."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.live = Live(console=console, get_renderable=self.table, refresh_per_second=8, transient=True)

    def ended(self, what: Ended, extent: Extent) -> None:
        """Take note; the display follows."""
        self.board.end(what, extent)

    def note(self, message: str) -> None:
        """Print it above the display."""
        self.live.console.print(message, highlight=False)

    def refreshed(self) -> None:
        """Do nothing: the display is drawn several times per second."""

    def table(self) -> Table:
        """Return what is shown."""
        board, table = self.board, Table.grid(padding=(0, 2))
        if board.extent is not None:
            bar = ProgressBar(total=max(1, board.extent.total), completed=board.done, width=30)
            table.add_row("searching", bar, f"{board.done} of {board.extent.total} configurations", board.format_left())
        bar = ProgressBar(total=max(1, board.repeats), completed=board.repeats_done, width=30)
        repeat = f"repeat {board.repeats_done} of {board.repeats}" if board.repeats else ""
        table.add_row(board.source.worker if board.source else "running", bar, board.running or "starting", repeat)
        if board.best and board.source:
            score, label = format_score(board.best), f"{board.best.stage} {board.best.configuration}"
            table.add_row("best so far", f"{board.source.metric} {score}", label, "")
        for worker in board.others:
            table.add_row(worker.name, "", worker.doing or "starting", "")
        return table


@contextmanager
def progress_on_stderr() -> Iterator[Display]:
    """Give the live display in a terminal, else plain lines."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Plain()
        return
    shown = Shown(console)
    with shown.live:
        yield shown
