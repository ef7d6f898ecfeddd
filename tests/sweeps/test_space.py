"""Optuna's parameters on one side, a Configuration on the other."""

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import FixedTrial

from regsearch.spec import Configuration, Target
from sweeps.config import PREFERENCE
from sweeps.space import conditions, distributions, suggest
from sweeps.sweepfile import parse

TWO = [{"layers": "hidden"}, {"layers": "all", "weights": ["kernel", "bias"]}]


def config(**search):
    return parse({"name": "s", "data": {"source": "moons"}, "search": search})


def test_distributions_stand_in_the_order_in_which_ties_go():
    assert distributions(config()) == {
        "regularizer": CategoricalDistribution(PREFERENCE[:4]),
        "lambda": FloatDistribution(1e-6, 1e-1, log=True),
    }
    assert conditions(config()) == {"lambda": ("regularizer", ("l2", "l1", "l1_l2"))}


def test_several_targets_are_one_more_parameter():
    found = config(targets=TWO, regularizers=["l1", "none"])
    assert distributions(found)["target"] == CategoricalDistribution(["hidden kernel", "all kernel+bias"])
    assert conditions(found) == {"target": ("regularizer", ("l1",)), "lambda": ("regularizer", ("l1",))}


def test_no_regularization_alone_has_no_other_parameter():
    found = config(regularizers=["none"])
    assert distributions(found) == {"regularizer": CategoricalDistribution(("none",))}
    assert conditions(found) == {}
    assert suggest(FixedTrial({"regularizer": "none"}), found) == Configuration()


@given(st.sampled_from(["l1", "l2", "l1_l2"]), st.floats(1e-6, 1e-1), st.integers(0, 1))
def test_what_a_trial_holds_is_what_is_trained(regularizer, value, index):
    found = config(targets=TWO)
    params = {"regularizer": regularizer, "lambda": value, "target": str(found.targets[index])}
    assert suggest(FixedTrial(params), found) == Configuration.tied(regularizer, value, found.targets[index])


def test_parameters_are_asked_for_only_where_they_mean_something():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    found = config(targets=TWO)
    for _ in range(40):
        trial = study.ask()
        configuration = suggest(trial, found)
        if configuration.regularizer == "none":
            assert set(trial.params) == {"regularizer"}
        else:
            assert set(trial.params) == {"regularizer", "target", "lambda"}
            assert configuration.lambda_ == pytest.approx(trial.params["lambda"], rel=5.001e-4)
        assert trial.distributions.items() <= distributions(found).items()


def test_the_one_target_is_used_where_there_is_one():
    found = config(targets=[{"layers": "output"}])
    assert suggest(FixedTrial({"regularizer": "l2", "lambda": 0.01}), found) == Configuration.tied(
        "l2", 0.01, Target(layers="output")
    )
