"""Small models of every kind that people bring, by name: what each takes, and a builder of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from regsearch.backend import load_keras, load_tensorflow

SHAPES: dict[str, Any] = {
    "vector": (8,),
    "image": (4, 4, 2),
    "sequence": (5, 3),
    "volume": (4, 4, 4, 1),
    "tokens": (6,),
    "several": {"numbers": (3,), "image": (4, 4, 2), "tokens": (6,)},  # inputs
}


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A model.

    Args:
        takes: which of SHAPES.
        build: (keras, layers, shape) -> the model, without its head where it is a list of layers.
        training: settings other than those of all.
        by_fit: how the reason begins for which `fit` trains it; None where the compiled program does.
    """

    takes: str
    build: Callable[[Any, Any, Any], Any]
    training: dict[str, Any]
    by_fit: str | None


ZOO: dict[str, Exhibit] = {}


def exhibit(takes: str, *, by_fit: str | None = None, **training: Any) -> Callable[[Any], Any]:
    def register(build: Any) -> Any:
        ZOO[build.__name__] = Exhibit(takes=takes, build=build, training=training, by_fit=by_fit)
        return build

    return register


def model_of(name: str, input_shape: Any, n_outputs: int) -> Any:
    """A zoo's model, with a linear head where it is a list of layers."""
    keras = load_keras()
    built = ZOO[name].build(keras, keras.layers, input_shape)
    if not isinstance(built, list):
        return built
    return keras.Sequential([keras.Input(input_shape), *built, keras.layers.Dense(n_outputs, name="head")])


# Layers of Keras, several to a model so that all of them are compiled in a minute.


@exhibit("vector", batch_size=8)
def dense_and_activations(keras, L, shape):
    hidden = [L.Dense(6, a) for a in ("tanh", "gelu", "swish")]
    return [*hidden, L.Dense(6), L.PReLU(), L.LeakyReLU(0.2), L.ELU(), L.Dense(4, "softmax")]


@exhibit("vector", batch_size=8)
def batch_normalization(keras, L, shape):
    return [L.Dense(6), L.BatchNormalization(momentum=0.9), L.ReLU()]


@exhibit("vector")
def other_normalizations(keras, L, shape):
    return [L.Dense(6), L.LayerNormalization(), L.Dense(6), L.GroupNormalization(2), L.RMSNormalization()]


@exhibit("vector")
def unit_normalization_and_rescaling(keras, L, shape):
    return [L.Rescaling(0.5, offset=0.1), L.Dense(6, "tanh"), L.UnitNormalization(), L.Dense(3)]


@exhibit("vector", batch_size=8)
def noise_and_dropout(keras, L, shape):
    return [L.GaussianNoise(0.1), L.Dense(6, "relu"), L.Dropout(0.3), L.Dense(6, "selu"), L.AlphaDropout(0.2)]


@exhibit("vector")
def gaussian_dropout(keras, L, shape):
    return [L.GaussianDropout(0.3), L.Dense(6, "relu"), L.ActivityRegularization(l2=0.01)]


@exhibit("image")
def convolution_2d(keras, L, shape):
    return [L.Conv2D(3, 2, activation="relu"), L.MaxPooling2D(2, padding="same"), L.Flatten()]


@exhibit("image")
def convolutions_of_other_kinds(keras, L, shape):
    separable = L.SeparableConv2D(4, 2, padding="same", activation="tanh")
    return [
        L.DepthwiseConv2D(2, padding="same"),
        separable,
        L.Conv2D(3, 2, dilation_rate=2),
        L.GlobalAveragePooling2D(),
    ]


@exhibit("image")
def transposed_and_upsampled(keras, L, shape):
    return [
        L.Conv2DTranspose(2, 2, strides=2),
        L.Cropping2D(1),
        L.UpSampling2D(2),
        L.ZeroPadding2D(1),
        L.AveragePooling2D(2),
        L.Flatten(),
    ]


@exhibit("sequence")
def convolutions_1d(keras, L, shape):
    return [
        L.Conv1D(3, 2, padding="causal", activation="tanh"),
        L.SeparableConv1D(3, 2, padding="same"),
        L.Conv1DTranspose(2, 2),
        L.MaxPooling1D(2),
        L.GlobalMaxPooling1D(),
    ]


@exhibit("volume")
def convolutions_3d(keras, L, shape):
    return [L.Conv3D(2, 2, activation="relu"), L.MaxPooling3D(2), L.Flatten()]


@exhibit("image")
def spatial_dropout_and_grouped_convolution(keras, L, shape):
    return [L.Conv2D(4, 2, groups=2, activation="tanh"), L.SpatialDropout2D(0.3), L.GlobalMaxPooling2D()]


@exhibit("sequence")
def lstm(keras, L, shape):
    return [L.LSTM(4)]


@exhibit("sequence")
def gru_with_dropout(keras, L, shape):
    return [L.GRU(4, dropout=0.2, recurrent_dropout=0.2)]


@exhibit("sequence")
def simple_rnn_with_own_regularizers(keras, L, shape):
    return [L.SimpleRNN(4, kernel_regularizer="l2", return_sequences=True), L.GlobalAveragePooling1D()]


@exhibit("sequence")
def bidirectional(keras, L, shape):
    return [L.Bidirectional(L.GRU(3))]


@exhibit("sequence")
def stacked_cells(keras, L, shape):
    return [L.RNN([L.LSTMCell(3), L.GRUCell(2)])]


@exhibit("sequence")
def time_distributed(keras, L, shape):
    inner = keras.Sequential([L.Dense(4, "tanh"), L.Dense(2)])
    return [L.TimeDistributed(inner), L.Permute((2, 1)), L.Flatten()]


@exhibit("sequence")
def masked_sequences(keras, L, shape):
    return [L.Masking(0.0), L.LSTM(4)]


@exhibit("image")
def convolutional_lstm(keras, L, shape):
    return [L.Reshape((2, 2, 4, 2)), L.ConvLSTM2D(2, (1, 2)), L.Flatten()]


@exhibit("sequence")
def multi_head_attention(keras, L, shape):
    x = keras.Input(shape)
    h = L.MultiHeadAttention(2, 3)(x, x)
    return keras.Model(x, L.Dense(1)(L.Flatten()(L.LayerNormalization()(L.Add()([x, h])))))


@exhibit("sequence")
def other_attentions(keras, L, shape):
    x = keras.Input(shape)
    a = L.Attention(use_scale=True)([x, x])
    b = L.AdditiveAttention()([x, x])
    c = L.GroupQueryAttention(4, 4, 2)(x, x)
    return keras.Model(x, L.Dense(1)(L.Flatten()(L.Concatenate()([a, b, c]))))


@exhibit("tokens")
def embedding(keras, L, shape):
    return [L.Embedding(20, 3), L.GlobalAveragePooling1D(), L.Dense(4, "relu")]


@exhibit("tokens", optimizer="rmsprop")
def embedding_with_a_mask(keras, L, shape):
    return [L.Embedding(20, 3, mask_zero=True), L.LSTM(3)]


@exhibit("sequence")
def einsum_dense_and_repeats(keras, L, shape):
    return [
        L.EinsumDense("abc,cd->abd", output_shape=(shape[0], 4), bias_axes="d"),
        L.Flatten(),
        L.RepeatVector(3),
        L.Flatten(),
    ]


@exhibit("vector")
def merges(keras, L, shape):
    x = keras.Input(shape)
    a, b = L.Dense(4, "tanh")(x), L.Dense(4, "relu")(x)
    parts = [L.Add()([a, b]), L.Multiply()([a, b]), L.Maximum()([a, b]), L.Average()([a, b]), L.Subtract()([a, b])]
    return keras.Model(x, L.Dense(1)(L.Concatenate()([*parts, L.Dot(1)([a, b])])))


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


# Several inputs.


def inputs_of(keras, shapes, *, named=True):
    return [keras.Input(shape, name=name if named else None) for name, shape in shapes.items()]


@exhibit("several", batch_size=8)
def a_branch_for_each_input(keras, L, shape):
    numbers, image, tokens = inputs_of(keras, shape)
    seen = L.Flatten()(L.MaxPooling2D(2)(L.Conv2D(3, 2, activation="relu")(image)))
    read = L.GlobalAveragePooling1D()(L.Embedding(20, 4, mask_zero=True)(tokens))
    joint = L.Concatenate()([L.Dense(4, "relu")(numbers), seen, read])
    joint = L.Dropout(0.2)(L.BatchNormalization()(joint))
    return keras.Model([image, numbers, tokens], L.Dense(1)(joint))  # in another order than the data's


@exhibit("several")
def inputs_in_a_dict(keras, L, shape):
    numbers, image, tokens = inputs_of(keras, shape)
    joint = L.Concatenate()([numbers, L.Flatten()(image), L.Flatten()(L.Embedding(20, 2)(tokens))])
    inputs = {"tokens": tokens, "image": image, "numbers": numbers}
    return keras.Model(inputs, L.Dense(1)(L.Dense(4, "relu")(joint)))


@exhibit("several")
def inputs_without_names(keras, L, shape):
    numbers, image, tokens = inputs_of(keras, shape, named=False)
    wide = L.Dense(1)(numbers)
    deep = L.Dense(1)(L.Dense(4, "relu")(L.Concatenate()([L.Flatten()(image), numbers])))
    return keras.Model([numbers, image, tokens], wide + deep + L.Dense(1)(L.CategoryEncoding(20)(tokens)))


@exhibit("several")
def integers_as_an_input(keras, L, shape):
    numbers, image = (keras.Input(shape[name], name=name) for name in ("numbers", "image"))
    tokens = keras.Input(shape["tokens"], dtype="int32", name="tokens")
    looked_up = L.GlobalAveragePooling1D()(L.Embedding(20, 4)(tokens))
    seen = L.GlobalAveragePooling2D()(image)
    return keras.Model([tokens, numbers, image], L.Dense(1)(L.Concatenate()([looked_up, numbers, seen])))


@exhibit("several")
def an_embedding_shared_by_parts_of_an_input(keras, L, shape):
    numbers, image, tokens = inputs_of(keras, shape)
    words = L.Embedding(20, 4)
    pool = L.GlobalAveragePooling1D()
    left, right = pool(words(tokens[:, :3])), pool(words(tokens[:, 3:]))
    return keras.Model(
        [numbers, image, tokens], L.Dense(1)(L.Concatenate()([left * right, numbers, L.Flatten()(image)]))
    )


@exhibit("several", batch_size=8)
def subclassed_that_takes_a_dict(keras, L, shape):
    class OfADict(keras.Model):
        def __init__(self):
            super().__init__()
            self.look, self.words, self.flat = L.Conv2D(2, 2, activation="relu"), L.Embedding(20, 2), L.Flatten()
            self.body, self.norm, self.head = L.Dense(4, "tanh"), L.BatchNormalization(), L.Dense(1)

        def call(self, inputs, training=False):
            seen, read = self.look(inputs["image"]), self.words(inputs["tokens"])
            parts = [self.body(inputs["numbers"]), self.norm(self.flat(seen), training=training), self.flat(read)]
            return self.head(keras.ops.concatenate(parts, axis=1))

    return OfADict()


@exhibit("several")
def subclassed_that_takes_a_list(keras, L, shape):
    class OfAList(keras.Model):
        def __init__(self):
            super().__init__()
            self.body, self.words, self.flat, self.head = L.Dense(4), L.Embedding(20, 2), L.Flatten(), L.Dense(1)

        def call(self, inputs):
            numbers, image, tokens = inputs
            read = self.flat(self.words(tokens))
            joint = keras.ops.concatenate([self.body(numbers), self.flat(image), read], axis=1)
            return self.head(joint)

    return OfAList()


# What the compiled program cannot do.


@exhibit("several", by_fit="the model has its own train_step")
def own_train_step_of_several_inputs(keras, L, shape):
    class Halved(keras.Model):
        def train_step(self, data):
            x, y = data[:2]
            return super().train_step((x | {"numbers": x["numbers"] / 2}, y))

    numbers, image, tokens = inputs_of(keras, shape)
    joint = L.Concatenate()([numbers, L.Flatten()(image), L.Flatten()(L.Embedding(20, 2)(tokens))])
    return Halved({"numbers": numbers, "image": image, "tokens": tokens}, L.Dense(1)(joint))


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


@exhibit("vector", by_fit="cannot compile the training: XLA has no EagerPyFunc, which layer 'python' uses")
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
