"""Penalties on Keras models of anybody's."""

import random
import warnings

import keras
import numpy as np
import pytest

from regsearch.errors import InputError, ModelError
from regsearch.keras_penalties import penalizable, penalize

# Keras' own, where it saves
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
L = keras.layers


class Doubled(L.Layer):
    """A layer of somebody's own, whose weight has no argument for a penalty."""

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], 3), name="w")

    def call(self, x):
        return 2 * x @ self.w


class Network(keras.Model):
    """A subclassed model, which declares no input."""

    def __init__(self):
        super().__init__()
        self.last, self.first = L.Dense(1, name="last"), L.Dense(4, name="first")  # not in the order of the data

    def call(self, x):
        return self.last(self.first(x))


def dense() -> keras.Model:
    return keras.Sequential([keras.Input((2,)), L.Dense(3, name="h"), L.Dense(1, name="out")])


def test_the_loss_gains_the_penalty_to_the_digit():
    model = penalize(dense(), l1=0.01, l2=0.1)
    w = model.get_layer("h").kernel.numpy()
    assert float(sum(model.losses)) == pytest.approx(0.01 * np.abs(w).sum() + 0.1 * np.square(w).sum(), rel=1e-6)


def test_output_biases_and_others_are_penalized_by_name():
    model = penalize(dense(), l2=1e-3, layers="output", weights=["bias"])
    model = penalize(model, l1=1e-4, layers="h", weights="kernel")
    table = penalizable(model).set_index(["layer", "weight"])
    assert table.loc[("out", "bias"), "l2"] == 1e-3 and table.loc[("h", "kernel"), "l1"] == 1e-4
    assert (table["l1"] + table["l2"] > 0).sum() == 2
    assert table["place"].tolist() == ["hidden", "hidden", "output", "output"]
    penalize(model, layers="all", weights=["kernel", "bias"])
    assert model.losses == [] and model.get_layer("h").kernel_regularizer is None


def test_a_compiled_model_that_was_trained_minimizes_the_new_penalty():
    x, y = np.ones((8, 2), np.float32), np.zeros((8, 1), np.float32)
    model = dense()
    model.compile("sgd", "mse")
    model.fit(x, y, epochs=1, verbose=0)
    before = model.evaluate(x, y, verbose=0)
    penalize(model, l2=10.0)
    w = model.get_layer("h").kernel.numpy()
    assert model.evaluate(x, y, verbose=0) == pytest.approx(before + 10.0 * np.square(w).sum(), rel=1e-5)
    model.fit(x, y, epochs=1, verbose=0)  # a step of 0.01 takes 2 · 10 · 0.01 = 20 % off, and what the data ask
    assert np.square(model.get_layer("h").kernel.numpy()).sum() < 0.9 * np.square(w).sum()


def test_saving_keeps_what_the_layers_have_an_argument_for(tmp_path):
    model = keras.Sequential([keras.Input((5, 4)), L.Bidirectional(L.LSTM(3)), L.Dense(4), L.Dense(2)])
    penalize(model, l2=1e-2, weights=["kernel", "recurrent", "bias"])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert len(model.losses) == len(loaded.losses) == 8
    assert [float(a) for a in loaded.losses] == pytest.approx([float(a) for a in model.losses])
    assert penalizable(loaded)["saved"].all()


def test_convolutions_of_every_kind_keep_theirs():
    model = keras.Sequential([keras.Input((8, 8, 2)), L.Conv2D(3, 3), L.DepthwiseConv2D(3), L.SeparableConv2D(2, 3)])
    assert penalizable(model)["saved"].all()
    assert len(penalize(model, l2=1e-3, layers="all").losses) == 4


def test_what_saving_loses_is_named_and_acts_until_then(tmp_path):
    inputs = keras.Input((4, 6))
    attended = L.MultiHeadAttention(2, 3, name="mha")(inputs, inputs)
    model = keras.Model(inputs, L.Dense(1, name="last")(L.Flatten()(Doubled(name="own")(attended))))
    with pytest.warns(UserWarning, match=r"the penalty on mha/query/kernel.*own/w.* saving does not keep it"):
        penalize(model, l2=1e-2)
    assert len(model.losses) == 5
    saved = penalizable(model).set_index(["layer", "weight"])["saved"]
    assert not saved[("own", "w")] and not saved[("mha/query", "kernel")] and saved[("last", "kernel")]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", custom_objects={"Doubled": Doubled})
    assert len(loaded.losses) < 5


def test_a_subclassed_model_is_followed_along_its_data():
    model = Network()
    model(np.zeros((1, 2), np.float32))
    table = penalizable(model)
    assert table["layer"].tolist() == ["first", "first", "last", "last"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        penalize(model, l2=1e-3)
    assert [v.path.split("/")[-2] for v in model.trainable_variables if v.regularizer is not None] == ["first"]


def test_several_inputs_integers_and_unknown_lengths():
    words, numbers = keras.Input((None,), dtype="int64", name="words"), keras.Input((3,), name="numbers")
    both = L.Concatenate()([L.GlobalAveragePooling1D()(L.Embedding(9, 4, name="e")(words)), numbers])
    model = keras.Model({"words": words, "numbers": numbers}, L.Dense(2, name="out")(L.Dense(5, name="h")(both)))
    table = penalizable(model)
    assert dict(zip(table["layer"], table["place"], strict=True)) == {"e": "hidden", "h": "hidden", "out": "output"}
    assert len(penalize(model, l2=1e-3).losses) == 2


def test_nothing_is_drawn_from_keras_seeds():
    keras.utils.set_random_seed(3)
    model = dense()
    state = random.getstate()
    penalizable(penalize(model, l2=1e-3))
    assert random.getstate() == state


def test_a_frozen_layer_is_left_alone():
    model = dense()
    model.get_layer("h").trainable = False
    assert penalizable(model)["layer"].unique().tolist() == ["out"]
    with pytest.raises(InputError, match=r"^layers: 'h kernel' matches no weight"):
        penalize(model, l2=1e-3, layers="h")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"l2": -1.0}, "l2: must be a number of at least 0, got -1.0"),
        ({"l1": "much"}, "l1: must be a number of at least 0, got 'much'"),
        ({"l2": 1.0, "layers": "hiden"}, "layers: 'hiden kernel' matches no weight; .*did you mean 'hidden'"),
        ({"l2": 1.0, "weights": ["kernal"]}, "layers: 'hidden kernal' matches no weight; the weights of 'hidden' are"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    model = dense()
    with pytest.raises(InputError, match=message):
        penalize(model, **arguments)
    assert model.losses == []


def test_a_model_that_is_not_built_is_refused():
    with pytest.raises(ModelError, match=r"^model: is not built yet: give it a keras\.Input"):
        penalize(keras.Sequential([L.Dense(1)]), l2=1e-3)
