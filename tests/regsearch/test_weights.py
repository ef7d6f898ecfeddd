"""Which weights of a Keras model a target means."""

from dataclasses import replace

import pytest

from regsearch.errors import InputError
from regsearch.model_weights import trainable_weights, without_penalties
from regsearch.models import BUILDERS
from regsearch.spec import ModelSpec, Target
from regsearch.trainers.fit import FitTrainer
from regsearch.weights import matching
from tests.regsearch.conftest import make_problem


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
    ("layers", "hint"),
    [("hiden", "did you mean 'hidden'?"), ("memry", "did you mean 'memory'?"), ("LSTMM", "did you mean 'LSTM'?")],
)
def test_what_layers_a_target_may_name(lstm, layers, hint):
    with pytest.raises(InputError) as caught:
        found(lstm, layers)
    message = str(caught.value)
    assert message.startswith(f"search.targets: '{layers} kernel' matches no weight; ")
    assert "layers may be hidden, output, all, memory, memory/lstm_cell, last" in message
    assert hint in message
    assert message.endswith("a kind: Dense, LSTM, LSTMCell, RNN; #1 to #2; or a glob such as 'h*'")
    assert "\n" not in message


@pytest.mark.parametrize(("layers", "known"), [("one", "kernel, bias"), (("last", "two"), "kernel, bias")])
def test_what_weights_a_layer_has(mlp, layers, known):
    with pytest.raises(InputError, match=f" recurrent' matches no weight; the weights of '.*' are {known}$"):
        found(mlp, layers, "recurrent")


def test_every_layer_of_a_list_must_be_there(mlp):
    assert found(mlp, ("last", "one")) == ["one.kernel", "last.kernel"]
    with pytest.raises(InputError, match="'one,three kernel' matches no weight"):
        found(mlp, ("one", "three"))


@pytest.mark.parametrize("number", ["#0", "#4", "#-4", "#", "#two"])
def test_a_number_that_no_layer_has(mlp, number):
    with pytest.raises(InputError, match="#1 to #3"):
        found(mlp, number)


def test_layers_of_branches_count_from_the_input_to_the_output(keras):
    x = keras.Input((4,))
    last = keras.layers.Dense(1, name="last")  # made first, used last
    a, b = keras.layers.Dense(3, name="a")(x), keras.layers.Dense(2, name="b")(x)
    model = keras.Model(x, last(keras.layers.Concatenate()([a, keras.layers.Dense(2, name="c")(b)])))
    assert found(model, "output") == ["last.kernel"]
    assert sorted(found(model, "hidden")) == ["a.kernel", "b.kernel", "c.kernel"]
    assert found(model, "#-1") == ["last.kernel"]


def own(keras):
    l2 = keras.regularizers.L2(0.5)
    dense = keras.layers.Dense
    hidden, last = dense(4, name="one", kernel_regularizer=l2), dense(1, "sigmoid", name="last")
    return keras.Sequential([keras.Input((2,)), hidden, last])


def test_penalties_of_the_builder_are_kept_and_no_other_added(keras):
    model = own(keras)
    weights = trainable_weights(model)
    assert found(model, "all") == ["last.kernel"]
    assert found(model, "all", "kernel", "bias") == ["one.bias", "last.kernel", "last.bias"]
    with pytest.raises(InputError, match=r"only weights on which the builder .* model.own_penalties = 'replace'"):
        matching(weights, Target(layers="hidden"))
    assert len(model.losses) == 1


def test_penalties_of_the_builder_are_taken_off(keras):
    model = without_penalties(own(keras))
    assert model.losses == []
    assert found(model, "all") == ["one.kernel", "last.kernel"]


@pytest.mark.parametrize(("policy", "losses"), [("replace", 0), ("keep", 1)])
def test_a_trainer_does_with_them_as_it_is_told(keras, monkeypatch, policy, losses):
    monkeypatch.setitem(BUILDERS, "own", lambda input_shape, n_outputs, **_: own(keras))
    problem = replace(make_problem(), model=ModelSpec(builder="own", options=(), own_penalties=policy))
    trainer = FitTrainer(problem)
    assert len(trainer.model.losses) == losses
    assert len(trainer.fresh_model(1).losses) == losses
