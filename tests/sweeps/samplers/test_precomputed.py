"""Draws of another sampler as cells."""

import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import RandomSampler
from optuna.trial import TrialState

from sweeps.samplers.coarse_to_fine import Poll
from sweeps.samplers.precomputed import PrecomputedSampler, draws

SPACE: dict[str, BaseDistribution] = {
    "kind": CategoricalDistribution(("a", "b")),
    "x": FloatDistribution(-1.0, 1.0),
    "n": IntDistribution(1, 3),
}


def precomputed(count: int, **space: BaseDistribution) -> PrecomputedSampler:
    conditions = {} if space else {"x": ("kind", ("b",))}
    return PrecomputedSampler(space or SPACE, lambda: RandomSampler(seed=7), count=count, conditions=conditions)


def test_they_are_the_samplers_first_different_draws() -> None:
    sampler = precomputed(20)
    study = optuna.create_study(sampler=sampler)
    expected: dict[str, None] = {}
    for params in draws(RandomSampler(seed=7), SPACE):
        if params["kind"] == "a":
            del params["x"]  # the condition does not hold
        else:
            params["x"] = round(params["x"], 3)  # 4 digits of a range of 2
        expected[str(sorted(params.items()))] = None
        if len(expected) == 20:
            break
    found = [str(sorted(cell.params.items())) for cell in sampler.cells(study)]
    assert found == list(expected)


def test_a_failed_draw_is_tried_again_and_abandoned_in_the_end() -> None:
    sampler = precomputed(3)
    study = optuna.create_study(sampler=sampler)
    tried = []
    while sampler.poll(study) is Poll.CELL:
        trial = study.ask()
        trial.suggest_categorical("kind", ("a", "b"))
        tried.append(str(trial.params))
        study.tell(trial, None if len(tried) < 4 else 0.0, TrialState.FAIL if len(tried) < 4 else None)
    assert [cell.trials for cell in sampler.failures(study)] == [(0, 1, 2)]
    assert len(tried) == 3 + 2


def test_fewer_where_the_space_holds_no_more() -> None:
    sampler = precomputed(50, n=IntDistribution(1, 3), kind=CategoricalDistribution(("a", "b")))
    assert len(sampler.cells(optuna.create_study())) == 6


def test_no_draws_are_refused() -> None:
    with pytest.raises(ValueError, match="count is at least 1, not 0"):
        precomputed(0)
