"""Problems and trainers that tests share, because importing TensorFlow and compiling take seconds."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from regsearch.backend import load_keras
from regsearch.data import load, make_split
from regsearch.errors import ModelError
from regsearch.models import BUILDERS, build
from regsearch.scoring import METRICS
from regsearch.spec import DataSpec, ModelSpec, SplitSpec, TrainingSpec
from regsearch.trainers.base import Trainer
from regsearch.trainers.compiled import CompiledTrainer
from regsearch.trainers.fit import FitTrainer
from regsearch.trainers.problem import Problem

DATA = {
    "moons": DataSpec(source="moons", split=SplitSpec(train=30, validation=70)),
    "iris": DataSpec(source="iris", split=SplitSpec(validation=0.8), scale="standard"),  # 30 rows to train on
    "diabetes": DataSpec(source="diabetes", split=SplitSpec(validation=0.9), scale="standard"),  # 44
}
METRIC = {"moons": "accuracy", "iris": "accuracy", "diabetes": "r2"}
KINDS: dict[str, type[Trainer]] = {"compiled": CompiledTrainer, "fit": FitTrainer}


@pytest.fixture(scope="session")
def keras() -> Any:
    return load_keras()


def make_problem(source: str = "moons", *, hidden: tuple[int, ...] = (8,), **training: Any) -> Problem:
    return Problem(
        data=load(DATA[source]),
        model=ModelSpec(options=(("hidden", hidden),)),
        training=TrainingSpec(**training),
        metric=METRICS[METRIC[source]],
    )


@pytest.fixture(scope="session")
def trainer() -> Callable[..., Any]:
    """A trainer by kind, data set and settings, and the split it trains on; one compilation for all tests that ask."""

    @cache
    def get(kind: str, source: str = "moons", **settings: Any) -> tuple[Trainer, Any]:
        return KINDS[kind](make_problem(source, **settings)), make_split(DATA[source])

    return get


def table(*rows: tuple[float, float]) -> np.ndarray:
    """l1 and l2 of each weight of a model."""
    return np.array(rows, np.float32)


MIXED = table((1e-3, 0), (0, 1e-1), (1e-3, 1e-2), (1e-2, 1e-3))  # hidden kernel and bias, output kernel and bias
NOTHING = table(*[(0, 0)] * 4)


def relative_differences(a: list[np.ndarray], b: list[np.ndarray]) -> list[float]:
    """‖a - b‖/‖b‖ of each pair of tensors."""
    return [float(np.linalg.norm(x - y) / np.linalg.norm(y)) for x, y in zip(a, b, strict=True)]


def same_bits(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return all(x.tobytes() == y.tobytes() for x, y in zip(a, b, strict=True))


class StopsAfter:
    """Stands in for an event that another thread sets after it was asked a number of times."""

    def __init__(self, asked: int) -> None:
        self.left = asked
        self.asked = 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked > self.left


@pytest.fixture
def made(monkeypatch):
    """The model of a builder, for a data set."""

    def make(builder, source="moons", **options):
        monkeypatch.setitem(BUILDERS, "own", builder)
        return build(ModelSpec(builder="own", options=tuple(options.items())), load(DATA[source]))

    return make


def message(action, *arguments, **options):
    with pytest.raises(ModelError) as caught:
        action(*arguments, **options)
    assert "\n" not in str(caught.value)
    assert caught.value.field == "model.builder"
    return caught.value.problem
