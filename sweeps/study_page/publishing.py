"""Keep what the dashboard shows of a sweep up to date, while it is worked on and at its end.

Of all workers one does so, in a thread beside its work: a hundredth of its time at most, and every half minute at most.
Nothing of it ends a sweep: what goes wrong is said, and the next time may be better.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from regsearch.errors import in_one_line
from sweeps.analysis.snapshot import SweepSnapshot
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.plots.interactive.figures import interactive_figures
from sweeps.plots.pictures import PICTURES
from sweeps.runtime.optuna_storage import worker_name
from sweeps.runtime.sweep import Sweep
from sweeps.study_page.drawn_artifacts import FILES
from sweeps.study_page.study_attributes import StudyPage, write_study
from sweeps.study_page.study_note import study_note, with_own_text

REFRESH_S = 30.0  # between two times, at least
WAIT_TIMES = 100  # as long as one took, until the next
END_S = 5.0  # to wait for one that is under way when the work is over

Say = Callable[[str], None]


@dataclass
class Ending:
    """What is known at the end of some work; a snapshot that was read then saves reading another."""

    snapshot: SweepSnapshot | None = None


@contextmanager
def published(sweep: Sweep, say: Say, *, refresh_s: float = REFRESH_S) -> Iterator[Ending]:
    """Publish a sweep every now and then while it is worked on here, and once more when all work on it has ended.

    Args:
        sweep: an open one.
        say: told in a line what went wrong.
        refresh_s: seconds between two times, at least.
    """
    stopping = threading.Event()

    def watch() -> None:
        pause_s = refresh_s
        while not stopping.wait(pause_s):
            pause_s = max(refresh_s, WAIT_TIMES * _refresh(sweep, say))

    thread = threading.Thread(target=watch, name="dashboard", daemon=True)
    thread.start()
    ending = Ending()
    try:
        yield ending
    finally:
        stopping.set()
        thread.join(END_S)
    _refresh(sweep, say, ending.snapshot)


def publish(sweep: Sweep, snapshot: SweepSnapshot | None = None) -> int:
    """Write a sweep's note and figures for the dashboard; return how many attributes of its study have changed.

    Args:
        sweep: an open one.
        snapshot: of it; None to read one.

    Raises:
        StorageError: the database failed; nothing was written.
    """
    snapshot = snapshot or load_snapshot(sweep.results, sweep.name)
    with sweep.results.at_one_moment(sweep.name) as reader:
        end_times = reader.end_times()
        created = reader.sweep.created_at.isoformat()
    page = StudyPage(
        note=partial(with_own_text, study_note(snapshot)),
        figures=interactive_figures(snapshot, end_times),
        files=_files(snapshot),
        seed=f"{snapshot.name} {created}",
    )
    return write_study(sweep.records.engine, sweep.study._study_id, page)


def _files(snapshot: SweepSnapshot) -> list[str]:
    """Return which artifacts there is something to show in."""
    known = [name for name in FILES if name.endswith(".html") and snapshot.candidates]
    pictures = [name for name in FILES if name.endswith(".png")]
    return known + [name for name in pictures if PICTURES[name.removesuffix(".png")].collect(snapshot) is not None]


def _refresh(sweep: Sweep, say: Say, snapshot: SweepSnapshot | None = None) -> float:
    """Publish a sweep if that is for this process to do; return how many seconds it took."""
    began_s = time.monotonic()
    try:
        if _leads(sweep):
            publish(sweep, snapshot)
    except Exception as error:  # a sweep does not end for the sake of its display
        say(f"the dashboard's note and figures were not written: {in_one_line(error)}")
    return time.monotonic() - began_s


def _leads(sweep: Sweep) -> bool:
    """Return whether this process is the first of those that work on a sweep, or nobody does."""
    alive = sweep.results.workers(sweep.name, alive=True)["name"]
    return alive.empty or bool(alive.iloc[0] == worker_name())
