"""Penalties find the weights of Keras models, and are what keras.regularizers and NumPy say they are."""

import numpy as np
import pytest

from regsearch.errors import InputError
from regsearch.penalties import coefficients, l1_norm, l2_norm, matching, trainable_weights
from regsearch.spec import Penalty, Target
from tests.regsearch.conftest import NOTHING, table


def found(model, layers, *weights):
    """Paths of the weights that a target means."""
    known = trainable_weights(model)
    return [f"{w.layer}.{w.name}" for w in matching(known, Target(layers=layers, weights=weights or ("kernel",)))]


@pytest.fixture(scope="module")
def mlp(keras):
    dense = keras.layers.Dense
    return keras.Sequential([keras.Input((2,)), dense(4, name="one"), dense(3, name="two"), dense(1, name="last")])


@pytest.fixture(scope="module")
def lstm(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((5, 2)), layers.LSTM(3, name="memory"), layers.Dense(1, name="last")])


@pytest.fixture(scope="module")
def cnn(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            layers.Conv2D(2, 2, name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.Flatten(),
            layers.Dense(3, name="last"),
        ]
    )


@pytest.fixture(scope="module")
def nested(keras):
    dense = keras.layers.Dense
    inner = keras.Sequential([keras.Input((2,)), dense(3, name="a"), dense(3, name="b")], name="inner")
    rows = keras.Input((2,))
    return keras.Model(rows, dense(1, name="last")(inner(rows)), name="whole")


def test_groups_of_an_mlp(mlp):
    assert found(mlp, "hidden") == ["one.kernel", "two.kernel"]
    assert found(mlp, "output") == ["last.kernel"]
    assert found(mlp, "all") == ["one.kernel", "two.kernel", "last.kernel"]
    assert found(mlp, "two") == ["two.kernel"]
    assert found(mlp, "hidden", "bias") == ["one.bias", "two.bias"]
    assert found(mlp, "one", "kernel", "bias") == ["one.kernel", "one.bias"]


def test_an_lstm_goes_by_its_layers_name(lstm):
    cell = "memory/lstm_cell"
    assert found(lstm, "memory") == found(lstm, "hidden") == [f"{cell}.kernel"]
    assert found(lstm, "memory", "recurrent") == [f"{cell}.recurrent_kernel"]
    assert found(lstm, "all", "bias") == [f"{cell}.bias", "last.bias"]
    assert found(lstm, cell, "bias") == [f"{cell}.bias"]


def test_both_directions_of_a_bidirectional_layer(keras):
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((5, 2)), layers.Bidirectional(layers.LSTM(3, name="m"), name="both"), layers.Dense(1, name="last")]
    )
    assert len(found(model, "both", "kernel", "recurrent", "bias")) == 6
    assert found(model, "forward_m") == ["both/forward_m/lstm_cell.kernel"]


def test_batch_normalization_is_in_no_group(cnn):
    assert found(cnn, "all", "kernel", "bias", "recurrent") == ["conv.kernel", "conv.bias", "last.kernel", "last.bias"]
    assert found(cnn, "hidden") == ["conv.kernel"]


def test_layers_of_a_model_in_a_model(nested):
    assert found(nested, "hidden") == ["inner/a.kernel", "inner/b.kernel"]
    assert found(nested, "inner") == ["inner/a.kernel", "inner/b.kernel"]
    assert found(nested, "b") == found(nested, "inner/b") == ["inner/b.kernel"]
    assert found(nested, "output") == ["last.kernel"]


def test_frozen_layers_are_left_out(keras):
    dense = keras.layers.Dense
    model = keras.Sequential([keras.Input((2,)), dense(4, name="one", trainable=False), dense(1, name="last")])
    assert found(model, "all") == ["last.kernel"]


def test_a_part_of_a_name_is_no_name(mlp):
    with pytest.raises(InputError):
        found(mlp, "on")


@pytest.mark.parametrize(
    ("layers", "weights", "hint"),
    [("hiden", ("kernel",), "did you mean 'hidden'?"), ("memry", ("bias",), "did you mean 'memory'?")],
)
def test_what_a_target_may_be(lstm, layers, weights, hint):
    with pytest.raises(InputError) as caught:
        found(lstm, layers, *weights)
    message = str(caught.value)
    assert message.startswith(f"search.targets: '{layers} {weights[0]}' matches no weight")
    assert "layers may be hidden, output, all, memory, memory/lstm_cell, last" in message
    assert hint in message
    assert message.endswith("weights kernel, recurrent, bias")
    assert "\n" not in message


def test_a_role_the_layer_does_not_have(mlp):
    with pytest.raises(InputError, match="'one recurrent' matches no weight"):
        found(mlp, "one", "recurrent")


def test_penalties_on_the_same_weight_add_up(mlp):
    weights = trainable_weights(mlp)
    got = coefficients(
        weights,
        [
            Penalty(target=Target(layers="hidden"), l1=0.5),
            Penalty(target=Target(layers="all", weights=("kernel", "bias")), l2=0.25),
            Penalty(target=Target(layers="one"), l1=1.0, l2=2.0),
        ],
    )
    assert got.dtype == np.float32
    assert got.tolist() == [[1.5, 2.25], [0, 0.25], [0.5, 0.25], [0, 0.25], [0, 0.25], [0, 0.25]]
    assert (coefficients(weights, []) == 0).all()


@pytest.mark.parametrize(("l1", "l2"), [(0.3, 0.0), (0.0, 0.7), (0.3, 0.7)])
def test_the_loss_gains_what_keras_regularizers_and_numpy_say(keras, trainer, l1, l2):
    """On a step of size 0 nothing moves; what the penalty adds shows as the gradient of a step of size 1.

    With sgd at rate 1, w' = w - dL/dw - (l1·sign(w) + 2·l2·w): the difference to the unpenalized step is the penalty's.
    """
    ours, split = trainer("compiled", "moons", hidden=(5,), epochs=1, optimizer="sgd", learning_rate=1.0)
    plain = ours.train(split, seed=1, coefficients=NOTHING)
    penalized = ours.train(split, seed=1, coefficients=table((l1, l2), (0, 0), (l1, l2), (0, 0)))
    for i in (0, 2):
        w = plain.before[i]
        moved = plain.after[i] - penalized.after[i]
        np.testing.assert_allclose(moved, l1 * np.sign(w) + 2 * l2 * w, rtol=1e-4, atol=1e-5)
        # The same by finite differences of Keras' own penalty.
        regularizer, size = keras.regularizers.L1L2(l1=l1, l2=l2), 1e-3
        for at in np.ndindex(w.shape):
            up, down = w.copy(), w.copy()
            up[at], down[at] = w[at] + size, w[at] - size
            slope = float(regularizer(up) - regularizer(down)) / float(up[at] - down[at])
            assert moved[at] == pytest.approx(slope, abs=5e-3)
    for i in (1, 3):
        np.testing.assert_array_equal(plain.after[i], penalized.after[i])


def test_norms_are_summed_in_float64():
    """A million float32 of 1e-3 and one of 1e4: in float32 the small ones would be lost."""
    w = np.full(1_000_001, 1e-3, np.float32)
    w[0] = -1e4
    assert l1_norm(w) == pytest.approx(1e4 + 1e6 * float(np.float32(1e-3)), rel=1e-12)
    assert l2_norm(w) == pytest.approx(np.sqrt(1e8 + 1e6 * float(np.float32(1e-3)) ** 2), rel=1e-12)
    assert l2_norm(np.array([3, -4], np.float32)) == 5.0
