"""Optuna's own suite for samplers: the parts whose objective has one space, known beforehand; of others, why not."""

import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.testing import pytest_samplers
from optuna.testing.pytest_samplers import BasicSamplerTestCase, RelativeSamplerTestCase, SingleOnlySamplerTestCase

from sweeps.samplers.coarse_to_fine import CoarseToFineSampler

NO_CLAIM = "samples for trials that never passed before_trial, and so have no cell"
RELATIVE = "wants a joint sample of a relative space; a cell's values are handed out one by one"
NOT_RUN = {
    "test_float": NO_CLAIM,
    "test_int": NO_CLAIM,
    "test_categorical": NO_CLAIM,
    "test_conditional_sample_independent": NO_CLAIM,
    "test_sample_single_distribution": "wants two trials of a space that has one cell",
    "test_dynamic_range_objective": "goes on with another range of the same parameter; a grid has one",
    "test_sample_relative_numerical": RELATIVE,
    "test_sample_relative_categorical": RELATIVE,
    "test_sample_relative_mixed": RELATIVE,
    "test_multi_objective_sample_independent": "has several objectives, among which there is no best cell",
}

SPACES: dict[str, dict[str, BaseDistribution]] = {
    "test_nan_objective_value": {"x": FloatDistribution(0.1, 0.2)},
    "test_partial_fixed_sampling": {
        "x": FloatDistribution(-1, 1),
        "y": IntDistribution(-1, 1),
        "z": FloatDistribution(-1, 1),
    },
    "test_conditional_parameter_objective": {
        "x": CategoricalDistribution((True, False)),
        "y": FloatDistribution(0, 1),
        "z": FloatDistribution(0, 1),
    },
    "test_trial_relative_params": {"x": FloatDistribution(-10, 10), "y": FloatDistribution(-10, 10)},
    "test_raise_error_for_samplers_during_multi_objectives": {"x": FloatDistribution(0, 1)},
}


class TestOptunasSuite:
    """The parts that apply."""

    test_nan_objective_value = BasicSamplerTestCase.test_nan_objective_value
    test_partial_fixed_sampling = BasicSamplerTestCase.test_partial_fixed_sampling
    test_single_parameter_objective = BasicSamplerTestCase.test_single_parameter_objective
    test_conditional_parameter_objective = BasicSamplerTestCase.test_conditional_parameter_objective
    test_combination_of_different_distributions_objective = (
        BasicSamplerTestCase.test_combination_of_different_distributions_objective
    )
    test_trial_relative_params = RelativeSamplerTestCase.test_trial_relative_params
    test_raise_error_for_samplers_during_multi_objectives = (
        SingleOnlySamplerTestCase.test_raise_error_for_samplers_during_multi_objectives
    )

    @pytest.fixture
    def sampler(self, request):
        part = request.node.originalname
        conditions = {"y": ("x", (True,)), "z": ("x", (False,))} if "conditional" in part else {}
        suggested = suggested_by(getattr(request.node, "callspec", None))
        sampler = CoarseToFineSampler(SPACES.get(part) or suggested, conditions=conditions, points=15)
        if part == "test_single_parameter_objective" and len(sampler.cells(optuna.create_study())) < 10:
            pytest.skip("wants ten trials of a space that has fewer cells")
        return lambda: sampler


def suggested_by(callspec) -> dict[str, BaseDistribution]:
    """Return the distributions of the suggest methods that a part is run with, by trying them out."""
    trial = optuna.trial.FixedTrial({"x": 1, "y": 1})
    for name, method in callspec.params.items() if callspec else ():
        if name.startswith("suggest_method"):
            method(trial)
    return trial.distributions


def test_every_part_is_run_or_left_out_for_a_reason():
    cases = [case for name, case in vars(pytest_samplers).items() if name.endswith("SamplerTestCase")]
    parts = {name for case in cases for name in vars(case) if name.startswith("test_")}
    run = {name for name in vars(TestOptunasSuite) if name.startswith("test_")}
    assert run | NOT_RUN.keys() == parts and not run & NOT_RUN.keys()
