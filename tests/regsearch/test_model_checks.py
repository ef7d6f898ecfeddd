"""What a model must be to be trained on the data, and penalized."""

from dataclasses import replace

import numpy as np
import pytest

from regsearch.backend import load_keras
from regsearch.data import load
from regsearch.model_checks import check_model, inactive_layers, inactivity_notices
from regsearch.models import LOSS, build
from regsearch.spec import ModelSpec
from tests.regsearch.conftest import DATA, message


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
        'the model has 2 inputs (a, b); say what each takes: data.inputs = { a = ["column", …], … } for a table, or '
        '["a", "b"] for arrays of these names',
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


class Own(load_keras().Model):
    """A model whose call takes no `training`, unlike the layers in it; its last layer is made first."""

    def __init__(self, outputs=1, activation="sigmoid"):
        super().__init__()
        layers = load_keras().layers
        self.out, self.drop = layers.Dense(outputs, activation), layers.Dropout(0.5)
        self.hidden = layers.Dense(3)

    def call(self, x):
        return self.out(self.drop(self.hidden(x)))


class Differs(load_keras().Model):
    """Gives another shape in training, as with auxiliary outputs, or fails there."""

    def __init__(self, in_training):
        super().__init__()
        self.out, self.in_training = load_keras().layers.Dense(1, "sigmoid"), in_training

    def call(self, x, training=False):
        return self.in_training(self.out(x)) if training else self.out(x)


def refuses(y):
    raise RuntimeError("no memory for training")


def test_a_call_that_takes_no_training(keras, made):
    data = load(DATA["moons"])
    check_model(made(lambda *_, **__: Own()), data, "binary_crossentropy")


def test_the_activation_is_that_of_the_layer_called_last(keras, made):
    """The layer made last is linear; the one called last is not, or the other way round."""
    data = load(DATA["moons"])
    linear = made(lambda *_, **__: Own(activation=None))
    assert "below 0 or above 1" in message(check_model, linear, data, "binary_crossentropy")


@pytest.mark.parametrize(
    ("in_training", "told"),
    [
        (lambda y: [y, y], "gives (None, 1) and (None, 1) in training, and (None, 1) otherwise; both must be the same"),
        (
            lambda y: load_keras().ops.concatenate([y, y], axis=1),
            "gives (None, 2) in training, and (None, 1) otherwise",
        ),
        (refuses, "called with training=True, it raised "),
    ],
    ids=["more outputs", "another shape", "raises"],
)
def test_shapes_in_training_and_otherwise(keras, made, in_training, told):
    model = made(lambda *_, **__: Differs(in_training))
    assert told in message(check_model, model, load(DATA["moons"]), "binary_crossentropy")


def test_a_training_argument_that_changes_nothing(keras, made):
    check_model(made(lambda *_, **__: Differs(lambda y: 0.5 * y)), load(DATA["moons"]), "binary_crossentropy")


def test_integers_out_of_range(keras, made):
    moons = load(DATA["moons"])
    data = replace(moons, x=np.abs(moons.x).round() + 3)
    layers = [
        load_keras().layers.Embedding(4, 2, name="words"),
        load_keras().layers.Flatten(),
        dense(1, activation="sigmoid"),
    ]
    problem = message(check_model, made(lambda *_, **__: sequential(*layers)), data, "binary_crossentropy")
    assert problem == f"layer 'words' looks up {int(data.x.max())}, and has 0 to 3 only (size 4); its size must be " + (
        f"{int(data.x.max()) + 1} or more"
    )


class Silent(load_keras().Model):
    def __init__(self, layers):
        super().__init__()
        self.inside = load_keras().Sequential(layers)

    def call(self, x):
        return self.inside(x)


def test_layers_that_never_act_are_named(keras):
    k = keras.layers
    acting = [k.Dropout(0.5, name="a"), k.GaussianNoise(0.1, name="b"), k.BatchNormalization(name="c")]
    steps = [k.Reshape((1, 2)), k.LSTM(2, dropout=0.1, name="d")]
    idle = [k.Dropout(0.0), k.Reshape((1, 2)), k.LSTM(2), k.LayerNormalization(), dense()]
    found = inactive_layers(Silent([keras.Input((2,)), *acting, *steps, *idle]))
    assert set(found) >= {"a", "b", "c"}
    assert len(found) == 4  # and the cell of d, or d
    assert inactive_layers(sequential(k.Dropout(0.5), dense())) == ()
    assert inactivity_notices(sequential(k.Dropout(0.5), dense())) == ()
    (notice,) = inactivity_notices(Silent([keras.Input((2,)), k.Dropout(0.5, name="drops"), dense()]))
    assert notice.code == "inactive-layers" and "so that drops act as in prediction" in notice.message


@pytest.mark.parametrize("asks", [True, False])
def test_fit_does_not_tell_a_model_that_does_not_ask(keras, asks):
    """Ten ones, half of them dropped, summed and squared: 100 where nothing is dropped."""

    class Asking(Silent):
        def call(self, x, training=None):
            return self.inside(x, training=training)

    layers = [keras.layers.Dropout(0.5, seed=1), keras.layers.Dense(1, kernel_initializer="ones")]
    model = (Asking if asks else Silent)([keras.Input((10,)), *layers])
    model.compile("sgd", "mse")
    loss = model.evaluate(np.ones((64, 10), np.float32), np.zeros((64, 1)), verbose=0)
    trained = model.train_on_batch(np.ones((64, 10), np.float32), np.zeros((64, 1)))
    assert loss == 100.0
    assert (float(trained) == 100.0) is not asks
