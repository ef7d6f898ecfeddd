"""The built-in model, and the loss that follows from the target."""

import numpy as np
import pytest

from regsearch.data import load
from regsearch.errors import ModelError
from regsearch.models import LOSS, OUTPUT_ACTIVATION, build
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
    with pytest.raises(ModelError, match=r"^model.builder: 'mpl' is not one of mlp \(did you mean 'mlp'\?\)$"):
        build(ModelSpec(builder="mpl"), load(DATA["moons"]))
