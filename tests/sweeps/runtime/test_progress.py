"""What a worker tells while it works."""

import io

import pytest
from rich.console import Console

from sweeps.runtime import progress
from sweeps.runtime.progress import Board, Ended, Plain, Shown, format_duration
from sweeps.search.strategies import Extent


def board(clock: list[float], monkeypatch: pytest.MonkeyPatch, greater: bool = True) -> Board:
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    return Board(greater_is_better=greater, metric="accuracy", since=clock[0])


def ended(label: str, mean: float | None) -> Ended:
    return Ended(label=label, score=f"{mean}", mean=mean)


def test_time_left_follows_from_the_rate_since_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    b = board(clock, monkeypatch)
    assert b.seconds_left() is None
    clock[0] = 110.0  # ours is the fifth: four were there before we started
    b.end(ended("a", 0.5), Extent(done=5, total=9))
    assert b.seconds_left() == pytest.approx(10.0 / 1 * 4)
    clock[0] = 120.0  # another worker ended two meanwhile
    b.end(ended("b", 0.5), Extent(done=8, total=9))
    assert b.seconds_left() == pytest.approx(20.0 / 4 * 1)


@pytest.mark.parametrize(("greater", "best"), [(True, "b"), (False, "a")])
def test_the_best_so_far_follows_the_metric(greater: bool, best: str, monkeypatch: pytest.MonkeyPatch) -> None:
    b = board([0.0], monkeypatch, greater)
    for label, mean in (("wild", None), ("a", 0.1), ("b", 0.3), ("c", 0.2)):
        b.end(ended(label, mean), Extent(done=1, total=2))
    assert b.best is not None and b.best.label == best


def test_plain_lines_go_to_stderr(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    with Plain(board(clock, monkeypatch)) as plain:
        plain.started("coarse l2 1e-3", 3, 1)
        plain.repeated()
        clock[0] = 30.0
        plain.ended(ended("coarse l2 1e-3", 0.9), Extent(done=1, total=3))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "[1/3] coarse l2 1e-3: 0.9; best coarse l2 1e-3 0.9, about 60 s left\n"


def test_the_live_display_shows_what_runs_the_best_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    shown = Shown(board(clock, monkeypatch), console)
    shown.started("coarse l2 1e-2", 10, 0)
    clock[0] = 10.0
    shown.ended(ended("coarse l2 1e-2", 0.9), Extent(done=1, total=28))
    shown.started("coarse l2 1e-3", 10, 2)
    shown.repeated()
    console.print(shown._render())
    text = screen.getvalue()
    for part in ("1 of 28 configurations", "about 4 min left", "coarse l2 1e-3", "repeat 3 of 10", "accuracy 0.9"):
        assert part in text


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (12.4, "12 s"), (89, "89 s"), (180, "3 min"), (7500, "2 h 5 min")]
)
def test_durations(seconds: float, words: str) -> None:
    assert format_duration(seconds) == words
