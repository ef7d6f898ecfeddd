"""A sweep file of one configuration: what it may say, and that a configuration comes back from it as it was."""

from dataclasses import replace
from typing import Any

import pytest

from regsearch.errors import SweepFileError
from regsearch.spec import Configuration, EarlyStopping, Schedule, Target
from sweeps.config.one_configuration import OneConfiguration, written
from sweeps.config.toml_file import restore
from sweeps.search.coarse_cells import coarse_configurations
from tests.sweeps.tiny import config

TWO = Target(layers=("hidden_1", "#2"), weights=("kernel", "bias"))
L2 = Configuration.tied("l2", 1.234e-3, Target(layers="output"))
PHASES = Schedule(name="rising", phases=((400, 0.0), (600, 1.234e-3)))


@pytest.mark.parametrize(
    "configuration",
    [
        Configuration(),
        L2,
        replace(L2, ratio=0.3123456),
        replace(L2, schedule=PHASES),
        Configuration.tied("l1_l2", 1e-2, TWO),
        Configuration(regularizer="l1_l2", lambda_l1=1e-3, lambda_l2=1e-4, target=TWO),
        replace(Configuration.tied("l1", 1e-2, TWO), lambdas=(1e-2, 1e-3)),
        Configuration(regularizer="weight_decay", weight_decay=0.1),
        Configuration(regularizer="early_stopping", early_stopping=EarlyStopping(patience=4, min_delta=0.1)),
    ],
    ids=str,
)
def test_it_is_all_that_is_searched(configuration: Configuration) -> None:
    plain = written(configuration)
    assert OneConfiguration.model_validate(plain).spec() == configuration
    found = config(search={"configuration": plain})
    assert coarse_configurations(found) == (configuration,)
    assert restore(found.to_dict()).hash() == found.hash() and restore(found.to_dict()) == found


SHORT = {"name": "short", "levels": [{"epochs": 1, "lambda": 0.0}, {"epochs": 2, "lambda": 1.0}]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (3, "search.configuration: must be a table, got 3"),
        ({"regularizer": "l3"}, "search.configuration.regularizer: may be .*, got 'l3'"),
        ({"regularizer": "l2"}, "search.configuration: a configuration of l2 needs lambda"),
        ({"regularizer": "l2", "lambda": -1.0}, "search.configuration.lambda: must be > 0, got -1.0"),
        ({"regularizer": "none", "lambda": 1.0}, "lambda does not go with the rest of a configuration of none"),
        ({"regularizer": "l2", "lambda": 1.0, "lambdas": [1.0]}, "lambda does not go with the rest"),
        ({"regularizer": "l2", "lambdas": [1.0, 2.0]}, "lambdas must be one for each of the target's layers"),
        ({"regularizer": "l1_l2", "lambda_l1": 1.0}, "a configuration of l1_l2 needs lambda_l2"),
        ({"regularizer": "l2", "schedule": SHORT}, r"schedule: the epochs of 'short' .* 1 \+ 2 = 3 and 1000"),
    ],
)
def test_bad_input_is_one_line(given: Any, message: str) -> None:
    with pytest.raises(SweepFileError, match=message):
        config(search={"configuration": given})


@pytest.mark.parametrize("other", [{"strategy": "tpe"}, {"trials": 3}, {"regularizers": ["l1"]}, {"targets": []}])
def test_nothing_else_is_searched_beside_it(other: dict[str, Any]) -> None:
    with pytest.raises(SweepFileError, match=f"configuration is all that is searched: leave out {next(iter(other))}"):
        config(search={"configuration": {"regularizer": "l2", "lambda": 1e-3}, **other})
