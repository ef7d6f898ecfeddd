"""A resumed study goes on as an uninterrupted one would."""

from functools import partial

import optuna
import pytest
from optuna.samplers import RandomSampler, TPESampler
from optuna.testing.pytest_samplers import (
    BasicSamplerTestCase,
    MultiObjectiveSamplerTestCase,
    RelativeSamplerTestCase,
)

from sweeps.samplers.reseeded import ReseededSampler

MAKERS = {
    "random": lambda seed: RandomSampler(seed=seed),
    "tpe": lambda seed: TPESampler(seed=seed, n_startup_trials=3),
}


def objective(trial: optuna.Trial) -> float:
    x = trial.suggest_float("x", 1e-6, 1e-1, log=True)
    kind = trial.suggest_categorical("kind", ("l1", "l2"))
    return x if kind == "l1" else -x


def sampled(make, parts, seed=0) -> list[dict]:
    """Sample as many trials as the parts sum to, with a new sampler for each part, as after a restart."""
    study = optuna.create_study()
    for n_trials in parts:
        study.sampler = ReseededSampler(make, seed)
        study.optimize(objective, n_trials=n_trials)
    return [trial.params for trial in study.trials]


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_resumed_is_as_uninterrupted(make):
    assert sampled(make, (5, 4)) == sampled(make, (9,))


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_trials_differ_from_each_other_and_between_seeds(make):
    values = [params["x"] for seed in (0, 1) for params in sampled(make, (6,), seed)]
    assert len(set(values)) == 12


def test_without_it_a_resumed_study_repeats_its_first_draws():
    study = optuna.create_study()
    for _ in range(2):
        study.sampler = RandomSampler(seed=0)
        study.optimize(objective, n_trials=2)
    params = [trial.params for trial in study.trials]
    assert params[:2] == params[2:]


def test_the_order_in_which_threads_reach_it_does_not_matter():
    draws = []
    for order in ((0, 1), (1, 0)):
        study = optuna.create_study(sampler=ReseededSampler(MAKERS["random"], 3))
        trials = [study.ask(), study.ask()]
        for n in order:
            trials[n].suggest_float("x", 0, 1)
        draws.append([trial.params["x"] for trial in trials])
    assert draws[0] == draws[1]


def test_finished_trials_are_forgotten():
    sampler = ReseededSampler(MAKERS["random"], 0)
    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=3)
    assert sampler._samplers == {}


def test_a_negative_seed_is_named():
    with pytest.raises(ValueError, match="seed is 0 or more, not -1"):
        ReseededSampler(MAKERS["random"], -1)


class TestOptunasSuite(BasicSamplerTestCase, MultiObjectiveSamplerTestCase):
    """Optuna's suite for a sampler of independent parameters, on the cheapest; it takes several objectives."""

    @pytest.fixture
    def sampler(self):
        return partial(ReseededSampler, MAKERS["random"], 0)


class TestOptunasRelativeSuite(RelativeSamplerTestCase):
    """Optuna's suite for a sampler of joint parameters."""

    @pytest.fixture
    def sampler(self):
        return partial(ReseededSampler, lambda seed: TPESampler(seed=seed, n_startup_trials=0), 0)
