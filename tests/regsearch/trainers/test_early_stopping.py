"""Early stopping inside the program is keras.callbacks.EarlyStopping."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from regsearch.backend import load_tensorflow
from regsearch.data import make_split
from regsearch.spec import EarlyStopping
from regsearch.trainers import compiled
from regsearch.trainers.compiled import CompiledTrainer
from regsearch.trainers.fit import FitTrainer
from regsearch.trainers.program import Best, Core, Program
from tests.regsearch.conftest import DATA, MIXED, NOTHING, make_problem, relative_differences, same_bits

# A validation loss that rises and falls, and rises at last.
SETTINGS = {"epochs": 120, "batch_size": 8, "optimizer": "sgd", "learning_rate": 0.5, "hidden": (8,)}
STOPPING = EarlyStopping(patience=7, min_delta=1e-3)
SPLIT = make_split(DATA["moons"])


def keras_stops(keras, losses, *, patience, min_delta):
    """What Keras' callback does on these losses: (epochs trained, the best epoch), counted from 1."""
    callback = keras.callbacks.EarlyStopping(
        monitor="loss", mode="min", patience=patience, min_delta=min_delta, restore_best_weights=True
    )
    model = SimpleNamespace(stop_training=False, get_weights=list, optimizer=SimpleNamespace(iterations=0))
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"loss": loss})
        if model.stop_training:
            break
    return epoch + 1, callback.best_epoch + 1


@pytest.fixture(scope="module")
def stopping():
    return CompiledTrainer(make_problem("moons", early_stopping=STOPPING, **SETTINGS))


@pytest.fixture(scope="module")
def unstopped():
    """Validation loss and weights after each epoch, one phase an epoch, without early stopping; by seed."""
    trainer = CompiledTrainer(make_problem("moons", **SETTINGS))
    one = compiled.TrainerPhase(epochs=1, coefficients=MIXED)

    @cache
    def history(seed):
        phases = trainer.train_phases(SPLIT, seed=seed, phases=[one] * SETTINGS["epochs"])
        return phases, [float(phase.curve.validation_loss[-1]) for phase in phases]

    return history


def test_stops_when_keras_does_and_restores_the_best(keras, stopping, unstopped):
    """Several seeds share one program, and stop at epochs of their own."""
    ended = {}
    for seed in range(4):
        phases, losses = unstopped(seed)
        epochs, best = keras_stops(keras, losses, patience=STOPPING.patience, min_delta=STOPPING.min_delta)
        got = stopping.train(SPLIT, seed=seed, coefficients=MIXED)
        assert (got.epochs, got.diverged) == (epochs, False)
        assert max(relative_differences(got.after, phases[best - 1].after)) < 1e-5
        assert got.curve.epochs[-1] == epochs
        assert got.curve.validation_loss[-1] == pytest.approx(losses[epochs - 1], rel=1e-5)  # of its end, not its best
        shown = got.curve.epochs - 1
        np.testing.assert_allclose(got.curve.validation_loss, np.array(losses)[shown], rtol=1e-5)
        ended[seed] = epochs, best
    assert len(set(ended.values())) > 2, ended
    assert min(epochs for epochs, _ in ended.values()) < SETTINGS["epochs"], ended


def test_equals_fit_with_keras_callback(stopping):
    reference = FitTrainer(stopping.problem, jit_compile=False)
    a, b = (trainer.train(SPLIT, seed=1, coefficients=MIXED) for trainer in (stopping, reference))
    assert a.epochs == b.epochs < SETTINGS["epochs"]
    assert max(relative_differences(a.after, b.after)) < 1e-3
    assert a.curve.epochs.tolist() == b.curve.epochs.tolist()
    np.testing.assert_allclose(a.curve.validation_loss, b.curve.validation_loss, rtol=1e-3)
    np.testing.assert_allclose(a.curve.train_loss, b.curve.train_loss, rtol=1e-3)
    a, b = (t.train(SPLIT, seed=1, coefficients=NOTHING + np.float32(1e6)) for t in (stopping, reference))
    assert (a.epochs, a.diverged) == (b.epochs, b.diverged)
    assert a.diverged


@pytest.mark.parametrize("patience", range(1, 6))
@pytest.mark.parametrize("min_delta", [0.0, 0.25])
def test_patience_and_least_improvement_at_the_edge(keras, patience, min_delta):
    """Losses in quarters, so that an improvement by exactly min_delta is none, and none is lost in rounding."""
    tf = load_tensorflow()
    rng = np.random.default_rng(patience)
    stopping = EarlyStopping(patience=patience, min_delta=min_delta)
    program = Program(CompiledTrainer(make_problem("moons", early_stopping=stopping, **SETTINGS)))
    for _ in range(20):
        losses = (rng.integers(0, 12, 30) + np.arange(30, 0, -1) // 4) / 4
        epochs, best = keras_stops(keras, losses.tolist(), patience=patience, min_delta=min_delta)
        infinite, zero = tf.constant(np.float32(np.inf)), tf.constant(0)
        start = Best(loss=infinite, weights=[zero], variables=[], waited=zero)
        state = compiled.State(core=None, points=None, recorded=None, finite=None, stopped=False, best=start)
        for epoch, loss in enumerate(losses.astype(np.float32), start=1):
            state = state._replace(core=Core(weights=[tf.constant(epoch)], variables=[], slots=[], step=None))
            state = program._compare_with_best(state, tf.constant(loss), stopping)
            if state.stopped:
                break
        assert (epoch, int(state.best.weights[0])) == (epochs, best)


def test_the_best_is_restored_when_the_last_epoch_comes_first(keras, unstopped):
    """Patience is never used up, and the last epoch is not the best."""
    trainer = CompiledTrainer(make_problem("moons", early_stopping=EarlyStopping(patience=1000), **SETTINGS))
    for seed in range(20):
        phases, losses = unstopped(seed)
        best = int(np.argmin(losses))
        if best < SETTINGS["epochs"] - 1:
            break
    got = trainer.train(SPLIT, seed=seed, coefficients=MIXED)
    assert got.epochs == SETTINGS["epochs"]
    assert max(relative_differences(got.after, phases[best].after)) < 1e-5
    assert max(relative_differences(phases[-1].after, phases[best].after)) > 1e-3
    assert got.curve.epochs[-1] == got.epochs


def test_a_training_that_diverges_ends_as_diverged(stopping):
    got = stopping.train(SPLIT, seed=2, coefficients=NOTHING + np.float32(1e6))  # w <- w·(1 - 1e6), thrice an epoch
    assert got.diverged  # not as stopped, though no loss was better than that before
    assert got.epochs == got.curve.epochs[-1] <= STOPPING.patience
    fine = stopping.train(SPLIT, seed=2, coefficients=MIXED)
    assert not fine.diverged


def test_same_bits_for_any_number_of_threads_and_steps_a_call(stopping, monkeypatch):
    def trained(seed):
        return stopping.train(SPLIT, seed=seed, coefficients=MIXED)

    seeds = [1, 2, 3]
    wanted = [trained(seed) for seed in seeds]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(trained, seeds))
    monkeypatch.setattr(compiled, "CALL_S", 0.0)  # one step a call
    apart = [trained(seed) for seed in seeds]
    for other in (together, apart):
        for a, b in zip(wanted, other, strict=True):
            assert a.epochs == b.epochs
            assert same_bits(a.after, b.after)
            assert same_bits([*vars(a.curve).values()], [*vars(b.curve).values()])
