"""Who shows how far the work is: a notebook, a terminal, plain lines, or nobody."""

from collections.abc import Iterator
from contextlib import contextmanager

from sweeps.runtime.progress import Progress, Silent


@contextmanager
def shown_progress(progress: Progress | bool | None) -> Iterator[Progress]:
    """Give what to tell the progress of some work to.

    Args:
        progress: True for a display under a notebook's cell, in a terminal, or else plain lines on stderr; False or
            None for none; or one of your own.
    """
    if isinstance(progress, Progress):
        yield progress
    elif not progress:
        yield Silent()
    else:
        with _displayed() as shown:
            yield shown


@contextmanager
def _displayed() -> Iterator[Progress]:
    from sweeps.runtime.display import progress_on_stderr
    from sweeps.runtime.notebook_display import NotebookDisplay, in_notebook

    if not in_notebook():
        with progress_on_stderr() as shown:
            yield shown
        return
    display = NotebookDisplay()
    try:
        yield display
    finally:
        display.draw()
