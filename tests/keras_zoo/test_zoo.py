"""Every model of the zoo is trained as Keras' `fit` does: compiled, or by `fit` itself with the reason."""

from dataclasses import replace

import numpy as np
import pytest

from regsearch.data import DataSet
from regsearch.data.named_inputs import side_by_side
from regsearch.models import BUILDERS
from regsearch.scoring import METRICS
from regsearch.spec import ModelSpec, TrainingSpec
from regsearch.trainers.choice import TrainerChoice
from regsearch.trainers.problem import Problem
from regsearch.trainers.proof import prove
from tests.keras_zoo.models import SHAPES, ZOO, model_of
from tests.regsearch.trainers.conftest import cut

STEPS = 20
ROWS = 12  # to train on


def data_of(takes: str) -> tuple[DataSet, object]:
    rng = np.random.default_rng(1)
    named = SHAPES[takes] if takes == "several" else {takes: SHAPES[takes]}
    arrays = {name: array_of(name, shape, rng) for name, shape in named.items()}
    x, inputs = side_by_side(arrays, "") if takes == "several" else (arrays[takes], ())
    y = np.tanh(x.reshape(len(x), -1)[:, :3].sum(axis=1)) + 0.1 * rng.normal(size=len(x))
    data, split = cut(x, y, "regression", train=ROWS)
    return replace(data, inputs=inputs), split


def array_of(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    shape = (ROWS + 4, *shape)
    array = rng.integers(0, 20, shape) if kind == "tokens" else rng.normal(size=shape)
    if kind == "sequence":
        array[::2, 3:] = 0  # shorter ones, padded
    return array


@pytest.mark.parametrize("name", ZOO)
def test_is_trained_as_fit_does(name, monkeypatch):
    exhibit = ZOO[name]
    data, split = data_of(exhibit.takes)
    monkeypatch.setitem(BUILDERS, name, lambda shape, n, *, output_activation: model_of(name, shape, n))
    settings = {"epochs": STEPS, "batch_size": 16, "learning_rate": 0.005} | exhibit.training
    problem = Problem(
        data=data,
        model=ModelSpec(builder=name, options=(), own_penalties="keep"),
        training=TrainingSpec(**settings),
        metric=METRICS["r2"],
    )
    choice = TrainerChoice(problem)
    if exhibit.by_fit is not None:
        proof = choice.prove(split, seed=3)
        assert (proof.equal, proof.trainer) == (False, "fit")
        assert proof.reason.startswith(exhibit.by_fit)
        return
    proof = prove(choice.trainer, split, 3, numbers=range(STEPS))
    assert proof.equal, f"{proof}: {proof.tensors}"
    assert proof.steps == STEPS
    assert proof.largest_difference < 1e-5


def test_the_zoo_is_large():
    assert len(ZOO) >= 40
