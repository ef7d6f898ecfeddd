"""Models of several inputs, from a sweep file to the answer: columns of a CSV file, and arrays."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import storage
from regsearch.spec import Configuration
from regsearch.trial import evaluate
from sweeps.config import SweepConfig
from sweeps.config.toml_file import load, restore
from sweeps.run import run
from sweeps.runtime.checking import check_sweep
from tests.acceptance.command import called

ROWS = 120
MODELS = """
import keras
from keras import layers as L


def wide_and_deep(input_shape, n_outputs, output_activation):
    inputs = {name: keras.Input(shape, name=name) for name, shape in input_shape.items()}
    city = L.Flatten()(L.Embedding(6, 2, name="city_code")(inputs["city"]))
    deep = L.Dense(6, "relu", name="deep")(L.Concatenate()([inputs["numbers"], city]))
    joint = L.Concatenate()([inputs["plan"], deep])
    return keras.Model(list(inputs.values()), L.Dense(n_outputs, output_activation, name="head")(joint))


class OfADict(keras.Model):
    def __init__(self, n_outputs, output_activation):
        super().__init__()
        self.look, self.flat = L.Conv2D(2, 3, activation="relu", name="look"), L.Flatten()
        self.words, self.pool = L.Embedding(9, 3, name="words"), L.GlobalAveragePooling1D()
        self.body = L.Dense(4, "relu", name="body")
        self.head = L.Dense(n_outputs, output_activation, name="head")

    def call(self, inputs):
        seen, read = self.flat(self.look(inputs["image"])), self.pool(self.words(inputs["words"]))
        return self.head(keras.ops.concatenate([seen, read, self.body(inputs["numbers"])], axis=1))


def of_a_dict(n_outputs, output_activation):
    return OfADict(n_outputs, output_activation)
"""
SWEEP = """
name = "{name}"
model.builder = "my_model.py:{builder}"
training = {{ epochs = 30, batch_size = 16, learning_rate = 0.01 }}
search = {{ regularizers = ["none", "l2"], lambda = {{ low = 1e-3, high = 1e-2 }}, strategy = "grid" }}
evaluation.repeats = 2
[data]
{data}
"""
TABLE = """
source = "customers.csv"
target = "left"
encode = { plan = "one-hot", city = "ordinal" }
missing = "impute"
inputs = { plan = ["plan"], numbers = ["bill", "age"], city = "city" }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("inputs"), np.random.default_rng(8)
    plan, city = rng.choice(["basic", "family", "gold"], ROWS), rng.choice(list("uvwxyz"), ROWS)
    bill, age = rng.normal(60, 20, ROWS), rng.integers(18, 80, ROWS).astype(float)
    leaves = (plan == "basic") + (bill - 60) / 20 + rng.logistic(size=ROWS) / 4 > 0.4
    age[::9] = np.nan
    table = {"age": age, "plan": plan, "city": city, "bill": bill, "left": np.where(leaves, "yes", "no")}
    pd.DataFrame(table).to_csv(folder / "customers.csv", index=False)
    image = rng.integers(0, 256, (ROWS, 5, 5, 1)).astype(np.uint8)
    words, numbers = rng.integers(0, 9, (ROWS, 4)), rng.normal(300, 9, (ROWS, 2))
    y = image.mean(axis=(1, 2, 3)) / 20 + (words == 3).sum(axis=1) + (numbers[:, 0] - 300) / 9
    np.savez(folder / "arrays.npz", image=image, words=words, numbers=numbers, y=y)
    (folder / "my_model.py").write_text(MODELS)
    arrays = 'source = "arrays.npz"\ninputs = ["image", "numbers", "words"]'
    for name, builder, data in (("table", "wide_and_deep", TABLE), ("arrays", "of_a_dict", arrays)):
        (folder / f"{name}.toml").write_text(SWEEP.format(name=name, builder=builder, data=data))
    return folder


def test_a_table_with_categories_and_missing_values(folder):
    checked = called("check", "table.toml", cwd=folder)
    assert checked.returncode == 0, checked.stderr
    lines = {line.split()[0]: line.split() for line in checked.stdout.splitlines() if line}
    assert [lines[name][3] for name in ("plan", "city", "bill", "age")] == ["plan", "city", "numbers", "numbers"]
    assert "ids, as they are" in " ".join(lines["city"])
    assert "the compiled program trains as Keras' fit does" in checked.stdout
    assert "Penalized by hidden kernel: city_code/embeddings, deep/kernel; output: head" in checked.stdout
    found = run(load(folder / "table.toml"), storage=f"sqlite:///{folder}/table.db")
    assert found.answer.winner.mean > 0.6


@pytest.fixture(scope="module")
def arrays(folder) -> SweepConfig:
    return load(folder / "arrays.toml")


def test_arrays_for_a_subclassed_model_that_takes_a_dict(folder, arrays):
    check = check_sweep(arrays)
    assert check.proof.equal, check.proof
    assert [(column.input, column.treatment) for column in check.data.columns] == [
        ("image", "divided by 255"),
        ("numbers", "standardized"),
        ("words", "ids, as they are"),
        ("", "standardized for training"),
    ]
    assert check.layout.hidden == ("look", "words", "body")
    found = run(arrays, storage=f"sqlite:///{folder}/arrays.db")
    assert found.answer.winner.mean > 0.2
    with storage.open(f"sqlite:///{folder}/arrays.db") as results:
        assert results.sweeps()["complete"].tolist() == [3]


def test_the_compiled_trainer_and_fit_give_the_same(arrays):
    spec = arrays.trial_spec(Configuration.tied("l2", 1e-2, arrays.targets[0]))
    (ours,) = evaluate(spec, {0: 4}, test=True)
    (theirs,) = evaluate(replace(spec, training=replace(spec.training, engine="fit")), {0: 4}, test=True)
    for subset in ("train", "validation", "test"):
        a, b = getattr(ours, subset), getattr(theirs, subset)
        np.testing.assert_allclose([a.score, a.loss], [b.score, b.loss], rtol=1e-4)
    a, b = ([norm.l2_after for norm in each.weight_norms] for each in (ours, theirs))
    np.testing.assert_allclose(a, b, rtol=1e-4)


def test_their_order_survives_a_database_that_sorts_keys(folder):
    config = load(folder / "table.toml")
    stored = json.loads(json.dumps(config.to_dict(), sort_keys=True))
    assert restore(stored).data_spec.inputs == config.data_spec.inputs
    assert restore(stored).hash() == config.hash()
