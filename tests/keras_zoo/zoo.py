"""A zoo of small models of every kind that people bring: what each takes, and how it is held against Keras' `fit`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from regsearch.backend import load_keras
from regsearch.data import DataSet, Split
from regsearch.data.named_inputs import side_by_side
from regsearch.models import BUILDERS
from regsearch.scoring import METRICS
from regsearch.spec import ModelSpec, TrainingSpec
from regsearch.trainers.choice import TrainerChoice
from regsearch.trainers.problem import Problem
from regsearch.trainers.proof import prove
from tests.regsearch.trainers.conftest import cut

STEPS = 8
ROWS = 12  # to train on

SHAPES: dict[str, Any] = {
    "vector": (8,),
    "image": (4, 4, 2),
    "sequence": (5, 3),
    "volume": (4, 4, 4, 1),
    "tokens": (6,),
    "several": {"numbers": (3,), "image": (4, 4, 2), "tokens": (6,)},  # inputs
}


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A model.

    Args:
        takes: which of SHAPES.
        build: (keras, layers, shape) -> the model, without its head where it is a list of layers.
        training: settings other than those of all.
        by_fit: how the reason begins for which `fit` trains it; None where a program does.
        engine: what runs the program.
    """

    takes: str
    build: Callable[[Any, Any, Any], Any]
    training: dict[str, Any]
    by_fit: str | None
    engine: str


ZOO: dict[str, Exhibit] = {}


def exhibit(takes: str, *, by_fit: str | None = None, engine: str = "xla", **training: Any) -> Callable[[Any], Any]:
    def register(build: Any) -> Any:
        ZOO[build.__name__] = Exhibit(takes=takes, build=build, training=training, by_fit=by_fit, engine=engine)
        return build

    return register


def model_of(name: str, input_shape: Any, n_outputs: int) -> Any:
    """A zoo's model, with a linear head where it is a list of layers."""
    keras = load_keras()
    built = ZOO[name].build(keras, keras.layers, input_shape)
    if not isinstance(built, list):
        return built
    return keras.Sequential([keras.Input(input_shape), *built, keras.layers.Dense(n_outputs, name="head")])


def data_of(takes: str) -> tuple[DataSet, Split]:
    """Rows of a shape, or of several inputs, and numbers to learn."""
    rng = np.random.default_rng(1)
    named = SHAPES[takes] if takes == "several" else {takes: SHAPES[takes]}
    arrays = {name: array_of(name, shape, rng) for name, shape in named.items()}
    x, inputs = side_by_side(arrays, "") if takes == "several" else (arrays[takes], ())
    y = np.tanh(x.reshape(len(x), -1)[:, :3].sum(axis=1)) + 0.1 * rng.normal(size=len(x))
    data, split = cut(x, y, "regression", train=ROWS)
    return replace(data, inputs=inputs), split


def array_of(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    array = rng.integers(0, 20, (ROWS + 4, *shape)) if kind == "tokens" else rng.normal(size=(ROWS + 4, *shape))
    if kind == "sequence":
        array[::2, 3:] = 0  # shorter ones, padded
    return array


def assert_trained_as_fit_does(name: str, patch: pytest.MonkeyPatch, *, engine: str = "auto") -> None:
    """Compare 8 steps of the program with Keras' own, or see why `fit` trains."""
    exhibit = ZOO[name]
    data, split = data_of(exhibit.takes)
    patch.setitem(BUILDERS, f"zoo_{name}", lambda shape, n, *, output_activation: model_of(name, shape, n))
    settings = {"epochs": STEPS, "batch_size": 16, "learning_rate": 0.005, "engine": engine} | exhibit.training
    problem = Problem(
        data=data,
        model=ModelSpec(builder=f"zoo_{name}", options=(), own_penalties="keep"),
        training=TrainingSpec(**settings),
        metric=METRICS["r2"],
    )
    choice = TrainerChoice(problem)
    if exhibit.by_fit is not None:
        proof = choice.prove(split, seed=3)
        assert (proof.equal, proof.engine) == (False, "fit")
        assert proof.reason.startswith(exhibit.by_fit)
        return
    if exhibit.engine != "xla":
        choice.prove(split, seed=3)
    assert choice.trainer.engine == (exhibit.engine if engine == "auto" else engine)
    proof = prove(choice.trainer, split, 3, numbers=range(STEPS))
    assert proof.equal, f"{proof}: {proof.tensors}"
    assert proof.steps == STEPS
    assert proof.largest_difference < 1e-5
