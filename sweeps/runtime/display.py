"""How far a sweep is, on stderr: a live display in a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from sweeps.analysis.candidates import Candidate
from sweeps.runtime.board import Board
from sweeps.runtime.optuna_storage import worker_name
from sweeps.runtime.progress import Progress, Silent, format_score
from sweeps.search.strategies import Extent


class Plain(Board):
    """A line for each configuration that ends here, and for each other worker that comes."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[str] = set()

    def ended(self, label: str, candidate: Candidate | None, extent: Extent) -> None:
        """Print the configuration's line: what it scored, the best so far, the time left."""
        super().ended(label, candidate, extent)
        score = format_score(candidate) if candidate else "diverged"
        best = f"best {self.best.stage} {self.best.configuration} {format_score(self.best)}" if self.best else ""
        rest = ", ".join(filter(None, [best, self.format_left()]))
        self.note(f"[{self.done}/{extent.total}] {label}: {score}" + (f"; {rest}" if rest else ""))

    def note(self, message: str) -> None:
        """Print it."""
        print(message, file=sys.stderr, flush=True)

    def refreshed(self) -> None:
        """Print a line for each other worker that was not there before."""
        for name, doing in self.others.items():
            if name not in self._known:
                self._known.add(name)
                self.note(f"at work too: {name}" + (f", {doing}" if doing else ""))


class Shown(Board):
    """A display that stays in its place, on a terminal; with or without what this process works on itself."""

    def __init__(self, console: Console, *, at_work: bool = True) -> None:
        super().__init__()
        self._at_work = at_work
        self.live = Live(console=console, get_renderable=self.table, refresh_per_second=8, transient=True)

    def note(self, message: str) -> None:
        """Print it above the display."""
        self.live.console.print(message, highlight=False, markup=False)

    def refreshed(self) -> None:
        """Do nothing: the display is drawn several times per second."""

    def table(self) -> Table:
        """Return what is shown."""
        table = Table.grid(padding=(0, 2))
        if self.extent is not None:
            bar = ProgressBar(total=max(1, self.extent.total), completed=self.done, width=30)
            table.add_row("searching", bar, f"{self.done} of {self.extent.total} configurations", self.format_left())
        if self._at_work:
            bar = ProgressBar(total=max(1, self.repeats), completed=self.repeats_done, width=30)
            repeat = f"repeat {self.repeats_done} of {self.repeats}" if self.repeats else ""
            table.add_row(worker_name() if self.config else "running", bar, self.running or "starting", repeat)
        if self.best and self.config:
            score, label = format_score(self.best), f"{self.best.stage} {self.best.configuration}"
            table.add_row("best so far", f"{self.config.metric} {score}", label, "")
        for name, doing in self.others.items():
            table.add_row(name, "", doing or "starting", "")
        return table


@contextmanager
def progress_on_stderr(*, quiet: bool = False) -> Iterator[Progress]:
    """Give the live display in a terminal, else plain lines; nothing where it is to be quiet."""
    if quiet:
        yield Silent()
        return
    console = Console(stderr=True, markup=False)
    if not console.is_terminal:
        yield Plain()
        return
    shown = Shown(console)
    with shown.live:
        yield shown
