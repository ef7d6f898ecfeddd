"""Penalties are what keras.regularizers and NumPy say they are."""

from functools import cache

import numpy as np
import pytest

from regsearch.errors import InputError
from regsearch.model_weights import trainable_weights
from regsearch.penalties import coefficients, l1_norm, l2_norm, penalty
from regsearch.spec import Penalty, Target
from tests.regsearch.conftest import NOTHING, table


@pytest.fixture(scope="module")
def mlp(keras):
    dense = keras.layers.Dense
    return keras.Sequential([keras.Input((2,)), dense(4, name="one"), dense(3, name="two"), dense(1, name="last")])


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


ROWS = {"image": (6, 6, 4), "sequence": (6, 4), "volume": (4, 4, 4, 2), "words": (6,)}
LAYERS = {
    "Dense": ("words", lambda k: [k.layers.Dense(3, name="it")]),
    "EinsumDense": ("sequence", lambda k: [k.layers.EinsumDense("abc,cd->abd", (6, 3), bias_axes="d", name="it")]),
    "Conv1D": ("sequence", lambda k: [k.layers.Conv1D(3, 2, name="it")]),
    "Conv2D": ("image", lambda k: [k.layers.Conv2D(3, 2, name="it")]),
    "Conv3D": ("volume", lambda k: [k.layers.Conv3D(3, 2, name="it")]),
    "Conv2DTranspose": ("image", lambda k: [k.layers.Conv2DTranspose(3, 2, name="it")]),
    "DepthwiseConv2D": ("image", lambda k: [k.layers.DepthwiseConv2D(2, name="it")]),
    "SeparableConv1D": ("sequence", lambda k: [k.layers.SeparableConv1D(3, 2, name="it")]),
    "SeparableConv2D": ("image", lambda k: [k.layers.SeparableConv2D(3, 2, name="it")]),
    "SimpleRNN": ("sequence", lambda k: [k.layers.SimpleRNN(3, name="it")]),
    "LSTM": ("sequence", lambda k: [k.layers.LSTM(3, name="it")]),
    "GRU": ("sequence", lambda k: [k.layers.GRU(3, name="it")]),
    "ConvLSTM1D": ("image", lambda k: [k.layers.ConvLSTM1D(3, 2, name="it")]),
    "Bidirectional": ("sequence", lambda k: [k.layers.Bidirectional(k.layers.GRU(3, name="inner"), name="it")]),
    "TimeDistributed": ("sequence", lambda k: [k.layers.TimeDistributed(k.layers.Dense(3, name="inner"), name="it")]),
    "Embedding": ("words", lambda k: [k.layers.Embedding(9, 3, name="it")]),
    "BatchNormalization": ("image", lambda k: [k.layers.BatchNormalization(name="it")]),
    "Sequential": ("words", lambda k: [k.Sequential([k.layers.Dense(3, name="inner")], name="it")]),
    "MultiHeadAttention": ("sequence", None),
}
ROLES = {
    "EinsumDense": "kernel bias",
    "DepthwiseConv2D": "kernel bias",
    "SimpleRNN": "kernel recurrent bias",
    "LSTM": "kernel recurrent bias",
    "GRU": "kernel recurrent bias",
    "ConvLSTM1D": "kernel recurrent bias",
    "Bidirectional": "kernel recurrent bias",
    "Embedding": "kernel",
    "BatchNormalization": "gamma beta",
}


@pytest.fixture(scope="module")
def model_of(keras):
    """A model of a layer of one kind between others; the layer is called `it`."""

    @cache
    def make(kind):
        rows, layers = LAYERS[kind]
        x = keras.Input(ROWS[rows])
        if kind == "MultiHeadAttention":
            h = keras.layers.MultiHeadAttention(2, 3, name="it")(x, x)
        else:
            h = x
            for layer in layers(keras):
                h = layer(h)
        h = keras.layers.Flatten()(h)
        h = keras.layers.Dense(3, name="after")(h)
        return keras.Model(x, keras.layers.Dense(1, name="last")(h), name="whole")

    return make


def penalty_of(keras, weights, model, penalties):
    """What the training program adds to the loss."""
    values = [variable.value for variable in model.trainable_variables]
    return float(penalty(keras.ops, values, weights, coefficients(weights, penalties)))


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("by", ["name", "kind", "glob", "number", "hidden", "all"])
def test_the_penalty_of_every_layer_and_target_is_what_numpy_and_keras_say(keras, model_of, kind, by):
    model = model_of(kind)
    roles = tuple(ROLES.get(kind, "kernel bias").split())
    layers = {"name": "it", "kind": kind, "glob": "i[st]", "number": "#1", "hidden": "hidden", "all": "all"}[by]
    if kind == "Sequential" and by in ("kind", "number"):  # a model is no layer; the layers in it are
        layers = {"kind": ("it",), "number": "#1"}[by]
    if kind == "BatchNormalization" and by in ("number", "hidden", "all"):
        with pytest.raises(InputError, match="matches no weight"):  # it has no kernel, so that no group holds it
            coefficients(trainable_weights(model), [Penalty(target=Target(layers=layers, weights=roles), l1=1.0)])
        return
    weights = trainable_weights(model)
    found = penalty_of(keras, weights, model, [Penalty(target=Target(layers=layers, weights=roles), l1=0.3, l2=0.7)])

    wide = by == "all" or (by, kind) == ("kind", "Dense")  # the others are Dense too
    inside = ("it", "after", "last") if wide else ("it", "after") if by == "hidden" else ("it",)
    meant = [v for v in model.trainable_variables if v.path.removeprefix("whole/").split("/")[0] in inside]
    assert meant
    arrays = [np.asarray(v, np.float64) for v in meant]
    assert found == pytest.approx(sum(0.3 * np.abs(w).sum() + 0.7 * np.square(w).sum() for w in arrays), rel=1e-5)
    regularizer = keras.regularizers.L1L2(0.3, 0.7)
    assert found == pytest.approx(sum(float(regularizer(v)) for v in meant), rel=1e-5)


@pytest.mark.parametrize("kind", [kind for kind in LAYERS if kind != "BatchNormalization"])
@pytest.mark.parametrize("role", ["kernel", "bias", "recurrent"])
def test_every_role_is_what_the_layers_own_argument_regularizes(keras, model_of, kind, role):
    weights = [w for w in trainable_weights(model_of(kind)) if w.layer.split("/")[0] == "it" and w.role == role]
    endings = {"kernel": ("kernel", "embeddings"), "bias": ("bias",), "recurrent": ("recurrent_kernel",)}[role]
    assert all(w.name.endswith(endings) and (role == "recurrent" or "recurrent" not in w.name) for w in weights)
    assert bool(weights) == (role in ROLES.get(kind, "kernel bias").split())


def test_coefficients_change_from_layer_to_layer(mlp):
    weights = trainable_weights(mlp)
    rising = coefficients(weights, [Penalty(target=Target(layers="all"), l1=0.8, ratio=2.0)])
    falling = coefficients(weights, [Penalty(target=Target(layers="all", weights=("kernel", "bias")), l2=1, ratio=0.5)])
    assert rising[:, 0].tolist() == pytest.approx([0.2, 0, 0.4, 0, 0.8, 0])
    assert falling[:, 1].tolist() == pytest.approx([1, 1, 0.5, 0.5, 0.25, 0.25])


def test_the_weights_of_one_layer_share_a_coefficient(model_of):
    weights = trainable_weights(model_of("Bidirectional"))
    table = coefficients(weights, [Penalty(target=Target(layers="all"), l2=1.0, ratio=0.5)])
    kernels = [round(float(table[w.index, 1]), 3) for w in weights if w.role == "kernel"]
    assert kernels == [1, 1, 0.5, 0.25]
