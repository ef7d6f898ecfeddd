"""Optimizers move weights as Keras' own do."""

import numpy as np
import pytest

from regsearch.trainers.optimizers import OPTIMIZERS


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
@pytest.mark.parametrize("rate", [1e-3, 0.3])
def test_moves_as_keras_does(keras, name, rate):
    rng = np.random.default_rng(1)
    shapes = [(3, 2), (2,)]
    weights = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    variables = [keras.Variable(w) for w in weights]
    theirs = keras.optimizers.get(name)
    theirs.learning_rate = rate
    ours = OPTIMIZERS[name]
    slots = [[np.zeros_like(w) for w in weights] for _ in range(ours.slots)]
    for step in range(1, 31):
        # sizes from 1e-9 to 1e3, so that ε and both moments matter
        gradients = [(rng.normal(size=shape) * 10.0 ** rng.integers(-9, 4)).astype(np.float32) for shape in shapes]
        theirs.apply(gradients, variables)
        weights, slots = ours.update(keras.ops, weights, gradients, slots, np.float32(step), rate)
    for variable, weight in zip(variables, weights, strict=True):
        np.testing.assert_allclose(np.asarray(weight), np.asarray(variable), rtol=2e-5, atol=1e-6)
