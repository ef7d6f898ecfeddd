"""The engine of a search is decided by a stopwatch, or by shapes, and follows from what they show alone."""

import itertools
from copy import copy
from functools import cache

import numpy as np
import pytest

from regsearch.backend import load_keras
from regsearch.engine_choice import EngineChoice
from regsearch.trainers import choice as deciding
from regsearch.trainers.base import TrainerPhase
from regsearch.trainers.choice import TrainerChoice
from regsearch.trainers.duration import fit_step_seconds
from regsearch.trainers.fit import FitTrainer
from regsearch.trainers.timing import Timed, Work, timed
from regsearch.trainers.unsuited import unsuited_to_xla
from tests.regsearch.trainers.conftest import digits


def small(input_shape, n_outputs, *, output_activation):
    keras = load_keras()
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(n_outputs, activation=output_activation)])


class Stopwatch:
    """Each look at it is so much later than the one before."""

    def __init__(self, *seconds):
        self.now, self.seconds = 0.0, itertools.cycle(seconds)

    def __call__(self):
        self.now += next(self.seconds)
        return self.now


@pytest.fixture(scope="module")
def digits_choice(problem):
    """A choice of engine that is still to be made, of a problem whose program is proved once."""
    data, split = digits((64,), "multiclass")

    @cache
    def proved(engine):
        made = TrainerChoice(problem(small, data, epochs=3, batch_size=20, engine=engine))
        made.prove(split, seed=0)
        return made

    return lambda engine="auto": (copy(proved(engine)), split)


def work(trainings=1000, **settings):
    nothing = np.zeros((2, 2), np.float32)
    return Work(trainings=trainings, phase=TrainerPhase(epochs=3, coefficients=nothing), cpus=2, **settings)


def times(monkeypatch, **seconds):
    """Let steps take so long, by engine; return what was asked for."""
    asked = []

    def look(trainer, split, work):
        asked.extend({trainer.engine} - {*asked})
        return Timed(alone_s=seconds[trainer.engine], together_s=seconds[trainer.engine])

    def look_at_fit(trainer, *rest):
        asked.append("fit")
        return seconds["fit"]

    monkeypatch.setattr(deciding, "timed", look)
    monkeypatch.setattr(deciding, "fit_step_seconds", look_at_fit)
    return asked


@pytest.mark.parametrize(
    ("seconds", "trainings", "engine", "asked"),
    [
        ({"xla": 5e-4}, 10**6, "xla", ["xla"]),  # quick
        ({"xla": 1e-2}, 100, "xla", ["xla"]),  # 9 s in all
        ({"xla": 1e-2, "graph": 8e-3}, 1000, "xla", ["xla", "graph"]),  # 90 s; 1.25 times as fast
        ({"xla": 1e-2, "graph": 7e-3}, 1000, "graph", ["xla", "graph"]),
        ({"xla": 1e-2, "graph": 7e-3, "fit": 6e-3}, 2000, "graph", ["xla", "graph", "fit"]),  # 180 s
        ({"xla": 1e-2, "graph": 7e-3, "fit": 5e-3}, 2000, "fit", ["xla", "graph", "fit"]),
        ({"xla": 1e-2, "graph": 9e-3, "fit": 8e-3}, 2000, "xla", ["xla", "graph", "fit"]),
    ],
)
def test_another_engine_must_be_faster_by_far(digits_choice, monkeypatch, seconds, trainings, engine, asked):
    made, split = digits_choice()
    looked_at = times(monkeypatch, **seconds)
    found = made.decide(split, work(trainings), seed=0)
    assert (found.engine, looked_at) == (engine, asked)
    assert found.step_s == seconds
    assert made.decide(split, work(1), seed=0) is found  # once and for all
    trainer = made.trainer
    assert isinstance(trainer, FitTrainer) if engine == "fit" else trainer.engine == engine
    assert made.prove(split, seed=0).engine == ("graph" if engine == "graph" else "xla")


def test_a_named_engine_is_taken(digits_choice, monkeypatch):
    made, split = digits_choice(engine="graph")
    assert times(monkeypatch, graph=1.0) == []
    assert made.decide(split, work(), seed=0) == EngineChoice(
        engine="graph", reason="named in [training]", step_s={"graph": 1.0}
    )
    by_fit, _ = digits_choice(engine="fit")
    assert by_fit.decide(split, work(), seed=0).engine == "fit"


def test_a_stopwatch_is_looked_at_around_steps(digits_choice):
    made, split = digits_choice()
    found = timed(made.trainer, split, work(clock=Stopwatch(0.09)))  # each run 0.09 s, and 9 steps in all
    assert found.alone_s == pytest.approx(0.09)  # 0.15 s of steps of 0.09 s
    assert found.together_s == pytest.approx(0.045)  # of two trainings at once
    assert not found.one_at_a_time
    slow_together = timed(made.trainer, split, work(clock=Stopwatch(1, 0.09, 1, 0.09, 1, 0.3)))
    assert slow_together.one_at_a_time and slow_together.step_s == slow_together.alone_s


def test_it_is_told_in_one_line():
    found = EngineChoice(engine="graph", reason="faster", step_s={"xla": 0.05, "graph": 0.001}, one_at_a_time=True)
    assert str(found) == "graph: faster (a step: xla 50 ms, graph 1,000 µs); one training at a time, on all CPUs"
    assert found.to_dict()["step_s"] == {"xla": 0.05, "graph": 0.001}


@pytest.mark.parametrize(
    ("layer", "slow"),
    [
        (lambda layers: layers.DepthwiseConv2D(3), True),
        (lambda layers: layers.SeparableConv2D(16, 3), True),
        (lambda layers: layers.Conv2DTranspose(16, 3), True),
        (lambda layers: layers.Conv2D(16, 3, groups=4), True),
        (lambda layers: layers.Conv2D(16, 3), False),
        (lambda layers: layers.Conv2D(16, 3, dilation_rate=2), False),
    ],
)
def test_what_xla_has_no_fast_code_for_is_not_compiled(keras, layer, slow):
    def model(side):
        stack = [keras.Input((side, side, 16)), layer(keras.layers), keras.layers.Flatten(), keras.layers.Dense(2)]
        return keras.Sequential(stack)

    assert (unsuited_to_xla(model(32), 32) is not None) == slow
    assert unsuited_to_xla(model(8), 32) is None  # so small that it is tried
    if slow:
        assert "XLA has no fast code for" in unsuited_to_xla(model(32), 32)


def test_shapes_alone_may_decide(problem, monkeypatch):
    def wide_depthwise(input_shape, n_outputs, *, output_activation):
        layers = load_keras().layers
        stack = [layers.UpSampling2D(8), layers.DepthwiseConv2D(3), layers.GlobalAveragePooling2D()]
        return load_keras().Sequential(
            [load_keras().Input(input_shape), *stack, layers.Dense(n_outputs, output_activation)]
        )

    data, split = digits((8, 8, 1), "multiclass")
    made = TrainerChoice(problem(wide_depthwise, data, epochs=1, batch_size=60))
    assert made.trainer.engine == "graph"
    asked = times(monkeypatch, graph=1.0)
    found = made.decide(split, work(), seed=0)
    assert (found.engine, asked) == ("graph", ["graph"])
    assert found.reason.startswith("XLA has no fast code for DepthwiseConv2D, which layer 'depthwise_conv2d")


def test_steps_of_fit_are_timed_without_the_epoch_that_traces(digits_choice):
    made, split = digits_choice("fit")
    looks = iter([0.0, 100.0, 100.2, 100.6])  # one before: when the stopwatch was started
    next(looks)
    phase = TrainerPhase(epochs=9, coefficients=np.zeros((2, 2), np.float32))
    seconds = fit_step_seconds(made.trainer, split, phase, lambda: next(looks))
    assert seconds == pytest.approx(0.6 / 2 / 3)  # two epochs of three batches
