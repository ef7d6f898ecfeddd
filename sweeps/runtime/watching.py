"""A sweep watched from outside until its search ends: how far it is, the best so far, and who is at work."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from optuna.exceptions import StorageInternalError
from rich.console import Console

from regsearch.errors import StorageError
from storage.progress import read_progress
from sweeps.analysis.candidates import CONTROL
from sweeps.runtime.board import Board
from sweeps.runtime.display import Shown
from sweeps.runtime.progress import format_score
from sweeps.runtime.sweep import Sweep
from sweeps.runtime.trial_sources import source_of

LINE_S = 5.0  # between two lines, at least


class Lines(Board):
    """A line on stdout whenever something has changed, every few seconds at most."""

    def __init__(self) -> None:
        super().__init__()
        self._said = ""

    def note(self, message: str) -> None:
        """Print it."""
        print(message, flush=True)

    def refreshed(self) -> None:
        """Print how far the sweep is, unless that was the last line already."""
        if self.extent is None or self.sweep is None:
            return
        best = f"best {self.best.stage} {self.best.configuration} {format_score(self.best)}" if self.best else ""
        at_work = f"{len(self.others)} at work, {self.sweep.repeats} repeats"
        line = f"[{self.done}/{self.extent.total}] " + "; ".join(filter(None, [best, at_work]))
        if line != self._said:
            self._said = line
            self.note("; ".join(filter(None, [line, self.format_left()])))


def watch(sweep: Sweep, board: Board, *, least_pause_s: float, pause: Callable[[float], None] = time.sleep) -> None:
    """Show a sweep until its search has ended.

    Args:
        sweep: an open one; whoever watches does no work on it.
        board: what shows it.
        least_pause_s: between two readings.
        pause: waits for so many seconds.
    """
    better = sweep.config.greater_is_better
    read = partial(read_progress, sweep.results.engine, sweep.id, greater_is_better=better, control=CONTROL)
    board.config, source = sweep.config, source_of(sweep)
    while True:
        with suppress(StorageError, StorageInternalError):  # the database is away: what is known stays
            board.reached(source.extent())
        pause_s = board.refresh(read)
        board.refreshed()
        if board.extent is not None and board.extent.done >= board.extent.total:
            return
        pause(max(pause_s, least_pause_s))


@contextmanager
def board_on_stdout() -> Iterator[tuple[Board, float]]:
    """Give what shows a watched sweep, with the least pause between readings: drawn anew in a terminal, else lines."""
    if not sys.stdout.isatty():
        yield Lines(), LINE_S
        return
    shown = Shown(Console(markup=False), at_work=False)
    with shown.live:
        yield shown, 0.0
