"""Networks of every kind that people train: what benchmarks/zoo.py measures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from regsearch.backend import load_keras
from regsearch.data import DataSet, Split, Subset

CLASSES = 10


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network and what it is trained on.

    Args:
        shape: of a row.
        build: keras.layers -> the layers between input and output, or a function from one tensor to another.
        batch: rows of a step.
        rows: to train on.
        words: how many token ids there are, for a network that takes them.
    """

    shape: tuple[int, ...]
    build: Callable[[Any], Any]
    batch: int = 32
    rows: int = 256
    words: int | None = None

    def model(self, input_shape: tuple[int, ...], n_outputs: int, output_activation: str = "softmax") -> Any:
        """Return a new model."""
        keras = load_keras()
        x, built = keras.Input(input_shape), self.build(keras.layers)
        body = built(x) if callable(built) else keras.Sequential(built)(x)
        return keras.Model(x, keras.layers.Dense(n_outputs, activation=output_activation)(body))

    def data(self) -> tuple[DataSet, Split]:
        """Return rows of noise with labels."""
        rng, total = np.random.default_rng(0), self.rows + 32
        if self.words is None:
            x = rng.normal(size=(total, *self.shape)).astype(np.float32)
        else:
            x = rng.integers(0, self.words, (total, *self.shape)).astype(np.float32)
        y = rng.integers(0, CLASSES, (total, 1)).astype(np.int32)
        data = DataSet(x=x, y=y, task="multiclass", n_outputs=CLASSES, feature_names=(), weights=None)

        def part(rows: slice) -> Subset:
            return Subset(x=x[rows], y=y[rows], rows=np.arange(total, dtype=np.uint32)[rows], weights=None)

        return data, Split(train=part(slice(self.rows)), validation=part(slice(self.rows, None)), test=None)


def _cnn(L: Any) -> list[Any]:
    first, second = (L.Conv2D(n, 3, activation="relu") for n in (32, 64))
    return [first, L.MaxPooling2D(2), second, L.MaxPooling2D(2), L.Flatten(), L.Dense(64, "relu")]


def _resnet(L: Any) -> Callable[[Any], Any]:
    def build(x: Any) -> Any:
        x = L.Conv2D(16, 3, padding="same", activation="relu")(x)
        for filters, strides in ((16, 1), (32, 2), (64, 2)):
            y = L.Conv2D(filters, 3, strides=strides, padding="same")(x)
            y = L.Conv2D(filters, 3, padding="same")(L.ReLU()(L.BatchNormalization()(y)))
            x = x if strides == 1 else L.Conv2D(filters, 1, strides=strides)(x)
            x = L.ReLU()(L.Add()([x, L.BatchNormalization()(y)]))
        return L.GlobalAveragePooling2D()(x)

    return build


def _attention(L: Any) -> Callable[[Any], Any]:
    def build(x: Any) -> Any:
        for _ in range(2):
            x = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(4, 16)(x, x)]))
            x = L.LayerNormalization()(L.Add()([x, L.Dense(64)(L.Dense(128, "relu")(x))]))
        return L.GlobalAveragePooling1D()(x)

    return build


def _dense(*units: int) -> Callable[[Any], list[Any]]:
    return lambda L: [L.Dense(n, "relu") for n in units]


def _then_flat(*layers: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    return lambda L: [*(layer(L) for layer in layers), L.Flatten()]


def _conv(filters: int, window: int = 3, **options: Any) -> Callable[[Any], Any]:
    return lambda L: L.Conv2D(filters, window, activation="relu", **options)


def _conv_1d(filters: int, **options: Any) -> Callable[[Any], Any]:
    return lambda L: L.Conv1D(filters, 5, activation="relu", **options)


_ONE_D = _then_flat(_conv_1d(32), lambda L: L.MaxPooling1D(2), _conv_1d(64))
_STRIDED = _then_flat(*(_conv(n, strides=2, padding="same") for n in (32, 64, 128)))
_NORMALIZED = _then_flat(_conv(32), lambda L: L.BatchNormalization(), lambda L: L.MaxPooling2D(2), _conv(64))

NETWORKS: dict[str, Network] = {
    "CNN 28x28x1, batch 128": Network(shape=(28, 28, 1), build=_cnn, batch=128, rows=1024),
    "CNN 28x28x1, batch 32": Network(shape=(28, 28, 1), build=_cnn),
    "CNN 32x32x3, batch 32": Network(shape=(32, 32, 3), build=_cnn),
    "CNN 32x32x3, batch 128": Network(shape=(32, 32, 3), build=_cnn, batch=128, rows=512),
    "CNN 64x64x3, batch 32": Network(shape=(64, 64, 3), build=_cnn),
    "small ResNet 32x32x3": Network(shape=(32, 32, 3), build=_resnet),
    "strided CNN 32x32x3, batch 128": Network(shape=(32, 32, 3), build=_STRIDED, batch=128, rows=512),
    "SeparableConv2D 32x32x3": Network(
        shape=(32, 32, 3),
        build=_then_flat(lambda L: L.SeparableConv2D(32, 3, activation="relu"), lambda L: L.SeparableConv2D(32, 3)),
    ),
    "DepthwiseConv2D 32x32x16": Network(shape=(32, 32, 16), build=_then_flat(lambda L: L.DepthwiseConv2D(3))),
    "Conv2DTranspose 28x28x1": Network(
        shape=(28, 28, 1), build=_then_flat(_conv(8, strides=2), lambda L: L.Conv2DTranspose(8, 3, strides=2))
    ),
    "dilated Conv1D 100x8": Network(
        shape=(100, 8), build=_then_flat(*(_conv_1d(32, dilation_rate=d) for d in (1, 2, 4)))
    ),
    "dilated Conv2D 28x28x1": Network(shape=(28, 28, 1), build=_then_flat(_conv(16), _conv(16, dilation_rate=2))),
    "overlapping MaxPooling 28x28x1": Network(
        shape=(28, 28, 1), build=_then_flat(_conv(32), lambda L: L.MaxPooling2D(3, strides=2), _conv(32))
    ),
    "AveragePooling 28x28x1": Network(
        shape=(28, 28, 1), build=_then_flat(_conv(32), lambda L: L.AveragePooling2D(2), _conv(64))
    ),
    "BatchNormalization CNN 28x28x1": Network(shape=(28, 28, 1), build=_NORMALIZED),
    "Conv1D 100x8, batch 32": Network(shape=(100, 8), build=_ONE_D),
    "Conv1D 100x8, batch 128": Network(shape=(100, 8), build=_ONE_D, batch=128, rows=1024),
    "case study 2-500": Network(shape=(2,), build=_dense(500), batch=30, rows=30),
    "digits MLP 64-128-64": Network(shape=(64,), build=_dense(128, 64), rows=1344),
    "digits CNN 8x8x1": Network(
        shape=(8, 8, 1), build=_then_flat(_conv(16), lambda L: L.MaxPooling2D(2), lambda L: L.Conv2D(32, 2)), rows=1344
    ),
    "MLP 784-1024-1024, batch 128": Network(shape=(784,), build=_dense(1024, 1024), batch=128, rows=1024),
    "MLP 9 x 512, batch 128": Network(shape=(64,), build=_dense(*[512] * 9), batch=128, rows=1024),
    "MLP with Dropout": Network(
        shape=(64,), build=lambda L: [L.Dense(128, "relu"), L.Dropout(0.5), L.Dense(64, "relu"), L.Dropout(0.5)]
    ),
    "MLP with LayerNormalization": Network(
        shape=(64,), build=lambda L: [L.Dense(128, "gelu"), L.LayerNormalization(), L.Dense(128, "gelu")]
    ),
    "LSTM(64), 50 steps": Network(shape=(50, 8), build=lambda L: [L.LSTM(64)]),
    "GRU(64), 50 steps": Network(shape=(50, 8), build=lambda L: [L.GRU(64)]),
    "Bidirectional LSTM(32), 30 steps": Network(shape=(30, 8), build=lambda L: [L.Bidirectional(L.LSTM(32))]),
    "SimpleRNN(64), 50 steps": Network(shape=(50, 8), build=lambda L: [L.SimpleRNN(64)]),
    "attention, two blocks of 64, 32 steps": Network(shape=(32, 64), build=_attention),
    "Embedding of 10,000 words, 100 of them": Network(
        shape=(100,),
        build=lambda L: [L.Embedding(10_000, 32), L.GlobalAveragePooling1D(), L.Dense(32, "relu")],
        words=10_000,
    ),
    "table of 200,000 x 50, batch 1024": Network(shape=(50,), build=_dense(64, 64), batch=1024, rows=200_000),
    "Conv3D 12x12x12": Network(
        shape=(12, 12, 12, 1), build=_then_flat(*(lambda L, n=n: L.Conv3D(n, 3, activation="relu") for n in (8, 16)))
    ),
}
