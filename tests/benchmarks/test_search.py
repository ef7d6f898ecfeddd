"""How many trainings strategies need, on a truth that is known."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import search
from benchmarks.search import Runs, Target, run, runs, table
from benchmarks.search_truth import PENALTIES, SEEDS, Truth, lambdas, sweep, truth
from regsearch.spec import Configuration
from regsearch.spec import Target as Weights


def made(best: float, spread: float = 0.0) -> Truth:
    """A truth whose scores fall by a tenth an order of magnitude away from the best λ of l2; 0 without."""
    grid = lambdas("moons")
    noise = spread * np.where(np.arange(SEEDS) % 2, 1.0, -1.0)
    scores = 1 - 0.1 * np.abs(np.log10(grid / best))[None, :, None] - 0.5 * np.arange(3)[:, None, None] + noise
    return Truth(config=sweep("moons"), lambdas=grid, none=np.zeros(SEEDS), scores=scores)


def test_scores_between_lambdas_are_interpolated_on_the_log_scale() -> None:
    found = made(best=1e-6)
    assert found.of("l2", 1e-4).mean() == pytest.approx(0.8)
    assert found.of("l2", 10**-4.03).mean() == pytest.approx(0.803)
    assert found.of("l1", 1e-1).mean() == pytest.approx(0.0)
    assert found.of("none", None).mean() == 0


def test_good_enough_is_within_one_standard_error_of_the_best_gain() -> None:
    # ±0.1 half and half: sample standard deviation 0.1·√(30/29), over √30 seeds: 0.1/√29 = 0.01857.
    target = Target.of(made(best=1e-3, spread=0.1))
    assert target.least == pytest.approx(1 - 0.1 / math.sqrt(29))
    within, without = (Configuration.tied("l2", 10 ** (-3 + d), Weights()) for d in (0.18, 0.19))
    assert target.is_met(within) and not target.is_met(without)


def test_a_run_needs_what_comes_before_the_best_cell() -> None:
    # Places 0, 16, 8 and 4 of 19, their digits reversed: none, l1_l2 1e-3, l1 1e-5 and l2 1e-3, of 10 trainings each.
    assert run(Target.of(made(best=1e-3)), "moons", "grid", 0) == (40, 190)


def test_what_is_not_found_for_good_is_not_found() -> None:
    # Between two orders, with little to spare: the plain grid cannot meet it, the fine one has it in its sixth cell.
    target = Target.of(made(best=10**-2.6, spread=0.001))
    assert run(target, "moons", "grid", 0) == (math.inf, 190)
    assert run(target, "moons", "coarse-to-fine", 0) == (190 + 60, 270)


def test_quantiles_count_runs_that_never_found_it() -> None:
    found = Runs(data="d", strategy="s", needed=(10, 20, 30, math.inf), ended=(40, 40, 40, 40))
    assert (found.found, found.quantile(0.5), found.quantile(0.75), found.quantile(1)) == (0.75, 30, math.inf, math.inf)
    assert table([found]) == "| strategy | d |\n|---|---|\n| s | 30 (20 … –), 75% of 40 |"


def test_what_is_stored_is_whole() -> None:
    for name in search.PRESETS:
        found = truth(name)
        assert found.scores.shape == (len(PENALTIES), len(lambdas(name)), SEEDS)
        assert np.isfinite(found.scores).all() and np.isfinite(found.none).all()


def test_it_all_runs_and_keeps_what_it_found(tmp_path: Path, capsys: Any) -> None:
    arguments = ["--repetitions", "2", "--data", "moons", "--strategies", "grid", "tpe"]
    files = ["--keep", str(tmp_path / "runs.json"), "--picture", str(tmp_path / "a.png")]
    assert search.main([*arguments, *files]) == 0
    first = capsys.readouterr()
    assert first.out.startswith("| strategy | moons |\n|---|---|\n| grid | ") and "tpe on moons" in first.err
    assert (tmp_path / "a.png").stat().st_size > 10_000
    assert search.main([*arguments, *files]) == 0
    assert capsys.readouterr() == (first.out, "")


def test_every_run_draws_its_own_seeds() -> None:
    needed = runs("digits", "random", 6).needed
    assert len(set(needed)) > 1 and runs("digits", "random", 6).needed == needed
