"""A model on given values of its variables is what Keras' own train_step makes of it."""

import numpy as np

from regsearch.backend import load_keras, load_tensorflow
from regsearch.trainers.calls import called_in_training, predicted

X = np.array([[1.0, -2.0]], np.float32)


def clamped():
    """A layer that reads its weight, sets it, and reads it again; its state is set too, and read."""
    keras = load_keras()

    class Clamped(keras.layers.Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(2, 1), initializer="ones", name="w")
            self.seen = self.add_weight(shape=(1, 2), initializer="zeros", trainable=False, name="seen")

        def call(self, x, training=False):
            before = keras.ops.matmul(x, self.w)
            if training:
                self.w.assign(0.5 * self.w)
                self.seen.assign(2 * x * keras.ops.transpose(self.w))
            return before + 10 * keras.ops.matmul(x, self.w) + 100 * keras.ops.sum(self.seen)

    return keras.Sequential([keras.Input((2,)), Clamped()])


def test_gradients_are_those_of_variables(keras):
    """Σ over reads: x + 10·x; neither assignment passes a gradient on."""
    tf, model = load_tensorflow(), clamped()
    weights, state = [tf.ones((2, 1))], [tf.zeros((1, 2))]
    with tf.GradientTape() as tape:
        tape.watch(weights)
        call = called_in_training(model, weights, state, X, tape)
        loss = tf.reduce_sum(call.prediction)
    (gradient,) = call.gradients(tape, loss)
    np.testing.assert_allclose(gradient, 11 * X.T)
    np.testing.assert_allclose(call.weights[0], [[0.5], [0.5]])
    np.testing.assert_allclose(call.variables[0], X)  # 2·x·w, w set before
    with tf.GradientTape() as tape:
        prediction = model(X, training=True)
    wanted = tape.gradient(prediction, [v.value for v in model.trainable_variables])
    np.testing.assert_allclose(gradient, wanted[0])


def test_a_weight_without_a_gradient_has_one_of_0(keras):
    tf = load_tensorflow()
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1), keras.layers.Dense(1)])
    weights = [tf.constant(np.asarray(v)) for v in model.trainable_variables]
    with tf.GradientTape() as tape:
        tape.watch(weights)
        call = called_in_training(model, weights, [], X, tape)
        loss = tf.reduce_sum(weights[0])
    assert [float(np.abs(g).sum()) for g in call.gradients(tape, loss)] == [2, 0, 0, 0]


def test_training_reaches_layers_that_are_not_handed_it(keras):
    class Outer(keras.Model):
        def __init__(self):
            super().__init__()
            self.drop = keras.layers.Dropout(0.99, seed=1)

        def call(self, x, training=None):
            return self.drop(x)

    class Silent(Outer):
        def call(self, x):
            return self.drop(x)

    for model, dropped in ((Outer(), True), (Silent(), False)):  # as in Keras' own train_step
        model(X)
        state = [v.value for v in model.non_trainable_variables]
        many = np.ones((100, 2), np.float32)
        found = predicted(model, [], state, many, training=True)
        assert (np.asarray(found) == 0).any() == dropped
        np.testing.assert_array_equal(predicted(model, [], state, many), many)
