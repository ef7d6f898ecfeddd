"""The main job from Python; what its command prints is tested in tests/acceptance/test_run.py."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

import storage
from regsearch.errors import RegsearchError
from sweeps.analysis.limits import Unsearched
from sweeps.config import SweepConfig
from sweeps.run import run
from sweeps.search_result import SearchResult
from tests.sweeps.small import small

PICTURES = ("comparison", "data", "learning_curves", "lambda", "gap", "repeats", "weight_norms", "layer_norms")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[SweepConfig, Path, SearchResult]:
    config, folder = small(), tmp_path_factory.mktemp("run")
    return config, folder, run(config, storage=f"sqlite:///{folder}/a.db", out=folder / "out")


def statements(call: Any) -> list[str]:
    """What a call asks of databases, through any engine."""
    seen: list[str] = []

    def see(*event: Any) -> None:
        seen.append(event[2])

    event.listen(Engine, "before_cursor_execute", see)
    try:
        call()
    finally:
        event.remove(Engine, "before_cursor_execute", see)
    return seen


def test_it_searches_confirms_and_writes(finished: tuple[SweepConfig, Path, SearchResult]) -> None:
    _, folder, found = finished
    files = ["best.toml", "best.json", *(f"{name}.{kind}" for name in PICTURES for kind in ("png", "svg"))]
    assert [path.relative_to(folder / "out").as_posix() for path in found.written] == files
    assert all(path.stat().st_size for path in found.written)
    assert tomllib.loads((folder / "out" / "best.toml").read_text())["mean"] == found.answer.winner.mean
    assert found.answer.unsearched is None
    assert found.answer.against is not None and found.answer.against.test is not None
    with storage.open(f"sqlite:///{folder}/a.db") as results:
        assert results.sweeps()["complete"].tolist() == [len(found.answer.coarse) + len(found.answer.fine)]


def test_a_second_run_trains_nothing_and_its_pictures_ask_nothing(
    finished: tuple[SweepConfig, Path, SearchResult],
) -> None:
    config, folder, found = finished
    url, again = f"sqlite:///{folder}/a.db", []
    asked = statements(lambda: again.append(run(config, storage=url)))
    with_pictures = statements(lambda: run(config, storage=url, out=folder / "out"))
    assert again[0].answer.to_dict() == found.answer.to_dict() and again[0].written == ()
    assert [sum("rs_leaderboard" in one for one in each) for each in (asked, with_pictures)] == [4, 4]
    assert not [one for one in asked if "INSERT INTO rs_repeats" in one]


def test_what_a_budget_left_out_is_in_the_answer(tmp_path: Path) -> None:
    config = small(search={"strategy": "grid", "trainings": 6})  # two of four configurations
    assert run(config, storage=f"sqlite:///{tmp_path}/a.db").answer.unsearched == Unsearched(budget="trainings", left=2)


def test_time_that_is_up_before_anything_ended_is_said(tmp_path: Path) -> None:
    config = small(search={"strategy": "grid", "stop_after": "0.001s"})
    with pytest.raises(RegsearchError, match=r"nothing has all its repeats yet\. Time was up"):
        run(config, storage=f"sqlite:///{tmp_path}/a.db")
