"""Strategies by name."""

from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from sweeps.samplers.coarse_to_fine import Poll
from sweeps.space import suggest
from sweeps.strategies import strategy
from tests.sweeps.small import small


def search(config: Any, trials: int, storage: Any = None) -> list[str]:
    """Ask that many times; the value of each configuration is its lambda."""
    found = strategy(config)
    study = optuna.create_study(storage=storage, study_name="s", sampler=found.sampler, load_if_exists=True)
    for _ in range(trials):
        trial = study.ask()
        study.tell(trial, suggest(trial, config).lambda_l2)
    return [str(t.params) for t in study.trials]


@pytest.mark.parametrize("name", ["random", "tpe"])
def test_a_resumed_search_goes_on_as_an_unbroken_one(name: str, tmp_path: Any) -> None:
    config = small(search={"strategy": name, "trials": 14})
    storage = f"sqlite:///{tmp_path}/a.db"
    search(config, 12, storage)
    whole = search(config, 14)
    resumed = search(config, 2, storage)
    assert resumed == whole and len(set(whole)) > 5


@pytest.mark.parametrize("name", ["random", "tpe"])
def test_lambda_is_log_uniform_and_only_there_with_a_regularizer(name: str) -> None:
    config = small(search={"strategy": name, "trials": 60, "lambda": {"low": 1e-6, "high": 1e-1}})
    found = strategy(config)
    study = optuna.create_study(sampler=found.sampler)
    for _ in range(60):
        trial = study.ask()
        suggest(trial, config)
        study.tell(trial, 0.0)
    some = [t.params for t in study.trials]
    assert all(("lambda" in p) == (p["regularizer"] != "none") for p in some)
    lambdas = sorted(p["lambda"] for p in some if "lambda" in p)
    assert lambdas[0] < 1e-4 and lambdas[-1] > 1e-3  # uniform on a linear scale, 60 draws would miss the first
    assert {"none", "l2"} == {p["regularizer"] for p in some}


def test_the_budget_counts_what_runs_and_gives_back_what_failed() -> None:
    config = small(search={"strategy": "random", "trials": 2})
    found = strategy(config)
    study = optuna.create_study(sampler=found.sampler)
    first, second = study.ask(), study.ask()
    assert found.poll(study) is Poll.WAIT
    study.tell(first, state=TrialState.FAIL)
    assert found.poll(study) is Poll.CELL
    study.tell(second, 1.0)
    study.tell(study.ask(), state=TrialState.PRUNED)
    assert found.poll(study) is Poll.DONE
    assert (found.extent(study).done, found.extent(study).total) == (2, 2)


def test_of_trials_asked_for_at_the_same_time_the_first_fit_the_budget() -> None:
    config = small(search={"strategy": "random", "trials": 2})
    found = strategy(config)
    study = optuna.create_study(sampler=found.sampler)
    trials = [study.ask() for _ in range(4)]
    assert [found.is_surplus(study, t) for t in trials] == [False, False, True, True]
    study.tell(trials[0], state=TrialState.FAIL)
    assert [found.is_surplus(study, t) for t in trials[1:]] == [False, False, True]


def test_several_targets_multiply_the_grid_but_not_none() -> None:
    targets = [{"layers": "hidden"}, {"layers": "output"}]
    config = small(search={"strategy": "grid", "targets": targets})
    assert strategy(config).extent(optuna.create_study()).total == 1 + 2 * 3
