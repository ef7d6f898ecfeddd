"""Optimizers move weights as Keras' own do."""

import numpy as np
import pytest

from regsearch.backend import load_tensorflow
from regsearch.errors import InputError
from regsearch.spec import Named, TrainingSpec
from regsearch.trainers.optimizers import (
    OPTIMIZERS,
    check_training,
    is_written_out,
    keras_optimizer,
    learning_rate,
    optimizer,
)
from tests.regsearch.conftest import relative_differences

STEPS = 200
SHAPES = [(3, 2), (2,), (5, 4), (4,)]  # the gradients of the last two depend on the weights
COSINE = Named(name="cosine_decay", options=(("decay_steps", 150), ("alpha", 0.1)))

SETTINGS = {
    "sgd": [
        ({}, {}),
        ({"nesterov": True}, {"learning_rate": 0.3}),
        ({"momentum": 0.9}, {}),
        ({"momentum": 0.9, "nesterov": True}, {}),
        ({"momentum": 1}, {"schedule": COSINE}),
    ],
    "adam": [
        ({}, {}),
        ({}, {"learning_rate": 0.3}),
        ({"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}, {}),
        ({"beta_1": 0}, {}),
        ({"amsgrad": True}, {"learning_rate": 0.1}),
        ({}, {"learning_rate": 0.1, "schedule": COSINE}),
    ],
    "adamw": [
        ({}, {"learning_rate": 0.1}),
        ({"weight_decay": 0.5, "beta_1": 0.8}, {"learning_rate": 0.1}),
        ({"weight_decay": 0}, {}),
        ({"weight_decay": 0.5, "amsgrad": True}, {"learning_rate": 0.1, "schedule": COSINE}),
    ],
    "rmsprop": [
        ({}, {}),
        ({"rho": 0.5, "epsilon": 1e-3}, {}),
        ({"momentum": 0.9}, {}),
        ({"centered": True}, {}),
        ({"momentum": 0.5, "centered": True, "rho": 0.99}, {"schedule": COSINE}),
    ],
}
SLOTS = {"sgd": [0, 0, 1, 1, 1], "adam": [2, 2, 2, 2, 3, 2], "adamw": [2, 2, 2, 3], "rmsprop": [1, 1, 2, 2, 3]}


def spec(name, options, training):
    return TrainingSpec(
        **{"learning_rate": 0.01, "optimizer": name, "optimizer_options": tuple(options.items())} | training
    )


def random(*, seed):
    """(steps, ...) for each weight: sizes from 1e-9 to 1e3 for the first two, so that ε and both moments matter."""
    rng = np.random.default_rng(seed)
    sizes = [10.0 ** rng.integers(-9, 4, STEPS), 10.0 ** rng.integers(-9, 4, STEPS), np.ones(STEPS), np.ones(STEPS)]
    return [
        (rng.normal(size=(STEPS, *shape)) * size.reshape(-1, *[1] * len(shape))).astype(np.float32)
        for shape, size in zip(SHAPES, sizes, strict=True)
    ]


def gradients_at(noise, weights):
    a, b, c, d = noise
    return [a, b, 0.1 * c + weights[2] - 1, d + 3 * weights[3]]


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_moves_as_keras_does(keras, name):
    tf = load_tensorflow()
    specs = [spec(name, *settings) for settings in SETTINGS[name]]
    start = [noise[0] for noise in random(seed=1)]
    table = [tf.constant(noise) for noise in random(seed=2)]
    ours = [(optimizer(one), learning_rate(one)) for one in specs]
    theirs = [(keras_optimizer(one), [keras.Variable(w) for w in start]) for one in specs]
    for their_optimizer, variables in theirs:
        their_optimizer.build(variables)

    def step(i, state):
        noise, t = [tf.gather(each, i) for each in table], tf.cast(i, tf.float32)
        for their_optimizer, variables in theirs:
            their_optimizer.apply_gradients(zip(gradients_at(noise, variables), variables, strict=True))
        return i + 1, [
            our_optimizer.update(keras.ops, weights, gradients_at(noise, weights), slots, t + 1, rate(t))
            for (our_optimizer, rate), (weights, slots) in zip(ours, state, strict=True)
        ]

    @tf.function(jit_compile=True, autograph=False)
    def trained():
        weights = [tf.constant(w) for w in start]
        state = [(weights, [[tf.zeros_like(w) for w in weights] for _ in range(one.slots)]) for one, _ in ours]
        return tf.while_loop(lambda i, _: i < STEPS, step, (tf.constant(0), state))[1]

    for (weights, _), (_, variables), settings in zip(trained(), theirs, SETTINGS[name], strict=True):
        expected = [np.asarray(v) for v in variables]
        assert max(relative_differences([w.numpy() for w in weights], expected)) <= 1e-5, settings
        assert min(relative_differences(start, expected)) > 1e-3, settings  # they did move


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_slots(name):
    assert [optimizer(spec(name, *settings)).slots for settings in SETTINGS[name]] == SLOTS[name]


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_defaults_are_keras(keras, name):
    config = keras_optimizer(TrainingSpec(optimizer=name)).get_config()
    theirs = getattr(keras.optimizers, OPTIMIZERS[name].keras)().get_config()
    options = OPTIMIZERS[name].options
    assert {key: config[key] for key in options} == {key: theirs[key] for key in options}


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ({"optimizer": "adm"}, "'adm' is not one of adam, sgd, adamw, rmsprop, adagrad, "),
        (
            {"optimizer_options": (("beta1", 0.9),)},
            "adam has no option 'beta1' (did you mean 'beta_1'?); known: beta_1,",
        ),
        ({"optimizer_options": (("beta_1", 1),)}, "beta_1 of adam must be a number of at least 0 and below 1, got 1"),
        ({"optimizer_options": (("amsgrad", 1),)}, "amsgrad of adam must be true or false, got 1"),
        (
            {"optimizer": "sgd", "optimizer_options": (("momentum", "0.9"),)},
            "momentum of sgd must be a number of at least 0 and at most 1, got '0.9'",
        ),
        (
            {"optimizer_options": (("clipnorm", 1), ("clipvalue", 2))},
            "only one of clipnorm, clipvalue, global_clipnorm may be given, got clipnorm and clipvalue, for adam",
        ),
        ({"optimizer_options": (("weight_decay", 0.1),)}, "adam has no option 'weight_decay'; known: beta_1, beta_2,"),
        (
            {"optimizer": "adamw", "optimizer_options": (("weight_decay", -0.1),)},
            "weight_decay of adamw must be a number of at least 0, got -0.1",
        ),
    ],
)
def test_what_cannot_be_is_refused(training, message):
    for read in (optimizer, keras_optimizer, check_training):
        with pytest.raises(InputError) as caught:
            read(TrainingSpec(**training))
        assert str(caught.value).startswith(f"training.optimizer: {message}")


def test_which_are_written_out():
    written = {name for name in OPTIMIZERS if is_written_out(TrainingSpec(optimizer=name))}
    assert written == set(SETTINGS)
    assert not is_written_out(TrainingSpec(optimizer_options=(("clipnorm", 1.0),)))
    with pytest.raises(ValueError, match="lion is not written out"):
        optimizer(TrainingSpec(optimizer="lion"))


def test_a_schedule_is_checked_too():
    check_training(TrainingSpec(schedule=COSINE))
    with pytest.raises(InputError, match=r"training\.learning_rate_schedule: cosine_decay needs decay_steps"):
        check_training(TrainingSpec(schedule=Named(name="cosine_decay")))
