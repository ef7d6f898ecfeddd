"""From the same weights and the same order of rows, a program of either engine ends where Keras' `fit` ends.

Each comparison folds several things together, because compiling and `fit` take seconds: layers, an optimizer, a loss,
penalties, a smaller last batch. What was compiled serves the tests on threads too.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest

from regsearch.backend import load_keras
from regsearch.losses import keras_loss
from regsearch.spec import Named
from regsearch.trainers import updates
from regsearch.trainers.base import values
from regsearch.trainers.compiled import CompiledTrainer
from regsearch.trainers.epochs import permutations
from regsearch.trainers.fit import FitTrainer
from regsearch.trainers.optimizers import keras_optimizer
from tests.regsearch.conftest import relative_differences, same_bits
from tests.regsearch.trainers.conftest import cut, digits

TOLERANCE = 1e-3  # of ‖Δw‖/‖w‖
EPOCHS = 100
SEED = 3
COSINE = Named(name="cosine_decay", options=(("decay_steps", 150), ("alpha", 0.1)))


def sequential(input_shape, *layers):
    return load_keras().Sequential([load_keras().Input(input_shape), *layers])


def penalized(weights, size=3e-3):
    """(weights, 2) coefficients: l1, l2, both and none in turn, so that neighbours differ."""
    kinds = np.array([(size, 0), (0, size), (size / 2, 2 * size), (0, 0)], np.float32)
    return kinds[np.arange(len(weights)) % len(kinds)] * np.array([w.role is not None for w in weights])[:, None]


def assert_moved_alike(before, got, wanted):
    differences = relative_differences(got, wanted)
    assert max(differences) <= TOLERANCE, differences
    moved = [np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in zip(before, wanted, strict=True)]
    assert min(moved) > 20 * TOLERANCE, moved  # else the lines above would say nothing


def compare(problem, split, *, coefficients=None, weight_decay=0.0):
    """Train by programs of both engines and by `fit`; return the compiled one, and what it trained."""
    ours = CompiledTrainer(problem)
    graph = CompiledTrainer(ours.problem, engine="graph", like=ours)
    reference = FitTrainer(ours.problem, jit_compile=False, like=ours)
    regularization = {
        "coefficients": penalized(ours.weights) if coefficients is None else coefficients,
        "weight_decay": weight_decay,
    }
    wanted = reference.train(split, seed=SEED, **regularization)
    trained = [trainer.train(split, seed=SEED, **regularization) for trainer in (ours, graph)]
    for got in trained:
        assert same_bits(got.before, wanted.before)
        assert_moved_alike(got.before, got.after, wanted.after)
        for mine, theirs in zip(got.state, wanted.state, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-4)
        for line in ("train_loss", "validation_loss"):
            np.testing.assert_allclose(getattr(got.curve, line), getattr(wanted.curve, line), rtol=2e-3)
        assert (got.epochs, got.diverged) == (wanted.epochs, wanted.diverged) == (problem.training.epochs, False)
    return ours, trained[0]


def compare_with_literal(problem, split, model, coefficients):
    """Train compiled, and by `compile` and `fit` a model that has its own regularizers."""
    ours = CompiledTrainer(problem)
    trained = ours.train(split, seed=SEED, coefficients=np.array(coefficients, np.float32))
    training, part, row_weights = problem.training, split.train, problem.row_weights(split.train)
    arrays = [part.x, part.y] if row_weights is None else [part.x, part.y, row_weights]

    def batches():
        for order in permutations(SEED, len(part.x)):
            for i in range(0, len(order), training.batch_size):
                yield tuple(array[order[i : i + training.batch_size]] for array in arrays)

    for variable, weight in zip(model.trainable_variables, trained.before, strict=True):
        variable.assign(weight)
    model.compile(optimizer=keras_optimizer(training), loss=keras_loss(problem.loss), jit_compile=False)
    steps = -(-len(part.x) // training.batch_size)
    model.fit(batches(), epochs=training.epochs, steps_per_epoch=steps, shuffle=False, verbose=0)
    assert_moved_alike(trained.before, trained.after, values(model.trainable_variables))
    return ours


def dense(input_shape, n_outputs, *, output_activation, regularizers=({}, {})):
    layers = load_keras().layers
    return sequential(
        input_shape,
        layers.Dense(6, activation="tanh", **regularizers[0]),
        layers.Dense(n_outputs, activation=output_activation, **regularizers[1]),
    )


def test_a_perceptron_with_keras_regularizers_and_row_weights(keras, problem):
    """Weights of rows and of classes multiply; adamw on a schedule; batches of 25, 25 and 10."""
    data, split = digits((64,), "multiclass", weighted=True)
    given = problem(
        dense,
        data,
        epochs=EPOCHS,
        batch_size=25,
        optimizer="adamw",
        learning_rate=0.01,
        schedule=COSINE,
        class_weight="balanced",
    )
    l1, l2, both = keras.regularizers.L1(3e-3), keras.regularizers.L2(0.03), keras.regularizers.L1L2(1e-3, 2e-2)
    regularizers = (
        {"kernel_regularizer": l1, "bias_regularizer": l2},
        {"kernel_regularizer": both, "bias_regularizer": l1},
    )
    model = dense((64,), 3, output_activation="softmax", regularizers=regularizers)
    ours = compare_with_literal(given, split, model, [(3e-3, 0), (0, 0.03), (1e-3, 2e-2), (3e-3, 0)])
    assert len(set(ours.problem.row_weights(split.train).tolist())) > 1  # else no row weighed more than another


def recurrent(input_shape, n_outputs, *, output_activation, regularizers=({}, {})):
    layers = load_keras().layers
    return sequential(
        input_shape,
        layers.LSTM(5, return_sequences=True, **regularizers[0]),
        layers.GRU(4, **regularizers[1]),
        layers.Dense(n_outputs, activation=output_activation),
    )


@pytest.fixture(scope="module")
def trained_recurrent(keras, problem):
    """An LSTM and a GRU, penalties on kernels, recurrent kernels and biases.

    A regression by the Huber loss, rows weighted; AMSGrad; batches of 40 and 20.
    """
    data, split = digits((8, 8), "regression", weighted=True)
    given = problem(
        recurrent,
        data,
        epochs=EPOCHS,
        batch_size=40,
        optimizer_options=(("amsgrad", True),),
        learning_rate=0.01,
        loss=Named(name="huber", options=(("delta", 0.5),)),
    )
    l1, l2, both = keras.regularizers.L1(1e-3), keras.regularizers.L2(3e-3), keras.regularizers.L1L2(1e-3, 2e-3)
    table = {l1: (1e-3, 0), l2: (0, 3e-3), both: (1e-3, 2e-3)}
    lstm = {"kernel_regularizer": l1, "recurrent_regularizer": l2, "bias_regularizer": both}
    gru = {"kernel_regularizer": both, "recurrent_regularizer": l1, "bias_regularizer": l2}
    model = recurrent((8, 8), 1, output_activation="linear", regularizers=(lstm, gru))
    coefficients = [table[regularizer] for regularizer in [*lstm.values(), *gru.values()]]
    return compare_with_literal(given, split, model, [*coefficients, (0, 0), (0, 0)]), split


def test_recurrent_layers_with_keras_regularizers(trained_recurrent):
    ours, _ = trained_recurrent
    assert [w.role for w in ours.weights] == ["kernel", "recurrent", "bias"] * 2 + ["kernel", "bias"]


def two_branches(input_shape, n_outputs, *, output_activation):
    """Two branches: one sees an image, one its rows as a sequence."""
    keras, layers = load_keras(), load_keras().layers
    image = keras.Input(input_shape)
    a = layers.Conv2D(4, 2, activation="relu")(image)  # 7×7: pooling cuts a border off
    a = layers.MaxPooling2D(2)(a)
    a = layers.Conv2D(5, 3, strides=2, padding="same", activation="tanh")(a)  # 2×2
    a = layers.AveragePooling2D(2)(layers.BatchNormalization(momentum=0.9)(a))
    b = layers.Reshape(input_shape[:2])(image)
    b = layers.Conv1D(4, 3, strides=2, padding="same", activation="tanh")(b)
    b = layers.MaxPooling1D(3)(b)  # of 4 steps: one is cut off
    both = layers.Concatenate()([layers.Flatten()(a), layers.Flatten()(b)])
    return keras.Model(image, layers.Dense(n_outputs, activation=output_activation)(both))


@pytest.fixture(scope="module")
def trained_cnn(problem):
    """Convolutions, pooling and batch normalization; Nesterov's momentum on a schedule; batches of 32 and 28."""
    data, split = digits((8, 8, 1), "multiclass")
    given = problem(
        two_branches,
        data,
        epochs=EPOCHS,
        batch_size=32,
        optimizer="sgd",
        optimizer_options=(("momentum", 0.9), ("nesterov", True)),
        learning_rate=0.01,
        schedule=COSINE,
    )
    return *compare(given, split), split


def test_convolutions_pooling_and_batch_normalization(trained_cnn):
    _, trained, _ = trained_cnn
    assert [array.shape for array in trained.state] == [(5,), (5,)]  # moving mean and variance, equal to those of `fit`
    assert np.abs(trained.state[0]).max() > 0.01  # they moved from 0


def everything_at_once(input_shape, n_outputs, *, output_activation):
    """A shared layer, a nested model, frozen layers, regularizers and losses of the model's own."""
    keras, layers = load_keras(), load_keras().layers

    class Spread(layers.Layer):
        """Adds a loss to the model's."""

        def call(self, x):
            self.add_loss(0.1 * keras.ops.mean(keras.ops.square(x)))
            return x

    x = keras.Input(input_shape)
    frozen = layers.Dense(8, activation="tanh", trainable=False, kernel_regularizer="l2")
    norm = layers.BatchNormalization(trainable=False)
    shared = layers.Dense(8, activation="tanh", kernel_regularizer=keras.regularizers.L1L2(1e-3, 1e-2))
    inner_x = keras.Input((8,))
    inner_y = layers.Dense(7, activation="relu", activity_regularizer=keras.regularizers.L2(0.01))(inner_x)
    inner = keras.Model(inner_x, layers.BatchNormalization(momentum=0.9)(inner_y))
    h = norm(frozen(x))
    h = shared(shared(h))
    h = Spread()(layers.Concatenate()([inner(h), h]))
    return keras.Model(x, layers.Dense(n_outputs, activation=output_activation)(h))


def test_a_functional_model_with_losses_of_its_own(problem):
    """Momentum, focal loss with options, class weights; the builder's penalties on one kernel, ours on the others."""
    data, split = digits((64,), "binary")
    options = (("apply_class_balancing", True), ("alpha", 0.4), ("gamma", 1.5), ("label_smoothing", 0.1))
    given = problem(
        everything_at_once,
        data,
        own_penalties="keep",
        epochs=EPOCHS,
        batch_size=45,
        optimizer="sgd",
        optimizer_options=(("momentum", 0.8),),
        learning_rate=0.02,
        class_weight=(0.7, 1.6),
        loss=Named(name="binary_focal_crossentropy", options=options),
    )
    ours, trained = compare(given, split)
    _, state = ours.initial(SEED)
    frozen = [array.shape in [(64, 8), (8,)] for array in state]  # the dense layer's two, the normalization's four
    assert frozen == [True] * 6 + [False] * 2
    for is_frozen, before, after in zip(frozen, state, trained.state, strict=True):
        assert same_bits([before], [after]) == is_frozen


def counts(input_shape, n_outputs, *, output_activation):
    layers = load_keras().layers
    return sequential(input_shape, layers.Dense(5, activation="relu"), layers.Dense(n_outputs, "softplus"))


def test_a_poisson_regression(problem, monkeypatch):
    """Centered rmsprop with momentum, weight decay; one batch an epoch; weights not packed into one vector."""
    monkeypatch.setattr(updates, "MAX_PACKED", 0)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(70, 6))
    data, split = cut(x, rng.poisson(np.exp(x[:, 0] - x[:, 1] / 2)), "regression", train=50)
    given = problem(
        counts,
        data,
        epochs=EPOCHS,
        batch_size=64,
        optimizer="rmsprop",
        optimizer_options=(("centered", True), ("momentum", 0.5), ("epsilon", 1e-5)),
        learning_rate=1e-3,
        loss=Named(name="poisson"),
    )
    # No l1: where it holds a weight at 0, rmsprop moves it there and back by its sign, as chance has it.
    ours, trained = compare(given, split, coefficients=np.array([(0, 1e-2)] * 4, np.float32), weight_decay=1.0)
    without = ours.train(split, seed=SEED, coefficients=np.array([(0, 1e-2)] * 4, np.float32))
    assert np.linalg.norm(trained.after[0]) < 0.97 * np.linalg.norm(without.after[0])


def wide(input_shape, n_outputs, *, output_activation):
    layers = load_keras().layers
    hidden = [layers.Dense(512, activation="relu") for _ in range(2)]
    return sequential(input_shape, *hidden, layers.Dense(n_outputs, activation=output_activation))


@pytest.fixture(scope="module")
def larger(problem, trained_cnn, trained_recurrent):
    """Trainers whose layers are large enough for XLA to divide the work among threads, and such as might."""

    @cache
    def get(kind):
        if kind == "dense":
            data, split = digits((64,), "multiclass", rows=250, train=150)
            return CompiledTrainer(problem(wide, data, epochs=4, batch_size=64)), split
        ours, *_, split = {"convolution": trained_cnn, "graph": trained_cnn, "recurrent": trained_recurrent}[kind]
        return CompiledTrainer(ours.problem, engine="graph", like=ours) if kind == "graph" else ours, split

    return get


@pytest.mark.parametrize("kind", ["dense", "convolution", "recurrent", "graph"])
def test_same_bits_for_any_number_of_threads(larger, kind):
    ours, split = larger(kind)
    coefficients, seeds = penalized(ours.weights), [1, 2, 3, 4]

    def weights(seed):
        trained = ours.train(split, seed=seed, coefficients=coefficients)
        return [*trained.after, *trained.state]

    found = {}
    for threads in (4, 2, 1):  # the first meet a trainer that has compiled nothing yet
        with ThreadPoolExecutor(threads) as pool:
            found[threads] = list(pool.map(weights, seeds))
    for several in (found[2], found[4]):
        assert all(same_bits(a, b) for a, b in zip(found[1], several, strict=True))
    assert not same_bits(found[1][0], found[1][1])
