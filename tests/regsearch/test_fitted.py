"""A fitted model is the recorded training itself, and predicts from rows in the units of the data."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from regsearch.data import load, make_split
from regsearch.data.table_files import from_pandas
from regsearch.data.tables import features_of
from regsearch.errors import DataError, InputError
from regsearch.fitted import fit_model, stopped_at
from regsearch.repeat_splits import places_of, repeat_data
from regsearch.row_metrics import accuracy, r2
from regsearch.spec import (
    Configuration,
    DataSpec,
    EarlyStopping,
    ModelSpec,
    Penalty,
    Phase,
    SplitSpec,
    TableSpec,
    Target,
    TrainingSpec,
    TrialSpec,
)
from regsearch.trial import evaluate, evaluator
from tests.regsearch.conftest import DATA
from tests.regsearch.test_trial import bits

L2 = Configuration.tied("l2", 1e-2, Target()).penalties
FEW = TrainingSpec(epochs=25, batch_size=8)
SMALL = ModelSpec(options=(("hidden", (6,)),))
MOONS = TrialSpec(data=DATA["moons"], metric="accuracy", model=SMALL, training=FEW, penalties=L2)
DIABETES = replace(MOONS, data=DATA["diabetes"], metric="r2")
SCALED = replace(DIABETES, data=replace(DATA["diabetes"], scale_target=True))
BUILDERS = """
import keras

def own(input_shape, n_outputs, output_activation):
    return keras.Sequential([
        keras.Input(input_shape),
        keras.layers.Dense(6, activation="relu", kernel_regularizer="l1"),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(n_outputs, activation=output_activation, kernel_regularizer="l2"),
    ])

def two(input_shape, n_outputs, output_activation):
    left, right = keras.Input(input_shape["left"], name="left"), keras.Input(input_shape["right"], name="right")
    joined = keras.layers.Concatenate()([keras.layers.Dense(4, activation="relu")(left), right])
    return keras.Model([left, right], keras.layers.Dense(n_outputs, activation=output_activation)(joined))

def arrays():
    import numpy as np
    x = np.random.default_rng(0).normal(size=(40, 5))
    return {"left": x[:, :2], "right": 1000 * x[:, 2:], "y": (x[:, 0] + x[:, 4] > 0).astype(int)}
"""
FRAME = pd.DataFrame(
    {
        "size": np.where(np.arange(60) % 7 == 0, np.nan, np.arange(60) % 11 + 0.1),
        "plan": [(None, "a", "b", "c", "b")[i % 5] for i in range(60)],
        "bill": np.arange(60.0) ** 1.5,
    }
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    there = tmp_path_factory.mktemp("fitted")
    (there / "mine.py").write_text(BUILDERS)
    FRAME.to_csv(there / "bills.csv", index=False)
    return str(there)


@pytest.fixture(scope="module")
def specs(folder):
    own = ModelSpec(builder="mine.py:own", folder=folder, options=())
    inputs = (("left", ()), ("right", ()))
    phases = (Phase(epochs=10), Phase(epochs=15, penalties=(Penalty(l1=1e-3),)))
    bills = DataSpec(
        source="bills.csv",
        folder=folder,
        scale="auto",
        split=SplitSpec(validation=0.3),
        table=TableSpec(target=("bill",), encode=(("plan", "one-hot"),), missing=(("", "impute"),)),
    )
    pair = DataSpec(source="mine.py:arrays", folder=folder, scale="auto", inputs=inputs)
    stopping = EarlyStopping(patience=3)
    return {
        "plain": MOONS,
        "diverged": replace(MOONS, training=TrainingSpec(epochs=300, optimizer="sgd"), penalties=(Penalty(l2=1e6),)),
        "phases": replace(MOONS, penalties=(), phases=phases),
        "weight decay": replace(MOONS, penalties=(), weight_decay=0.1),
        "early stopping": replace(MOONS, training=TrainingSpec(epochs=400, early_stopping=stopping)),
        "scaled target": SCALED,
        "resampled": replace(DIABETES, resample=True),
        "folds": replace(DIABETES, data=replace(DATA["diabetes"], split=SplitSpec(folds=3))),
        "own penalties": replace(MOONS, model=replace(own, own_penalties="keep"), penalties=()),
        "replaced penalties": replace(MOONS, model=own),
        "fit": replace(MOONS, training=replace(FEW, epochs=3, engine="fit")),
        "several inputs": replace(MOONS, data=pair, model=ModelSpec(builder="mine.py:two", folder=folder, options=())),
        "table": replace(MOONS, data=bills, metric="r2"),
    }


@pytest.fixture(scope="module")
def fitted(specs):
    """The fitted model of a spec by its name, trained once."""
    return cache(lambda name: fit_model(specs[name], seed=7, test=True))


NAMES = (
    *("plain", "diverged", "phases", "weight decay", "early stopping", "scaled target", "resampled", "folds"),
    *("own penalties", "replaced penalties", "fit", "several inputs", "table"),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_repeat_comes_out_to_the_last_bit(specs, fitted, name):
    spec = specs[name]
    recorded = {each.repeat: each for each in evaluate(spec, {0: 7, 2: 9}, test=True)}
    again = {0: fitted(name), 2: fit_model(spec, seed=9, repeat=2, test=True)}
    assert all(everything(again[i].repeat) == everything(recorded[i]) for i in recorded)
    if name == "diverged":
        assert again[0].repeat.status == "diverged"
        return
    split, data = evaluator(spec).split(0, 7), load(spec.data)
    outputs = again[0].outputs(data.x[split.validation.rows])
    rows = (r2 if data.task == "regression" else accuracy)(np, split.validation.labels, outputs)
    assert rows.mean() == pytest.approx(recorded[0].validation.score, abs=1e-6)


def everything(repeat):
    if repeat.status == "diverged":
        return replace(repeat, seconds=0.0, curve=None), [each.tobytes() for each in vars(repeat.curve).values()]
    kept = replace(repeat, test_rows=None, phases=())
    scores = [(p.train, p.validation, p.weight_norms) for p in repeat.phases]
    return bits(kept), scores, None if repeat.test_rows is None else repeat.test_rows.scores.tobytes()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras, where it saves
def test_a_model_holds_the_penalties_that_it_was_trained_with(fitted, tmp_path, keras):
    model = fitted("plain").model
    kernel, output = model.layers[0], model.layers[1]
    assert kernel.kernel_regularizer.get_config() == {"l1": 0.0, "l2": 0.01}
    assert output.kernel_regularizer is None and kernel.bias_regularizer is None
    penalty = 0.01 * np.square(np.asarray(kernel.kernel), dtype=np.float64).sum()
    assert float(sum(model.losses)) == pytest.approx(penalty, rel=1e-5)
    model.save(tmp_path / "model.keras")
    assert float(sum(keras.saving.load_model(tmp_path / "model.keras").losses)) == pytest.approx(penalty, rel=1e-5)


def test_a_builders_own_penalties_are_kept_or_gone(fitted):
    kept = fitted("own penalties").model
    assert [type(layer.kernel_regularizer).__name__ for layer in (kept.layers[0], kept.layers[-1])] == ["L1", "L2"]
    replaced = fitted("replaced penalties").model
    assert replaced.layers[0].kernel_regularizer.get_config() == {"l1": 0.0, "l2": 0.01}
    assert replaced.layers[-1].kernel_regularizer is None and len(replaced.losses) == 1


def test_of_phases_the_penalties_of_the_last_stay(fitted):
    model = fitted("phases").model
    assert model.layers[0].kernel_regularizer.get_config() == {"l1": 0.001, "l2": 0.0}


def test_all_rows_train_and_none_validate():
    fitted = fit_model(SCALED, seed=3, rows="all")
    split = make_split(SCALED.data, scale_target=True)
    pool = np.concatenate([split.train.rows, split.validation.rows])
    assert len(pool) == 442
    y = load(SCALED.data).y[pool]
    assert fitted.preparation.target_scale.mean == pytest.approx(y.mean())
    assert (fitted.repeat.validation, fitted.repeat.validation_rows, fitted.repeat.curve) == (None, None, None)
    outputs = fitted.outputs(load(SCALED.data).x[pool])
    assert r2(np, y, outputs).mean() == pytest.approx(fitted.repeat.train.score, abs=1e-6)


def test_early_stopping_on_all_rows_becomes_a_number_of_epochs(specs):
    spec = specs["early stopping"]
    with pytest.raises(InputError, match=r"^rows: 'all' leaves no validation rows to stop early by"):
        fit_model(spec, seed=1, rows="all")
    trained = stopped_at(spec, np.array([13, 23, 400])).training  # at their best after 10, 20 and at least 397
    assert (trained.epochs, trained.early_stopping) == (20, None)
    assert stopped_at(MOONS, np.array([25])) is MOONS


def test_it_predicts_labels(fitted):
    x, plain = load(MOONS.data).x[:9], fitted("plain")
    assert plain.predict(x).tolist() == (plain.outputs(x)[:, 0] > 0.5).astype(int).tolist()
    amounts = fitted("scaled target").predict(load(SCALED.data).x[:4])
    assert amounts.shape == (4,) and amounts.dtype == np.float64


def test_rows_of_a_table_are_encoded_filled_in_and_scaled(specs, fitted):
    spec, of_table = specs["table"], fitted("table")
    new = pd.DataFrame({"plan": ["c", None], "size": [np.nan, 3.1]})
    train = FRAME.iloc[evaluator(spec).split(0, 7).train.rows]
    filled = pd.DataFrame({"plan": ["c", train["plan"].mode()[0]], "size": [train["size"].median(), 3.1]})
    outputs = [
        of_table.outputs(features_of(from_pandas(frame, "rows", spec.data.table), of_table.data.columns))
        for frame in (new, filled)
    ]
    assert outputs[0] == pytest.approx(outputs[1], rel=1e-6)


def test_a_frame_with_the_features_names_may_have_them_in_any_order(fitted):
    x, plain = load(MOONS.data).x[:9], fitted("plain")
    by_name = pd.DataFrame({"x2": x[:, 1], "note": "a", "x1": x[:, 0]})
    assert plain.outputs(by_name).tobytes() == plain.outputs(x).tobytes()
    assert plain.outputs(pd.DataFrame(x, columns=["a", "b"])).tobytes() == plain.outputs(x).tobytes()


def test_all_that_does_not_fit_in_a_table_is_said(fitted):
    with pytest.raises(DataError, match=r"has no column 'size', which .*; column 'plan' holds 'new' in 1 row, unseen"):
        fitted("table").outputs(pd.DataFrame({"plan": ["new"]}))


def test_several_inputs_come_by_name_or_side_by_side(specs, fitted):
    pair, x = fitted("several inputs"), load(specs["several inputs"].data).x
    by_name = pair.outputs({"right": x[:, 2:], "left": x[:, :2]})
    assert by_name.tobytes() == pair.outputs(x).tobytes()
    with pytest.raises(DataError, match=r"^x: must have \['left', 'right'\], got \['left'\]"):
        pair.outputs({"left": x[:, :2]})


@pytest.mark.parametrize(
    ("x", "problem"),
    [
        (np.zeros((3, 5)), r"x: must have shape \(rows, 2\), got \(3, 5\)"),
        (np.zeros(2), r"x: must have shape \(rows, 2\), got \(2,\)"),
        ([["a", "b"]], "x: holds <U1; it must hold numbers"),
        ([[0.0, np.nan]], "x: feature 'x2' is missing, or infinite, in a row; it never was in training"),
        ({"x": [[0, 0]]}, "x: may be a dict only for a model of several inputs, got"),
    ],
)
def test_rows_that_do_not_fit(fitted, x, problem):
    with pytest.raises(DataError, match=f"^{problem}"):
        fitted("plain").outputs(x)


def test_no_rows_give_no_outputs(fitted):
    assert fitted("plain").outputs(np.zeros((0, 2))).shape == (0, 1)


def test_a_model_of_rows_drawn_anew_scales_by_those(keras):
    split = SplitSpec(train=30, validation=70, redraw=True)
    data = DataSpec(source="moons", scale="standard", split=split)
    spec = TrialSpec(data=data, metric="accuracy", training=TrainingSpec(epochs=3), resample=True)
    found = fit_model(spec, seed=9, repeat=2)
    own = repeat_data(data, 9)
    rows = places_of(found.repeat.validation_rows.rows, data, 2)
    right = (found.outputs(own.x[rows]) > 0.5).ravel() == own.y[rows].ravel()
    assert right.mean() == pytest.approx(found.repeat.validation.score)
