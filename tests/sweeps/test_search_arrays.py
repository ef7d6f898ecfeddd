"""From X and y to what was found: the same as from files, with nothing left on disk, and mistakes said by argument."""

import itertools
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import regsearch
from regsearch.backend import load_keras
from regsearch.errors import InputError
from sweeps.given_rows import Parts, given_rows, is_dataset, read_whole
from sweeps.run import run
from sweeps.search_result import SearchResult
from sweeps.steps import database_url
from tests.acceptance.command import called
from tests.acceptance.command import regsearch as command

RNG = np.random.default_rng(0)
X = RNG.normal(size=(160, 4))
Y = np.where(X[:, 0] + X[:, 1] + 0.3 * RNG.normal(size=160) > 0, 7, 3)
FEW: dict[str, Any] = {
    "epochs": 40, "repeats": 2, "strategy": "grid", "lambdas": (1e-3, 1e-2), "regularizers": ["none", "l2"], "seed": 5,
    "progress": False,
}  # fmt: skip
UNITS = 6


def build(input_shape, n_outputs, output_activation, units=None):
    layers = load_keras().layers
    hidden = layers.Dense(units or UNITS, activation="relu")
    last = layers.Dense(n_outputs, activation=output_activation)
    return load_keras().Sequential([load_keras().Input(input_shape), hidden, last])


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> tuple[SearchResult, list[Path]]:
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        patch.chdir(folder)
        result = regsearch.search(X, Y, build, **FEW)
    return result, list(folder.rglob("*"))


def test_it_finds_what_a_sweep_file_finds(found: tuple[SearchResult, list[Path]], tmp_path: Path) -> None:
    np.savez(tmp_path / "rows.npz", x=X, y=Y)
    (tmp_path / "same.toml").write_text(
        'name = "same"\nseed = 5\ndata = { source = "rows.npz" }\nmodel = { hidden = [6] }\n'
        'training = { epochs = 40 }\nevaluation = { repeats = 2 }\n'
        'search = { strategy = "grid", regularizers = ["none", "l2"], lambda = { low = 1e-3, high = 1e-2 } }\n'
    )  # fmt: skip
    filed = run(tmp_path / "same.toml", storage=tmp_path / "a.db", progress=False)
    one, other = found[0].table, filed.table
    shared = ["regularizer", "lambda", "n", "mean", "std", "train_mean"]
    pd.testing.assert_frame_equal(one[shared], other[shared])
    assert found[0].answer.against.test.comparison.rows == filed.answer.against.test.comparison.rows == 40


def test_nothing_is_left_on_disk_and_the_result_goes_on(found: tuple[SearchResult, list[Path]]) -> None:
    result, left = found
    assert left == []
    predicted = result.predict(X)
    assert set(predicted.tolist()) == {3, 7} and predicted.dtype == Y.dtype
    assert result.model().layers[0].units == UNITS
    assert all(name.startswith("dense") for name in result.regularizers())  # the n-th of this process


def test_a_function_that_has_changed_since_is_not_trained(
    found: tuple[SearchResult, list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.UNITS", 9)
    with pytest.raises(InputError, match="build: has changed since the search, or something that it refers to has"):
        found[0].fit(seed=11)


def test_a_table_keeps_its_names_and_its_rules() -> None:
    frame = pd.DataFrame(
        {"size": X[:, 0], "city": np.where(X[:, 2] > 0, "Bern", "Basel"), "house": np.arange(160) // 2}
    )
    frame.loc[::9, "size"] = np.nan
    labels = pd.Series(np.where(Y == 7, "yes", "no"), name="size")  # a name that is taken
    result = regsearch.search(
        frame, labels, "mlp", groups="house", encode="one-hot", missing="impute", more={"model": {"hidden": [4]}}, **FEW
    )
    assert result.predict(frame.head(5)).dtype.kind == "U" and set(result.predict(frame)) <= {"yes", "no"}
    data = result.fit().data
    assert data.feature_names == ("size", "city=Basel", "city=Bern") and data.class_names == ("no", "yes")
    other = pd.DataFrame({"city": ["Bern"], "size": [np.nan]})
    assert result.fit().outputs(other).shape == (1, 1)


def test_rows_of_another_set_choose_and_confirm() -> None:
    class Two:
        """A builder that is no function, of two inputs."""

        def __call__(self, input_shape, n_outputs):
            keras = load_keras()
            ends = [keras.Input(shape, name=name) for name, shape in input_shape.items()]
            joined = keras.layers.Dense(4, activation="relu")(keras.layers.Concatenate()(ends))
            return keras.Model(ends, keras.layers.Dense(n_outputs)(joined))

    y = X[:, 0] * 2 + RNG.normal(size=160)
    pieces = [
        ({"a": X[rows, :1], "b": X[rows, 1:]}, y[rows]) for rows in (slice(100), slice(100, 130), slice(130, 160))
    ]
    weight = np.ones(100)
    result = regsearch.search(
        *pieces[0], Two(), validation_data=pieces[1], test_data=pieces[2], sample_weight=weight, targets="#1", **FEW
    )
    assert result.snapshot.checks["subsets"] == {"train": 100, "validation": 30, "test": 30}
    assert result.predict({"a": X[:3, :1], "b": X[:3, 1:]}).shape == (3,)
    spec = result.snapshot.config.trial_spec(result.best.configuration)
    from regsearch.trial import evaluator

    split = evaluator(spec).split(0, 0)
    assert split.validation.rows.tolist() == list(range(100, 130)) and split.test.rows.tolist() == list(range(130, 160))


def test_what_is_stored_goes_on_here_and_is_refused_elsewhere(tmp_path: Path) -> None:
    class Counted(regsearch.Progress):
        trained = 0

        def repeated(self) -> None:
            self.trained += 1

    told, again, storage = Counted(), Counted(), tmp_path / "kept.db"
    arguments = FEW | {"storage": storage, "name": "kept", "regularizers": ["l2"]}
    first = regsearch.search(X, Y, build, **arguments | {"progress": told})
    second = regsearch.search(X.copy(), Y.tolist(), build, **arguments | {"progress": again, "out": tmp_path / "out"})
    assert told.trained > 0 and again.trained == 0
    assert second.table.equals(first.table) and (tmp_path / "out" / "best.toml") in second.written
    best = called("best", "kept", cwd=tmp_path, REGSEARCH_STORAGE=database_url(storage))
    assert best.returncode == 0 and "Winner: " in best.stdout
    refused = command("confirm", "kept", "--repeats", "9", cwd=tmp_path, REGSEARCH_STORAGE=database_url(storage))
    where = (
        "lives in the memory of the process that searched it, and in no file: no other can train on it; write the rows"
    )
    assert refused.returncode == 2, refused.stderr
    assert re.search(f"^regsearch: data.source: 'memory:rows-[0-9a-f]+' {where}", refused.stderr, re.M)


def model(units: int, train: bool = False):
    made = build((4,), 1, "sigmoid", units)
    made.compile("sgd", "binary_crossentropy")
    if train:
        made.fit(X, Y > 5, verbose=0)
    return made


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"y": Y[:-1]}, r"y: must have one value per row of X, which has 160, got 159"),
        ({"y": None}, r"y: must be the labels, one per row"),
        ({"y": "label"}, r"y: must be the labels, one per row; a column's name goes with a DataFrame"),
        ({"y": np.zeros(160)}, r"X: y of the given arrays is 0\.0 in every row; it takes two classes or more"),
        ({"X": X.astype(object)}, r"X: holds object, and must hold numbers; a DataFrame may hold strings"),
        ({"X": X[:0], "y": Y[:0]}, r"X: has no rows"),
        ({"X": 3.0}, r"X: is a single value"),
        ({"X": [X, X]}, r"X: is a list of arrays; name the inputs of a model of several in a dict"),
        ({"X": np.where(X > 2, np.nan, X)}, r"X: column 'x1' holds NaN or infinity in \d rows?, .*fill them in"),
        ({"X": pd.DataFrame(np.where(X > 2, np.nan, X))}, r"missing: column '0' has no value in .*; write missing"),
        ({"X": pd.DataFrame(X, columns=list("abcd")), "y": "e"}, r"y: there is no column 'e'.*; columns are 'a', 'b'"),
        ({"X": pd.DataFrame({"a": ["x"] * 160, "b": X[:, 0]})}, r"encode: column 'a' "),
        ({"sample_weight": [1.0, 2.0]}, r"sample_weight: must have one value per row of X, which has 160, got 2"),
        ({"groups": np.arange(7)}, r"groups: must have one value per row of X, which has 160, got 7"),
        ({"lambdas": (1e-1, 1e-3)}, r"lambdas: low must be below high"),
        ({"lambdas": [1e-3]}, r"lambdas: must be the lowest and the highest lambda, as \(1e-6, 1e-1\), got"),
        ({"regularizers": "l3"}, r"regularizers: may be 'none', .*, got 'l3'"),
        ({"targets": "hiden"}, r"targets: 'hiden kernel' matches no weight; layers may be hidden, .*did you mean"),
        ({"metric": "acc"}, r"metric: 'acc' is not one of accuracy"),
        ({"epochs": 0}, r"epochs: must be ≥ 1, got 0"),
        ({"split": {"validation": 2.0}}, r"split: must be all counts"),
        ({"split": {"folds": 3}, "validation_data": (X, Y)}, r"split: goes without validation_data"),
        ({"test_data": (X, Y)}, r"test_data: goes with validation_data"),
        ({"validation_data": X}, r"validation_data: must be \(X, y\) or \(X, y, sample_weight\)"),
        ({"validation_data": (pd.DataFrame(X), Y)}, r"validation_data: must be a DataFrame where X is one"),
        ({"more": {"training": {"epochs": 3}}}, r"more: has training\.epochs, which is an argument of its own"),
        ({"more": {"train": {}}}, r"more: has a section 'train'; it may have data, model"),
        ({"build": "mpl"}, r"build: may be 'mlp', .*got 'mpl' \(did you mean 'mlp'\?\)"),
        ({"build": lambda shape, n: None}, r"build: lambda\(\) must return a keras\.Model; it returned NoneType"),
        ({"build": lambda shape, n: build(shape, 3, "softmax")}, r"build: the model gives \(None, 3\), the target"),
        ({"build": lambda shape, n: model(3, True)}, r"build: lambda\(\) returned a model that is trained already"),
    ],
)  # fmt: skip
def test_bad_input_names_the_argument(changed: dict[str, Any], problem: str, tmp_path: Path) -> None:
    arguments = {"X": X, "y": Y, "build": build, "storage": tmp_path / "a.db"} | FEW | changed
    with pytest.raises(InputError, match=f"^{problem}"):
        regsearch.search(**arguments)
    assert not (tmp_path / "a.db").exists()


def test_sparse_rows_are_refused() -> None:
    sparse = pytest.importorskip("scipy.sparse").csr_matrix(X)
    with pytest.raises(InputError, match=r"^X: is sparse; X\.toarray\(\) makes an array of it"):
        regsearch.search(sparse, Y, **FEW)


def test_what_a_builder_compiled_is_taken() -> None:
    from regsearch.trial import evaluator

    result = regsearch.search(X, Y, lambda shape, n: model(3), **FEW | {"repeats": 1, "regularizers": "l2"})
    spec = result.snapshot.config.trial_spec(result.best.configuration)
    assert evaluator(spec).trainer.compilation.training.optimizer == "sgd"


def test_a_data_set_of_tensorflow_is_read_whole_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import tensorflow as tf

    rows = tf.data.Dataset.from_tensor_slices((X.astype("float32"), Y, np.ones(160)))
    parts = read_whole(rows.batch(32))
    assert is_dataset(rows) and not is_dataset(X)
    assert (
        np.array_equal(parts.x, X.astype("float32"))
        and parts.y.tolist() == Y.tolist()
        and len(parts.sample_weight) == 160
    )
    with pytest.raises(InputError, match=r"^X: is a tf\.data\.Dataset that never ends; take\(n\)"):
        regsearch.search(rows.batch(32).repeat(), **FEW)
    two = tf.data.Dataset.from_tensor_slices(((X, X), Y)).batch(32)
    with pytest.raises(InputError, match=r"^X: is a tuple of arrays; name the inputs of a model of several in a dict"):
        read_whole(two)
    with pytest.raises(InputError, match=r"^X: a tf\.data\.Dataset must give batches of rows"):
        read_whole(rows)
    monkeypatch.setattr("sweeps.given_rows.MOST_BYTES", 2048)
    endless = tf.data.Dataset.from_generator(lambda: itertools.repeat((X, Y)), output_types=("float32", "int32"))
    with pytest.raises(InputError, match=r"^X: is a tf\.data\.Dataset that gives more than 0 GiB, and may never end"):
        read_whole(endless)
    with pytest.raises(InputError, match=r"^y: goes with arrays; a tf\.data\.Dataset gives all in its batches"):
        regsearch.search(rows.batch(32), Y, **FEW)


def test_several_targets_and_weights_become_columns() -> None:
    frame = pd.DataFrame(X, columns=list("abcd"), index=[f"row {i}" for i in range(160)])
    rows = given_rows(Parts(x=frame, y=np.stack([X[:, 0], X[:, 1]], axis=1), sample_weight=np.ones(160)))
    assert rows.keys == {"target": ["y_1", "y_2"], "weights": "sample_weight"}
    assert list(rows.data.values) == ["a", "b", "c", "d", "y_1", "y_2", "sample_weight"]
    named = given_rows(Parts(x=frame, y=["a", "d"]))
    assert named.keys["target"] == ["a", "d"] and list(named.data.values) == list("abcd")


def right(y, predicted):
    return (predicted > 0.5) == y


def test_a_metric_may_be_any_callable(found: tuple[SearchResult, list[Path]]) -> None:
    own = regsearch.search(X, Y, build, metric=right, **FEW)
    shared = ["regularizer", "lambda", "n", "mean", "std", "train_mean"]
    pd.testing.assert_frame_equal(own.table[shared], found[0].table[shared])
    assert "mean validation right()" in own.summary() and "memory:" not in own.summary() + repr(own)
    assert own.plot("lambda").axes[0].get_ylabel() == "right()"
    assert own.fit().repeat.validation.score == found[0].fit().repeat.validation.score
    wrong = regsearch.search(X, Y, build, metric=lambda y, p: ~right(y, p), greater_is_better=False, **FEW)
    assert wrong.best.configuration == own.best.configuration
    assert wrong.best.mean == pytest.approx(1 - own.best.mean)


def test_what_a_metric_raises_is_said(tmp_path: Path) -> None:
    def broken(y, predicted):
        return y.nothing

    with pytest.raises(InputError, match=r"metric: .*test_search_arrays.py:\d+: AttributeError"):
        regsearch.search(X, Y, build, metric=broken, **FEW)
    with pytest.raises(InputError, match="metric: gives an array of shape"):
        regsearch.search(X, Y, build, metric=lambda y, predicted: np.ones(3), **FEW)
    with pytest.raises(InputError, match="greater_is_better: goes with a metric of your own"):
        regsearch.search(X, Y, build, greater_is_better=True, **FEW)
