"""What a display knows of a sweep."""

import pytest

from regsearch.errors import StorageError
from regsearch.scoring import summarize
from regsearch.spec import Configuration, Target
from storage.progress import SweepProgress
from sweeps.runtime import board as module
from sweeps.runtime.board import LONGEST_WAIT_S, REFRESH_S, WAIT_TIMES
from sweeps.runtime.display import Plain
from sweeps.runtime.optuna_storage import worker_name
from sweeps.runtime.progress import searched
from sweeps.search.strategies import Extent
from tests.sweeps.runtime.readings import leader, reading
from tests.sweeps.small import small


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, s."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def board(metric: str = "accuracy") -> Plain:
    """That of a display of a sweep with 3 repeats of each configuration."""
    made = Plain()
    made.config = small(evaluation={"metric": metric})
    return made


def test_what_others_finish_is_counted_from_when_the_extent_was_told() -> None:
    shown = board()
    shown.reached(Extent(done=5, total=9))  # after a resume
    assert shown.done == 5
    for finished, done in ((4, 5), (6, 7), (30, 9)):  # one was closed without a row; and never more than the total
        shown.refresh(lambda finished=finished: reading(finished=finished))
        assert shown.done == done
    shown.reached(Extent(done=8, total=9))
    assert shown.done == 8


@pytest.mark.parametrize("metric", ["accuracy", "log_loss"])
def test_of_equal_means_the_larger_lambda_is_best(metric: str) -> None:
    shown = board(metric)
    shown.refresh(lambda: reading(leaders=(leader("l2", 1e-3, 0.4, 0.5), leader("l1", 1e-2, 0.45, 0.45))))
    assert shown.best is not None and shown.best.configuration == Configuration.tied("l1", 1e-2, Target())


@pytest.mark.parametrize(("metric", "best"), [("accuracy", 0.6), ("log_loss", 0.5)])
def test_what_ended_here_is_compared_before_a_reading_has_it(metric: str, best: float) -> None:
    shown = board(metric)
    for known in (leader("l2", 1e-3, 0.5), leader("l2", 1e-2, 0.6)):
        found = searched(1, known.configuration, "fine", summarize(known.scores))
        shown.ended("fine", found, Extent(done=1, total=2))
    shown.ended("fine", None, Extent(done=2, total=2))
    assert shown.best is not None and shown.best.mean == best
    shown.refresh(lambda: reading(leaders=(leader("l2", 1e-1, 0.55),)))
    assert shown.best.mean == best


def test_the_time_left_is_that_of_the_repeats_left(clock: list[float]) -> None:
    shown = board()
    shown.reached(Extent(done=2, total=5))
    shown.refresh(lambda: reading())
    for repeats in (1, 5):  # in 8 s
        clock[0] += 8.0
        shown.refresh(lambda repeats=repeats: reading(repeats=20 + repeats, open_repeats=repeats))
    assert shown.seconds_left() == pytest.approx((9 - 5) * 8 / 4)
    shown.reached(Extent(done=5, total=5))
    assert shown.format_left() == ""


def test_what_is_known_stays_while_the_database_is_away() -> None:
    known = reading(leaders=(leader("l2", 1e-3, 0.5),), workers={worker_name(): None, "there:2": "fine"})

    def away() -> SweepProgress:
        raise StorageError("the database is away")

    shown = board()
    shown.refresh(lambda: known)
    shown.refresh(away)
    assert shown.sweep is known and shown.best is not None and shown.others == {"there:2": "fine"}
    with shown.watching(small(), away):
        pass
    assert shown.others == {}


def test_a_reading_that_takes_long_is_not_made_again_at_once(clock: list[float]) -> None:
    def slow(seconds: float) -> SweepProgress:
        clock[0] += seconds
        return reading()

    assert board().refresh(reading) == REFRESH_S
    assert board().refresh(lambda: slow(0.5)) == 0.5 * WAIT_TIMES
    assert board().refresh(lambda: slow(60.0)) == LONGEST_WAIT_S


def test_the_work_waits_for_no_reading(clock: list[float]) -> None:
    shown = board()

    def hanging() -> SweepProgress:
        shown.ended("coarse none", None, Extent(done=2, total=3))  # what a worker does meanwhile
        return reading()

    shown.refresh(hanging)
    assert shown.done == 2
