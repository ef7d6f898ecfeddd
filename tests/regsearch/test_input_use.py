"""What a model does with its rows first: what it looks up as integers, whether it rescales, what it masks."""

from functools import partial

import numpy as np
import pytest

from regsearch.backend import load_keras
from regsearch.errors import ModelError
from regsearch.forward_graph import forward_graph
from regsearch.input_use import InputUse, check_integers, input_use

keras = load_keras()
L, ops = keras.layers, keras.ops


class Words(keras.Model):
    """Looks the first two numbers up, and takes the others as they are."""

    def __init__(self):
        super().__init__()
        self.out, self.words = L.Dense(1), L.Embedding(9, 3, name="words")

    def call(self, x):
        return self.out(ops.concatenate([ops.mean(self.words(x[:, :2]), axis=1), x[:, 2:]], axis=1))


class Table(L.Layer):
    """Looks up by an operation, not by a layer."""

    def build(self, shape):
        self.rows = self.add_weight(shape=(7, 2), name="rows")

    def call(self, x):
        return ops.take(self.rows, ops.cast(x, "int32"), axis=0)


def sequence(*layers, shape=(4,)):
    return keras.Sequential([keras.Input(shape), *layers, L.Flatten(), L.Dense(1)])


def subclassed(model, shape=(4,)):
    model(keras.KerasTensor((None, *shape)))
    return model


def two_tables(shape=(4,)):
    x = keras.Input(shape)
    ids = [L.Embedding(size, 2, name=f"of_{size}")(x[:, i]) for i, size in enumerate((5, 30))]
    return keras.Model(x, L.Dense(1)(L.Concatenate()([*ids, x[:, 2:]])))


def nested(shape=(4,)):
    inner = keras.Sequential([keras.Input(shape), L.Embedding(9, 3, name="deep"), L.Flatten()])
    return sequence(L.Reshape((2, 2)), L.Reshape(shape), inner)


ALL = (0, 1, 2, 3)
tokens = partial(InputUse, token_features=ALL)
IMAGE = (4, 4, 1)
USES = {
    "embedding": (lambda: sequence(L.Embedding(50, 2, name="e")), tokens(token_layer="e", token_size=50)),
    "masked embedding": (
        lambda: sequence(L.Embedding(50, 2, mask_zero=True, name="e"), L.LSTM(2)),
        tokens(token_layer="e", token_size=50, mask_value=0.0),
    ),
    "frozen": (lambda: sequence(L.Embedding(8, 2, trainable=False, name="e")), tokens(token_layer="e", token_size=8)),
    "nested": (nested, tokens(token_layer="deep", token_size=9)),
    "shifted": (
        lambda: sequence(L.Lambda(lambda x: x - 1), L.Embedding(9, 2, name="e")),
        tokens(token_layer="e", token_size=9),
    ),
    "by an operation": (lambda: sequence(Table(name="table")), tokens(token_layer="table", token_size=7)),
    "one-hot": (
        lambda: sequence(L.CategoryEncoding(6, output_mode="multi_hot", name="c")),
        tokens(token_layer="c", token_size=6),
    ),
    "hashed": (
        lambda: sequence(L.Hashing(11, name="h"), L.Embedding(11, 2)),
        tokens(token_layer="h", token_size=11),
    ),
    "a vocabulary": (
        lambda: sequence(L.IntegerLookup(vocabulary=[3, 5], name="i"), L.Embedding(3, 2)),
        tokens(token_layer="i", token_size=3),
    ),
    "some of the columns": (
        lambda: subclassed(Words()),
        InputUse(token_layer="words", token_size=9, token_features=(0, 1)),
    ),
    "a table for each column": (two_tables, InputUse(token_layer="of_5", token_size=5, token_features=(0, 1))),
    "bins of numbers": (
        lambda: sequence(L.Discretization(bin_boundaries=[0.0, 1.0]), L.Embedding(3, 2)),
        InputUse(),
    ),
    "dense": (lambda: sequence(L.Dense(3)), InputUse()),
    "masked": (lambda: sequence(L.Masking(-1.0), L.LSTM(2), shape=(5, 2)), InputUse(mask_value=-1.0)),
    "masked in a model": (
        lambda: sequence(keras.Sequential([L.Masking(0.0), L.LSTM(2)]), shape=(5, 2)),
        InputUse(mask_value=0.0),
    ),
    "rescaled": (lambda: sequence(L.Rescaling(1 / 255), L.Conv2D(2, 2), shape=IMAGE), InputUse(rescales=True)),
    "rescaled after augmentation": (
        lambda: sequence(L.RandomFlip(), L.Rescaling(1 / 127.5, offset=-1), L.Conv2D(2, 2), shape=IMAGE),
        InputUse(rescales=True),
    ),
    "rescaled by an operation": (
        lambda: sequence(L.Lambda(lambda x: ops.cast(x, "float32") / 255), shape=IMAGE),
        InputUse(rescales=True),
    ),
    "normalized": (
        lambda: sequence(L.Normalization(mean=[1.0, 2, 3, 4], variance=[1.0, 1, 4, 4])),
        InputUse(rescales=True),
    ),
    "normalized by the batch": (lambda: sequence(L.BatchNormalization()), InputUse()),
    "normalized by the batch, without scale": (
        lambda: sequence(L.BatchNormalization(scale=False, center=False)),
        InputUse(),
    ),
}


@pytest.mark.parametrize(("model", "use"), USES.values(), ids=USES)
def test_what_is_done_with_rows(model, use):
    made = model()
    shape = tuple(made.input_shape[1:]) if getattr(made, "inputs", None) else (4,)
    assert input_use(made, shape) == use


def test_integers_may_come_as_integers():
    assert input_use(sequence(L.Embedding(8, 2, name="e")), (4,), dtype="int32").token_size == 8


RANGES = {
    "too large": (
        "embedding",
        [[0, 1, 49, 50]],
        "layer 'e' looks up 50, and has 0 to 49 only (size 50); its size must",
    ),
    "too large once shifted": ("shifted", [[1, 10, 1, 1]], "layer 'e' looks up 9, and has 0 to 8 only"),
    "negative": ("embedding", [[0, 1, -1, 3]], "layer 'e' looks up -1, and has 0 to 49 only (size 50); integers must"),
    "negative once shifted": ("shifted", [[1, 1, 0, 1]], "layer 'e' looks up -1"),
    "by an operation": ("by an operation", [[0, 0, 0, 7]], "layer 'table' looks up 7, and has 0 to 6 only"),
    "one-hot": ("one-hot", [[0, 0, 0, 6]], "layer 'c' looks up 6, and has 0 to 5 only"),
    "the second table": ("a table for each column", [[4, 30, 0.5, 0.5]], "layer 'of_30' looks up 30"),
    "in a subclassed model": ("some of the columns", [[0, 0, 0, 0], [0, 9, 99.5, 99.5]], "layer 'words' looks up 9"),
}


@pytest.mark.parametrize(("model", "rows", "told"), RANGES.values(), ids=RANGES)
def test_an_integer_that_a_layer_does_not_have(model, rows, told):
    made = USES[model][0]()
    with pytest.raises(ModelError) as caught:
        check_integers(made, np.array(rows, np.float32), forward_graph(made, (4,)))
    assert caught.value.problem.startswith(told)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "rows"),
    [
        ("embedding", [[0, 1, 49, 3]]),
        ("shifted", [[1, 9, 1, 1]]),
        ("hashed", [[0, 10**6, -3, 5]]),
        ("a vocabulary", [[0, 77, 3, 5]]),
        ("some of the columns", [[0, 8, -1e6, 1e6]]),
        ("dense", [[0, -1, 1e9, 0]]),
        ("embedding", [[np.nan, 1, 2, 3]]),
    ],
)
def test_integers_that_a_layer_has(model, rows):
    made = USES[model][0]()
    check_integers(made, np.array(rows, np.float32), forward_graph(made, (4,)))
