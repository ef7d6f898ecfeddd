"""The comparison with other tools: a run of ours, killed and whole, and what its tables say of given figures."""

from pathlib import Path

import pytest

from benchmarks import compare
from benchmarks.compare import BY_SCRIPT, Durability, Found, durability_table, growth_table, seconds_table
from benchmarks.peer_runs import DidNotRun, Mark, Run, environment, run, user_lines, write_task


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    given, data = compare.tasks(quick=True)["table"]
    write_task(tmp_path, given, data)
    return tmp_path


def test_a_run_is_measured_and_what_it_left_is_read(folder: Path) -> None:
    found = run(environment((), folder), "regsearch_cli", folder, limit_s=300)
    assert sorted({mark.lambda_ for mark in found.marks}) == [0.0, 1e-6, 1e-5] and len(found.marks) == 6
    assert all(0.4 < mark.score <= 1 for mark in found.marks)
    assert 0 < found.search_s < found.seconds and found.peak_bytes > 100e6


def test_a_script_that_fails_says_why(folder: Path) -> None:
    (folder / "given.json").unlink()
    with pytest.raises(DidNotRun, match=r"^exit code 1: .*given\.json"):
        run(environment((), folder), "regsearch_cli", folder, limit_s=300)


def found(peer: str, seconds: float, share: float) -> Found:
    marks = (Mark(lambda_=0.0, score=0.75, at=0.0),)
    measured = Run(seconds=seconds, search_s=seconds, peak_bytes=2 * 10**9, marks=marks)
    return Found(
        peer=peer, task="moons", run=measured, scaled_s=seconds / share, share=share, lines=12, no_penalty=0.75
    )


def test_the_table_of_seconds_marks_what_was_scaled() -> None:
    lines = seconds_table([found("ours", 10.0, 1.0), found("theirs", 50.0, 0.1)]).splitlines()
    assert lines[2:] == ["| ours | 10 | 1.0 | 2.0 | 0.750 | 12 |", "| theirs | 500* | 50.0 | 2.0 | – | 12 |"]


def test_the_table_of_durability_says_who_does_not_go_on() -> None:
    ours, theirs = BY_SCRIPT["regsearch_cli"].name, BY_SCRIPT["keras_tuner_grid"].name
    kept = Durability(ended_before=4, trained_again=0, same_numbers=True)
    stuck = Durability(ended_before=5, trained_again=None, same_numbers=None, stuck="KeyError")
    lines = durability_table({ours: kept, theirs: stuck}).splitlines()
    assert lines[2].startswith(f"| {ours} | 4 | 0 | yes |")
    assert lines[3].startswith(f"| {theirs} | 5 | all: it does not go on | – |")


def test_the_table_of_growth_says_what_was_not_reached() -> None:
    assert growth_table({"a": {10: 1.25, 1000: 3.0}}).splitlines()[2] == "| a | 1.2 | 3.0 | not reached |"


def test_the_lines_that_a_user_writes_are_those_between_the_marks() -> None:
    assert 10 <= user_lines("regsearch_cli") <= 20 < user_lines("keras_tuned")
