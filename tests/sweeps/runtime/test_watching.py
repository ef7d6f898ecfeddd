"""A sweep watched from outside, on both databases; its trainings are made up."""

import io

import pytest
from rich.console import Console

from storage import resolve_url
from storage.liveness import Process
from sweeps.cli.main import app
from sweeps.runtime.display import Shown
from sweeps.runtime.sweep import open_sweep, register
from sweeps.runtime.watching import Lines, watch
from sweeps.runtime.worker import work
from tests.sweeps.made_up import Trainer
from tests.sweeps.small import small


def test_a_line_for_each_change_until_the_search_has_ended(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = resolve_url(database_url)
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            with open_sweep("small", url) as own:
                work(own, evaluate=Trainer())

    with register(small(search={"strategy": "grid"}), url) as sweep:
        sweep.records.join(sweep.id, Process("there", "", "", 1, ""))
        watch(sweep, Lines(), least_pause_s=7, pause=pause)
        first, last = capsys.readouterr().out.splitlines()  # what has not changed is not said again
    assert first == "[0/4] 1 at work, 0 repeats"
    assert last.startswith("[4/4] best grid l2 1e-2 0.9000 ± 0.0000 (n=3); 1 at work, 12 repeats")
    assert len(waited) == 3 and min(waited) >= 7


def test_the_display_of_a_watched_sweep_shows_no_work_of_its_own(tmp_path) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=150)
    board = Shown(console, at_work=False)
    with register(small(search={"strategy": "grid"}), f"sqlite:///{tmp_path}/a.db") as sweep:
        sweep.records.join(sweep.id, Process("there", "", "", 1, ""))
        work(sweep, evaluate=Trainer())
        watch(sweep, board, least_pause_s=0, pause=lambda seconds: pytest.fail("the search has ended"))
    console.print(board.table())
    assert isinstance(console.file, io.StringIO)
    searching, best, other = console.file.getvalue().splitlines()
    assert "4 of 4 configurations" in searching and "accuracy 0.9000" in best and other.startswith("there:1")


def test_ctrl_c_ends_watching_and_is_no_failure(tmp_path, monkeypatch, capsys) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    url = f"sqlite:///{tmp_path}/a.db"
    register(small(), url).close()
    monkeypatch.setattr("sweeps.runtime.watching.watch", interrupted)
    assert not app(["status", "small", "--watch", "--storage", url], standalone_mode=False)
    assert capsys.readouterr() == ("", "")
