"""The plain trainer is what somebody writes with `model.fit` and keras.regularizers."""

import numpy as np
import pytest

from regsearch.errors import TrainingStopped
from tests.regsearch.conftest import NOTHING, StopsAfter, relative_differences, same_bits

EPOCHS = 40
SETTINGS = {"epochs": EPOCHS, "batch_size": 32, "learning_rate": 0.01}


def as_a_user_writes_it(keras, split, weights, *, hidden, output):
    """All 30 rows are one batch, so how `fit` shuffles them makes no difference."""
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8, activation="relu", **hidden),
            keras.layers.Dense(1, activation="sigmoid", **output),
        ]
    )
    model.set_weights(weights)
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="binary_crossentropy")
    history = model.fit(split.train.x, split.train.y, epochs=EPOCHS, batch_size=32, verbose=0)
    return model.get_weights(), history.history["loss"]


@pytest.mark.parametrize("kind", ["l1 on the hidden kernel, l2 on the biases", "l1_l2 on the kernels"])
def test_equals_a_literal_fit(keras, trainer, kind):
    l1, l2, l1_l2 = (
        keras.regularizers.L1(1e-2),
        keras.regularizers.L2(1e-1),
        keras.regularizers.L1L2(l1=1e-3, l2=1e-2),
    )
    coefficients = NOTHING.copy()
    match kind:
        case "l1 on the hidden kernel, l2 on the biases":
            hidden, output = {"kernel_regularizer": l1, "bias_regularizer": l2}, {"bias_regularizer": l2}
            coefficients[0] = 1e-2, 0
            coefficients[1] = coefficients[3] = 0, 1e-1
        case "l1_l2 on the kernels":
            hidden, output = {"kernel_regularizer": l1_l2}, {"kernel_regularizer": l1_l2}
            coefficients[0] = coefficients[2] = 1e-3, 1e-2
    reference, split = trainer("fit", "moons", **SETTINGS)
    ours, _ = trainer("compiled", "moons", **SETTINGS)
    got = reference.train(split, seed=11, coefficients=coefficients)
    wanted, losses = as_a_user_writes_it(keras, split, got.before, hidden=hidden, output=output)
    assert max(relative_differences(got.after, wanted)) <= 1e-3
    compiled = ours.train(split, seed=11, coefficients=coefficients)
    assert max(relative_differences(compiled.after, wanted)) <= 1e-3
    # Keras' last loss is of before the last step and holds the penalty: more than the bare loss one epoch earlier.
    assert losses[-1] > got.curve.train_loss[-2]
    control = ours.train(split, seed=11, coefficients=NOTHING)
    assert max(relative_differences(control.after, wanted)) > 1e-2


def test_curve_ends_at_the_last_epoch_with_what_the_weights_score(trainer):
    reference, split = trainer("fit", "moons", hidden=(3,), epochs=203)
    trained = reference.train(split, seed=9, coefficients=NOTHING)
    assert trained.curve.epochs.tolist() == list(range(5, 204, 11))  # 20 points at most
    prediction, loss = reference.outputs(trained.after, trained.state, split.validation.x, split.validation.y)
    assert trained.curve.validation_loss[-1] == pytest.approx(loss, rel=1e-6)
    right = (prediction > 0.5) == (split.validation.y > 0.5)
    assert trained.curve.validation_score[-1] == pytest.approx(right.mean(), abs=1e-6)


def test_the_same_twice(trainer):
    reference, split = trainer("fit", "iris", epochs=5, batch_size=16)
    a, b = (reference.train(split, seed=1, coefficients=NOTHING) for _ in range(2))
    assert same_bits(a.after, b.after)
    assert a.curve.train_loss.tobytes() == b.curve.train_loss.tobytes()


def test_a_training_that_diverges_ends_early(trainer):
    reference, split = trainer("fit", "diabetes", epochs=4001, optimizer="sgd", learning_rate=1e6)
    trained = reference.train(split, seed=1, coefficients=NOTHING)
    assert trained.diverged
    assert trained.epochs == trained.curve.epochs[-1] < 200


def test_weights_that_are_not_finite_are_divergence_though_the_loss_is_finite(trainer, monkeypatch):
    reference, split = trainer("fit", "moons", hidden=(3,), epochs=203)
    original = reference.fresh_model

    def with_a_dead_unit(seed):
        model = original(seed)
        bias = model.trainable_variables[1]
        bias.assign(np.array([-np.inf, 0, 0], np.float32))  # relu(-inf) = 0: the loss is finite
        return model

    monkeypatch.setattr(reference, "fresh_model", with_a_dead_unit)
    assert reference.train(split, seed=1, coefficients=NOTHING).diverged


def test_stops_after_the_epoch_in_which_it_is_told_to(trainer):
    reference, split = trainer("fit", "moons", hidden=(3,), epochs=203)
    stop = StopsAfter(asked=2)
    with pytest.raises(TrainingStopped):
        reference.train(split, seed=1, coefficients=NOTHING, stop=stop)
    assert stop.asked == 4  # after each of three epochs, and once when `fit` has returned
