"""The winner as lines of Keras that run."""

from dataclasses import replace
from typing import Any

import keras
import pytest

from regsearch.spec import Configuration, EarlyStopping, Schedule, Target
from sweeps.analysis.export import _keras, _units
from tests.sweeps.small import small

TARGET = Target(layers=("hidden_1", "hidden_2"), weights=("kernel", "bias"))
L2 = Configuration.tied("l2", 1e-2, TARGET)


def run(configuration: Configuration, **tables: Any) -> tuple[str, dict[str, Any]]:
    """The lines for a configuration, and the names they define."""
    lines = "".join(_keras(configuration, small(**tables)))
    names: dict[str, Any] = {"keras": keras}
    exec(lines, names)
    return lines, names


def test_a_regularizer_with_its_arguments() -> None:
    lines, names = run(L2)
    assert names["regularizer"].get_config() == {"l1": 0.0, "l2": 0.01}
    assert lines.endswith("# as kernel_regularizer, bias_regularizer\n")


def test_a_regularizer_for_each_layer() -> None:
    lines, _ = run(replace(L2, lambdas=(1e-2, 1e-3)))
    first, second = lines.splitlines()
    assert first.startswith("regularizer = keras.regularizers.L1L2(l1=0.0, l2=0.01)") and first.endswith("of hidden_1")
    assert "l2=0.001)" in second and second.endswith("of hidden_2")


@pytest.mark.parametrize(("ratio", "words"), [(4.0, "of the last layer; 0.25"), (0.25, "of the first layer; 0.25")])
def test_the_coefficient_by_depth(ratio: float, words: str) -> None:
    assert words in run(replace(L2, ratio=ratio))[0]


def test_a_schedule() -> None:
    _, names = run(replace(L2, schedule=Schedule(name="s", phases=((10, 0.0), (50, 0.01)))))
    (first, none), (second, penalty) = names["phases"]
    assert (first, none, second, penalty.get_config()["l2"]) == (10, None, 50, 0.01)


def test_weight_decay_is_the_optimizers() -> None:
    training = {"optimizer": {"name": "sgd", "momentum": 0.5}, "learning_rate": 0.1}
    _, names = run(Configuration(regularizer="weight_decay", weight_decay=0.02), training=training)
    optimizer = names["optimizer"]
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert (optimizer.weight_decay, optimizer.momentum) == (0.02, 0.5)
    assert float(optimizer.learning_rate) == pytest.approx(0.1)


def test_early_stopping_is_a_callback() -> None:
    stopping = EarlyStopping(patience=6)
    _, names = run(Configuration(regularizer="early_stopping", early_stopping=stopping))
    assert (names["callback"].patience, names["callback"].restore_best_weights) == (6, True)


def test_no_regularization() -> None:
    assert run(Configuration())[1]["regularizer"] is None


DIABETES = {"source": "diabetes", "fresh_test": None}


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"data": DIABETES}, True),
        ({"data": DIABETES, "training": {"loss": "mean_absolute_error"}}, True),
        ({"data": DIABETES, "training": {"loss": "huber"}}, False),
        ({"data": DIABETES | {"scale_target": False}}, False),
        ({}, False),
    ],
)
def test_a_standardized_target_is_told(tables: dict[str, Any], said: bool) -> None:
    assert ("mean 0 and standard deviation 1" in _units(small(**tables))) == said
