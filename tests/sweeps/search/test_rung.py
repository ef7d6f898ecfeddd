"""Who goes on after a rung, by scores whose answer is known."""

import numpy as np
import pytest
from optuna.distributions import FloatDistribution

from regsearch.statistics.racing import Racing
from sweeps.samplers.coarse_to_fine.coarse_to_fine_plan import CoarseToFinePlan
from sweeps.samplers.coarse_to_fine.grid import Grid
from sweeps.search.rung import judge, next_rung

PLAN = CoarseToFinePlan(Grid({"lambda": FloatDistribution(1e-3, 1e-1, log=True)}))
LARGE, MIDDLE, SMALL = (1e-1,), (1e-2,), (1e-3,)
BY_SEED = np.array([0.9, 0.5, 0.7, 0.3])  # seeds differ by far more than cells
RACE = Racing()


def test_cells_are_compared_seed_by_seed() -> None:
    shuffled = BY_SEED[[1, 2, 3, 0]] - 0.02  # behind by as much in the mean, but not seed by seed
    found = judge(RACE, PLAN, {LARGE: BY_SEED - 0.02, MIDDLE: BY_SEED, SMALL: shuffled}, exempt=[], maximize=True)
    assert found.leader == MIDDLE and found.survivors == {MIDDLE, SMALL}


def test_of_a_loss_the_least_leads() -> None:
    found = judge(RACE, PLAN, {LARGE: BY_SEED, MIDDLE: BY_SEED + 0.02}, exempt=[], maximize=False)
    assert found.leader == LARGE and found.survivors == {LARGE}


def test_equal_cells_all_go_on_and_the_larger_lambda_leads() -> None:
    found = judge(RACE, PLAN, {SMALL: BY_SEED, LARGE: BY_SEED}, exempt=[], maximize=True)
    assert found.leader == LARGE and found.survivors == {SMALL, LARGE}


def test_who_is_exempt_goes_on() -> None:
    found = judge(RACE, PLAN, {LARGE: BY_SEED - 0.02, MIDDLE: BY_SEED}, exempt=[LARGE], maximize=True)
    assert found.survivors == {LARGE, MIDDLE}


def test_as_many_repeats_are_compared_as_all_have() -> None:
    longer = np.append(BY_SEED, [0.0, 0.0, 0.0])  # would be the worse one by all of its repeats
    found = judge(RACE, PLAN, {LARGE: longer, MIDDLE: BY_SEED - 0.02}, exempt=[], maximize=True)
    assert found.leader == LARGE and found.survivors == {LARGE}


@pytest.mark.parametrize(("has", "following"), [(4, 7), (5, 7), (7, 10)])
def test_the_next_rung_is_the_first_above(has: int, following: int) -> None:
    assert next_rung(RACE, has) == following
