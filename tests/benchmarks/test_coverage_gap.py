"""A small version of what benchmarks/coverage.py does with gaps between train and validation scores."""

import numpy as np
import pytest

from benchmarks.coverage import covered
from benchmarks.coverage_cases import Case
from benchmarks.coverage_gap_cases import gap_cases, loss_cases
from regsearch.statistics.interval import t_interval


@pytest.mark.parametrize("case", list(gap_cases()), ids=lambda case: f"{case.kind} {case.setting}")
def test_gaps_are_held(case: Case) -> None:
    assert covered(case, 300).passes


@pytest.mark.parametrize("case", list(loss_cases()), ids=lambda case: case.setting)
def test_lower_ends_of_losses_lie_below_the_truth(case: Case) -> None:
    rng, above = np.random.default_rng(0), 0
    for _ in range(300):
        draw = case.draw(rng)
        above += t_interval(draw.estimate.difference, draw.estimate.variance or 0.0, draw.estimate.df).low > draw.truth
    assert above <= 0.025 * 300
