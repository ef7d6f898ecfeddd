"""The built-in builders: their layers, and that the compiled trainer trains them."""

import inspect

import numpy as np
import pytest

from regsearch import models
from regsearch.builders import BUILDERS
from regsearch.data import DataSet, Split, Subset
from regsearch.errors import InputError, ModelError
from regsearch.models import build
from regsearch.options import bind
from regsearch.scoring import METRICS
from regsearch.spec import ModelSpec, TrainingSpec
from regsearch.trainers.compiled import CompiledTrainer
from regsearch.trainers.problem import Problem

ROWS = 24


def data_of(shape, task="binary", n_outputs=1):
    rng = np.random.default_rng(4)
    x = rng.normal(size=(ROWS, *shape)).astype(np.float32)
    if task == "regression":
        y = np.stack([x.reshape(ROWS, -1).sum(axis=1) * (i + 1) for i in range(n_outputs)], axis=1)
    else:
        y = (np.arange(ROWS) % max(2, n_outputs))[:, None].astype(np.int32 if n_outputs > 1 else np.float32)
    names = tuple(f"f{i}" for i in range(int(np.prod(shape))))
    return DataSet(x=x, y=y, task=task, n_outputs=n_outputs, feature_names=names)


def halves(data):
    parts = [Subset(x=data.x[i::2], y=data.y[i::2], rows=np.arange(ROWS, dtype=np.uint32)[i::2]) for i in (0, 1)]
    return Split(train=parts[0], validation=parts[1], test=None)


NETWORKS = {
    "mlp of images": ("mlp", (4, 4, 1), {"hidden": (3,), "dropout": 0.2}, ["hidden_1", "output"]),
    "linear": ("mlp", (3,), {"hidden": ()}, ["output"]),
    "normalized": ("mlp", (3,), {"hidden": (3, 2), "batch_normalization": True}, ["hidden_1", "hidden_2", "output"]),
    "images": ("cnn", (6, 6, 1), {"filters": (2, 3), "hidden": (4,)}, ["conv_1", "conv_2", "hidden_1", "output"]),
    "signals": ("cnn", (8, 2), {"filters": (2,), "pooling": 1, "hidden": ()}, ["conv_1", "output"]),
    "lstm": ("lstm", (5, 2), {"units": (3, 2), "hidden": (2,)}, ["lstm_1", "lstm_2", "hidden_1", "output"]),
    "gru": ("lstm", (5, 2), {"units": (3,), "cell": "gru", "dropout": 0.1}, ["gru_1", "output"]),
    "both ways": ("lstm", (5, 2), {"units": (3,), "bidirectional": True}, ["both_1", "output"]),
}


@pytest.mark.parametrize(("builder", "shape", "options", "layers"), NETWORKS.values(), ids=NETWORKS)
def test_a_network_has_its_layers_and_is_trained_compiled(keras, builder, shape, options, layers):
    data = data_of(shape)
    problem = Problem(
        data=data,
        model=ModelSpec(builder=builder, options=tuple(options.items())),
        training=TrainingSpec(epochs=3, batch_size=12, learning_rate=0.01),
        metric=METRICS["accuracy"],
    )
    trainer = CompiledTrainer(problem)
    assert list(dict.fromkeys(w.layer.split("/")[0] for w in trainer.weights if w.role == "kernel")) == layers
    trained = trainer.train(halves(data), seed=1, coefficients=np.zeros((len(trainer.weights), 2), np.float32))
    assert trained.epochs == 3
    assert all((a != b).any() for a, b in zip(trained.before, trained.after, strict=True))


def test_several_targets_of_a_regression(keras):
    data = data_of((3,), "regression", n_outputs=2)
    model = ModelSpec(options=(("hidden", ()),))
    training = TrainingSpec(epochs=400, learning_rate=0.05)
    problem = Problem(data=data, model=model, training=training, metric=METRICS["r2"])
    trainer = CompiledTrainer(problem)
    trained = trainer.train(halves(data), seed=1, coefficients=np.zeros((2, 2), np.float32))
    kernel, bias = trained.after
    np.testing.assert_allclose(kernel, [[1, 2]] * 3, atol=0.05)
    np.testing.assert_allclose(bias, [0, 0], atol=0.05)


def test_batch_normalization_comes_before_the_activation(keras):
    spec = ModelSpec(builder="cnn", options=(("batch_normalization", True), ("filters", (2,)), ("hidden", ())))
    kinds = [type(layer).__name__ for layer in build(spec, data_of((4, 4, 1))).layers]
    assert kinds == ["Conv2D", "BatchNormalization", "Activation", "MaxPooling2D", "Flatten", "Dense"]


@pytest.mark.parametrize(
    ("builder", "shape", "options", "told"),
    [
        ("cnn", (64,), {}, r"data.shape: cnn takes rows of height x width x channels, .* they are 64; .*\[8, 8, 1\]"),
        ("lstm", (64,), {}, r"data.shape: lstm takes rows of steps x features; they are 64; .* shape = \[20, 1\]"),
        ("cnn", (6, 6, 1), {"filters": (2, 2, 2)}, r"model.filters: 3 layers of pooling 2 .* 6 x 6 x 1"),
    ],
)
def test_rows_that_a_network_is_not_for(keras, builder, shape, options, told):
    with pytest.raises(ModelError, match=told):
        build(ModelSpec(builder=builder, options=tuple(options.items())), data_of(shape))


@pytest.mark.parametrize(
    ("builder", "options", "told"),
    [
        ("mlp", {"hidden": [0]}, "hidden of mlp must be a list, each an integer of at least 1, got \\[0\\]"),
        ("mlp", {"activation": "rellu"}, "activation of mlp must be 'relu', .* or 'linear', got 'rellu'"),
        ("lstm", {"units": []}, "units of lstm must be a list"),
        ("lstm", {"cell": "rnn"}, "cell of lstm must be 'lstm' or 'gru', got 'rnn'"),
        ("cnn", {"dropout": 1}, "dropout of cnn must be a number of at least 0 and below 1"),
    ],
)
def test_options_that_a_builder_does_not_take(builder, options, told):
    with pytest.raises(InputError, match=told):
        bind("model", builder, options, BUILDERS)


def test_every_option_is_an_argument(keras):
    for name, choice in BUILDERS.items():
        parameters = list(inspect.signature(models.BUILDERS[name]).parameters)[3:]
        assert parameters == list(choice.options)


def test_an_option_that_is_left_out_has_its_default(keras):
    model = build(ModelSpec(builder="mlp", options=()), data_of((2,)))
    assert [layer.units for layer in model.layers] == [500, 1]
    model = build(ModelSpec(builder="cnn", options=(("hidden", ()),)), data_of((8, 8, 1)))
    assert [layer.filters for layer in model.layers if layer.name.startswith("conv")] == [32, 64]
