"""A step of an MLP, a CNN and an LSTM on digits, by `fit` and by regsearch, and what Dropout adds."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

from benchmarks import ours
from benchmarks.keras_loops import BATCH, fit_as_written
from benchmarks.measure import Contender, Ratio, Report, round_robin, times
from regsearch.backend import load_keras
from regsearch.data import load, make_split
from regsearch.models import BUILDERS
from regsearch.spec import DataSpec, ModelSpec, SplitSpec, TrainingSpec, TrialSpec

LOSS = "sparse_categorical_crossentropy"
NAMES = {"mlp": "MLP 64-128-64-10", "cnn": "CNN, Conv2D 16 and 32", "lstm": "LSTM(32), 8 steps"}
HIDDEN = (128, 64)
FASTER = 10.0  # than fit, at least
DROPOUT = 3.0  # times as long as without, at most


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much work a round is, in epochs; how many batches an epoch; and how many rounds there are."""

    rounds: int = 5
    batches: int = 42  # of the 56 that there are rows for
    fit: int = 5
    mlp: int = 200
    dropout: int = 20
    cnn: int = 20
    lstm: int = 50


QUICK = Sizes(rounds=1, batches=1, fit=1, mlp=2, dropout=2, cnn=1, lstm=1)


def report(sizes: Sizes) -> Report:
    """Measure and return the section."""
    with patch.dict(BUILDERS, MODELS):
        pairs = {name: _pair(name, kind, sizes) for kind, name in NAMES.items()}
        without, dropout = _dropout_pair(sizes)
        found = round_robin([*(c for pair in pairs.values() for c in pair), without, dropout], sizes.rounds)
    ratios = [
        Ratio(name=f"{fit.name} / ours", value=times(found[fit.name], found[mine.name]), at_least=FASTER)
        for fit, mine in pairs.values()
    ]
    added = times(found[dropout.name], found[without.name])
    return Report(
        title=f"Layers: digits, {sizes.batches * BATCH:,} rows, batches of {BATCH}, Adam",
        unit="step",
        figures=tuple(found.values()),
        ratios=(*ratios, Ratio(name="with Dropout / without, ours", value=added, at_most=DROPOUT)),
        notes=("fit does not validate, and ours scores the last epoch alone; what curves add is measured on its own.",),
    )


def spec(kind: str, *, epochs: int, batches: int) -> TrialSpec:
    """Return the training of one of MODELS on so many full batches of digits."""
    return TrialSpec(
        data=_data(batches),
        metric="accuracy",
        model=ModelSpec(builder=_registered(kind), options=()),
        training=TrainingSpec(epochs=epochs, batch_size=BATCH),
    )


def _data(batches: int) -> DataSpec:
    return DataSpec(source="digits", split=SplitSpec(train=batches * BATCH, validation=449), scale="standard")


def _pair(name: str, kind: str, sizes: Sizes) -> tuple[Contender, Contender]:
    data, epochs, batches = _data(sizes.batches), getattr(sizes, kind), sizes.batches
    shape, outputs = load(data).x.shape[1:], load(data).n_outputs
    build = partial(MODELS[_registered(kind)], shape, outputs, output_activation="softmax")
    split = make_split(data)
    fit = fit_as_written(f"{name}, fit as written", build, split, loss=LOSS, epochs=sizes.fit, steps=batches)
    mine = ours.training(
        f"{name}, ours", spec(kind, epochs=epochs, batches=batches), units=epochs * batches, curve=False
    )
    return fit, mine


def _dropout_pair(sizes: Sizes) -> tuple[Contender, Contender]:
    specs = [spec(kind, epochs=sizes.dropout, batches=sizes.batches) for kind in ("mlp", "dropout")]
    units = sizes.dropout * sizes.batches
    return (
        ours.training("MLP without Dropout, ours", specs[0], units=units, curve=False),
        ours.training("MLP with Dropout(0.5) twice, ours", specs[1], units=units, curve=False),
    )


def _registered(kind: str) -> str:
    return f"benchmark_{kind}"  # so that no builder of that name is hidden


def _mlp(input_shape: tuple[int, ...], n_outputs: int, *, output_activation: str, dropout: float = 0.0) -> Any:
    keras = load_keras()
    layers: list[Any] = []
    for units in HIDDEN:
        layers += [keras.layers.Dense(units, activation="relu"), *([keras.layers.Dropout(dropout)] if dropout else [])]
    return _sequential(input_shape, layers, n_outputs, output_activation)


def _cnn(input_shape: tuple[int, ...], n_outputs: int, *, output_activation: str) -> Any:
    layers = load_keras().layers
    stack = [
        layers.Reshape((8, 8, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 3, activation="relu"),
        layers.Flatten(),
    ]
    return _sequential(input_shape, stack, n_outputs, output_activation)


def _lstm(input_shape: tuple[int, ...], n_outputs: int, *, output_activation: str) -> Any:
    layers = load_keras().layers
    return _sequential(input_shape, [layers.Reshape((8, 8)), layers.LSTM(32)], n_outputs, output_activation)


def _sequential(input_shape: tuple[int, ...], layers: list[Any], n_outputs: int, activation: str) -> Any:
    keras = load_keras()
    return keras.Sequential([keras.Input(input_shape), *layers, keras.layers.Dense(n_outputs, activation=activation)])


MODELS: dict[str, Callable[..., Any]] = {
    _registered("mlp"): _mlp,
    _registered("cnn"): _cnn,
    _registered("lstm"): _lstm,
    _registered("dropout"): partial(_mlp, dropout=0.5),
}
