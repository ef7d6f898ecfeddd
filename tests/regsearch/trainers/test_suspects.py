"""What may be behind a difference, as far as layers tell."""

from regsearch.backend import load_keras
from regsearch.trainers.suspects import suspect


def model(*layers, kind=None):
    keras = load_keras()
    return keras.Sequential([keras.Input((3,)), *layers, keras.layers.Dense(1, name="head")])


def test_a_layer_whose_state_moves_otherwise_comes_first(keras):
    found = model(keras.layers.BatchNormalization(name="norm"))
    assert suspect(found, ["head/kernel", "norm/moving_mean"]) == "the state of layer 'norm' moves otherwise"


def test_then_a_layer_that_is_not_keras_own_and_a_constraint(keras):
    class Odd(keras.layers.Dense):
        pass

    held = keras.layers.Dense(2, name="held", kernel_constraint="non_neg")
    found = model(Odd(2, name="odd"), held)
    assert suspect(found, ["odd/kernel"]) == "layer 'odd' is a Odd, not one of Keras'"
    assert suspect(found, ["held/kernel"]) == "it has the constraint NonNeg"
    assert suspect(found, ["head/kernel"]) == "layer 'odd' is a Odd, not one of Keras'"


def test_nothing_is_made_up(keras):
    assert suspect(model(keras.layers.Dense(2)), ["head/kernel"]) is None

    class Called(keras.Model):
        def __init__(self):
            super().__init__()
            self.head = keras.layers.Dense(1)

        def call(self, x):
            return self.head(x)

    found = Called()
    found(keras.ops.ones((1, 2)))
    assert suspect(found, ["head/kernel"]) == "the model is a Called, with a call of its own"
