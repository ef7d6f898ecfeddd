"""What strategies find, judged by a truth that is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import search
from benchmarks.replay import NONE, REPEATS, Replay
from benchmarks.search import Runs, cell_of, run, runs, searched, table
from benchmarks.truth import PENALTIES, SEEDS, Truth, lambdas
from regsearch.spec import Configuration, Target


def made(best: float) -> Truth:
    """One training set, whose scores fall by a tenth an order of magnitude away from the best λ of l2; 0 without."""
    grid = lambdas("moons")
    scores = 1 - 0.1 * np.abs(np.log10(grid / best))[None, :, None] - 0.5 * np.arange(3)[:, None, None]
    cells = np.concatenate([np.zeros((1, 1, 1)), scores.reshape(1, -1, 1)], axis=1)
    every = np.broadcast_to(cells, (1, cells.shape[1], SEEDS))
    rows = np.zeros((1, cells.shape[1], 2))
    return Truth(name="moons", greater_is_better=True, lambdas=grid, validation=every, held_out=every, rows=rows)


def replay(best: float) -> Replay:
    return Replay(stored=made(best), training_set=0, drawn=np.arange(REPEATS))


def test_a_configuration_lies_between_stored_cells_on_the_log_scale() -> None:
    stored = made(1e-3)
    assert cell_of(Configuration(), stored) == NONE
    assert cell_of(Configuration.tied("l1", 1e-6, Target()), stored) == (PENALTIES.index("l1"), 0.0)
    penalty, place = cell_of(Configuration.tied("l2", 10**-5.9, Target()), stored)  # 5 λs per decade
    assert (PENALTIES[penalty], place) == ("l2", pytest.approx(0.5, abs=1e-3))


def test_a_run_recommends_the_best_so_far() -> None:
    # Places 0, 16, 8 and 4 of 19, their digits reversed: none, l1_l2 1e-3, l1 1e-5 and l2 1e-3.
    gains = run(replay(1e-3), searched("moons", "grid", 0))
    assert gains[:4] == pytest.approx([0, 0, 0.3, 1]) and len(gains) == 19
    assert gains == sorted(gains)


def test_a_fine_stage_finds_what_lies_between_orders() -> None:
    plain, fine = (run(replay(10**-2.6), searched("moons", name, 0)) for name in ("grid", "coarse-to-fine"))
    assert plain[-1] == pytest.approx(0.96) and fine[-1] == pytest.approx(1, abs=1e-3)
    assert len(fine) == 19 + 8


def test_regret_is_what_lacks_of_the_best_gain() -> None:
    found = Runs(data="d", strategy="s", gains=((0.1, 0.3, 0.3), (0.1, 0.1, 0.5)), best=0.5, ended=(2, 3))
    assert [found.regret(10 * n) for n in (1, 2, 3, 9)] == pytest.approx([0.8, 0.6, 0.2, 0.2])
    assert table([found]).endswith("| s | 20%, 20%, 20%; 60% at 20 |")


def test_it_all_runs_and_keeps_what_it_found(tmp_path: Path, capsys: Any) -> None:
    arguments = ["--repetitions", "2", "--data", "moons", "--strategies", "grid", "random"]
    files = ["--keep", str(tmp_path / "runs.json"), "--picture", str(tmp_path / "a.png")]
    assert search.main([*arguments, *files]) == 0
    first = capsys.readouterr()
    assert first.out.startswith("| strategy | moons |\n|---|---|\n| grid | ") and "random on moons" in first.err
    assert (tmp_path / "a.png").stat().st_size > 10_000
    assert search.main([*arguments, *files]) == 0
    assert capsys.readouterr() == (first.out, "")


def test_every_run_draws_its_own_seeds() -> None:
    found = runs("digits", "random", 4).gains
    assert len(set(found)) > 1 and runs("digits", "random", 4).gains == found
