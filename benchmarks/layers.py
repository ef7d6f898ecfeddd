"""A step of an MLP, a CNN and an LSTM on digits, by `fit` and by regsearch, and what Dropout adds."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

from benchmarks import keras_loops, ours
from benchmarks.measure import Contender, Ratio, Report, round_robin, times
from regsearch.backend import load_keras
from regsearch.data import Split, load, make_split
from regsearch.models import BUILDERS
from regsearch.spec import DataSpec, ModelSpec, SplitSpec, TrainingSpec, TrialSpec

DATA = DataSpec(
    source="digits", split=SplitSpec(train=42 * 32, validation=449), scale="standard"
)  # no smaller last batch
LOSS = "sparse_categorical_crossentropy"
HIDDEN = (128, 64)
FASTER = 10.0  # than fit, at least
DROPOUT = 3.0  # times as long as without, at most


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much work a round is, in epochs, and how many rounds there are."""

    rounds: int = 5
    fit: int = 5
    mlp: int = 1000
    dropout: int = 200
    cnn: int = 20
    lstm: int = 50


QUICK = Sizes(rounds=1, fit=1, mlp=2, dropout=2, cnn=1, lstm=1)


def report(sizes: Sizes) -> Report:
    """Measure and return the section."""
    names = {"mlp": "MLP 64-128-64-10", "cnn": "CNN, Conv2D 16 and 32", "lstm": "LSTM(32), 8 steps"}
    with patch.dict(BUILDERS, MODELS):
        pairs = {name: _pair(name, kind, getattr(sizes, kind), sizes.fit) for kind, name in names.items()}
        without, dropout = _dropout_pair(sizes.dropout)
        found = round_robin([*(c for pair in pairs.values() for c in pair), without, dropout], sizes.rounds)
    ratios = [
        Ratio(name=f"{fit.name} / ours", value=times(found[fit.name], found[mine.name]), at_least=FASTER)
        for fit, mine in pairs.values()
    ]
    added = times(found[dropout.name], found[without.name])
    return Report(
        title="Layers: digits, 1,344 rows, batches of 32, Adam",
        unit="step",
        figures=tuple(found.values()),
        ratios=(*ratios, Ratio(name="with Dropout / without, ours", value=added, at_most=DROPOUT)),
        notes=("Ours records its learning curve (at most 200 points a training), fit does not validate.",),
    )


def spec(builder: str, epochs: int) -> TrialSpec:
    """Return the training of one of MODELS on digits."""
    return TrialSpec(
        data=DATA,
        metric="accuracy",
        model=ModelSpec(builder=_registered(builder), options=()),
        training=TrainingSpec(epochs=epochs, batch_size=keras_loops.BATCH),
    )


def steps(split: Split) -> int:
    """Return how many steps an epoch has."""
    return len(split.train.x) // keras_loops.BATCH


def _pair(name: str, kind: str, epochs: int, fit_epochs: int) -> tuple[Contender, Contender]:
    split = make_split(DATA)
    each = steps(split)
    build = partial(
        MODELS[_registered(kind)], split.train.x.shape[1:], load(DATA).n_outputs, output_activation="softmax"
    )
    fit = keras_loops.fit_as_written(f"{name}, fit as written", build, split, loss=LOSS, epochs=fit_epochs, steps=each)
    return fit, ours.training(f"{name}, ours", spec(kind, epochs), units=epochs * each)


def _dropout_pair(epochs: int) -> tuple[Contender, Contender]:
    units = epochs * steps(make_split(DATA))
    return (
        ours.training("MLP without Dropout, ours", spec("mlp", epochs), units=units),
        ours.training("MLP with Dropout(0.5) twice, ours", spec("dropout", epochs), units=units),
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
