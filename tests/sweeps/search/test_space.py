"""Optuna's parameters on one side, a Configuration on the other."""

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import FixedTrial

from regsearch.spec import Configuration, Target
from sweeps.config import PREFERENCE
from sweeps.config.published import PUBLISHED
from sweeps.config.toml_file import parse
from sweeps.search.space import conditions, distributions, published_params, suggest

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


EACH = [{"layers": ["hidden_1", "hidden_2"]}]
EVERYTHING = {
    "regularizers": ["none", "l1", "l2", "l1_l2", "weight_decay", "early_stopping"],
    "targets": TWO,
    "schedules": ["fixed", "rising"],
    "depth": ["same", "decreasing", "increasing"],
}
PENALTIES = ("l2", "l1", "l1_l2")


def test_every_parameter_has_one_parent():
    assert conditions(config(**EVERYTHING)) == {
        "target": ("regularizer", PENALTIES),
        "schedule": ("regularizer", PENALTIES),
        "depth": ("schedule", ("fixed",)),
        "ratio": ("depth", ("decreasing", "increasing")),
        "lambda": ("schedule", ("fixed",)),
        "weight_decay": ("regularizer", ("weight_decay",)),
    }
    assert conditions(config(depth=["same", "each"], targets=EACH)) == {
        "depth": ("regularizer", PENALTIES),
        "lambda": ("depth", ("same",)),
        "lambda_1": ("depth", ("each",)),
        "lambda_2": ("depth", ("each",)),
    }
    assert conditions(config(l1_l2="independent", depth=["decreasing"])) == {
        "lambda": ("regularizer", ("l2", "l1")),
        "lambda_l1": ("regularizer", ("l1_l2",)),
        "lambda_l2": ("regularizer", ("l1_l2",)),
        "ratio": ("regularizer", PENALTIES),
    }


@pytest.mark.parametrize(
    "search",
    [
        EVERYTHING,
        {"depth": ["same", "each"], "targets": EACH},
        {"depth": ["each"], "targets": EACH, "regularizers": ["l1"]},
        {"l1_l2": "independent", "depth": ["same", "increasing"]},
        {"l1_l2": "independent", "regularizers": ["l1_l2"]},
        {"schedules": ["rising", "neural-smithing"]},
        {"schedules": ["rising"], "regularizers": ["l2"]},
        {"regularizers": ["weight_decay", "early_stopping"]},
    ],
)
def test_what_is_suggested_is_what_the_space_holds(search):
    found, study = config(**search), optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    space, when = distributions(found), conditions(found)
    for _ in range(60):
        trial = study.ask()
        suggest(trial, found)
        there = {name for name in space if name not in when or trial.params.get(when[name][0]) in when[name][1]}
        assert set(trial.params) == there
        assert all(trial.distributions[name] == space[name] for name in there)


def suggested(params, **search):
    return suggest(FixedTrial(params), config(**search))


def test_what_each_parameter_becomes():
    l1 = {"regularizer": "l1"}
    rising = suggested(l1 | {"schedule": "rising"}, schedules=["fixed", "rising"])
    assert rising.schedule is not None and rising.schedule.phases[-1][1] == 1e-1 == rising.lambda_l1
    down = suggested(l1 | {"depth": "decreasing", "ratio": 4.0, "lambda": 1e-2}, depth=["same", "decreasing"])
    assert (down.ratio, down.lambda_l1, down.family.kind) == (0.25, 1e-2, "decreasing")
    each = suggested(l1 | {"lambda_1": 1e-3, "lambda_2": 1e-2}, depth=["each"], targets=EACH)
    assert (each.lambdas, each.lambda_l1) == ((1e-3, 1e-2), 1e-2)
    assert [p.target.layers for p in each.penalties] == ["hidden_1", "hidden_2"]
    two = suggested({"regularizer": "l1_l2", "lambda_l1": 1e-3, "lambda_l2": 1e-2}, l1_l2="independent")
    assert (two.lambda_l1, two.lambda_l2, two.lambda_) == (1e-3, 1e-2, None)
    decay = suggested({"regularizer": "weight_decay", "weight_decay": 0.01}, regularizers=["none", "weight_decay"])
    assert (decay.weight_decay, decay.lambda_, decay.target) == (0.01, 0.01, None)
    stopped = suggested({"regularizer": "early_stopping"}, regularizers=["none", "early_stopping"])
    assert stopped.early_stopping is not None and stopped.early_stopping.patience == 100  # a tenth of 1,000 epochs


def test_published_settings_that_the_space_holds():
    setting = PUBLISHED["neural-smithing-1999"]
    assert published_params(config(), setting) == {"regularizer": "l2", "lambda": 1e-3}
    assert published_params(config(**EVERYTHING), setting) == {
        "regularizer": "l2",
        "target": "hidden kernel",
        "schedule": "fixed",
        "depth": "same",
        "lambda": 1e-3,
    }
    assert published_params(config(regularizers=["none", "l1"]), setting) is None
    assert published_params(config(**{"lambda": {"low": 1e-2}}), setting) is None
