"""Weights move as Keras' optimizers move them, inside one program, whichever optimizer and however it clips."""

from types import SimpleNamespace

import numpy as np
import pytest

from regsearch.backend import load_keras, load_tensorflow
from regsearch.spec import Named, TrainingSpec
from regsearch.trainers.optimizers import OPTIMIZERS, keras_optimizer
from regsearch.trainers.state import Core
from regsearch.trainers.updates import KerasUpdate, WrittenUpdate, update_of
from tests.regsearch.conftest import relative_differences
from tests.regsearch.trainers.test_optimizers import SETTINGS

STEPS, DECAY = 30, 0.02
SHAPES = [(3, 2), (2,), (5, 4)]
COSINE = Named(name="cosine_decay", options=(("decay_steps", 40), ("alpha", 0.1)))
CLIPPED = [
    TrainingSpec(optimizer="sgd", learning_rate=0.1, optimizer_options=(("clipnorm", 0.5),)),
    TrainingSpec(optimizer="adam", learning_rate=0.01, optimizer_options=(("clipvalue", 0.1),)),
    TrainingSpec(optimizer="rmsprop", learning_rate=0.01, optimizer_options=(("global_clipnorm", 1.0),)),
]
OTHERS = [
    TrainingSpec(optimizer=name, learning_rate=0.01, schedule=COSINE if name in ("lion", "muon") else None)
    for name in OPTIMIZERS
    if name not in SETTINGS
]
SPECS = [*CLIPPED, *OTHERS]


def gradients_at(noise, weights):
    return [0.1 * noise + w - 0.5 for w in weights]


@pytest.fixture(scope="module")
def moved():
    """(ours, Keras') weights after the steps, for each of SPECS: one compilation for all."""
    tf, keras = load_tensorflow(), load_keras()
    rng = np.random.default_rng(3)
    start = [rng.normal(size=shape).astype(np.float32) for shape in SHAPES]
    noise = rng.normal(size=STEPS).astype(np.float32)

    def variables():
        constraint = keras.constraints.MaxNorm(1.2)
        found = [keras.Variable(w, name=f"w{i}") for i, w in enumerate(start)]
        found[0].constraint = constraint
        return found

    ours = [KerasUpdate(keras_optimizer(spec), SimpleNamespace(trainable_variables=variables())) for spec in SPECS]

    slots = [update.slots([]) for update in ours]

    def after(update, core, i):
        gradients = gradients_at(tf.gather(noise, i), core.weights)
        weights, slots = update.moved(core, core.weights, gradients, DECAY)
        return Core(weights=weights, variables=[], slots=slots, step=core.step + 1)

    def step(i, states):
        return i + 1, [after(update, core, i) for update, core in zip(ours, states, strict=True)]

    @tf.function(jit_compile=True, autograph=False)
    def trained():
        weights = [tf.constant(w) for w in start]
        states = [Core(weights, [], each, tf.constant(0)) for each in slots]
        return tf.while_loop(lambda i, _: i < STEPS, step, (tf.constant(0), states))[1]

    wanted = []
    for spec in SPECS:
        optimizer, weights = keras_optimizer(spec), variables()
        optimizer.weight_decay = (optimizer.weight_decay or 0) + DECAY
        if hasattr(optimizer, "adam_weight_decay"):
            optimizer.adam_weight_decay += DECAY
        for i in range(STEPS):
            optimizer.apply(gradients_at(noise[i], [w.value for w in weights]), weights)
        wanted.append([np.asarray(w) for w in weights])
    return [[w.numpy() for w in core.weights] for core in trained()], wanted, start


@pytest.mark.parametrize("index", range(len(SPECS)), ids=[spec.optimizer for spec in SPECS])
def test_moves_as_keras_does(moved, index):
    ours, wanted, start = moved
    assert max(relative_differences(ours[index], wanted[index])) <= 1e-5
    assert min(relative_differences(start, wanted[index])) > 1e-3
    assert np.linalg.norm(ours[index][0], axis=0).max() <= 1.2 + 1e-5  # the constraint held


def test_written_out_where_it_can_be_and_keras_own_else(keras):
    free = SimpleNamespace(trainable_variables=[keras.Variable(np.ones(2, np.float32))])
    bound = SimpleNamespace(trainable_variables=[keras.Variable(np.ones(2, np.float32))])
    bound.trainable_variables[0].constraint = keras.constraints.NonNeg()
    assert isinstance(update_of(TrainingSpec(), free, None), WrittenUpdate)
    assert isinstance(update_of(TrainingSpec(), bound, None), KerasUpdate)
    assert isinstance(update_of(CLIPPED[0], free, None), KerasUpdate)
    assert isinstance(update_of(TrainingSpec(), free, keras.optimizers.Adam()), KerasUpdate)
