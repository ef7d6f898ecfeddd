"""The compiled training is what Keras' `fit` does from the same weights and the same order of rows."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from regsearch.backend import load_keras
from regsearch.data import DataSet, Split, Subset, make_split
from regsearch.errors import TrainingStopped
from regsearch.models import BUILDERS
from regsearch.spec import ModelSpec
from regsearch.trainers import compiled
from regsearch.trainers.compiled import CompiledTrainer
from regsearch.trainers.epochs import CURVE_POINTS
from regsearch.trainers.fit import FitTrainer
from regsearch.trainers.problem import Problem
from tests.regsearch.conftest import (
    DATA,
    MIXED,
    NOTHING,
    StopsAfter,
    make_problem,
    relative_differences,
    same_bits,
    table,
)

TOLERANCE = 1e-3  # of ‖Δw‖/‖w‖; what it measures is about 1e-7

SETTINGS = [
    pytest.param("moons", {"epochs": 120, "batch_size": 32, "learning_rate": 0.01}, id="binary, adam, one batch"),
    pytest.param("moons", {"epochs": 203, "batch_size": 8}, id="binary, adam, 3 batches of 8 and one of 6"),
    pytest.param(
        "moons", {"epochs": 120, "batch_size": 15, "optimizer": "sgd", "learning_rate": 0.1}, id="binary, sgd, 2 of 15"
    ),
    pytest.param("iris", {"epochs": 120, "batch_size": 16}, id="multiclass, adam, 16 and 14"),
    pytest.param("diabetes", {"epochs": 120, "batch_size": 64, "learning_rate": 0.1}, id="regression, adam, one batch"),
    pytest.param(
        "diabetes",
        {"epochs": 120, "batch_size": 32, "optimizer": "sgd", "learning_rate": 1e-5},
        id="regression, sgd, 32 and 12",
    ),
]


@pytest.mark.parametrize(("source", "settings"), SETTINGS)
def test_equals_fit(trainer, source, settings):
    ours, split = trainer("compiled", source, **settings)
    reference, _ = trainer("fit", source, **settings)
    a = ours.train(split, seed=3, coefficients=MIXED)
    b = reference.train(split, seed=3, coefficients=MIXED)
    assert same_bits(a.before, b.before)
    assert max(relative_differences(a.after, b.after)) <= TOLERANCE
    assert min(relative_differences(a.before, a.after)) > 10 * TOLERANCE  # else the line above would say nothing
    assert a.curve.epochs.tolist() == b.curve.epochs.tolist()
    np.testing.assert_allclose(a.curve.train_loss, b.curve.train_loss, rtol=1e-3)
    np.testing.assert_allclose(a.curve.validation_loss, b.curve.validation_loss, rtol=1e-3)
    np.testing.assert_allclose(a.curve.train_score, b.curve.train_score, atol=0.034)  # one of 30 rows on the edge
    np.testing.assert_allclose(a.curve.validation_score, b.curve.validation_score, atol=0.02)
    assert (a.epochs, a.diverged) == (b.epochs, b.diverged) == (settings["epochs"], False)


def normalized(input_shape, n_outputs, *, output_activation):
    layers = load_keras().layers
    return load_keras().Sequential(
        [
            load_keras().Input(input_shape),
            layers.Dense(6, activation="relu", name="one"),
            layers.BatchNormalization(name="norm", momentum=0.9),
            layers.Dense(n_outputs, activation=output_activation, name="last"),
        ]
    )


def test_moving_averages_equal_fits(monkeypatch):
    """Batch normalization keeps state beside the weights; scores use it, and trainings must not share it."""
    monkeypatch.setitem(BUILDERS, "normalized", normalized)
    model = ModelSpec(builder="normalized", options=())
    problem = replace(make_problem("moons", epochs=100, batch_size=16), model=model)
    split = make_split(DATA["moons"])
    coefficients = table((1e-3, 0), (0, 1e-2), (0, 0), (0, 0), (1e-3, 1e-3), (0, 0))
    ours = CompiledTrainer(problem)
    ours.train(split, seed=1, coefficients=coefficients)
    a, b = (t.train(split, seed=2, coefficients=coefficients) for t in (ours, FitTrainer(problem)))
    assert len(a.state) == len(b.state) == 2
    assert max(relative_differences(a.after, b.after)) <= TOLERANCE
    assert max(relative_differences(a.state, b.state)) <= TOLERANCE
    np.testing.assert_allclose(a.curve.validation_loss, b.curve.validation_loss, rtol=1e-3)


def numpy_training(weights, x, y, coefficients, steps, *, optimizer, rate):
    """Train Dense(relu), Dense(sigmoid) on all rows by hand, in float64.

    With h = relu(x·W + b), p = sigmoid(h·V + c) and L the mean binary cross-entropy plus Σ l1|w| + l2·w²:
    dL/d(hV+c) = (p - y)/n, the rest is the chain rule, and a penalty adds l1·sign(w) + 2·l2·w.
    """
    weights = [w.astype(np.float64) for w in weights]
    m, v = ([np.zeros_like(w) for w in weights] for _ in range(2))
    for t in range(1, steps + 1):
        kernel, bias, out_kernel, out_bias = weights
        before_relu = x @ kernel + bias
        h = np.maximum(before_relu, 0)
        p = 1 / (1 + np.exp(-(h @ out_kernel + out_bias)))
        d_out = (p - y) / len(x)  # (rows, 1)
        d_h = (d_out @ out_kernel.T) * (before_relu > 0)  # (rows, hidden)
        gradients = [x.T @ d_h, d_h.sum(0), h.T @ d_out, d_out.sum(0)]
        gradients = [
            g + l1 * np.sign(w) + 2 * l2 * w for g, w, (l1, l2) in zip(gradients, weights, coefficients, strict=True)
        ]
        if optimizer == "sgd":
            weights = [w - rate * g for w, g in zip(weights, gradients, strict=True)]
            continue
        m = [0.9 * old + 0.1 * g for old, g in zip(m, gradients, strict=True)]
        v = [0.999 * old + 0.001 * g * g for old, g in zip(v, gradients, strict=True)]
        size = rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        weights = [w - size * a / (np.sqrt(b) + 1e-7) for w, a, b in zip(weights, m, v, strict=True)]
    return weights


@pytest.mark.parametrize(("optimizer", "rate"), [("adam", 0.01), ("sgd", 0.5)])
@pytest.mark.parametrize("penalty", [(3e-2, 0), (0, 1e-1), (3e-2, 1e-1)], ids=["l1", "l2", "l1_l2"])
@pytest.mark.parametrize("weight", range(4), ids=["hidden kernel", "hidden bias", "output kernel", "output bias"])
def test_equals_a_training_written_by_hand(trainer, optimizer, rate, penalty, weight):
    ours, split = trainer("compiled", "moons", hidden=(3,), epochs=7, optimizer=optimizer, learning_rate=rate)
    coefficients = NOTHING.copy()
    coefficients[weight] = penalty
    trained = ours.train(split, seed=5, coefficients=coefficients)
    by_hand, unpenalized = (
        numpy_training(trained.before, split.train.x, split.train.y, chosen, 7, optimizer=optimizer, rate=rate)
        for chosen in (coefficients.tolist(), NOTHING.tolist())
    )
    for name, got, wanted in zip(["W", "b", "V", "c"], trained.after, by_hand, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=2e-4, atol=2e-6, err_msg=name)
    assert relative_differences(unpenalized, by_hand)[weight] > TOLERANCE  # the penalty moved that weight


def test_a_batch_holds_each_row_once_an_epoch():
    """One step a row at a tiny rate adds up to one step on all of them: Σ over rows of the gradient."""
    problem = make_problem("moons", epochs=1, batch_size=1, optimizer="sgd", learning_rate=1e-6)
    split = make_split(DATA["moons"])
    trained = CompiledTrainer(problem).train(split, seed=6, coefficients=NOTHING)
    moved = [(a.astype(np.float64) - b) for a, b in zip(trained.after, trained.before, strict=True)]
    whole = numpy_training(
        trained.before, split.train.x, split.train.y, NOTHING.tolist(), 1, optimizer="sgd", rate=30 * 1e-6
    )
    wanted = [(w - b) for w, b in zip(whole, trained.before, strict=True)]
    for a, b in zip(moved, wanted, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-7 + 0.02 * np.abs(b).max())


@pytest.fixture
def batches(trainer):
    return trainer("compiled", "moons", epochs=203, batch_size=8)


def test_same_bits_for_any_number_of_threads_and_any_order_of_seeds(batches):
    ours, split = batches
    jobs = [(seed, coefficients) for seed in range(6) for coefficients in (NOTHING, MIXED)]

    def weights(job):
        return ours.train(split, seed=job[0], coefficients=job[1]).after

    alone = [weights(job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(weights, reversed(jobs)))[::-1]
    assert all(same_bits(a, b) for a, b in zip(alone, together, strict=True))
    assert not same_bits(alone[0], alone[2])  # another seed, another training


@pytest.mark.parametrize("call_s", [0.0, 1e9])
def test_same_bits_however_many_epochs_a_call_runs(batches, monkeypatch, call_s):
    ours, split = batches
    wanted = ours.train(split, seed=7, coefficients=MIXED)
    monkeypatch.setattr(compiled, "CALL_S", call_s)
    got = ours.train(split, seed=7, coefficients=MIXED)
    assert same_bits(got.after, wanted.after)
    assert got.curve.train_loss.tobytes() == wanted.curve.train_loss.tobytes()


def test_same_bits_however_many_orders_are_handed_over_together(batches, monkeypatch):
    ours, split = batches
    wanted = ours.train(split, seed=8, coefficients=MIXED)
    monkeypatch.setattr(compiled, "SHUFFLED_AT_ONCE", 5 * 30)  # of the 203 epochs
    sparing, handed = CompiledTrainer(ours.problem), []
    advance = sparing.program.advance
    monkeypatch.setattr(sparing.program, "advance", lambda *args: handed.append(args[3].shape) or advance(*args))
    got = sparing.train(split, seed=8, coefficients=MIXED)
    assert same_bits(got.after, wanted.after)
    assert set(map(tuple, handed)) == {(5 * 30,)}
    assert len(handed) >= 41


def test_one_trace_serves_every_coefficient_and_seed(monkeypatch):
    ours = CompiledTrainer(make_problem("moons", epochs=20))
    split = make_split(DATA["moons"])
    traced = []
    loss = ours.loss
    ours.loss = lambda y, p: traced.append(1) or loss(y, p)  # called from Python, so while tracing only
    ours.train(split, seed=0, coefficients=NOTHING)
    once = len(traced)
    assert once > 0
    monkeypatch.setattr(compiled, "CALL_S", 0.0)  # one step a call: wherever a call begins, it is the same program
    for seed in range(1, 20):
        coefficients = np.full((4, 2), 10.0**-seed, np.float32)
        ours.train(split, seed=seed, coefficients=coefficients)
    assert len(traced) == once
    trained = ours.train(split, seed=0, coefficients=NOTHING)
    for part in (split.train, split.validation, split.test):
        ours.outputs(trained.after, trained.state, part.x, part.y)
    assert len(traced) == once + 1  # the program that scores, for any number of rows


@pytest.mark.parametrize("epochs", [7, 250, 4001])
def test_curve_ends_at_the_last_epoch_with_what_the_weights_score(trainer, epochs):
    ours, split = trainer("compiled", "moons", hidden=(3,), epochs=epochs)
    trained = ours.train(split, seed=9, coefficients=NOTHING)
    curve = trained.curve
    assert len(curve.epochs) <= CURVE_POINTS
    assert curve.epochs[-1] == trained.epochs == epochs
    assert (np.diff(curve.epochs) > 0).all()
    for part, losses, scores in (
        (split.train, curve.train_loss, curve.train_score),
        (split.validation, curve.validation_loss, curve.validation_score),
    ):
        assert len(losses) == len(scores) == len(curve.epochs)
        prediction, loss = ours.outputs(trained.after, trained.state, part.x, part.y)
        assert losses[-1] == pytest.approx(loss, rel=1e-5)
        assert scores[-1] == pytest.approx(((prediction > 0.5) == (part.y > 0.5)).mean(), abs=1e-6)


def test_a_training_that_diverges_ends_early(trainer):
    ours, split = trainer("compiled", "diabetes", epochs=4001, optimizer="sgd", learning_rate=1e6)
    trained = ours.train(split, seed=1, coefficients=NOTHING)
    assert trained.diverged
    assert trained.epochs == trained.curve.epochs[-1] < 200
    assert len(trained.curve.train_loss) == len(trained.curve.epochs)


def test_a_diverged_training_disturbs_no_other(trainer):
    settings = {"epochs": 120, "batch_size": 15, "optimizer": "sgd", "learning_rate": 0.1}
    ours, split = trainer("compiled", "moons", **settings)
    before = ours.train(split, seed=2, coefficients=MIXED)
    # w <- w·(1 - 2·0.1·1e6), twice an epoch
    bad = ours.train(split, seed=2, coefficients=NOTHING + np.float32(1e6))
    assert bad.diverged
    assert bad.epochs < 10  # (2e5)^8 is more than the largest float32, 3e38
    after = ours.train(split, seed=2, coefficients=MIXED)
    assert same_bits(before.after, after.after)
    assert not after.diverged


def test_stops_at_the_next_look_once_it_is_told_to(trainer, monkeypatch):
    monkeypatch.setattr(compiled, "CALL_S", 0.0)  # one step a call
    ours, split = trainer("compiled", "moons", hidden=(3,), epochs=4001)
    stop = StopsAfter(asked=3)
    with pytest.raises(TrainingStopped):
        ours.train(split, seed=1, coefficients=NOTHING, stop=stop)
    assert stop.asked == 4


def test_a_column_of_one_row_and_one_batch_larger_than_the_data(keras):
    """The smallest problem: one row, one feature; w <- w - rate·2·(w·x + b - y)·x on a linear model."""
    x, y = np.array([[2.0]], np.float32), np.array([[3.0]], np.float32)
    data = DataSet(x=x, y=y, task="regression", n_outputs=1, feature_names=("x",))
    problem = make_problem("diabetes", hidden=(), epochs=3, batch_size=32, optimizer="sgd", learning_rate=0.01)
    problem = Problem(data=data, model=problem.model, training=problem.training, metric=problem.metric)
    part = Subset(x=x, y=y, rows=np.zeros(1, np.uint32))
    trained = CompiledTrainer(problem).train(
        Split(train=part, validation=part, test=None), seed=1, coefficients=table((0, 0), (0, 0))
    )
    w, b = float(trained.before[0][0, 0]), 0.0
    for _ in range(3):
        error = 2 * w + b - 3
        w, b = w - 0.01 * 2 * error * 2, b - 0.01 * 2 * error
    assert trained.after[0][0, 0] == pytest.approx(w, rel=1e-5)
    assert trained.after[1][0] == pytest.approx(b, rel=1e-5)


A_SWEEP = """
from dataclasses import replace
from regsearch.spec import *
from regsearch.trial import evaluate

split = SplitSpec(train=30, validation=70)
spec = TrialSpec(
    data=DataSpec(source="moons", split=split, fresh_test=50),
    metric="accuracy",
    model=ModelSpec(options=(("hidden", (5,)),)),
    training=TrainingSpec(epochs=60, batch_size=8),
)
lambdas = [10 ** (-8 + 6 * i / 50) for i in range(50)]
targets = [Target(weights=("kernel",)), Target(layers="all", weights=("kernel", "bias"))]
configurations = [
    Configuration.tied(kind, value, target) for kind in ("l1", "l2") for value in lambdas for target in targets
]
assert len(set(configurations)) == 200
for configuration in configurations:
    for repeat in evaluate(replace(spec, penalties=configuration.penalties), {0: 1, 1: 2}, threads=2):
        assert repeat.status == "ok"
"""


def test_xla_compiles_one_program_for_a_sweep_of_200_configurations(tmp_path):
    """XLA may compile again where nothing is traced again: for each value of an input that it takes for a constant."""
    dumped = tmp_path / "xla"
    flags = {"XLA_FLAGS": f"--xla_dump_to={dumped} --xla_dump_hlo_as_text"}
    ended = subprocess.run([sys.executable, "-c", A_SWEEP], env=os.environ | flags, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    compiled_programs = [path.name for path in dumped.glob("*cpu_after_optimizations.txt")]
    assert len([name for name in compiled_programs if "_advance_" in name]) == 1, compiled_programs
