"""Scripts that train a recorded repeat again: they run, and print its score."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from regsearch.errors import InputError
from regsearch.script import Script, keras_script
from regsearch.script.code import Code
from regsearch.script.network import is_built_in
from regsearch.spec import (
    DataSpec,
    EarlyStopping,
    ModelSpec,
    Named,
    Penalty,
    Phase,
    SplitSpec,
    TableSpec,
    Target,
    TrainingSpec,
    TrialSpec,
)
from regsearch.trial import evaluate
from tests.scripts import scores_of

SEED, REPEAT = 11, 1
# Each takes a process seconds; REGSEARCH_SCRIPTS=all trains them all.
TRAINED = ("cnn", "lstm", "price", "left")
ROW, R2, RELATIVE = "row", 1e-3, 1e-4  # what a score may be off by: one row of those it is counted on, or so much

FILES = {
    "my_model.py": """
import keras

def build(input_shape, n_outputs, units=8):
    hidden = keras.layers.Dense(units, activation="tanh", kernel_regularizer="l2")
    model = keras.Sequential([hidden, keras.layers.Dense(n_outputs, activation="sigmoid")])
    model.compile(optimizer=keras.optimizers.SGD(0.05, momentum=0.9), loss="binary_crossentropy")
    return model

def seeded(input_shape, n_outputs):
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(n_outputs, "sigmoid")])

class Own(keras.Sequential):
    def train_step(self, data):
        return super().train_step(data)

def own_step(input_shape, n_outputs):
    return Own([keras.Input(input_shape), keras.layers.Dense(n_outputs, "sigmoid")])
""",
    "my-data.py": """
import numpy as np

def load(n):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 6, 2)).astype("float32")
    y = np.array(["a", "b", "c"])[(x.sum(axis=(1, 2)) > 0).astype(int) + (x[:, 0, 0] > 1)]
    return {"x": x, "y": y, "groups": np.arange(n) // 4}
""",
    "my_inputs.py": """
import keras
import numpy as np

def build(input_shape, n_outputs, output_activation):
    inputs = {name: keras.Input(shape, name=name) for name, shape in input_shape.items()}
    flat = keras.layers.Concatenate()([keras.layers.Flatten()(each) for each in inputs.values()])
    return keras.Model(inputs, keras.layers.Dense(n_outputs, output_activation)(flat))

def masked(input_shape, n_outputs, output_activation):
    layers = [keras.layers.Masking(-1.0), keras.layers.LSTM(3), keras.layers.Dense(n_outputs, output_activation)]
    return keras.Sequential([keras.Input(input_shape), *layers])

def tokens(input_shape, n_outputs, output_activation):
    layers = [keras.layers.Embedding(30, 2), keras.layers.GRU(3), keras.layers.Dense(n_outputs, output_activation)]
    return keras.Sequential([keras.Input(input_shape), *layers])

def two():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(90, 3)), rng.integers(0, 256, (90, 4, 4), dtype=np.uint8)
    return {"x": {"a": a, "b": b}, "y": np.stack([a[:, 0], a[:, 1] * 100], axis=1)}

def padded():
    x = np.random.default_rng(0).normal(3, 2, (90, 7, 2))
    x[:40, 4:] = -1
    return x, x[:, 0, 0]

def words():
    x = np.random.default_rng(0).integers(1, 30, (90, 7))
    return x, (x[:, 0] > 15).astype(int)

def labels():
    x = np.random.default_rng(0).normal(size=(90, 3))
    return x, (x > 0.3).astype(int)
""",
    "my_metric.py": "def half_right(y, predicted):\n    return ((predicted > 0.5) == y) / 2\n",
}


def people(rows: int = 160) -> str:
    """A table with categories, an order, true and false, and missing values."""
    rng = np.random.default_rng(1)
    lines = ["age,city,size,income,smoker,left,price,part,patient,day"]
    for i in range(rows):
        age, income = int(rng.integers(18, 80)), round(float(rng.uniform(1e3, 9e3)), 2)
        city, size = str(rng.choice(["Bern", "Basel", "Chur"])), str(rng.choice(list("SML")))
        price = age * 1000 + income * 3 + {"Bern": 0, "Basel": 20000, "Chur": -10000}[city] + rng.normal(0, 5000)
        shown = [
            "" if rng.random() < 0.1 else str(age),
            "NA" if rng.random() < 0.1 else city,
            size,
            "" if rng.random() < 0.05 else str(income),
            str(rng.choice(["true", "false"])),
            "yes" if price > 70000 else "no",
            f"{price:.2f}",
            "train" if i % 3 else "validation",
            f"p{rng.integers(1, 30)}",
            f"2024-{1 + i // 28:02d}-{1 + i % 28:02d}",
        ]
        lines.append(",".join(shown))
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scripts")
    for name, content in (FILES | {"people.csv": people()}).items():
        (folder / name).write_text(content)
    rng = np.random.default_rng(2)
    x = rng.normal(5412345.678, 3.0, (120, 3))
    np.savez(folder / "far.npz", x=x, y=x[:, 0] - x[:, 1] + rng.normal(0, 0.1, 120), weights=rng.uniform(0.5, 2, 120))
    return folder


def table(target: str, folder: Path, **given: object) -> DataSpec:
    """The table, every other column that could be a target or the like left out."""
    split = given.pop("split", SplitSpec(validation=0.25, test=0.25))
    used = {target, *filter(None, (given.get("group"), given.get("time"), split.column))}
    columns = {
        "target": (target,),
        "drop": tuple(c for c in ("left", "price", "part", "patient", "day") if c not in used),
        "encode": (("city", "one-hot"), ("size", ("S", "M", "L")), ("smoker", "one-hot")),
        "missing": (("", "impute"),),
    }
    spec = TableSpec(**columns | given)
    return DataSpec(source="people.csv", folder=str(folder), scale="auto", split=split, table=spec)


def specs(folder: Path) -> dict[str, tuple[TrialSpec, object]]:
    """What is trained, and by how much its score may be off."""
    here, few, small = str(folder), TrainingSpec(epochs=10), ModelSpec(options=(("hidden", (16,)),))
    l2 = (Penalty(target=Target(), l2=1e-3),)
    both = Target(layers="LSTM", weights=("kernel", "recurrent"))
    moons = DataSpec(source="moons", split=SplitSpec(train=30, validation=70))
    digits = DataSpec(
        source="digits", shape=(8, 8, 1), scale="auto", split=SplitSpec(train=200, validation=300, test=400)
    )
    function = DataSpec(source="my-data.py:load", folder=here, scale="auto", params=(("n", 80),))

    def own(name: str, **given: Any) -> DataSpec:
        return DataSpec(source=f"my_inputs.py:{name}", folder=here, scale="auto", **given)

    def own_model(name: str) -> ModelSpec:
        return ModelSpec(builder=f"my_inputs.py:{name}", options=(), folder=here)

    decay = Named(name="cosine_decay", options=(("decay_steps", 100),))
    return {
        "mlp": (TrialSpec(data=moons, metric="accuracy", training=TrainingSpec(epochs=20), penalties=l2), ROW),
        "cnn": (
            TrialSpec(
                data=digits,
                metric="accuracy",
                training=TrainingSpec(epochs=3),
                penalties=(Penalty(target=Target(layers="Conv2D"), l2=1e-3),),
                model=ModelSpec(builder="cnn", options=(("filters", (8, 8)), ("hidden", (16,)))),
                resample=True,
            ),
            ROW,
        ),
        "lstm": (
            TrialSpec(
                data=DataSpec(source="waves", n_samples=160, split=SplitSpec(train=60, validation=100)),
                metric="auc",
                training=TrainingSpec(epochs=4),
                penalties=(Penalty(target=both, l1=1e-4, l2=1e-3),),
                model=ModelSpec(builder="lstm", options=(("units", (8,)),)),
            ),
            RELATIVE,
        ),
        "stopped": (
            TrialSpec(
                data=DataSpec(source="diabetes", scale="auto", split=SplitSpec(validation=0.25, test=0.25)),
                metric="r2",
                training=TrainingSpec(epochs=20, early_stopping=EarlyStopping(patience=2, min_delta=1.0)),
                weight_decay=1e-2,
                model=ModelSpec(options=(("hidden", (16, 16)),)),
                resample=True,
            ),
            R2,
        ),
        "phases": (
            TrialSpec(
                data=DataSpec(source="breast_cancer", scale="auto", split=SplitSpec(folds=4)),
                metric="log_loss",
                training=few,
                phases=(Phase(epochs=5), Phase(epochs=5, penalties=l2)),
                model=small,
            ),
            RELATIVE,
        ),
        "price": (TrialSpec(data=table("price", folder), metric="r2", training=few, penalties=l2, model=small), R2),
        "left": (
            TrialSpec(
                data=table("left", folder, missing=(("", "most-frequent"), ("age", "drop"))),
                metric="f1",
                training=replace(few, class_weight="balanced"),
                penalties=l2,
                model=small,
                resample=True,
            ),
            RELATIVE,
        ),
        "by column": (
            TrialSpec(
                data=table("left", folder, split=SplitSpec(column="part")), metric="brier", training=few, model=small
            ),
            RELATIVE,
        ),
        "groups": (
            TrialSpec(
                data=table("left", folder, group="patient"), metric="accuracy", training=few, model=small, resample=True
            ),
            ROW,
        ),
        "in time": (
            TrialSpec(
                data=table("price", folder, time="day", split=SplitSpec(validation=0.25, order="time")),
                metric="mae",
                training=TrainingSpec(epochs=10, loss=Named(name="huber", options=(("delta", 0.5),)), schedule=decay),
                penalties=l2,
                model=small,
            ),
            RELATIVE,
        ),
        "own model": (
            TrialSpec(
                data=table("left", folder),
                metric="my_metric.py:half_right",
                metric_folder=here,
                training=few,
                penalties=l2,
                model=ModelSpec(builder="my_model.py:build", options=(("units", 5),), folder=here),
            ),
            ROW,
        ),
        "own data": (
            TrialSpec(
                data=replace(function, split=SplitSpec(validation=0.25, test=0.25)),
                metric="top_2",
                training=replace(few, loss=Named(name="categorical_crossentropy", options=(("label_smoothing", 0.1),))),
                penalties=(Penalty(target=Target(layers="all", weights=("kernel", "bias")), l2=1e-3, ratio=0.5),),
                model=ModelSpec(builder="lstm", options=(("bidirectional", True), ("cell", "gru"), ("units", (4,)))),
            ),
            ROW,
        ),
        **{
            name: (TrialSpec(data=data, metric=metric, training=few, model=model), off_by)
            for name, metric, data, model, off_by in (
                ("two inputs", "r2", own("two", inputs=(("a", ()), ("b", ()))), own_model("build"), R2),
                ("padding", "mape", own("padded"), own_model("masked"), RELATIVE),
                ("tokens", "log_loss", own("words"), own_model("tokens"), 1e-3),
                ("labels", "subset_accuracy", own("labels"), small, ROW),
            )
        },
        "arrays": (
            TrialSpec(
                data=DataSpec(source="far.npz", folder=here, scale="auto"),
                metric="rmse",
                training=few,
                penalties=l2,
                model=small,
            ),
            RELATIVE,
        ),
    }


@pytest.fixture(scope="module")
def script_of(folder: Path) -> Callable[[str], Script]:
    """A script by the name of what it trains; written once, as each takes a model of its own."""
    trained = specs(folder)
    return cache(
        lambda name: keras_script(trained[name][0], seed=SEED, repeat=REPEAT, script=folder / f"{name}.py", about=name)
    )


def test_each_reads_the_rows_and_starts_from_the_weights_of_its_repeat(folder: Path, script_of) -> None:
    for name in specs(folder):
        written = script_of(name)
        assert written.exact, (name, written.reasons)
        assert not re.search(r"\b(regsearch|storage|sweeps)\b", written.text), name
        compile(written.text, name, "exec")


def test_each_prints_the_score_of_its_repeat(folder: Path, script_of) -> None:
    paths, wanted = [], []
    for name, (spec, off_by) in specs(folder).items():
        if name not in TRAINED and os.environ.get("REGSEARCH_SCRIPTS") != "all":
            continue
        paths.append(folder / f"{name}.py")
        paths[-1].write_text(script_of(name).text)
        (repeat,) = evaluate(spec.trained_by("graph"), {REPEAT: SEED})  # which is there sooner than XLA's program
        assert repeat.validation is not None and repeat.validation_rows is not None
        score = repeat.validation.score
        allowed = {ROW: 1 / len(repeat.validation_rows.rows), RELATIVE: RELATIVE * max(1, abs(score))}.get(
            off_by, off_by
        )
        wanted.append(pytest.approx(score, abs=allowed))
    assert scores_of(paths) == wanted


def test_layers_have_their_penalties_as_arguments(script_of) -> None:
    written = script_of("cnn").text
    assert '            8, 3, padding="same", activation="relu",\n' in written
    assert "            kernel_regularizer=keras.regularizers.L2(0.001),\n" in written
    assert written.count("kernel_regularizer") == 2  # of each convolution


def test_random_layers_are_said(folder: Path) -> None:
    spec = specs(folder)["mlp"][0]
    dropping = replace(spec, model=ModelSpec(options=(("dropout", 0.5), ("hidden", (8,)))))
    written = keras_script(dropping, seed=SEED, script=folder / "s.py")
    assert not written.exact and "Random layers draw other numbers" in written.text.split('"""')[1]


def test_a_builder_that_seeds_itself_is_said(folder: Path) -> None:
    spec = specs(folder)["mlp"][0]
    model = ModelSpec(builder="my_model.py:seeded", options=(), folder=str(folder))
    written = keras_script(replace(spec, model=model, penalties=()), seed=SEED, script=folder / "s.py")
    assert not written.exact and "gives other initial weights" in written.text.split('"""')[1]


def test_a_training_step_of_its_own_is_refused(folder: Path) -> None:
    spec = specs(folder)["mlp"][0]
    model = ModelSpec(builder="my_model.py:own_step", options=(), folder=str(folder))
    with pytest.raises(InputError, match="has its own train_step"):
        keras_script(replace(spec, model=model), seed=SEED, script=folder / "s.py")


def test_a_builder_in_no_file_is_refused() -> None:
    with pytest.raises(InputError, match="this one is in none"):
        is_built_in(ModelSpec(builder="memory:build-0"))


def test_a_file_that_the_script_needs_is_not_replaced(folder: Path) -> None:
    spec = specs(folder)["own model"][0]
    with pytest.raises(InputError, match=r"my_model.py is the file of 'my_model.py:build'"):
        keras_script(spec, seed=SEED, script=folder / "my_model.py")


def test_rows_that_would_be_read_otherwise_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regsearch.script.writer.rows_code", swapped_rows)
    with pytest.raises(InputError, match="would read other train rows"):
        keras_script(specs(folder)["by column"][0], seed=SEED, script=folder / "s.py")


def swapped_rows(*_: object, code: Code, **__: object) -> None:
    code.add('validation, train = (np.flatnonzero(table["part"] == name) for name in ("train", "validation"))')


def test_files_elsewhere_are_named_in_full(folder: Path, tmp_path: Path, script_of) -> None:
    spec = specs(folder)["price"][0]
    assert 'pd.read_csv(HERE / "people.csv")' in script_of("price").text
    elsewhere = keras_script(spec, seed=SEED, script=tmp_path / "s.py").text
    assert f'pd.read_csv("{(folder / "people.csv").resolve()}")' in elsewhere and "HERE" not in elsewhere
