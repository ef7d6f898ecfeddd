"""How far a sweep is, under a notebook's cell: what a terminal shows, as HTML that is replaced in place."""

import io
import sys
import time
from importlib import import_module
from typing import Any

from rich.console import Console

from sweeps.analysis.candidates import Candidate
from sweeps.runtime.display import Shown
from sweeps.search.strategies import Extent

PAUSE_S = 0.25  # between two drawings, so that a fast search does not fill the notebook's queue
WIDTH = 130  # characters
PRE = '<pre style="white-space:pre;overflow-x:auto;line-height:normal;font-size:90%">{code}</pre>'


def in_notebook() -> bool:
    """Return whether this is a notebook's kernel; loads nothing."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


class NotebookDisplay(Shown):
    """The display of a terminal, shown by IPython; drawn in the worker's own thread, whose cell it belongs to."""

    def __init__(self) -> None:
        super().__init__(Console(file=io.StringIO(), markup=False))
        self._ipython: Any = import_module("IPython.display")
        self._notes: list[str] = []
        self._drawn_s = 0.0  # time.monotonic() of the last drawing
        self._handle = self._ipython.display(self._rendered(), display_id=True)

    def note(self, message: str) -> None:
        """Print it above the display."""
        self._notes.append(message)
        self.draw()

    def reached(self, extent: Extent) -> None:
        """Take note of how far the search is, and draw it."""
        super().reached(extent)
        self._draw_at_times()

    def started(self, label: str, repeats: int, done: int) -> None:
        """Take note of a configuration that begins, and draw it."""
        super().started(label, repeats, done)
        self._draw_at_times()

    def repeated(self) -> None:
        """Take note of a repeat, and draw it."""
        super().repeated()
        self._draw_at_times()

    def ended(self, label: str, candidate: Candidate | None, extent: Extent) -> None:
        """Take note of a configuration that has ended, and draw it."""
        super().ended(label, candidate, extent)
        self._draw_at_times()

    def draw(self) -> None:
        """Show how far the work is now."""
        self._drawn_s = time.monotonic()
        self._handle.update(self._rendered())

    def _draw_at_times(self) -> None:
        if time.monotonic() - self._drawn_s > PAUSE_S:
            self.draw()

    def _rendered(self) -> Any:
        """Return the display as IPython shows it."""
        console = Console(file=io.StringIO(), record=True, width=WIDTH, markup=False, force_jupyter=False)
        for note in self._notes:
            console.print(note, highlight=False)
        console.print(self.table())
        return self._ipython.HTML(console.export_html(inline_styles=True, code_format=PRE))
