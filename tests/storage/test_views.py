"""The views' values, against NumPy, on both databases."""

import math

import numpy as np
import pytest
from sqlalchemy import Engine, text

import storage
from regsearch.results import Scores
from regsearch.spec import Configuration, Target
from tests.storage.builders import diverged, repeat

TOLERANCE = 1e-12


def row(engine: Engine, configuration_id: int) -> dict[str, object]:
    query = text("SELECT * FROM rs_leaderboard WHERE configuration_id = :id")
    with engine.connect() as connection:
        return dict(connection.execute(query, {"id": configuration_id}).mappings().one())


@pytest.mark.parametrize(
    "scores",
    [
        [0.9142857142857143, 0.9285714285714286, 0.9428571428571428],
        [0.9142857142857143] * 10,
        [1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.4],  # one pass over the squares would lose every digit of this spread
        [-3.5, 0.25],
    ],
)
def test_leaderboard_against_numpy(
    records: storage.Records, configuration: int, engine: Engine, scores: list[float]
) -> None:
    for index, score in enumerate(scores):
        records.add_repeat(configuration, "search", repeat(index, score, train_score=score / 2), "w")
    found, values = row(engine, configuration), np.array(scores)
    expected = {
        "mean": values.mean(),
        "std": values.std(ddof=1),
        "se": values.std(ddof=1) / math.sqrt(len(scores)),
        "train_mean": values.mean() / 2,
        "train_std": values.std(ddof=1) / 2,
    }
    scale = max(1.0, float(np.abs(values).max()))
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE * scale)
    assert (found["n"], found["min"], found["max"]) == (len(scores), min(scores), max(scores))


def test_equal_scores_have_no_spread_at_all(records: storage.Records, configuration: int, engine: Engine) -> None:
    score = 0.1 + 0.2  # 0.30000000000000004: a sum of ten divided by ten misses it
    for index in range(10):
        records.add_repeat(configuration, "search", repeat(index, score), "w")
    found = row(engine, configuration)
    assert (found["mean"], found["std"], found["se"]) == (score, 0.0, 0.0)


def test_one_repeat_has_a_mean_and_no_spread(records: storage.Records, configuration: int, engine: Engine) -> None:
    records.add_repeat(configuration, "search", repeat(0, 0.9), "w")
    found = row(engine, configuration)
    assert (found["n"], found["mean"]) == (1, 0.9)
    assert (found["std"], found["se"], found["train_std"]) == (None, None, None)


def test_only_ok_repeats_of_the_search_count(records: storage.Records, configuration: int, engine: Engine) -> None:
    records.add_repeat(configuration, "search", repeat(0, 0.8), "w")
    records.add_repeat(configuration, "search", diverged(1), "w")
    failed = repeat(2, status="failed", train=None, validation=None)
    records.add_repeat(configuration, "search", failed, "w")
    records.add_repeat(configuration, "confirm", repeat(0, 0.1, test=Scores(score=0.1, loss=1.0)), "w")
    found = row(engine, configuration)
    assert (found["n"], found["mean"], found["diverged"]) == (1, 0.8, 2)


def test_a_configuration_without_repeats_is_there(configuration: int, engine: Engine) -> None:
    found = row(engine, configuration)
    assert (found["sweep"], found["n"], found["mean"], found["diverged"]) == ("moons", 0, None, 0)


@pytest.mark.parametrize(
    "configuration",
    [
        Configuration(),
        Configuration.tied("l1", 1e-3, Target()),
        Configuration.tied("l2", 1e-4, Target(layers="all", weights=("kernel", "bias"))),
        Configuration.tied("l1_l2", 1e-5, Target()),
        Configuration(regularizer="l1_l2", lambda_l1=1e-3, lambda_l2=1e-4, target=Target()),
    ],
    ids=str,
)
def test_lambda_and_target_are_those_of_the_configuration(
    records: storage.Records, sweep: int, results: storage.Results, engine: Engine, configuration: Configuration
) -> None:
    made = records.register_configuration(sweep, configuration, key="2" * 64, stage="coarse")
    found = row(engine, made)
    assert found["lambda"] == configuration.lambda_
    assert found["target"] == (None if configuration.target is None else str(configuration.target))
    assert results.configurations("moons")[made] == configuration


def test_results_has_a_row_a_repeat_of_both_purposes(
    records: storage.Records, configuration: int, engine: Engine
) -> None:
    records.add_repeat(configuration, "search", repeat(0, 0.8), "w")
    records.add_repeat(configuration, "confirm", repeat(0, 0.7, test=Scores(score=0.6, loss=1.0)), "w")
    query = "SELECT purpose, sweep, stage, lambda, seed, validation_score, test_score FROM rs_results ORDER BY purpose"
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    assert found == [
        ("confirm", "moons", "coarse", 1e-3, 1000, 0.7, 0.6),
        ("search", "moons", "coarse", 1e-3, 1000, 0.8, None),
    ]
