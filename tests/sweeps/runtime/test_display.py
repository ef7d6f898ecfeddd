"""What is shown of a sweep, in a terminal and elsewhere."""

import io
from typing import TypeVar

import pytest
from rich.console import Console

from regsearch.scoring import summarize
from regsearch.spec import Configuration, Target
from sweeps.runtime.board import Board
from sweeps.runtime.display import Plain, Shown, progress_on_stderr
from sweeps.runtime.optuna_storage import worker_name
from sweeps.runtime.progress import searched
from sweeps.search.strategies import Extent
from tests.sweeps.runtime.readings import leader, reading
from tests.sweeps.small import small

B = TypeVar("B", bound=Board)

KNOWN = reading(
    finished=3,
    leaders=(leader("l2", 1e-3, 0.9, 0.9),),
    workers={worker_name(): "old", "there:2": "fine l1 1e-2", "there:3": None},
)


def told(display: B) -> B:
    """A display in the middle of a sweep that was resumed, one of three workers."""
    display.config = small()
    display.reached(Extent(done=12, total=28))
    display.refresh(lambda: KNOWN)
    display.started("coarse l2 1e-2", 10, 2)
    display.repeated()
    return display


def test_plain_lines_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_on_stderr() as plain:
        assert isinstance(told(plain), Plain)
        candidate = searched(1, Configuration.tied("l2", 1e-2, Target()), "coarse", summarize([0.75, 0.85]))
        plain.ended("coarse l2 1e-2", candidate, Extent(done=13, total=28))
        plain.ended("coarse l2 1e-1", None, Extent(done=14, total=28))
        plain.refreshed()
        plain.refreshed()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "[13/28] coarse l2 1e-2: 0.8000 ± 0.0707 (n=2); best fine l2 1e-3 0.9000 ± 0.0000 (n=2)",
        "[14/28] coarse l2 1e-1: diverged; best fine l2 1e-3 0.9000 ± 0.0000 (n=2)",
        "at work too: there:2, fine l1 1e-2",
        "at work too: there:3",
    ]


def test_the_live_display_has_a_line_for_each_worker_the_best_and_how_far_it_is() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=150)
    shown = Shown(console)
    console.print(told(shown).table())
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    for line, parts in zip(
        lines,
        [
            ("searching", "12 of 28 configurations"),
            (worker_name(), "coarse l2 1e-2", "repeat 3 of 10"),
            ("best so far", "accuracy 0.9000 ± 0.0000 (n=2)", "fine l2 1e-3"),
            ("there:2", "fine l1 1e-2"),
            ("there:3", "starting"),
        ],
        strict=True,
    ):
        assert all(part in line for part in parts)


def test_without_a_search_only_what_runs_is_shown() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=150)
    shown = Shown(console)
    shown.started("confirm l2 1e-3", 5, 0)
    console.print(shown.table())
    assert isinstance(console.file, io.StringIO)
    (line,) = console.file.getvalue().splitlines()
    assert "running" in line and "confirm l2 1e-3" in line and "repeat 0 of 5" in line
