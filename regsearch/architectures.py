"""The built-in builders: a perceptron, a convolutional and a recurrent network.

Layers that can be penalized are called `conv_1`, `lstm_1` or `gru_1`, `hidden_1` … in their order, and `output`.
The defaults of their options stand in regsearch.builders.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from regsearch.backend import load_keras
from regsearch.errors import ModelError

if TYPE_CHECKING:
    import keras

Shape = tuple[int, ...]


def mlp(
    input_shape: Shape,
    n_outputs: int,
    *,
    output_activation: str,
    hidden: Sequence[int],
    activation: str,
    dropout: float,
    batch_normalization: bool,
) -> "keras.Sequential":
    """Return a multi-layer perceptron; rows that are images or sequences are flattened.

    Args:
        input_shape: shape of one row.
        n_outputs: numbers the model gives for a row.
        output_activation: activation of the output layer.
        hidden: units of each hidden layer; empty for a linear model.
        activation: activation of the hidden layers.
        dropout: share of each hidden layer's outputs that is dropped in training.
        batch_normalization: whether each hidden layer is normalized before its activation.
    """
    layers = load_keras().layers
    flat = [layers.Flatten()] if len(input_shape) != 1 else []
    return _sequential(
        "mlp",
        input_shape,
        *flat,
        *_hidden(hidden, activation, dropout, batch_normalization),
        layers.Dense(n_outputs, activation=output_activation, name="output"),
    )


def cnn(
    input_shape: Shape,
    n_outputs: int,
    *,
    output_activation: str,
    filters: Sequence[int],
    kernel_size: int,
    pooling: int,
    hidden: Sequence[int],
    activation: str,
    dropout: float,
    batch_normalization: bool,
) -> "keras.Sequential":
    """Return convolutions with padding, each followed by max pooling, then dense layers.

    Args:
        input_shape: (height, width, channels) of images, or (steps, channels) of sequences.
        n_outputs: numbers the model gives for a row.
        output_activation: activation of the output layer.
        filters: filters of each convolution.
        kernel_size: width of the filters.
        pooling: width of the pooling; 1 for none.
        hidden: units of each dense layer before the output.
        activation: activation of all layers but the output.
        dropout: share of each dense layer's outputs that is dropped in training.
        batch_normalization: whether each layer is normalized before its activation.

    Raises:
        ModelError: rows are neither images nor sequences, or too small to be pooled so often.
    """
    layers = load_keras().layers
    if len(input_shape) not in (2, 3):
        problem = f"cnn takes rows of height x width x channels, or steps x channels; they are {_by(input_shape)}"
        raise ModelError("data.shape", f"{problem}; write it as in shape = [8, 8, 1]")
    if min(input_shape[:-1]) < pooling ** len(filters):
        problem = f"{len(filters)} layers of pooling {pooling} leave nothing of rows of {_by(input_shape)}"
        raise ModelError("model.filters", f"{problem}; use fewer, or pooling = 1")
    convolution, pool = (
        (layers.Conv2D, layers.MaxPooling2D) if len(input_shape) == 3 else (layers.Conv1D, layers.MaxPooling1D)
    )
    convolved: list[keras.Layer] = []
    for i, count in enumerate(filters, start=1):

        def make(own: str, name: str = f"conv_{i}", count: int = count) -> "keras.Layer":
            return convolution(count, kernel_size, padding="same", activation=own, name=name)

        convolved += _activated(make, activation, batch_normalization)
        convolved += [pool(pooling)] if pooling > 1 else []
    return _sequential(
        "cnn",
        input_shape,
        *convolved,
        layers.Flatten(),
        *_hidden(hidden, activation, dropout, batch_normalization),
        layers.Dense(n_outputs, activation=output_activation, name="output"),
    )


def lstm(
    input_shape: Shape,
    n_outputs: int,
    *,
    output_activation: str,
    units: Sequence[int],
    cell: str,
    bidirectional: bool,
    hidden: Sequence[int],
    activation: str,
    dropout: float,
) -> "keras.Sequential":
    """Return recurrent layers, of which the last gives its last state, then dense layers.

    Args:
        input_shape: (steps, features).
        n_outputs: numbers the model gives for a row.
        output_activation: activation of the output layer.
        units: units of each recurrent layer.
        cell: `lstm` or `gru`.
        bidirectional: whether sequences are read from both ends.
        hidden: units of each dense layer before the output.
        activation: activation of the dense layers.
        dropout: share of each layer's outputs that is dropped in training.

    Raises:
        ModelError: rows are no sequences.
    """
    layers = load_keras().layers
    if len(input_shape) != 2:
        problem = f"lstm takes rows of steps x features; they are {_by(input_shape)}"
        raise ModelError("data.shape", f"{problem}; write it as in shape = [20, 1]")
    kind = {"lstm": layers.LSTM, "gru": layers.GRU}[cell]
    recurrent: list[keras.Layer] = []
    for i, count in enumerate(units, start=1):
        layer = kind(count, return_sequences=i < len(units), name=f"{cell}_{i}")
        recurrent.append(layers.Bidirectional(layer, name=f"both_{i}") if bidirectional else layer)
        recurrent += [layers.Dropout(dropout)] if dropout else []
    return _sequential(
        "lstm",
        input_shape,
        *recurrent,
        *_hidden(hidden, activation, dropout, False),
        layers.Dense(n_outputs, activation=output_activation, name="output"),
    )


def _sequential(name: str, input_shape: Shape, *layers: "keras.Layer") -> "keras.Sequential":
    return load_keras().Sequential([load_keras().Input(input_shape), *layers], name=name)


def _hidden(units: Sequence[int], activation: str, dropout: float, batch_normalization: bool) -> list["keras.Layer"]:
    layers, made = load_keras().layers, list["keras.Layer"]()
    for i, count in enumerate(units, start=1):

        def make(own: str, name: str = f"hidden_{i}", count: int = count) -> "keras.Layer":
            return layers.Dense(count, activation=own, name=name)

        made += _activated(make, activation, batch_normalization)
        made += [layers.Dropout(dropout)] if dropout else []
    return made


def _activated(make: Callable[[str], "keras.Layer"], activation: str, batch_normalization: bool) -> list["keras.Layer"]:
    """Return a layer with its activation, and batch normalization between the two where asked for."""
    layers = load_keras().layers
    if not batch_normalization:
        return [make(activation)]
    return [make("linear"), layers.BatchNormalization(), layers.Activation(activation)]


def _by(shape: Shape) -> str:
    return " x ".join(map(str, shape))
