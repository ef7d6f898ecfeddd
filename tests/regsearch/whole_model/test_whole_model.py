"""One Keras model from raw rows to outputs: saved and loaded, it gives what the network gave, to the last bit."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from regsearch.backend import load_keras
from regsearch.data import load
from regsearch.errors import InputError
from regsearch.fitted import FittedModel, fit_model
from regsearch.spec import DataSpec, ModelSpec, SplitSpec, TableSpec, TrainingSpec, TrialSpec
from regsearch.trial import evaluator
from regsearch.whole_model import raw_rows, save_model, whole_model
from regsearch.whole_model.model_file import outputs_of

ROWS = 120
BUILDERS = """
import keras

def masked(input_shape, n_outputs, output_activation):
    layers = [keras.layers.Masking(-1.0), keras.layers.SimpleRNN(3), keras.layers.Dense(n_outputs, output_activation)]
    return keras.Sequential([keras.Input(input_shape), *layers])

def two(input_shape, n_outputs, output_activation):
    inputs = {name: keras.Input(shape, name=name) for name, shape in input_shape.items()}
    looked_up = keras.layers.Flatten()(keras.layers.Embedding(9, 2)(inputs["words"]))
    joined = keras.layers.Concatenate()([looked_up, keras.layers.Dense(3)(inputs["numbers"])])
    return keras.Model(inputs, keras.layers.Dense(n_outputs, output_activation)(joined))

@keras.saving.register_keras_serializable("mine")
class Doubled(keras.layers.Layer):
    def call(self, x):
        return 2 * x

def own(input_shape, n_outputs, output_activation):
    return keras.Sequential([keras.Input(input_shape), Doubled(), keras.layers.Dense(n_outputs, output_activation)])

def nameless(input_shape, n_outputs, output_activation):
    layers = [keras.layers.Lambda(lambda x: 2 * x), keras.layers.Dense(n_outputs, output_activation)]
    return keras.Sequential([keras.Input(input_shape), *layers])


class Subclassed(keras.Model):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def call(self, x):
        return self.layer(x)


def silent(n_outputs, output_activation):
    return Subclassed(keras.layers.Dense(n_outputs, output_activation))
"""
ENCODE = (("city", "one-hot"), ("grade", "one-hot"), ("ok", "one-hot"), ("rate/day", "ordinal"), ("size", ("lo", "hi")))
EVERY_KIND = {"encode": ENCODE, "missing": (("", "impute"),)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    there, rng = tmp_path_factory.mktemp("whole"), np.random.default_rng(3)
    (there / "my_models.py").write_text(BUILDERS)
    at = rng.normal(size=ROWS) * 1e3 + 5412345.678  # 3 of its digits would be left in float32
    frame = pd.DataFrame(
        {
            "city": rng.choice(["Bern", "Genève", None], ROWS),
            "at": np.where(rng.random(ROWS) < 0.1, np.nan, at),
            "grade": rng.choice([1, 2, 3], ROWS),
            "ok": rng.choice([True, False], ROWS),
            "size": rng.choice(["lo", "hi"], ROWS),
            "rate/day": rng.choice([0.1, 0.2, 0.7, np.nan], ROWS),
            "yes": np.where(at > 5412345, "yes", "no"),
            "price": at / 10 + rng.normal(size=ROWS),
        }
    )
    frame.to_csv(there / "every.csv", index=False)
    steps = rng.normal(size=(ROWS, 5, 2)) + 1
    steps[rng.random((ROWS, 5)) < 0.3] = -1.0
    y = np.arange(ROWS) % 2
    np.savez(there / "steps.npz", x=steps, y=y)
    np.savez(there / "images.npz", x=rng.integers(0, 256, (ROWS, 4, 4, 1)).astype(np.uint8), y=y)
    np.savez(there / "two.npz", words=rng.integers(0, 9, (ROWS, 3)), numbers=rng.normal(1000, 5, (ROWS, 2)), y=y)
    return there


def table(target: str, **more: Any) -> dict[str, Any]:
    others = {"yes": "price", "price": "yes"}
    return {"source": "every.csv", "table": TableSpec(target=(target,), drop=(others[target],), **EVERY_KIND, **more)}


CASES: dict[str, tuple[dict[str, Any], Any, str]] = {
    "table": (table("yes"), ("mlp", ("hidden", (4,))), "accuracy"),
    "table, regression": (table("price"), ("mlp", ("hidden", (4,))), "r2"),
    "lstm": ({"source": "waves"}, ("lstm", ("units", (3,))), "accuracy"),
    "regression": ({"source": "diabetes"}, ("mlp", ("hidden", (4,)), ("batch_normalization", True)), "r2"),
    "padding": ({"source": "steps.npz"}, ("my_models.py:masked",), "accuracy"),
    "table, two inputs": (
        {
            "source": "every.csv",
            "inputs": (("words", ("grade",)), ("numbers", ("at", "city"))),
            "table": TableSpec(
                target=("yes",),
                drop=("ok", "size", "rate/day", "price"),
                encode=(("city", "one-hot"),),
                missing=(("", "impute"),),
            ),
        },
        ("my_models.py:two",),
        "accuracy",
    ),
    "cnn, images": ({"source": "images.npz"}, ("cnn", ("filters", (2,)), ("hidden", (4,))), "accuracy"),
    "two inputs": ({"source": "two.npz", "inputs": (("words", ()), ("numbers", ()))}, ("my_models.py:two",), "auc"),
}


def spec_of(name: str, folder: Path) -> TrialSpec:
    data, (builder, *options), metric = CASES[name]
    split = SplitSpec(train=60, validation=40) if data["source"] != "waves" else SplitSpec(validation=0.4)
    return TrialSpec(
        data=DataSpec(folder=str(folder), scale="auto", split=split, **data),
        model=ModelSpec(builder=builder, options=tuple(options), folder=str(folder)),
        training=TrainingSpec(epochs=2, engine="graph"),
        metric=metric,
    )


def shown(raw: Any, rows: slice) -> Any:
    return {name: values[rows] for name, values in raw.items()} if isinstance(raw, Mapping) else raw[rows]


@pytest.fixture(scope="module")
def trained(folder: Path) -> Callable[[str], FittedModel]:
    return cache(lambda name: fit_model(spec_of(name, folder), seed=1))


@pytest.mark.parametrize("name", CASES)
def test_the_file_scores_what_its_training_scored(name: str, trained, folder: Path, tmp_path: Path) -> None:
    spec = spec_of(name, folder)
    fitted, data, metric = trained(name), load(spec.data), evaluator(spec).metric
    assert fitted.repeat.validation is not None and fitted.repeat.validation_rows is not None
    rows = fitted.repeat.validation_rows.rows.astype(int)
    raw, wanted = raw_rows(data, rows), fitted.outputs(data.x[rows])
    save_model(whole_model([fitted], "best"), tmp_path / "best.keras", raw, wanted)
    loaded = load_keras().saving.load_model(tmp_path / "best.keras")
    found = outputs_of(loaded, raw)
    assert np.array_equal(found, wanted)
    score = float(np.mean(metric.rows(np, data.y[rows], found)))
    assert score == fitted.repeat.validation.score
    assert os.listdir(tmp_path) == ["best.keras"]
    inexact = data.x.dtype == np.float64  # Keras' predict rounds to float32 before the model sees them
    if not inexact:
        assert np.allclose(loaded.predict(raw, verbose=0), wanted, atol=1e-6)


@pytest.fixture(scope="module")
def members(folder: Path) -> list[FittedModel]:
    spec = replace(spec_of("table, regression", folder), resample=True)
    data = replace(spec.data, split=SplitSpec(validation=0.4))
    return [fit_model(replace(spec, data=data), seed=seed) for seed in (1, 2, 3)]


def test_several_trainings_with_preparations_of_their_own_are_one_model(members, folder: Path, tmp_path: Path) -> None:
    data = load(spec_of("table, regression", folder).data)
    raw, wanted = raw_rows(data), np.mean([member.outputs(data.x.copy()) for member in members], axis=0)
    save_model(whole_model(members, "best"), tmp_path / "best.keras", raw, wanted)
    loaded = load_keras().saving.load_model(tmp_path / "best.keras")
    assert np.allclose(outputs_of(loaded, raw), wanted, rtol=1e-12)
    assert not np.array_equal(members[0].outputs(data.x.copy()), members[1].outputs(data.x.copy()))


def test_raw_rows_are_those_of_the_file(folder: Path) -> None:
    frame, data = pd.read_csv(folder / "every.csv"), load(spec_of("table", folder).data)
    raw = raw_rows(data)
    assert list(raw) == ["city", "at", "grade", "ok", "size", "rate_day"]  # Keras takes no slash
    assert raw["city"].tolist() == frame["city"].fillna("").tolist()
    for name in ("at", "grade", "rate/day"):
        assert np.array_equal(raw[name.replace("/", "_")], frame[name].astype(float), equal_nan=True)


def test_what_was_never_there_is_an_error_or_nan(trained, folder: Path) -> None:
    model, rows = (
        whole_model([trained("table")], "best"),
        shown(raw_rows(load(spec_of("table", folder).data)), slice(0, 3)),
    )
    with pytest.raises(Exception, match=r'found OOV values \["Zug"'):
        model(rows | {"city": np.array(["Bern", "Zug", ""], object)})
    with pytest.raises(Exception, match="found OOV values"):
        model(rows | {"size": np.array(["lo", "", "hi"], object)})  # none was missing in training
    outputs = np.asarray(model(rows | {"grade": np.array([1.0, 9.0, 2.0])}))
    assert np.isnan(outputs[:, 0]).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("builder", "message"),
    [
        ("own", "the model has 'mine>Doubled', which is none of Keras' own"),
        ("nameless", "Keras cannot load .*Lambda"),
        (
            "silent",
            r"Keras cannot save the model: a class of your own has no get_config\(\), .*best\.py",
        ),
    ],
)
def test_what_keras_alone_cannot_load_is_refused(builder: str, message: str, folder: Path, tmp_path: Path) -> None:
    model = ModelSpec(builder=f"my_models.py:{builder}", folder=str(folder), options=())
    training = TrainingSpec(epochs=1, engine="graph")
    spec = TrialSpec(data=DataSpec(source="moons"), metric="accuracy", model=model, training=training)
    fitted, data = fit_model(spec, seed=1), load(spec.data)
    with pytest.raises(InputError, match=message):
        save_model(whole_model([fitted], "best"), tmp_path / "a.keras", data.x[:5], fitted.outputs(data.x[:5]))
    assert os.listdir(tmp_path) == []


def test_a_model_that_gives_something_else_once_loaded_is_refused(members, folder: Path, tmp_path: Path) -> None:
    data = load(spec_of("table, regression", folder).data)
    rows = np.arange(10)
    with pytest.raises(InputError, match="gives other outputs once it is saved and loaded"):
        wanted = members[1].outputs(data.x[rows])
        save_model(whole_model(members[:1], "best"), tmp_path / "a.keras", raw_rows(data, rows), wanted)
    assert os.listdir(tmp_path) == []
