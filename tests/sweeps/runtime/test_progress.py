"""A display says what the database knows, whoever found it out; trainings are made up, and everything else is real."""

import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regsearch.errors import StorageError
from storage import resolve_url
from sweeps.runtime.board import Board
from sweeps.runtime.display import Plain
from sweeps.runtime.optuna_storage import worker_name
from sweeps.runtime.progress import format_score
from sweeps.runtime.sweep import register
from sweeps.runtime.worker import work
from sweeps.search.strategies import Extent
from tests.storage.herd import together
from tests.sweeps.made_up import Trainer
from tests.sweeps.small import COARSE, small

LIMIT_S = 60.0
GRID = small(search={"strategy": "grid"})
BEST = "grid l2 1e-2 0.9000 ± 0.0000 (n=3)"


def best(board: Board) -> str:
    return f"{board.best.stage} {board.best.configuration} {format_score(board.best)}" if board.best else ""


class Watched(Plain):
    """A display that calls something whenever a configuration begins."""

    def __init__(self, begun: Callable[["Watched"], None]) -> None:
        super().__init__()
        self.begun = begun

    def started(self, label: str, repeats: int, done: int) -> None:
        super().started(label, repeats, done)
        self.begun(self)


def test_a_resumed_sweep_shows_what_was_found_and_done_before(database_url: str) -> None:
    shown: list[tuple[int, int, str]] = []

    def stop(watched: Watched) -> None:
        if watched.done == COARSE - 1:
            raise KeyboardInterrupt

    def look(watched: Watched) -> None:
        assert watched.extent is not None
        shown.append((watched.done, watched.extent.total, best(watched)))

    with register(GRID, resolve_url(database_url)) as sweep:
        with pytest.raises(KeyboardInterrupt):
            work(sweep, progress=Watched(stop), evaluate=Trainer())
    with register(GRID, resolve_url(database_url)) as sweep:
        work(sweep, progress=(resumed := Watched(look)), evaluate=Trainer())
    assert shown == [(COARSE - 1, COARSE, BEST)]
    assert (resumed.done, best(resumed)) == (COARSE, BEST)


class Meeting(Plain):
    """A display of a worker that begins when it has seen another one, and been seen."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder, self.met = folder, set[str]()

    def reached(self, extent: Extent) -> None:
        super().reached(extent)
        end_s = time.monotonic() + LIMIT_S
        while len(list(self.folder.iterdir())) < 2 and time.monotonic() < end_s:
            self.met.update(self.others)
            if self.met:
                (self.folder / worker_name()).touch()
            time.sleep(0.01)


def side_by_side(url: str) -> tuple[str, set[str], int, str]:
    """Work on the sweep; return who this is, who else was there, and what is shown in the end."""
    folder = Path(tempfile.gettempdir(), f"met-{hashlib.sha256(url.encode()).hexdigest()}")
    folder.mkdir(exist_ok=True)
    with register(GRID, resolve_url(url)) as sweep:
        work(sweep, progress=(display := Meeting(folder)), evaluate=Trainer())
    return worker_name(), display.met, display.done, best(display)


def test_each_of_two_workers_shows_what_both_have_found(database_url: str) -> None:
    answers: list[Any] = together(2, database_url, side_by_side, preload=[__name__])
    assert not [answer for answer in answers if isinstance(answer, str)], answers
    (one, near_one, *first), (other, near_other, *second) = answers
    assert (near_one, near_other) == ({other}, {one})
    assert first == second == [COARSE, BEST]


def unreadable(*_given: object, **_options: object) -> None:
    raise StorageError("the database failed: it is away")


def test_a_database_that_is_away_is_no_end_of_the_work(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with register(GRID, f"sqlite:///{tmp_path}/a.db") as sweep:
        monkeypatch.setattr("sweeps.runtime.worker.read_progress", unreadable)
        work(sweep, progress=(display := Watched(lambda watched: None)), evaluate=Trainer())
        assert len(sweep.results.leaderboard("small")) == COARSE
    assert display.sweep is None and display.done == COARSE
