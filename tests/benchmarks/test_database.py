"""The benchmark of the database: what it records and reads, what it says, and when it fails."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import storage
from benchmarks import database, overhead, synthetic
from benchmarks.database import Figure
from storage.packing import pack_curve, unpack_curve


def test_made_up_repeats_are_whole_and_differ() -> None:
    one, other = synthetic.repeat(3, 0), synthetic.repeat(3, 1)
    assert one.curve is not None and other.curve is not None and one.validation_rows is not None
    assert len(one.curve.epochs) == synthetic.POINTS and len(one.weight_norms) == 4
    assert not np.array_equal(one.curve.train_loss, other.curve.train_loss)
    packed = pack_curve(one.curve)
    assert len(packed) > 2_000  # as hard to pack as real ones
    assert np.array_equal(unpack_curve(packed).train_loss, one.curve.train_loss)


def test_it_fills_one_database_step_by_step_and_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []

    def command(url: str) -> float:
        with storage.open(url) as results:
            seen.append((Path(url).name, len(results.trials(synthetic.NAME))))
        return 1.0 + seen[-1][1]

    monkeypatch.setattr(database, "command_ms", command)
    names = iter(range(9))
    found = list(database.figures(lambda: f"sqlite:///{tmp_path}/{next(names)}.db", [2, 5]))
    assert seen == [("0.db", 2), ("1.db", 0), ("0.db", 5), ("1.db", 0)]
    with storage.open(f"sqlite:///{tmp_path}/0.db") as results:
        assert results.leaderboard(synthetic.NAME)["n"].tolist() == 5 * [synthetic.REPEATS]
    ratios = [(figure.value, figure.passed) for figure in found if figure.unit == "times"]
    assert ratios == [(3.0, False), (6.0, False)]
    assert all(re.search(r"at [25] x 10|of it CPU", figure.name) for figure in found[1:])


def test_the_worker_and_optuna_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overhead, "SPREAD", 2)
    trials = overhead.MARKS[0] + overhead.SPREAD + 3
    found = overhead.measure(f"sqlite:///{tmp_path}/ours.db", f"sqlite:///{tmp_path}/optunas.db", trials)
    assert list(found) == [overhead.MARKS[0], trials]
    assert all(min(cost.ours, cost.cpu, cost.optunas) > 0 for cost in found.values())
    with storage.open(f"sqlite:///{tmp_path}/ours.db") as results:
        board = results.leaderboard(synthetic.NAME)
    assert (len(board), set(board["n"]), set(board["state"])) == (trials, {synthetic.REPEATS}, {"complete"})


@pytest.mark.parametrize(("slow", "status"), [(False, 0), (True, 1)])
def test_a_figure_above_its_bar_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, slow: bool, status: int
) -> None:
    def figures(*_given: object) -> Iterator[Figure]:
        yield Figure(name="quick", value=9.9, unit="ms", at_most=10)
        yield Figure(name="slow", value=10.1, unit="ms", at_most=10 if slow else None)

    monkeypatch.setattr(database, "figures", figures)
    monkeypatch.setattr(database, "overhead_figures", lambda *_given: ())
    assert database.main(["--only", "sqlite"]) == status
    printed = capsys.readouterr().out
    assert (printed.count("pass"), printed.count("FAIL")) == (1, status)
