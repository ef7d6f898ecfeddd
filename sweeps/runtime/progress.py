"""What is running, the best so far and the time left: a live display in a terminal, plain lines elsewhere."""

import sys
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from sweeps.search.strategies import Extent


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A configuration whose repeats are all there.

    Args:
        label: the stage and the configuration, in words.
        score: mean ± standard deviation (n), in words.
        mean: its mean score; None where it diverged.
    """

    label: str
    score: str
    mean: float | None


class Progress(Protocol):
    """What a worker tells about its work."""

    def started(self, label: str, repeats: int, done: int) -> None:
        """A configuration's repeats begin; some may be there already."""

    def repeated(self) -> None:
        """One repeat has ended."""

    def ended(self, what: Ended, extent: Extent) -> None:
        """A configuration has ended; the search is this far."""

    def note(self, message: str) -> None:
        """Something worth a line has happened."""


class Silent:
    """Tells nothing."""

    def started(self, label: str, repeats: int, done: int) -> None:
        """Ignore it."""

    def repeated(self) -> None:
        """Ignore it."""

    def ended(self, what: Ended, extent: Extent) -> None:
        """Ignore it."""

    def note(self, message: str) -> None:
        """Ignore it."""


@dataclass
class Board:
    """What both displays know.

    Args:
        greater_is_better: whether more of the metric is better.
        metric: its name.
    """

    greater_is_better: bool
    metric: str
    running: str = ""
    repeats: int = 0
    repeats_done: int = 0
    extent: Extent = field(default_factory=lambda: Extent(done=0, total=0))
    best: Ended | None = None
    since: float = field(default_factory=time.monotonic)
    done_before: int | None = None  # configurations that were there when the first of ours ended

    def start(self, label: str, repeats: int, done: int) -> None:
        """Take note of a configuration that begins."""
        self.running, self.repeats, self.repeats_done = label, repeats, done

    def end(self, what: Ended, extent: Extent) -> None:
        """Take note of a configuration that has ended."""
        self.extent = extent
        if self.done_before is None:
            self.done_before = extent.done - 1
        if what.mean is not None and (self.best is None or self._better(what.mean, self.best.mean)):
            self.best = what

    def seconds_left(self) -> float | None:
        """Return the time left by the rate so far, other workers' work included; None until it can be told."""
        if self.done_before is None or self.extent.done <= self.done_before:
            return None
        rate = (self.extent.done - self.done_before) / (time.monotonic() - self.since)
        return (self.extent.total - self.extent.done) / rate

    def summary(self) -> str:
        """Return the best so far and the time left, in words."""
        best = f"best {self.best.label} {self.best.score}" if self.best else ""
        left = self.seconds_left()
        return ", ".join(filter(None, [best, f"about {format_duration(left)} left" if left else ""]))

    def _better(self, mean: float, than: float | None) -> bool:
        return than is None or (mean > than if self.greater_is_better else mean < than)


class Plain:
    """A line on stderr for each configuration."""

    def __init__(self, board: Board) -> None:
        self.board = board

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def started(self, label: str, repeats: int, done: int) -> None:
        """Take note; the line comes when it has ended."""
        self.board.start(label, repeats, done)

    def repeated(self) -> None:
        """Take note."""
        self.board.repeats_done += 1

    def ended(self, what: Ended, extent: Extent) -> None:
        """Print the configuration's line."""
        self.board.end(what, extent)
        self.note(f"[{extent.done}/{extent.total}] {what.label}: {what.score}; {self.board.summary()}")

    def note(self, message: str) -> None:
        """Print it."""
        print(message, file=sys.stderr, flush=True)


class Shown(Plain):
    """A display that stays in its place, on a terminal's stderr."""

    def __init__(self, board: Board, console: Console) -> None:
        super().__init__(board)
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()

    def ended(self, what: Ended, extent: Extent) -> None:
        """Take note; the display follows."""
        self.board.end(what, extent)

    def note(self, message: str) -> None:
        """Print it above the display."""
        self._live.console.print(message, highlight=False)

    def _render(self) -> Table:
        board, left = self.board, self.board.seconds_left()
        table = Table.grid(padding=(0, 2))
        table.add_row(
            "searching",
            ProgressBar(total=max(1, board.extent.total), completed=board.extent.done, width=30),
            f"{board.extent.done} of {board.extent.total or '?'} configurations",
            f"about {format_duration(left)} left" if left else "",
        )
        table.add_row(
            "running",
            ProgressBar(total=max(1, board.repeats), completed=board.repeats_done, width=30),
            board.running or "starting",
            f"repeat {board.repeats_done} of {board.repeats}" if board.repeats else "",
        )
        if board.best:
            table.add_row("best so far", f"{board.metric} {board.best.score}", board.best.label, "")
        return table


def progress_on_stderr(board: Board) -> Plain:
    """Return the live display in a terminal, else plain lines; a context manager."""
    console = Console(stderr=True)
    return Shown(board, console) if console.is_terminal else Plain(board)


def format_duration(seconds: float) -> str:
    """Return a duration as people say it: 12 s, 3 min, 2 h 5 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
