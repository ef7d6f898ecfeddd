"""What is shown before the first training: which layers are hidden, and what each target penalizes."""

import json
from dataclasses import replace

import pytest

from regsearch.backend import load_keras
from regsearch.errors import InputError
from regsearch.layout import Layout, describe_layout, layout_of
from regsearch.model_weights import trainable_weights
from regsearch.notices import Notice
from regsearch.spec import Target
from regsearch.spec.plain import from_plain, to_plain

L = load_keras().layers


def weights_of(*layers, shape=(5,)):
    keras = load_keras()
    return trainable_weights(keras.Sequential([keras.Input(shape), *layers]))


@pytest.fixture(scope="module")
def cnn():
    conv = L.Conv2D(2, 2, name="conv_1")
    return weights_of(conv, L.Flatten(), L.Dense(3, name="hidden_1"), L.Dense(1, name="head"), shape=(4, 4, 1))


def test_roles_that_are_asked_for(cnn):
    both = Target(layers="output", weights=("kernel", "bias"))
    told = "penalized by output kernel+bias: head/kernel, head/bias; output: head"
    assert describe_layout(layout_of(cnn, [both])) == (told,)


def test_every_target_of_a_sweep_has_a_line(cnn):
    layout = layout_of(cnn, [Target(), Target(layers="#1", weights=("bias",))])
    assert layout.hidden == ("conv_1", "hidden_1")
    assert describe_layout(layout) == (
        "penalized by hidden kernel: conv_1/kernel, hidden_1/kernel; output: head",
        "penalized by #1 bias: conv_1/bias; output: head",
    )


def test_a_layer_is_called_by_what_its_weights_share():
    weights = weights_of(L.Bidirectional(L.LSTM(2), name="both"), L.Dense(1, name="last"), shape=(5, 2))
    assert layout_of(weights, []).hidden == ("both",)


def test_penalties_of_the_builder_are_shown():
    own = load_keras().regularizers.L2(0.1)
    weights = weights_of(L.Dense(3, kernel_regularizer=own, name="a"), L.Dense(2, name="b"), L.Dense(1, name="c"))
    layout = layout_of(weights, [Target()])
    assert describe_layout(layout) == (
        "penalized by hidden kernel: b/kernel; output: c",
        "with the builder's own penalty: a/kernel",
    )


def test_many_weights_are_counted():
    weights = weights_of(*(L.Dense(2, name=f"d{i}") for i in range(20)))
    (line,) = describe_layout(layout_of(weights, [Target()]))
    assert line.endswith("d11/kernel, and 7 more; output: d19")


def test_a_line_break_in_a_name_breaks_no_line():
    weights = [replace(w, layer=w.layer.replace("h", "two\nlines")) for w in weights_of(L.Dense(1, name="h"))]
    assert describe_layout(layout_of(weights, [Target(layers="output")]))[0] == (
        "penalized by output kernel: two\\nlines/kernel; output: two\\nlines"
    )
    assert Notice(code="any", message="two\nlines").message == "two\\nlines"


def test_it_goes_to_json_and_back(cnn):
    layout = layout_of(cnn, [Target()])
    assert from_plain(Layout, json.loads(json.dumps(to_plain(layout)))) == layout


def test_a_target_that_matches_nothing(cnn):
    with pytest.raises(InputError, match="matches no weight"):
        layout_of(cnn, [Target(layers="conv_2")])
