"""Repeats start from weights of their own, also where a builder seeds random numbers; where they do not, it is said."""

import random

import numpy as np
import pytest

from regsearch.backend import load_keras, load_tensorflow
from regsearch.trainers.starts import notice_of, seeding_ignored, starts_of


def model(initializer="glorot_uniform", *more):
    keras = load_keras()
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, kernel_initializer=initializer), *more])


def seeded_keras():
    load_keras().utils.set_random_seed(42)
    return model()


def seeded_piecewise():
    random.seed(1)
    np.random.seed(1)
    load_tensorflow().random.set_seed(1)
    return model()


def numpy_weights():
    np.random.seed(7)
    made = model()
    made.layers[0].kernel.assign(np.random.normal(size=(3, 4)))
    return made


def loaded():
    made = model()
    made.layers[0].kernel.assign(np.arange(12.0).reshape(3, 4))
    return made


def fixed():
    return model(load_keras().initializers.GlorotUniform(seed=3))


def constant():
    return model("zeros")


@pytest.mark.parametrize(
    ("builder", "wanted"),
    [
        (model, "apart"),
        (seeded_keras, "reseeded"),
        (seeded_piecewise, "reseeded"),
        (numpy_weights, "reseeded"),
        (loaded, "loaded"),
        (fixed, "fixed"),
        (constant, "apart"),
    ],
)
def test_what_becomes_of_a_builders_seed(keras, builder, wanted):
    def build(seed):
        keras.utils.set_random_seed(seed)
        return builder()

    assert starts_of(build) == wanted


def test_seeds_are_ignored_only_meanwhile():
    def drawn():
        random.seed(5)
        np.random.seed(5)
        return random.random(), np.random.random()

    first = drawn()
    with seeding_ignored():
        assert drawn() != first
    assert drawn() == first


def test_what_is_said(keras):
    plain, dropping = model(), model("glorot_uniform", keras.layers.Dropout(0.5))
    assert notice_of("reseeded", plain, batches=1, own_splits=False).code == "builder-seeds"
    copies = notice_of("fixed", plain, batches=1, own_splits=False)
    assert copies.code == "repeats-are-copies"
    assert "initializers with seeds of their own" in copies.message
    alike = notice_of("loaded", dropping, batches=2, own_splits=True)
    assert alike.code == "same-start"
    assert alike.message.endswith("between repeats: the order of rows, what random layers draw, the split")
