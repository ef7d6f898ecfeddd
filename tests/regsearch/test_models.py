"""The built-in model, what other builders must return, and the loss that follows from the target."""

import hashlib
from dataclasses import replace
from functools import partial, wraps
from pathlib import Path

import numpy as np
import pytest

from regsearch.backend import load_keras
from regsearch.data import load
from regsearch.errors import ModelError
from regsearch.model_checks import check_model
from regsearch.models import BUILDERS, LOSS, OUTPUT_ACTIVATION, build
from regsearch.spec import ModelSpec
from tests.regsearch.conftest import DATA


@pytest.mark.parametrize(
    ("source", "outputs", "activation", "loss"),
    [
        ("moons", 1, "sigmoid", "binary_crossentropy"),
        ("iris", 3, "softmax", "sparse_categorical_crossentropy"),
        ("diabetes", 1, "linear", "mean_squared_error"),
    ],
)
def test_the_output_and_the_loss_follow_from_the_target(keras, source, outputs, activation, loss):
    data = load(DATA[source])
    model = build(ModelSpec(options=(("hidden", (5, 4)),)), data)
    assert [layer.name for layer in model.layers] == ["hidden_1", "hidden_2", "output"]
    assert [layer.units for layer in model.layers] == [5, 4, outputs]
    assert [layer.activation.__name__ for layer in model.layers] == ["relu", "relu", activation]
    assert (OUTPUT_ACTIVATION[data.task], LOSS[data.task]) == (activation, loss)
    assert model.input_shape == (None, data.x.shape[1])


def test_an_mlp_computes_what_its_weights_say(keras):
    model = build(ModelSpec(options=(("activation", "tanh"), ("hidden", (3,)))), load(DATA["moons"]))
    w, b, v, c = model.get_weights()
    x = np.array([[0.5, -1.0], [2.0, 0.1]], np.float32)
    wanted = 1 / (1 + np.exp(-(np.tanh(x @ w + b) @ v + c)))
    np.testing.assert_allclose(np.asarray(model(x)), wanted, rtol=1e-5)


def test_the_case_studys_model_is_the_default():
    assert dict(ModelSpec().options) == {"hidden": (500,)}


def test_an_unknown_builder():
    told = r"^model.builder: 'mpl' is not one of mlp, cnn, lstm \(did you mean 'mlp'\?\)$"
    with pytest.raises(ModelError, match=told):
        build(ModelSpec(builder="mpl"), load(DATA["moons"]))


@pytest.fixture
def made(monkeypatch):
    """The model of a builder, for a data set."""

    def make(builder, source="moons", **options):
        monkeypatch.setitem(BUILDERS, "own", builder)
        return build(ModelSpec(builder="own", options=tuple(options.items())), load(DATA[source]))

    return make


def message(action, *arguments, **options):
    with pytest.raises(ModelError) as caught:
        action(*arguments, **options)
    assert "\n" not in str(caught.value)
    assert caught.value.field == "model.builder"
    return caught.value.problem


def fails(input_shape, n_outputs, *, output_activation, layers=-1):
    return load_keras().layers.Dense(layers)


FIRST = fails.__code__.co_firstlineno


def logged(builder):
    @wraps(builder)
    def wrapper(*arguments, **options):
        return builder(*arguments, **options)

    return wrapper


@pytest.mark.parametrize("builder", [fails, logged(fails)])
def test_a_builder_that_raises_is_told_by_its_line(keras, made, builder):
    with pytest.raises(ModelError) as caught:
        made(builder)
    problem = caught.value.problem
    assert problem.startswith("'own' raised ValueError: Received an invalid value for `units`")
    assert problem.endswith(f" ({__file__}:{FIRST + 1})")
    assert "\n" not in problem
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_builder_that_does_not_take_an_option_is_told_by_its_first_line(keras, made):
    problem = message(made, fails, depth=3)
    assert problem == f"'own' raised TypeError: fails() got an unexpected keyword argument 'depth' ({__file__}:{FIRST})"
    assert Path(__file__).read_text().splitlines()[FIRST - 1].startswith("def fails")


def test_a_builder_without_a_line_of_its_own(keras, made):
    assert message(made, partial(fails, layers=-2)).startswith("'own' raised ValueError: Received an invalid value")


def test_an_error_of_ours_is_handed_on(keras, made):
    def refuses(*arguments, **options):
        raise ModelError("model.depth", "must be 1 or more")

    with pytest.raises(ModelError, match=r"^model.depth: must be 1 or more$"):
        made(refuses)


@pytest.mark.parametrize(
    ("returned", "kind"),
    [
        (lambda keras: None, "NoneType"),
        (lambda keras: [1], "list"),
        (lambda keras: keras.layers.Dense(1), "keras.src.layers.core.dense.Dense"),
    ],
)
def test_a_builder_that_returns_no_model(keras, made, returned, kind):
    def builder(*arguments, **options):
        return returned(keras)

    assert message(made, builder) == f"'own' must return a keras.Model; it returned {kind}"


def test_an_unbuilt_sequential_is_built_for_the_data(keras, made):
    """From the same seed it has the weights of the same model with an Input."""

    def sequential(*first):
        def builder(input_shape, n_outputs, *, output_activation):
            dense = keras.layers.Dense
            return keras.Sequential([*first, dense(4, name="a"), dense(n_outputs, output_activation, name="b")])

        return builder

    found = []
    for first in ([], [keras.Input((4,))]):
        keras.utils.set_random_seed(8)
        found.append(made(sequential(*first), "iris"))
    unbuilt, given = found
    assert unbuilt.input_shape == given.input_shape == (None, 4)
    assert unbuilt.output_shape == (None, 3)
    for a, b in zip(unbuilt.get_weights(), given.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    check_model(unbuilt, load(DATA["iris"]), "mean_squared_error")


def test_an_unbuilt_sequential_that_does_not_take_the_data(keras, made):
    def convolution(input_shape, n_outputs, *, output_activation):
        return keras.Sequential([keras.layers.Conv2D(4, 3), keras.layers.Dense(n_outputs)])

    problem = message(made, convolution)
    assert problem.startswith("'own' raised ValueError: Input 0 with name 'None' of layer 'conv2d")
    assert problem.endswith(f" ({__file__}:{convolution.__code__.co_firstlineno})")


def test_a_subclass_of_model_is_built_and_checked(keras, made):
    class Own(keras.Model):
        def __init__(self, outputs):
            super().__init__()
            self.hidden, self.out = keras.layers.Dense(3), keras.layers.Dense(outputs)

        def call(self, x):
            return self.out(self.hidden(x))

    data = load(DATA["iris"])
    model = made(lambda input_shape, n_outputs, **_: Own(n_outputs), "iris")
    assert [w.shape for w in model.get_weights()] == [(4, 3), (3,), (3, 3), (3,)]
    check_model(model, data, "mean_squared_error")
    assert message(check_model, made(lambda *_, **__: Own(2), "iris"), data, LOSS[data.task]) == (
        "the model gives (None, 2), the target needs (None, 3)"
    )
    problem = message(check_model, model, load(DATA["moons"]), LOSS[data.task])
    assert problem.startswith("the model takes something else (ValueError: ")
    assert problem.endswith("), the data give (None, 2)")


@pytest.mark.parametrize("source", ["moons", "iris", "diabetes"])
def test_the_built_in_model_fits(keras, source):
    data = load(DATA[source])
    check_model(build(ModelSpec(), data), data, LOSS[data.task])


def dense(units=1, **options):
    return load_keras().layers.Dense(units, **options)


def sequential(*layers, shape=(2,)):
    return load_keras().Sequential([load_keras().Input(shape), *layers])


def functional(connect, *shapes):
    inputs = [load_keras().Input(shape, name=name) for name, shape in zip("ab", shapes, strict=False)]
    return load_keras().Model(inputs if len(inputs) > 1 else inputs[0], connect(*inputs))


MODELS = {
    "takes 3": (lambda: sequential(dense(), shape=(3,)), "the model takes (None, 3), the data give (None, 2)"),
    "takes images": (
        lambda: sequential(load_keras().layers.Flatten(), dense(), shape=(8, 8, 1)),
        "the model takes (None, 8, 8, 1), the data give (None, 2)",
    ),
    "gives 3": (lambda: sequential(dense(3)), "the model gives (None, 3), the target needs (None, 1)"),
    "gives a vector": (
        lambda: sequential(dense(), load_keras().layers.Reshape(())),
        "the model gives (None,), the target needs (None, 1)",
    ),
    "2 inputs": (
        lambda: functional(lambda a, b: dense()(a + b), (2,), (2,)),
        "the model has 2 inputs (a, b); it may have one: let it take one, and take columns apart in the model",
    ),
    "2 outputs": (
        lambda: functional(lambda a: [dense()(a), dense()(a)], (2,)),
        "the model must give one output, as a tensor; it gives list of 2",
    ),
    "output in a dict": (
        lambda: functional(lambda a: {"share": dense()(a)}, (2,)),
        "the model must give one output, as a tensor; it gives dict of 1",
    ),
    "mixed_float16": (
        lambda: sequential(dense(3), dense(3, dtype="mixed_float16", name="half"), dense()),
        "mixed_float16 is not supported: layer 'half' must compute in float32; leave its dtype out",
    ),
    "float64, in a model in a model": (
        lambda: sequential(sequential(dense(2, dtype="float64", name="double")), dense()),
        "float64 is not supported: layer 'double' must compute in float32; leave its dtype out",
    ),
    "bfloat16, in a layer in a layer": (
        lambda: sequential(
            load_keras().layers.Reshape((2, 1)),
            load_keras().layers.TimeDistributed(dense(dtype="bfloat16", name="brain")),
            load_keras().layers.Flatten(),
            dense(),
        ),
        "bfloat16 is not supported: layer 'brain' must compute in float32; leave its dtype out",
    ),
    "scales, but no kernel": (
        lambda: sequential(
            load_keras().layers.BatchNormalization(),
            load_keras().layers.Reshape((2, 1)),
            load_keras().layers.GlobalAveragePooling1D(),
        ),
        "the model has no trainable weight to penalize: no kernel, recurrent, bias",
    ),
    "frozen": (
        lambda: sequential(dense(trainable=False)),
        "the model has no trainable weight to penalize: no kernel, recurrent, bias",
    ),
}


@pytest.mark.parametrize(("model", "problem"), MODELS.values(), ids=MODELS)
def test_a_model_that_cannot_be_trained_or_penalized(keras, made, model, problem):
    found = made(lambda *_, **__: model())
    assert message(check_model, found, load(DATA["moons"]), "mean_squared_error") == problem


@pytest.mark.parametrize("policy", ["mixed_float16", "float64"])
def test_keras_own_policy_is_checked_too(keras, policy):
    data, before = load(DATA["moons"]), keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        problem = message(check_model, build(ModelSpec(), data), data, LOSS[data.task])
    finally:
        keras.config.set_dtype_policy(before)
    assert problem == (
        f"{policy} is not supported: layer 'hidden_1' must compute in float32; keras.config.set_dtype_policy('float32')"
    )


@pytest.mark.parametrize(
    "layers",
    [
        pytest.param(lambda k: [k.Input((2, 1)), k.layers.LSTM(3)], id="a last axis of 1, which Keras adds"),
        pytest.param(lambda k: [k.Input((None,)), k.layers.Reshape((2,))], id="any number of columns"),
        pytest.param(lambda k: [k.Input((2,)), k.layers.Dropout(0.5)], id="random"),
        pytest.param(
            lambda k: [k.Input((2,), dtype="int32"), k.layers.Embedding(4, 3), k.layers.Flatten()], id="integers"
        ),
        pytest.param(lambda k: [k.layers.Dense(3), k.layers.BatchNormalization()], id="unbuilt"),
    ],
)
def test_what_keras_takes_fits(keras, made, layers):
    def builder(input_shape, n_outputs, *, output_activation):
        return keras.Sequential([*layers(keras), keras.layers.Dense(n_outputs, output_activation)])

    moons = load(DATA["moons"])
    model, data = made(builder), replace(moons, x=np.abs(moons.x).round())
    state = [w.copy() for w in model.get_weights()]
    check_model(model, data, LOSS[data.task])
    for before, after in zip(state, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    assert model(data.x[:5]).shape == (5, 1)


NO_PROBABILITIES = {
    "linear": ("moons", lambda n: [dense(n)], "numbers below 0 or above 1", "sigmoid"),
    "relu": ("moons", lambda n: [dense(9), dense(n, activation="relu")], "numbers below 0 or above 1", "sigmoid"),
    "linear, three classes": ("iris", lambda n: [dense(n)], "numbers below 0 or above 1", "softmax"),
    "sigmoid, three classes": ("iris", lambda n: [dense(n, activation="sigmoid")], "does not add up to 1", "softmax"),
}


@pytest.mark.parametrize(("source", "layers", "problem", "remedy"), NO_PROBABILITIES.values(), ids=NO_PROBABILITIES)
def test_a_model_whose_outputs_are_no_probabilities(keras, made, source, layers, problem, remedy):
    keras.utils.set_random_seed(2)
    data = load(DATA[source])
    model = made(lambda shape, n, **_: sequential(*layers(n), shape=shape), source)
    found = message(check_model, model, data, LOSS[data.task])
    assert problem in found
    assert found.endswith(f"let the last layer have activation='{remedy}'")
    check_model(model, data, "mean_squared_error")  # which does not need them


BUILD = """
import keras

def build(input_shape, n_outputs, task, width=4, **params):
    assert (tuple(input_shape), n_outputs, task) == ((2,), 1, "binary")
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(width, name="|".join(params) or "none"),
                             keras.layers.Dense(n_outputs, "sigmoid")])

def nothing():
    return build((2,), 1, "binary")

def shape_only(rows):
    return build(rows, 1, "binary")

def other_names(rows, /, numbers):
    return build(rows, numbers, "binary")

def keywords(*, n_outputs, output_activation, input_shape):
    assert output_activation == "sigmoid"
    return build(input_shape, n_outputs, "binary")

def strict(input_shape, depth):
    return build(input_shape, 1, "binary", width=depth)

def more(a, b, depth):
    pass
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "my_model.py").write_text(BUILD)

    def build_it(function, digest="", **options):
        builder = f"my_model.py:{function}"
        spec = ModelSpec(builder=builder, options=tuple(options.items()), folder=str(folder), digest=digest)
        return build(spec, load(DATA["moons"]))

    build_it.file = folder / "my_model.py"
    return build_it


@pytest.mark.parametrize("function", ["build", "nothing", "shape_only", "other_names", "keywords"])
def test_a_users_builder_gets_what_it_takes(keras, own, function):
    model = own(function)
    assert model.layers[0].units == 4
    assert model.layers[0].name == "none"  # what it did not ask for is not handed to it


def test_a_users_builder_gets_the_sweeps_options(keras, own):
    assert own("build", width=7).layers[0].units == 7
    assert own("build", other=1).layers[0].name == "other"
    assert own("strict", depth=3).layers[0].units == 3


@pytest.mark.parametrize(
    ("function", "options", "told"),
    [
        ("strict", {"dept": 3}, r"model.dept: strict\(\) takes no 'dept' \(did you mean 'depth'\?\); it takes"),
        ("more", {}, r"model.depth: is required: more\(\) has no default for it"),
        ("biuld", {}, r"model.builder: .*my_model.py has no function 'biuld' \(did you mean 'build'\?\)"),
    ],
)
def test_what_a_users_builder_does_not_take(keras, own, function, options, told):
    with pytest.raises(ModelError, match=told):
        own(function, **options)


def test_a_builder_that_has_changed_is_refused(keras, own):
    known = hashlib.sha256(own.file.read_bytes()).hexdigest()
    own("build", digest=known)
    with pytest.raises(ModelError, match=r"^model.builder: '.*my_model.py' has changed since the sweep was made"):
        own("build", digest="0" * 64)
