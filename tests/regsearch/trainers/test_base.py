"""What trainers share: initial weights and predictions."""

import numpy as np
import pytest

from regsearch.trainers.base import BUILDING
from tests.regsearch.conftest import same_bits


def test_initial_weights_follow_from_the_seed_and_are_those_keras_draws(keras, trainer):
    ours, _ = trainer("compiled", "moons", epochs=20)
    wanted = {}
    for seed in (21, 22):
        with BUILDING:
            wanted[seed] = [np.asarray(w) for w in ours.fresh_model(seed).get_weights()]
    for seed in (22, 21, 22):
        assert same_bits(ours.initial(seed)[0], wanted[seed])
    assert not same_bits(wanted[21], wanted[22])
    limit = np.sqrt(6 / (2 + 8))  # Glorot and Bengio (2010), equation 16: uniform within ±√(6/(fan in + fan out))
    assert np.abs(wanted[21][0]).max() <= limit
    assert np.abs(wanted[21][0]).max() > limit / 2
    assert (wanted[21][1] == 0).all()


def test_trainings_leave_the_initial_weights_as_they_were(trainer):
    ours, split = trainer("compiled", "moons", hidden=(3,), epochs=7)
    kept = [w.copy() for w in ours.initial(23)[0]]
    ours.train(split, seed=23, coefficients=np.zeros((4, 2), np.float32))
    assert same_bits(ours.initial(23)[0], kept)


def test_outputs_are_the_models_own(keras, trainer):
    ours, split = trainer("compiled", "iris", epochs=5, batch_size=16)
    weights, state = ours.initial(24)
    with BUILDING:
        model = ours.fresh_model(24)
    prediction, loss = ours.outputs(weights, state, split.train.x, split.train.y)
    wanted = model.predict(split.train.x, verbose=0)
    np.testing.assert_allclose(prediction, wanted, rtol=1e-5, atol=1e-7)
    picked = wanted[np.arange(len(wanted)), split.train.y[:, 0]]
    assert loss == pytest.approx(-np.log(picked).mean(), rel=1e-5)
