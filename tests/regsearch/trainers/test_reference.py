"""What Keras draws eagerly is what a compiled program draws."""

import numpy as np
import pytest

from regsearch.backend import load_keras, load_tensorflow
from regsearch.trainers.reference import same_masks
from regsearch.trainers.rewrites import rewritten

LAYERS = {
    "Dropout": ({"rate": 0.3}, (8, 6)),
    "AlphaDropout": ({"rate": 0.2}, (8, 6)),
    "GaussianNoise": ({"stddev": 0.5}, (8, 6)),
    "GaussianDropout": ({"rate": 0.3}, (8, 6)),
    "SpatialDropout1D": ({"rate": 0.3}, (4, 3, 6)),
    "RandomFlip": ({}, (4, 3, 3, 1)),
    "RandomBrightness": ({"factor": 0.2}, (4, 3, 3, 1)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_masks_are_those_of_a_compiled_program(name):
    tf, (options, shape) = load_tensorflow(), LAYERS[name]
    layer = getattr(load_keras().layers, name)(**options, seed=1)
    x = tf.constant(np.random.default_rng(0).normal(size=shape), tf.float32)
    layer.build(shape)
    state = [np.asarray(v) for v in layer.variables]

    def compiled(state):
        with rewritten():
            return layer.stateless_call([], state, x, training=True)[0]

    ours = tf.function(compiled, jit_compile=True, autograph=False)(state)
    with same_masks():
        wanted = layer(x, training=True)
    np.testing.assert_allclose(ours, wanted, atol=1e-6)
    assert not np.allclose(wanted, x)
