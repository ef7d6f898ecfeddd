"""Models of every family of Keras' layers."""

from tests.keras_zoo.zoo import exhibit

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
