"""How the inputs that a model declares are matched with those of the data, and what is said where they are not."""

from dataclasses import replace

import numpy as np
import pytest

from regsearch.backend import load_keras
from regsearch.data import DataSet
from regsearch.data.named_inputs import side_by_side
from regsearch.input_use import InputUse, input_uses
from regsearch.model_checks import check_model
from regsearch.models import BUILDERS, build
from regsearch.spec import ModelSpec
from tests.regsearch.conftest import message

ROWS = 12


def data_of(**shapes: tuple[int, ...]) -> DataSet:
    rng = np.random.default_rng(2)
    arrays = {name: rng.integers(0, 5, (ROWS, *shape)).astype(np.float32) for name, shape in shapes.items()}
    x, inputs = side_by_side(arrays, "")
    y = rng.normal(size=(ROWS, 1))
    return DataSet(x=x, y=y, task="regression", n_outputs=1, feature_names=(), inputs=inputs)


DATA = data_of(image=(2, 2, 1), numbers=(4,), words=(3,))
WHOLE = replace(DATA, inputs=())


def model_of(*shapes, names=(None,) * 9, form=list, units=1):
    keras = load_keras()
    inputs = [keras.Input(shape, name=name) for shape, name in zip(shapes, names, strict=False)]
    flat = [keras.layers.Flatten()(each) for each in inputs]
    joint = keras.layers.Concatenate()(flat) if len(flat) > 1 else flat[0]
    given = dict(zip(names, inputs, strict=False)) if form is dict else form(inputs) if form else inputs[0]
    return keras.Model(given, keras.layers.Dense(units)(joint))


def inputs_of(model, data=DATA):
    return check_model(model, data, "mean_squared_error").inputs


SHAPES = {"image": (2, 2, 1), "numbers": (4,), "words": (3,)}
TURNED = ("words", "image", "numbers")


@pytest.mark.parametrize("form", [list, tuple, dict])
def test_inputs_are_matched_by_name(form):
    found = inputs_of(model_of(*(SHAPES[name] for name in TURNED), names=TURNED, form=form))
    assert (found.form, found.names) == ("dict" if form is dict else "tuple", TURNED)
    x = found.of(DATA.x)
    pairs = x.items() if form is dict else zip(TURNED, x, strict=True)
    for name, array in pairs:
        (own,) = (each for each in DATA.inputs if each.name == name)
        np.testing.assert_array_equal(array, own.of(DATA.x))


def test_inputs_without_names_are_matched_by_order():
    assert inputs_of(model_of(*SHAPES.values())).names == tuple(SHAPES)


def test_one_input_has_a_name_too():
    data = data_of(numbers=(4,))
    assert inputs_of(model_of((4,), names=("numbers",), form=None), data).form == "one"
    assert inputs_of(model_of((4,), names=("numbers",), form=dict), data).form == "dict"


def subclassed(take):
    keras = load_keras()

    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.flat, self.head = keras.layers.Flatten(), keras.layers.Dense(1)

        def call(self, inputs):
            return self.head(self.flat(take(inputs)))

    return Own()


@pytest.fixture
def builder(monkeypatch):
    def register(function):
        monkeypatch.setitem(BUILDERS, "own", lambda shape, n, *, output_activation: function())
        return ModelSpec(builder="own", options=())

    return register


@pytest.mark.parametrize(("take", "form"), [(lambda x: x["numbers"], "dict"), (lambda x: x[1], "tuple")])
def test_a_model_that_declares_none_gets_a_dict_or_else_a_tuple(builder, take, form):
    model = build(builder(lambda: subclassed(take)), DATA)
    assert model.built
    assert inputs_of(model).form == form


def test_a_model_that_takes_neither(builder):
    def strange(x):
        raise ValueError("what is this?")

    told = message(build, builder(lambda: subclassed(strange)), DATA)
    assert told.startswith("the model takes something else: called with a dict of its inputs it raised ValueError: ")
    assert "with a tuple of its inputs it raised" in told


REFUSED = {
    "no inputs in the data": (
        lambda: model_of((2,), (2,), names=("a", "b")),
        WHOLE,
        'the model has 2 inputs (a, b); say what each takes: data.inputs = { a = ["column", …], … } for a table, or '
        '["a", "b"] for arrays of these names',
    ),
    "other names": (
        lambda: model_of((2, 2, 1), (4,), (3,), names=("image", "number", "words")),
        DATA,
        "the model's inputs are image, number, words, those of the data image, numbers, words (did you mean "
        "'numbers'?); name them alike: keras.Input(shape, name='image')",
    ),
    "fewer": (
        lambda: model_of((2, 2, 1), (4,), names=("image", "numbers")),
        DATA,
        "the model has 2 inputs (image, numbers), the data have 3 (image, numbers, words)",
    ),
    "one": (
        lambda: model_of((11,), form=None),
        DATA,
        "the model has 1 input (keras_tensor), the data have 3 (image, numbers, words)",
    ),
    "another rank": (
        lambda: model_of((4,), (4,), (3,), names=tuple(SHAPES)),
        DATA,
        "input 'image' of the model takes (None, 4), the data give (None, 2, 2, 1); write data.shape = { image = [4] }",
    ),
    "another size": (
        lambda: model_of((2, 2, 1), (5,), (3,), names=tuple(SHAPES)),
        DATA,
        "input 'numbers' of the model takes (None, 5), the data give (None, 4)",
    ),
    "another order": (
        lambda: model_of((4,), (2, 2, 1), (3,)),
        DATA,
        "input 'image' of the model takes (None, 4), the data give (None, 2, 2, 1); inputs without names are matched "
        "by order: keras.Input(shape, name='image')",
    ),
}


@pytest.mark.parametrize(("made", "data", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(made, data, told):
    load_keras().utils.clear_session()  # so that names without a number come again
    assert message(inputs_of, made(), data) == told


def test_the_range_of_tokens_is_checked_in_each_input():
    keras = load_keras()
    a, b = keras.Input((4,), name="numbers"), keras.Input((3,), name="words")
    looked_up = keras.layers.Flatten()(keras.layers.Embedding(3, 2, name="small")(b))
    model = keras.Model([a, b], keras.layers.Dense(1)(keras.layers.Concatenate()([a, looked_up])))
    told = message(inputs_of, model, data_of(numbers=(4,), words=(3,)))
    assert told == "layer 'small' looks up 4, and has 0 to 2 only (size 3); its size must be 5 or more"


def test_what_is_done_with_each_input_first():
    keras = load_keras()
    image, numbers, words = (keras.Input(shape, name=name) for name, shape in SHAPES.items())
    seen = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(image))
    mask = keras.layers.Masking(-1.0)(keras.layers.Reshape((4, 1))(numbers))
    looked_up = keras.layers.Flatten()(keras.layers.Embedding(9, 2, name="e")(words[:, 1:]))
    joint = keras.layers.Concatenate()([seen, keras.layers.LSTM(2)(mask), looked_up])
    model = keras.Model([words, image, numbers], keras.layers.Dense(1)(joint))
    graph = check_model(model, DATA, "mean_squared_error")
    assert input_uses(model, graph) == (
        InputUse(rescales=True),
        InputUse(mask_value=-1.0),
        InputUse(token_layer="e", token_size=9, token_features=(1, 2)),
    )


def test_a_built_in_model_takes_one_input():
    told = message(build, ModelSpec(), DATA)
    assert told == "'mlp' makes models of one input; one of several is built by a function of yours: my_model.py:build"


def test_a_builder_gets_the_shapes_by_name(builder, monkeypatch):
    given = {}
    monkeypatch.setitem(BUILDERS, "own", lambda shape, n, *, output_activation: given.update(shape) or missing(shape))

    def missing(shape):
        return shape["number"]

    told = message(build, ModelSpec(builder="own", options=()), DATA)
    assert given == SHAPES
    assert told.startswith("'own' raised KeyError: 'number'")
    assert told.endswith("the inputs are image, numbers, words")
