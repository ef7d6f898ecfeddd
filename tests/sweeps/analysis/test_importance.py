"""What told good configurations from others: recovered where it is known, and not where nothing did."""

import numpy as np
import pytest

from sweeps.analysis.importance import importances
from tests.sweeps.tiny import NONE, config, repeat, tied


def grid(sweep, score, metric="accuracy"):
    """Return the snapshot of a sweep of 12 λs of L1 and of L2, whose scores are a function of both."""
    tiny = sweep(config(search={"regularizers": ["none", "l1", "l2"]}, evaluation={"metric": metric}))
    tiny.add(NONE, repeat(0, 0.5))
    for regularizer in ("l1", "l2"):
        for value in np.logspace(-6, -1, 12):
            tiny.add(tied(regularizer, float(value)), repeat(0, score(regularizer, np.log10(value))))
    return tiny.snapshot()


@pytest.mark.parametrize("metric", ["accuracy", "log_loss"])
def test_lambda_alone_matters_where_scores_depend_on_it_alone(sweep, metric):
    sign = 1 if metric == "accuracy" else -1
    found = importances(grid(sweep, lambda _, power: 0.6 - sign * 0.02 * abs(power + 3), metric))

    assert (found.configurations, found.top) == (24, 5)
    assert [each.parameter for each in found.found] == ["λ", "regularizer"]
    assert [each.stands_out for each in found.found] == [True, False]


def test_the_regularizer_matters_where_one_is_better_at_every_lambda(sweep):
    generator = np.random.default_rng(1)
    found = importances(grid(sweep, lambda name, _: (0.9 if name == "l2" else 0.6) + 0.01 * generator.random()))

    regularizer = next(each for each in found.found if each.parameter == "regularizer")
    others = [each for each in found.found if each is not regularizer]
    assert regularizer.stands_out and not any(each.stands_out for each in others)


def test_it_is_the_same_every_time(sweep):
    snapshot = grid(sweep, lambda _, power: 0.6 - 0.02 * abs(power + 3))
    assert importances(snapshot) == importances(snapshot)


def test_few_configurations_and_those_that_do_not_vary_tell_nothing(sweep):
    tiny = sweep(config(search={"regularizers": ["l2"]}))
    for value in (1e-4, 1e-3, 1e-2):
        tiny.add(tied("l2", value), repeat(0, 0.9))
    assert importances(tiny.snapshot()) is None
