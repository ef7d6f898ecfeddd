"""What a display knows of a sweep."""

from itertools import pairwise

import pytest

from regsearch.scoring import summarize
from regsearch.spec import Configuration, Target
from storage.progress import SweepProgress
from sweeps.runtime import board as module
from sweeps.runtime.board import WAIT_TIMES, Board
from sweeps.runtime.progress import Ended, searched
from sweeps.search.strategies import Extent
from tests.sweeps.runtime.readings import Readings, leader, reading, worker


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, s."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_what_others_finish_is_counted_from_when_the_extent_was_told() -> None:
    readings, board = Readings(), Board()
    board.source = readings.source()
    board.reach(Extent(done=5, total=9))  # after a resume
    assert board.done == 5
    for finished, done in ((4, 5), (6, 7), (30, 9)):  # one was closed without a row; and never more than the total
        readings.now = reading(finished=finished)
        board.refresh()
        assert board.done == done
    board.reach(Extent(done=8, total=9))
    assert board.done == 8


@pytest.mark.parametrize("greater", [True, False])
def test_of_equal_means_the_larger_lambda_is_best(greater: bool) -> None:
    readings, board = Readings(), Board()
    board.source = readings.source(greater_is_better=greater)
    readings.now = reading(leaders=(leader("l2", 1e-3, 0.4, 0.5), leader("l1", 1e-2, 0.45, 0.45)))
    board.refresh()
    assert board.best is not None and board.best.configuration == Configuration.tied("l1", 1e-2, Target())


@pytest.mark.parametrize(("greater", "best"), [(True, 0.6), (False, 0.5)])
def test_what_ended_here_is_compared_before_a_reading_has_it(greater: bool, best: float) -> None:
    readings, board = Readings(), Board()
    board.source = readings.source(greater_is_better=greater)
    for known in (leader("l2", 1e-3, 0.5), leader("l2", 1e-2, 0.6)):
        found = searched(1, known.configuration, "fine", summarize(known.scores))
        board.end(Ended(label="fine", candidate=found), Extent(done=1, total=2))
    board.end(Ended(label="fine", candidate=None), Extent(done=2, total=2))
    assert board.best is not None and board.best.mean == best
    readings.now = reading(leaders=(leader("l2", 1e-1, 0.55),))
    board.refresh()
    assert board.best.mean == best


def test_the_time_left_is_that_of_the_repeats_left(clock: list[float]) -> None:
    readings, board = Readings(), Board()
    board.source = readings.source()  # 10 repeats each
    board.reach(Extent(done=2, total=5))
    board.refresh()
    for repeats in (1, 5):  # in 8 s
        clock[0] += 8.0
        readings.now = reading(repeats=20 + repeats, open_repeats=repeats)
        board.refresh()
    assert board.seconds_left() == pytest.approx((30 - 5) * 8 / 4)
    board.reach(Extent(done=5, total=5))
    assert board.format_left() == ""


def test_what_is_known_stays_while_the_database_is_away() -> None:
    readings, board = Readings(), Board()
    board.source = readings.source()
    readings.now = known = reading(leaders=(leader("l2", 1e-3, 0.5),), workers=(worker("here:1"), worker("there:2")))
    board.refresh()
    readings.now = None
    board.refresh()
    assert board.sweep is known and board.best is not None and board.others == (worker("there:2"),)
    board.finish()
    assert board.others == ()


def test_a_reading_that_takes_long_is_not_made_again_at_once(clock: list[float]) -> None:
    board, times = Board(), []

    class Slow(Readings):
        def __call__(self) -> SweepProgress:
            times.append(clock[0])
            clock[0] += 2.0
            return reading()

    board.source = Slow().source()
    for _ in range(2 * WAIT_TIMES):
        board.refresh()
        clock[0] += 2.0
    assert [after - before for before, after in pairwise(times)] == [2.0 + 2.0 * WAIT_TIMES]
