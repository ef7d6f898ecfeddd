"""The proof catches a compiled step that is broken, and names what it moves wrongly."""

import json
from dataclasses import replace

import numpy as np
import pytest

from regsearch.backend import load_keras, load_tensorflow
from regsearch.spec import Named
from regsearch.trainers import calls, optimizers, program, proof, updates
from regsearch.trainers.compiled import CompiledTrainer
from regsearch.trainers.program import Program
from regsearch.trainers.proof import Proof, prove, step_numbers
from regsearch.trainers.updates import WrittenUpdate
from tests.regsearch.trainers.conftest import digits

COSINE = Named(name="cosine_decay", options=(("decay_steps", 90),))
SETTINGS = {"epochs": 30, "batch_size": 25, "class_weight": (0.5, 2.0), "schedule": COSINE}


def stack(input_shape, n_outputs, *, output_activation, constraint=None):
    layers = load_keras().layers
    return load_keras().Sequential(
        [
            load_keras().Input(input_shape),
            layers.Dense(6, "tanh", name="hidden", kernel_constraint=constraint),
            layers.BatchNormalization(name="norm"),
            layers.Dropout(0.3, name="drop"),
            layers.Dense(n_outputs, output_activation, name="output"),
        ]
    )


def held(input_shape, n_outputs, *, output_activation):
    longest = load_keras().constraints.MaxNorm(0.3)
    return stack(input_shape, n_outputs, output_activation=output_activation, constraint=longest)


def scaled(factor):
    """A penalty so many times too large."""
    true = program.penalty
    return lambda *given: factor * true(*given)


def no_constraint(patch):
    patch.setattr(program, "update_of", lambda training, model, compiled: WrittenUpdate(training, model))


def state_not_advanced(patch):
    true = program.called_in_training
    patch.setattr(program, "called_in_training", lambda m, w, v, x, tape: true(m, w, v, x, tape)._replace(variables=v))


def wrong_last_batch(patch):
    true = Program._step

    def step(self, core, x, y, *others):
        return true(self, core, x if x.shape[0] == 25 else load_tensorflow().reverse(x, [0]), y, *others)

    patch.setattr(Program, "_step", step)


def penalty_twice(patch):
    patch.setattr(program, "penalty", scaled(2))


def penalty_missing(patch):
    patch.setattr(program, "penalty", scaled(0))


def wrong_epsilon(patch):
    adam, true = optimizers.OPTIMIZERS["adam"], optimizers._adam
    wrong = replace(adam, make=lambda *, epsilon, **options: true(epsilon=100 * epsilon, **options))
    patch.setitem(optimizers.OPTIMIZERS, "adam", wrong)


def dropout_off(patch):
    patch.setattr(calls, "_called", lambda model, x, *, training: _with_dropout_off(model, x, training))


def _with_dropout_off(model, x, training):
    for layer in model.layers:
        x = layer(x, training=training and layer.name == "norm") if layer.name in ("norm", "drop") else layer(x)
    return x


def weight_decay_missing(patch):
    true = WrittenUpdate.moved
    patch.setattr(WrittenUpdate, "moved", lambda self, *given: true(self, *given[:3], 0.0))


def schedule_frozen(patch):
    true = updates.learning_rate
    patch.setattr(updates, "learning_rate", lambda training: lambda step: true(training)(0))


def class_weights_dropped(patch):
    true = Program.data
    patch.setattr(Program, "data", lambda self, split: true(self, split)._replace(weights=()))


def no_bias_correction(patch):
    true = WrittenUpdate.moved

    def moved(self, core, *given):
        return true(self, core._replace(step=core.step + 1000), *given)

    patch.setattr(WrittenUpdate, "moved", moved)


def penalties_swapped(patch):
    true = program.penalty
    patch.setattr(program, "penalty", lambda ops, tensors, weights, table: true(ops, tensors, weights, table[::-1]))


# What is broken, which model shows it, and a tensor that must be named.
BROKEN = [
    (no_constraint, held, "hidden/kernel"),
    (state_not_advanced, stack, "norm/moving_variance"),
    (wrong_last_batch, stack, "output/kernel"),
    (penalty_twice, stack, "hidden/kernel"),
    (penalty_missing, stack, "hidden/kernel"),
    (wrong_epsilon, stack, "hidden/kernel"),
    (dropout_off, stack, "output/kernel"),
    (weight_decay_missing, stack, "hidden/kernel"),
    (schedule_frozen, stack, "output/kernel"),
    (class_weights_dropped, stack, "output/bias"),
    (no_bias_correction, stack, "output/kernel"),
    (penalties_swapped, stack, "hidden/kernel"),
]


ON_XLA = (wrong_last_batch, penalty_twice, dropout_off)  # the others on a graph: the same program, compiled sooner


@pytest.fixture(scope="module")
def given(problem):
    data, split = digits((64,), "binary")  # 60 rows: batches of 25, 25 and 10
    return lambda builder: (problem(builder, data, **SETTINGS), split)


@pytest.mark.parametrize("engine", ["xla", "graph"])
@pytest.mark.parametrize("builder", [stack, held])
def test_an_honest_program_passes(given, builder, engine):
    problem, split = given(builder)
    found = prove(CompiledTrainer(problem, engine=engine), split, 3)
    assert found.equal, found
    assert (found.engine, found.tensors, found.reason) == (engine, (), None)
    assert proof.FEWEST <= found.steps <= 6
    assert 0 < found.largest_difference < 1e-4


@pytest.mark.parametrize(("broken", "builder", "name"), BROKEN, ids=[row[0].__name__ for row in BROKEN])
def test_a_broken_program_is_caught_and_what_differs_is_named(given, monkeypatch, broken, builder, name):
    problem, split = given(builder)
    monkeypatch.setattr(proof, "ENOUGH_S", np.inf)
    broken(monkeypatch)
    found = prove(CompiledTrainer(problem, engine="xla" if broken in ON_XLA else "graph"), split, 3)
    assert not found.equal
    assert found.engine == "fit"
    assert name in dict(found.tensors)
    assert found.tensors[0][0] in str(found)
    assert "\n" not in str(found)


def test_steps_hold_the_last_batch_of_an_epoch_and_some_in_the_middle_of_the_training():
    assert list(step_numbers(1, 4000)) == [0, 1, 2000, 2001, 2002, 2003]
    assert list(step_numbers(3, 10)) == [1, 2, 15, 16, 17, 18]
    assert list(step_numbers(100, 1)) == [98, 99, 0, 1, 2, 3]


def test_a_proof_is_plain_values_and_one_line():
    tensors = (("a/kernel", 0.25), ("b/kernel", 0.125))
    found = Proof(equal=False, engine="fit", steps=6, tensors=tensors, reason="a Lion")
    assert str(found) == "the compiled program moves a/kernel, b/kernel otherwise than Keras' fit: a Lion"
    assert json.loads(json.dumps(found.to_dict()))["tensors"] == [["a/kernel", 0.25], ["b/kernel", 0.125]]
    assert str(Proof(equal=False, engine="fit", reason="asked for")) == "asked for"
    many = tuple((f"{i}/kernel", 1.0) for i in range(6))
    assert "3/kernel and 2 more otherwise" in str(Proof(equal=False, engine="fit", steps=6, tensors=many))
