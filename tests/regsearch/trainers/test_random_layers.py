"""Layers that draw random numbers, inside the compiled loop: the right distribution, from the repeat's seed."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from regsearch.backend import load_keras, load_tensorflow
from regsearch.errors import ModelError
from regsearch.spec import Named
from regsearch.trainers.base import TrainerPhase
from regsearch.trainers.compiled import CompiledTrainer
from tests.regsearch.conftest import same_bits
from tests.regsearch.trainers.conftest import cut, digits

RATE = 0.25  # of dropout
STEP = 2.0**-6
UNITS, STEPS = 500, 20


def dropped_out(input_shape, n_outputs, *, output_activation):
    """A linear model of inputs of which a quarter is dropped."""
    keras = load_keras()
    layers = keras.layers
    return keras.Sequential([keras.Input(input_shape), layers.Dropout(RATE), layers.Dense(n_outputs, use_bias=False)])


@pytest.fixture(scope="module")
def revealing(problem):
    """A model whose steps show the masks of dropout, and its split.

    Two rows x = 1 and 2 with targets far above what the model gives: by |y - p| each step adds
    step·(mask₁ + 2·mask₂)/2 / (1 - rate) to w, whatever w is.
    """
    x = np.repeat([[1.0], [2.0], [1.0]], UNITS, axis=1)
    data, split = cut(x, [1e6, 1e6, 1e6], "regression", train=2)
    given = problem(
        dropped_out,
        data,
        epochs=STEPS,
        batch_size=2,
        optimizer="sgd",
        learning_rate=STEP,
        loss=Named(name="mean_absolute_error"),
    )
    return CompiledTrainer(given), split


def masks(revealing, seed):
    """(steps, rows, units) which inputs were kept."""
    ours, split = revealing
    phases = [TrainerPhase(epochs=1, coefficients=np.zeros((1, 2), np.float32))] * STEPS
    trained = ours.train_phases(split, seed=seed, phases=phases)
    weights = np.stack([trained[0].before[0], *[each.after[0] for each in trained]])[:, :, 0].astype(np.float64)
    kept = np.diff(weights, axis=0) * 2 * (1 - RATE) / STEP  # mask₁ + 2·mask₂
    codes = kept.round().astype(int)
    np.testing.assert_allclose(kept, codes, atol=1e-3)  # inverted dropout: scaled by 1/(1 - rate)
    assert set(codes.ravel()) == {0, 1, 2, 3}
    return np.stack([codes & 1, codes >> 1], axis=1).astype(float)


def correlation(a, b):
    return np.corrcoef(a.ravel(), b.ravel())[0, 1]


def test_masks_keep_three_quarters_and_differ_between_steps_rows_and_units(revealing):
    found = masks(revealing, 1)
    numbers = found.size
    assert found.mean() == pytest.approx(1 - RATE, abs=5 * np.sqrt(RATE * (1 - RATE) / numbers))
    by_unit = found.mean(axis=(0, 1))  # of 40 draws: no unit is always dropped, or never
    assert by_unit.std() == pytest.approx(np.sqrt(RATE * (1 - RATE) / (2 * STEPS)), rel=0.2)
    for a, b in (
        (found[1:], found[:-1]),
        (found[:, 0], found[:, 1]),
        (found[..., 1:], found[..., :-1]),
        (found, masks(revealing, 2)),
    ):
        assert abs(correlation(a, b)) < 5 / np.sqrt(a.size)


def test_masks_follow_from_the_seed(revealing):
    wanted = [masks(revealing, seed) for seed in (1, 2, 3, 4)]
    assert not (wanted[0] == wanted[1]).all()
    for threads in (2, 4):
        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(lambda seed: masks(revealing, seed), (1, 2, 3, 4)))
        assert all((a == b).all() for a, b in zip(wanted, found, strict=True))


def test_nothing_is_dropped_when_scoring(revealing):
    ours, split = revealing
    trained = ours.train(split, seed=1, coefficients=np.zeros((1, 2), np.float32))
    (weights,) = trained.after
    prediction, _ = ours.outputs(trained.after, trained.state, split.train.x, split.train.y)
    np.testing.assert_allclose(prediction, split.train.x @ weights, rtol=1e-5)
    for part, losses in ((split.train, trained.curve.train_loss), (split.validation, trained.curve.validation_loss)):
        exact = np.abs(part.y - part.x.astype(np.float64) @ weights).mean()
        assert losses[-1] == pytest.approx(exact, rel=1e-6)


def test_dropout_of_inputs_is_on_average_an_l2_penalty(problem):
    """Of a linear model by least squares: p/(1 - p)·Σ_j w_j²·mean_i x_ij² (Srivastava et al. 2014, section 9.1).

    A step is linear in w, and the mask independent of it, so the mean of w over masks takes exactly the steps of
    gradient descent on the loss with that penalty.
    """
    rng = np.random.default_rng(1)
    x = rng.normal(size=(6, 4)) * [0.5, 1, 1.5, 2]
    y, epochs, rate, seeds = x @ [1.0, -1.0, 0.5, 1.0] + 0.1 * rng.normal(size=6), 60, 0.02, range(150)
    data, split = cut(x, y, "regression", train=5)
    x, y = x[:5], y[:5, None]
    ours = CompiledTrainer(problem(dropped_out, data, epochs=epochs, batch_size=5, optimizer="sgd", learning_rate=rate))

    def descended(w, penalty):
        w = w.astype(np.float64)
        for _ in range(epochs):
            w = w - rate * (2 * x.T @ (x @ w - y) / len(x) + 2 * penalty * (x**2).mean(axis=0)[:, None] * w)
        return w[:, 0]

    trained = [ours.train(split, seed=seed, coefficients=np.zeros((1, 2), np.float32)) for seed in seeds]

    def deviations(penalty):
        """Of the mean over seeds, in standard errors."""
        apart = np.array([t.after[0][:, 0] - descended(t.before[0], penalty) for t in trained])
        return np.abs(apart.mean(axis=0)) / (apart.std(axis=0, ddof=1) / np.sqrt(len(apart)))

    right = RATE / (1 - RATE)
    assert deviations(right).max() < 4
    for wrong in (0, right / 2, 2 * right):
        assert deviations(wrong).max() > 6


def noisy(input_shape, n_outputs, *, output_activation):
    keras = load_keras()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.GaussianNoise(0.3),
            layers.SpatialDropout1D(0.2),
            layers.LSTM(4, dropout=0.3, recurrent_dropout=0.2),
            layers.Dense(n_outputs, activation=output_activation),
        ]
    )


def test_noise_and_recurrent_dropout_train_and_repeat(problem):
    data, split = digits((8, 8), "multiclass")
    ours = CompiledTrainer(problem(noisy, data, epochs=60, batch_size=32, learning_rate=0.02))
    nothing = np.zeros((len(ours.weights), 2), np.float32)

    def train(seed):
        return ours.train(split, seed=seed, coefficients=nothing)

    first, other = train(1), train(2)
    with ThreadPoolExecutor(3) as pool:
        again = list(pool.map(train, (1, 2, 1)))
    assert same_bits(first.after, again[0].after)
    assert same_bits(first.after, again[2].after)
    assert same_bits(other.after, again[1].after)
    assert not same_bits(first.after, other.after)
    assert first.curve.train_loss[-1] < 0.5 * first.curve.train_loss[0]
    _, state = ours.initial(1)
    draws = [int(after[1]) - int(before[1]) for before, after in zip(state, first.state, strict=True)]
    assert len(draws) == 3  # a seed for each random layer, its second number counts what was drawn
    assert min(draws) >= 60 * 2


def noisy_without_a_seed(input_shape, n_outputs, *, output_activation):
    keras, tf = load_keras(), load_tensorflow()

    class Noise(keras.layers.Layer):
        def call(self, x, training=False):
            return x + tf.random.normal(tf.shape(x)) if training else x

    layers = [Noise(), keras.layers.Dense(n_outputs, activation=output_activation)]
    return keras.Sequential([keras.Input(input_shape), *layers])


def test_numbers_that_no_seed_decides_are_refused(problem):
    data, split = digits((64,), "binary")
    ours = CompiledTrainer(problem(noisy_without_a_seed, data, epochs=5))
    for _ in range(2):
        with pytest.raises(ModelError, match=r"draws numbers that no seed decides \(RandomStandardNormal\)"):
            ours.train(split, seed=1, coefficients=np.zeros((2, 2), np.float32))
