"""The built-in model, what other builders must return, and the loss that follows from the target."""

from functools import partial, wraps
from pathlib import Path

import numpy as np
import pytest

from regsearch.backend import load_keras
from regsearch.data import load
from regsearch.errors import ModelError
from regsearch.model_checks import check_model
from regsearch.models import LOSS, OUTPUT_ACTIVATION, build
from regsearch.spec import ModelSpec
from tests.regsearch.conftest import DATA, message


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


def test_a_layer_name_that_tensorflow_refuses_is_no_part_of_later_names(keras):
    from regsearch.forward_graph import forward_graph

    broken = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="é\n")])
    with pytest.raises(ValueError, match="not a valid"):
        forward_graph(broken, (3,))
    later = keras.layers.Dense(2, name="later")
    later.build((None, 3))
    assert later.kernel.path == "later/kernel"
