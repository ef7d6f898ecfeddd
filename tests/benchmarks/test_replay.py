"""Ways of choosing, on a truth that is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import replay, truth
from benchmarks.replay import NONE, Replay, inside, mean_of, optimism, orders, outcome, race, replays
from benchmarks.truth import PENALTIES, SEEDS, TRAINING_SETS, Truth, cells, lambdas
from regsearch.statistics.racing import EXACT, Racing


def made(noise: float = 0.0, best: float = 1e-3) -> Truth:
    """One training set of moons' grid: scores fall by 0.1 a decade from l2's best λ, by 0.5 more with each penalty."""
    grid = lambdas("moons")
    fall = 0.1 * np.abs(np.log10(grid / best))
    penalized = 1 - fall[None] - 0.5 * np.arange(len(PENALTIES))[:, None]
    means = np.concatenate([[0.2], penalized.ravel()])
    rng = np.random.default_rng(1)
    scores = means[:, None] + noise * rng.normal(size=(len(means), SEEDS))
    rows = means[:, None] + 0.1 * rng.normal(size=(1, 40))
    return Truth(
        name="moons",
        greater_is_better=True,
        lambdas=grid,
        validation=scores[None],
        held_out=means[None, :, None] * np.ones((1, 1, SEEDS)),
        rows=rows[None],
    )


def one(noise: float = 0.0, best: float = 1e-3) -> Replay:
    return Replay(stored=made(noise, best), training_set=0, drawn=np.arange(10))


def test_orders_are_the_powers_of_ten_and_none_the_larger_first() -> None:
    found = orders(made())
    assert len(found) == 19 and found[-1] == NONE
    grid = lambdas("moons")
    assert [grid[int(place)] for penalty, place in found[:4]] == pytest.approx([1e-1, 1e-1, 1e-1, 1e-2])


def test_the_fine_stage_lies_strictly_between_the_neighbours() -> None:
    grid = np.log10(lambdas("moons"))
    places = [np.interp(place, np.arange(len(grid)), grid) for _, place in inside(made(), (0, 15.0))]  # 1e-3
    assert places == pytest.approx([-2.2, -2.4, -2.6, -2.8, -3.2, -3.4, -3.6, -3.8])
    assert len(inside(made(), (0, 25.0))) == 4 and inside(made(), NONE) == []


def test_the_best_order_is_found_and_costs_its_trainings() -> None:
    choice = mean_of(10)(one())
    assert choice.cell == (0, 15.0) and choice.trainings == 190
    assert one().gain(choice.cell) == pytest.approx(0.8) and one().best_gain == pytest.approx(0.8)


def test_a_best_between_orders_takes_the_fine_stage() -> None:
    coarse, fine = mean_of(10)(one(best=10**-2.6)), replay.coarse_to_fine(one(best=10**-2.6))
    assert one(best=10**-2.6).gain(coarse.cell) == pytest.approx(0.76)
    assert one(best=10**-2.6).gain(fine.cell) == pytest.approx(0.8)
    assert fine.trainings == 190 + 80


def test_scores_between_places_are_interpolated() -> None:
    assert one().validation((0, 15.5)).mean() == pytest.approx((1 + 0.98) / 2)


def test_a_race_without_noise_leaves_the_leader_alone() -> None:
    assert race(EXACT)(one()).trainings == 19 * 4 + 3 + 3
    # Its fine stage begins with the winner of the first, which needs no further training.
    assert race(EXACT, fine=True)(one()).trainings == 19 * 4 + 6 + 8 * 4


def test_a_race_that_eliminates_nobody_costs_all() -> None:
    assert race(Racing(rungs=(4, 7, 10), alpha=1e-12))(one(noise=0.3)).trainings == 190


def test_what_choosing_sees_is_not_what_it_is_judged_by() -> None:
    found = one(noise=1.0)
    drawn = found.stored.validation[0, 5, :10]
    assert found.validation((0, 4.0)) == pytest.approx(drawn)
    assert found.undrawn((0, 4.0)) == pytest.approx(found.stored.validation[0, 5, 10:].mean())


def test_the_winners_curse_is_seen() -> None:
    found = optimism(replays(made(noise=1.0), 30))
    assert found.from_seeds > 0.1 and found.chosen > found.confirmed


def test_one_se_takes_the_larger_lambda_that_is_no_worse() -> None:
    """Seeds and rows that all agree leave no error, so the best alone is within it; an unpaired one has rows'."""
    assert replay.one_se(paired=True)(one()).cell == (0, 15.0)
    assert replay.one_se(paired=False)(one(best=1e-4)).cell == (0, 10.0)  # ±0.016, and a decade costs 0.1


def test_what_is_stored_is_whole() -> None:
    for name in truth.PRESETS:
        found = truth.truth(name)
        sets, stored = TRAINING_SETS[name], len(cells(name))
        assert found.validation.shape == found.held_out.shape == (sets, stored, SEEDS)
        assert found.rows.shape[:2] == (sets, stored)
        assert np.isfinite(found.held_out).all()
        assert found.rows.mean(axis=2) == pytest.approx(found.validation.mean(axis=2), rel=2e-3, abs=2e-3)
        assert (truth.FOLDER / f"{name}.npz").stat().st_size < 500_000


@pytest.mark.parametrize("name", truth.PRESETS)
def test_racing_saves_a_third_and_loses_next_to_nothing(name: str) -> None:
    over = replays(truth.truth(name), 10)
    for full, raced in (("mean of 10, orders", "racing 4, 7, 10, orders"),):
        kept, won = outcome(replay.WAYS[full], over), outcome(replay.WAYS[raced], over)
        assert won.trainings <= 0.65 * kept.trainings
        assert kept.gain - won.gain <= 0.005 * kept.best


def test_it_all_runs(capsys: Any) -> None:
    assert replay.main(["--replays", "1", "--data", "moons"]) == 0
    printed = capsys.readouterr().out
    assert "| way of choosing | moons |" in printed and "| moons | 0." in printed


def test_training_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    trained: list[int] = []

    def train(name: str, training_set: int) -> dict[str, Any]:
        trained.append(training_set)
        return {key: np.full((2, 3), training_set, np.float32) for key in ("validation", "held_out", "rows")}

    monkeypatch.setattr(truth, "FOLDER", tmp_path / "truths")
    monkeypatch.setattr(truth, "train", train)
    monkeypatch.setitem(truth.TRAINING_SETS, "moons", 2)
    truth.main(["moons"])
    monkeypatch.setitem(truth.TRAINING_SETS, "moons", 3)
    truth.main(["moons"])
    assert trained == [1, 2, 3]
    stored = np.load(tmp_path / "truths" / "moons.npz")
    assert stored["validation"].shape == (3, 2, 3) and stored["validation"][:, 0, 0].tolist() == [1, 2, 3]
