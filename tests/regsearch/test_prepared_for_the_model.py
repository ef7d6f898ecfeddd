"""What a trial hands to the user's own model: ids and padding as they are, and several labels learnt."""

import numpy as np
import pytest

from regsearch.data import load
from regsearch.errors import ModelError
from regsearch.spec import DataSpec, ModelSpec, SplitSpec, TrainingSpec, TrialSpec
from regsearch.trial import evaluate, evaluator

BUILDERS = """
import keras
from keras import layers as L

def embedded(input_shape, n_outputs, output_activation, vocabulary=50):
    stack = [L.Embedding(vocabulary, 4, mask_zero=True), L.GlobalAveragePooling1D()]
    return keras.Sequential([keras.Input(input_shape), *stack, L.Dense(n_outputs, output_activation)])

def counted(input_shape, n_outputs, output_activation):
    stack = [L.CategoryEncoding(50, output_mode="count")]
    return keras.Sequential([keras.Input(input_shape), *stack, L.Dense(n_outputs, output_activation)])

def mixed(input_shape, n_outputs, output_activation):
    x = keras.Input(input_shape)
    words = L.Flatten()(L.Embedding(50, 4)(x[:, :6]))
    return keras.Model(x, L.Dense(n_outputs, output_activation)(L.Concatenate()([words, x[:, 6:]])))

def masked(input_shape, n_outputs, output_activation):
    stack = [L.Masking(0.0), L.LSTM(4)]
    return keras.Sequential([keras.Input(input_shape), *stack, L.Dense(n_outputs, output_activation)])

def dense(input_shape, n_outputs, output_activation):
    return keras.Sequential([keras.Input(input_shape), L.Dense(4, "relu"), L.Dense(n_outputs, output_activation)])
"""
RNG = np.random.default_rng(9)
TOKENS = RNG.integers(1, 50, (120, 12)).astype(np.int32)
LENGTHS = RNG.integers(3, 13, 120)
TOKENS[np.arange(12) >= LENGTHS[:, None]] = 0
SERIES = np.where(np.arange(12)[None, :, None] < LENGTHS[:, None, None], RNG.normal(5, 2, (120, 12, 2)), 0.0)
CLASSES = np.where(LENGTHS > 7, "long", "short")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("prepared")
    (found / "builders.py").write_text(BUILDERS)
    np.savez(found / "tokens.npz", x=TOKENS, y=CLASSES)
    np.savez(found / "series.npz", x=SERIES, y=CLASSES)
    x = RNG.normal(size=(120, 4))
    np.savez(found / "tags.npz", x=x, y=(x[:, :3] > 0).astype(int))
    return str(found)


def spec(folder, source, builder, *, scale="auto", metric="accuracy", **options):
    return TrialSpec(
        data=DataSpec(source=f"{source}.npz", folder=folder, split=SplitSpec(validation=0.25), scale=scale),
        model=ModelSpec(builder=f"builders.py:{builder}", options=tuple(options.items()), folder=folder),
        training=TrainingSpec(epochs=60, learning_rate=0.03),
        metric=metric,
    )


@pytest.mark.parametrize(("builder", "ids"), [("embedded", 12), ("counted", 12), ("mixed", 6)])
def test_ids_reach_the_layer_that_looks_them_up(folder, builder, ids):
    train = evaluator(spec(folder, "tokens", builder)).split(0, 0).train
    raw = load(spec(folder, "tokens", builder).data).x[train.rows]
    np.testing.assert_array_equal(train.x[:, :ids], raw[:, :ids])
    np.testing.assert_allclose(train.x[:, ids:].mean(axis=0), 0, atol=1e-5)


def test_ids_that_reach_no_such_layer_are_numbers(folder):
    train = evaluator(spec(folder, "tokens", "dense")).split(0, 0).train
    np.testing.assert_allclose(train.x.mean(axis=0), 0, atol=1e-5)


@pytest.mark.parametrize("scale", ["auto", "none"])
def test_an_id_out_of_range_is_one_line(folder, scale):
    with pytest.raises(
        ModelError, match=r"^model.builder: layer 'embedding.*' looks up 49, and has 0 to 29 only"
    ) as caught:
        evaluator(spec(folder, "tokens", "embedded", scale=scale, vocabulary=30))
    assert "\n" not in str(caught.value)


def test_padding_reaches_the_layer_that_masks_it(folder):
    train = evaluator(spec(folder, "series", "masked")).split(0, 0).train
    padding = np.arange(12) >= LENGTHS[train.rows][:, None]
    assert (train.x[padding] == 0).all()
    np.testing.assert_allclose(train.x[~padding].mean(axis=0), 0, atol=1e-5)


def test_several_labels_are_learnt_and_scored_each(folder):
    """Each label is the sign of a feature: a network that learnt one class per row could not tell them all."""
    (repeat,) = evaluate(spec(folder, "tags", "dense", metric="f1"), {0: 1}, threads=1)
    assert repeat.validation.score > 0.8
    assert repeat.curve.validation_score[-1] == pytest.approx(repeat.validation.score, abs=1e-5)
    assert repeat.validation_rows.scores.mean() == pytest.approx(repeat.validation.score, abs=1e-5)
