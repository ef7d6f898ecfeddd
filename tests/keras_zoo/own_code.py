"""Models with constraints and state, shared and frozen layers, and code of people's own."""

from regsearch.backend import load_tensorflow
from tests.keras_zoo.zoo import exhibit

# Constraints, state, sharing, freezing.


@exhibit("vector", batch_size=8)
def constraints(keras, L, shape):
    c = keras.constraints
    hidden = L.Dense(6, "relu", kernel_constraint=c.MaxNorm(0.5), bias_constraint=c.NonNeg())
    return [hidden, L.Dense(4, kernel_constraint=c.UnitNorm()), L.Dense(4, kernel_constraint=c.MinMaxNorm(0.2, 0.6))]


@exhibit("image", optimizer="sgd")
def a_constrained_convolution(keras, L, shape):
    return [L.Conv2D(2, 3, kernel_constraint="non_neg"), L.Flatten()]


@exhibit("vector", batch_size=8)
def spectral_normalization(keras, L, shape):
    return [L.SpectralNormalization(L.Dense(6, "relu"), power_iterations=2), L.Dense(3, "tanh")]


@exhibit("image")
def spectral_normalization_of_a_convolution(keras, L, shape):
    return [L.SpectralNormalization(L.Conv2D(3, 2)), L.BatchNormalization(), L.ReLU(), L.Flatten()]


@exhibit("vector", optimizer="sgd", learning_rate=0.02)
def a_nested_functional_model_with_shared_layers(keras, L, shape):
    inner_x = keras.Input((4,))
    inner = keras.Model(inner_x, L.BatchNormalization()(L.Dense(4, "relu")(inner_x)))
    x, shared = keras.Input(shape), L.Dense(4, "tanh")
    twin = L.Dense(4, "tanh")
    h = inner(shared(x))
    return keras.Model(x, L.Dense(1)(L.Concatenate()([inner(h), twin(twin(h))])))


@exhibit("vector")
def frozen_layers(keras, L, shape):
    frozen, norm = L.Dense(6, "relu", trainable=False), L.BatchNormalization()
    norm.trainable = False
    return [frozen, norm, L.Dense(4, "relu")]


@exhibit("vector")
def a_frozen_nested_model(keras, L, shape):
    backbone = keras.Sequential([L.Dense(6, "relu"), L.BatchNormalization(), L.Dropout(0.5)])
    backbone.trainable = False
    return [backbone, L.Dense(4, "relu")]


@exhibit("vector")
def a_lambda_and_operations(keras, L, shape):
    x = keras.Input(shape)
    h = L.Lambda(lambda t: keras.ops.sin(t) * 2, output_shape=(4,))(L.Dense(4)(x))
    return keras.Model(x, L.Dense(1)(keras.ops.square(h) + h / 3 - keras.ops.mean(h, axis=1, keepdims=True)))


# Code of people's own.


@exhibit("vector")
def subclassed_without_training(keras, L, shape):
    class HeadFirst(keras.Model):
        def __init__(self):
            super().__init__()
            self.head, self.body = L.Dense(1), L.Dense(6, "relu")
            self.drop, self.norm = L.Dropout(0.5), L.BatchNormalization()

        def call(self, x):
            return self.head(self.norm(self.drop(self.body(x))))

    return HeadFirst()


@exhibit("vector")
def subclassed_that_hands_training_on_by_itself(keras, L, shape):
    class Handed(keras.Model):
        def __init__(self):
            super().__init__()
            self.body, self.drop = L.Dense(6, "relu"), L.Dropout(0.5)
            self.norm, self.head = L.BatchNormalization(), L.Dense(1)

        def call(self, x, training=None):
            h = self.drop(self.body(x))  # Keras tells it
            return self.head(self.norm(h, training=training))

    return Handed()


@exhibit("vector")
def a_list_of_layers_and_a_loop(keras, L, shape):
    class Residual(keras.Model):
        def __init__(self):
            super().__init__()
            self.blocks = [L.Dense(8, "relu") for _ in range(3)]
            self.head = L.Dense(1)

        def call(self, x, training=False):
            for block in self.blocks:
                x = x + block(x)
            return self.head(x)

    return Residual()


@exhibit("vector")
def weights_under_odd_names(keras, L, shape):
    class Gate(L.Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], 4), initializer="glorot_uniform", name="w")
            self.alpha = self.add_weight(shape=(4,), initializer="zeros", name="alpha")

        def call(self, x):
            return keras.ops.tanh(keras.ops.matmul(x, self.w)) * keras.ops.sigmoid(self.alpha)

    return [Gate(), L.Dense(3, "relu")]


@exhibit("vector")
def a_stopped_gradient_and_a_weight_without_one(keras, L, shape):
    class Stopped(L.Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], 4), initializer="glorot_uniform", name="kernel")
            self.unused = self.add_weight(shape=(2,), initializer="ones", name="unused")

        def call(self, x):
            return keras.ops.matmul(x, self.w) + keras.ops.matmul(x, keras.ops.stop_gradient(self.w)) ** 2

    return [Stopped(), L.Dense(3, "relu")]


@exhibit("vector", batch_size=8)
def state_that_counts(keras, L, shape):
    class Centered(L.Layer):
        def build(self, shape):
            self.mean = self.add_weight(shape=(shape[-1],), initializer="zeros", trainable=False, name="mean")
            self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, dtype="int32", name="calls")

        def call(self, x, training=False):
            if training:
                self.calls.assign_add(1)
                self.mean.assign(0.9 * self.mean + 0.1 * keras.ops.mean(x, axis=0))
            return x - self.mean

    return [L.Dense(4), Centered(), L.Dense(3, "relu")]


@exhibit("vector", batch_size=8)
def a_weight_set_in_call(keras, L, shape):
    class Clamped(L.Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], 4), initializer="glorot_uniform", name="kernel")

        def call(self, x, training=False):
            before = keras.ops.matmul(x, self.w)
            if training:
                self.w.assign(keras.ops.clip(self.w, -0.3, 0.3))
            return before + keras.ops.matmul(x, self.w)

    return [Clamped(), L.Dense(3, "relu")]


@exhibit("vector")
def losses_of_its_own(keras, L, shape):
    class Sparse(L.Layer):
        def call(self, x):
            self.add_loss(0.01 * keras.ops.mean(keras.ops.abs(x)))
            return x

    return [L.Dense(6, "relu", activity_regularizer="l2"), Sparse(), L.Dense(4, kernel_regularizer="l1")]


@exhibit("vector")
def tied_weights(keras, L, shape):
    class Tied(keras.Model):
        def __init__(self):
            super().__init__()
            self.encode, self.head = L.Dense(4, "tanh"), L.Dense(1)

        def call(self, x):
            code = self.encode(x)
            return self.head(keras.ops.matmul(code, keras.ops.transpose(self.encode.kernel)))

    return Tied()


@exhibit("tokens")
def integers_inside(keras, L, shape):
    class Bucketed(L.Layer):
        def call(self, x):
            return keras.ops.one_hot(keras.ops.cast(x, "int32") % 4, 4)

    return [Bucketed(), L.Flatten(), L.Dense(4, "relu")]


@exhibit("image")
def augmentation(keras, L, shape):
    return [L.RandomFlip("horizontal"), L.Conv2D(2, 2, activation="relu"), L.Flatten()]


@exhibit("vector")
def gelu_with_a_custom_gradient(keras, L, shape):
    @keras.ops.custom_gradient
    def doubled(x):
        return x, lambda *args, upstream=None: 2 * (args[0] if upstream is None else upstream)

    class Doubled(L.Layer):
        def call(self, x):
            return doubled(x)

    return [L.Dense(4, "gelu"), Doubled()]


# What the compiled program cannot do.


@exhibit("vector", by_fit="the model has its own train_step")
def own_train_step(keras, L, shape):
    class Negated(keras.Model):
        def train_step(self, data):
            x, y = data[:2]
            return super().train_step((x, -y))

    x = keras.Input(shape)
    return Negated(x, L.Dense(1)(L.Dense(4, "relu")(x)))


@exhibit("vector", by_fit="the model has its own compute_loss")
def own_compute_loss(keras, L, shape):
    class Doubled(keras.Model):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return 2 * super().compute_loss(x, y, y_pred, sample_weight, training)

    x = keras.Input(shape)
    return Doubled(x, L.Dense(1)(x))


@exhibit("vector", by_fit="cannot compile the training: the model reads a variable that is not among its own")
def a_module_of_tensorflows(keras, L, shape):
    tf = load_tensorflow()

    class Scaled(L.Layer):
        def __init__(self):
            super().__init__()
            self.module = tf.Module()
            self.module.scale = tf.Variable(2.0)

        def call(self, x):
            return x * self.module.scale

    return [Scaled(), L.Dense(3, "relu")]


@exhibit("vector", engine="graph")
def python_in_a_layer(keras, L, shape):
    tf = load_tensorflow()

    class Python(L.Layer):
        def call(self, x):
            found = tf.py_function(lambda x: x * 2, [x], "float32")
            found.set_shape(x.shape)
            return found

        def compute_output_shape(self, shape):
            return shape

    return [Python(name="python"), L.Dense(3, "relu")]
