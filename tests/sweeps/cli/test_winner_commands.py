"""What is done with a finished sweep: settings and models to keep, predictions of new rows, repeats trained again."""

import csv
import io
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import storage
from regsearch.backend import load_keras
from regsearch.errors import InputError, RegsearchError, SweepFileError
from sweeps.cli.main import app
from sweeps.config.toml_file import load
from sweeps.run import run
from sweeps.search_arrays import search
from sweeps.search_result import SearchResult
from sweeps.steps import create_sweep, load_result

CSV = "city,size,y\n" + "".join(
    f"{'' if i % 20 == 3 else 'ABC'[i % 3]},{'' if i % 20 == 5 else i * 7 % 11 + 0.5},{'no yes no'.split()[i % 3]}\n"
    for i in range(60)
)
TOML = """
name = "towns"
data = { source = "rows/towns.csv", target = "y", encode = "one-hot", missing = "impute" }
model = { builder = "model.py:build", units = 4 }
training = { epochs = 100, learning_rate = 0.03, optimizer = "adam" }
search = { strategy = "grid", regularizers = ["none", "l2"], lambda = { low = 1e-3, high = 1e-1 } }
evaluation = { repeats = 2 }
"""
BUILD = """
import keras

def build(input_shape, n_outputs, units):
    return keras.Sequential(
        [keras.Input(input_shape), keras.layers.Dense(units, "relu"), keras.layers.Dense(n_outputs, "sigmoid")]
    )
"""
URL = "sqlite:///a.db"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    there = tmp_path_factory.mktemp("export")
    (there / "rows").mkdir()
    for name, text in (("rows/towns.csv", CSV), ("model.py", BUILD), ("sweep.toml", TOML)):
        (there / name).write_text(text)
    return there


@pytest.fixture(scope="module")
def found(folder: Path) -> SearchResult:
    return run(folder / "sweep.toml", storage=folder / "a.db", progress=False)


@pytest.fixture
def export(found: SearchResult, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that exports from the sweep's folder, and reads what was written."""
    monkeypatch.chdir(folder)

    def to(target: str, *options: str) -> Any:
        app(["export", "towns", "--storage", URL, "--to", target, *options], standalone_mode=False)
        text = Path(target).read_text()
        return tomllib.loads(text) if target.endswith(".toml") else json.loads(text)

    return to


def test_a_setting_has_scores_intervals_versions_and_data(export, found: SearchResult, folder: Path) -> None:
    best = export("best.json")
    assert best == export("best.json", "--force") and (best["rank"], best["rule"]) == (1, "mean")
    assert (best["mean"], best["n"], best["sweep"]) == (found.best.mean, 2, "towns")
    low, high = best["interval"]
    assert (low + high) / 2 == pytest.approx(best["mean"])
    assert (high - low) / 2 == pytest.approx(12.7062 * best["se"], rel=1e-5)  # t of one degree of freedom at 97.5 %
    assert len(best["against_none"]["validation"]["interval"]) == 2 and best["test_mean"] is not None
    assert {"regsearch", "keras", "tensorflow", "numpy", "python", "cpu"} <= best["versions"].keys()
    assert best["data"]["files"].keys() == {"rows/towns.csv", "model.py"}
    assert found.export(folder / "again.json").read_text() == (folder / "best.json").read_text()


def test_the_best_is_a_row_of_csv(export, found: SearchResult, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    app(["best", "towns", "--storage", URL, "--format", "csv"], standalone_mode=False)
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    best = found.best
    assert (row["sweep"], row["metric"], row["n"]) == ("towns", "accuracy", "2")
    assert (float(row["mean"]), row["regularizer"]) == (best.mean, best.configuration.regularizer)
    assert row["target"] == str(best.configuration.target or "") and row["constant_score"]


@pytest.mark.parametrize("place", [0, 1, 3])
def test_the_second_best_and_a_trial_may_be_wanted_instead(export, found: SearchResult, place: int) -> None:
    row = found.table.iloc[place]
    wanted = export("ranked.json", "--rank", str(place + 1), "--force")
    assert (wanted["rank"], wanted["mean"]) == (place + 1, row["mean"])
    with storage.open(URL) as results:
        trials = results.trials("towns", columns=["number", "configuration_id"])
    number = trials.loc[trials["configuration_id"] == row["configuration_id"], "number"].item()
    by_trial = export("trial.json", "--trial", str(number), "--force")
    assert (by_trial["mean"], by_trial["lambda_l2"]) == (row["mean"], row["lambda_l2"])
    assert (wanted["rule"], by_trial["rule"]) == (f"rank {place + 1}", f"trial {number}")


def test_it_is_a_sweep_of_one_configuration_with_the_same_scores(export, found: SearchResult, folder: Path) -> None:
    export("deeper/third.toml", "--rank", "3")
    config = load(folder / "deeper" / "third.toml")
    assert config.name == "towns-rank-3" and config.inputs.given == ("optimizer",)
    again = run(config, storage=folder / "a.db", progress=False)
    third = found.table.iloc[2]
    assert again.best.mean == third["mean"] and len(again.snapshot.candidates) == 1


def test_a_setting_of_other_rows_is_not_taken_for_the_same(export, folder: Path) -> None:
    export("old.toml")
    rows = folder / "rows" / "towns.csv"
    try:
        rows.write_text(CSV + "A,1,0\n")
        with pytest.raises(SweepFileError, match=r"old.toml: one of its files has changed since it was exported"):
            load(folder / "old.toml")
    finally:
        rows.write_text(CSV)


def test_what_is_in_memory_is_exported_without_a_sweep(tmp_path: Path) -> None:
    x = [[float(i % 5), float(i % 3)] for i in range(40)]
    inside = search(
        x, [int(a > 2) for a, _ in x], regularizers=["none"], epochs=99, repeats=2, strategy="grid", progress=False
    )
    assert "sweep_file" not in tomllib.loads(inside.export(tmp_path / "best.toml").read_text())
    with pytest.raises(SweepFileError, match="was exported from a sweep whose rows or builder were in memory"):
        load(tmp_path / "best.toml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "best.h5"], "--to: best.h5 may end in .json, .toml, .py, .keras"),
        (["--to", "taken.toml"], "--to: taken.toml is there already; --force replaces it"),
        (["--to", "rows.toml"], "--to: rows.toml is a folder; give a file"),
        (["--to", "model.py/best.toml"], "--to: .*model.py is a file; give a path in a folder"),
        (["--to", "/proc/best.toml"], "/proc.*(is not writable|cannot be written)"),
        (["--to", "taken.keras"], "--to: taken.md is there already; --force replaces it"),
        (["--to", "new.toml", "--refit", "all"], "--refit: goes with a .keras file, not with new.toml"),
        (["--to", "new.py", "--ensemble", "2"], "--ensemble: goes with a .keras file, not with new.py"),
        (["--to", "new.toml", "--rank", "9"], "--rank: must be 1 to 4, the configurations that are finished, got 9"),
        (["--to", "new.toml", "--trial", "9"], "--trial: there is no trial 9; there are 0 to 3"),
        (["--to", "new.toml", "--trial", "1", "--rank", "1"], "--rule: goes without rank and trial"),
        (["--to", "new.toml", "--rule", "one-se", "--rank", "1"], "--rule: goes without rank and trial"),
    ],
)
def test_bad_input_writes_nothing(export, folder: Path, arguments: list[str], message: str) -> None:
    (folder / "taken.toml").write_text("mine")
    (folder / "taken.md").write_text("mine")
    (folder / "rows.toml").mkdir(exist_ok=True)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with pytest.raises(InputError, match=message):
        app(["export", "towns", "--storage", URL, *arguments], standalone_mode=False)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


FRESH = """
import csv, sys
sys.modules.update(dict.fromkeys(["regsearch", "storage", "sweeps"]))  # cannot be imported
import keras, numpy as np
rows, labels, path = list(csv.DictReader(open(sys.argv[1]))), np.array(sys.argv[3].split()), sys.argv[2]
chosen = np.array(sys.argv[4].split(), int)
columns = {
    "city": np.array([row["city"] for row in rows], object)[chosen],
    "size": np.array([float(row["size"] or "nan") for row in rows])[chosen],
}
outputs = keras.saving.load_model(path).predict(columns, verbose=0)[:, 0]
y = np.array([row["y"] for row in rows])[chosen]
print((labels[(outputs > 0.5).astype(int)] == y).mean())
"""


def test_a_model_needs_nothing_but_keras_and_scores_what_its_training_scored(
    found: SearchResult, folder: Path, tmp_path: Path
) -> None:
    app(
        ["export", "towns", "--storage", f"sqlite:///{folder}/a.db", "--to", f"{tmp_path}/it.keras"],
        standalone_mode=False,
    )
    fitted = load_result("towns", folder / "a.db").fit()
    assert fitted.repeat.validation is not None and fitted.repeat.validation_rows is not None
    (tmp_path / "fresh.py").write_text(FRESH)
    rows = " ".join(map(str, fitted.repeat.validation_rows.rows))
    arguments = [str(folder / "rows" / "towns.csv"), "it.keras", " ".join(fitted.data.class_names), rows]
    command = [sys.executable, "-I", "fresh.py", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == fitted.repeat.validation.score
    card = (tmp_path / "it.md").read_text()
    for line in (
        "| `city` | strings: 'A', 'B', 'C' | `\"\"`: most-frequent |",
        "the probability of `yes`",
        "| `size` | ",
    ):
        assert line in card
    assert f"This training has accuracy {fitted.repeat.validation.score:.6f}" in card


def test_a_model_of_several_trainings_on_all_rows(found: SearchResult, tmp_path: Path) -> None:
    written = found.export(tmp_path / "all.keras", refit="all", ensemble=2)
    rows = {"city": np.array(["B", ""], object), "size": np.array([np.nan, 3.0])}
    frame = pd.DataFrame({"city": ["B", None], "size": [np.nan, 3.0]})
    wanted = found.ensemble(2, refit="all").outputs(frame)
    model = load_keras().saving.load_model(written)
    assert np.allclose(np.asarray(model(rows)), wanted, rtol=1e-6)
    card = (tmp_path / "all.md").read_text()
    assert "2 trainings whose outputs are averaged" in card and "No row was left to score the model itself" in card


@pytest.fixture
def predict(found: SearchResult, folder: Path, tmp_path: Path, monkeypatch, capsys) -> Callable[..., pd.DataFrame]:
    """Return a function that predicts the rows of a CSV text, and reads what was written."""
    monkeypatch.chdir(tmp_path)

    def of(text: str, *options: str) -> pd.DataFrame:
        Path("new.csv").write_text(text)
        storage_url = f"sqlite:///{folder}/a.db"
        arguments = ["predict", "towns", "new.csv", "--storage", storage_url, "--out", "out.csv", *options]
        app(arguments, standalone_mode=False)
        assert capsys.readouterr().out == "out.csv\n"
        return pd.read_csv("out.csv")

    return of


def test_new_rows_are_predicted_in_the_targets_own_words(predict, found: SearchResult) -> None:
    table = predict("id,size,city\n7,2.5,B\n8,,A\n9,1,\n")
    assert table.columns.tolist() == ["id", "prediction", "probability_no", "probability_yes"]
    assert table["id"].tolist() == [7, 8, 9]
    frame = pd.DataFrame({"size": [2.5, np.nan, 1], "city": ["B", "A", None]})
    assert table["prediction"].tolist() == found.predict(frame).tolist()
    assert np.allclose(table["probability_yes"], found.fit().outputs(frame)[:, 0])
    assert np.allclose(table["probability_yes"] + table["probability_no"], 1)
    again = predict("id,size,city\n7,2.5,B\n", "--force", "--ensemble", "2", "--refit", "all")
    spread = found.ensemble(2, refit="all").spread(frame[:1])
    assert again["std_yes"].item() == pytest.approx(spread.item())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size\n1\n", "new.csv: has no column 'city', which the model was trained on$"),
        (
            "size,city\n1,Z\n2,A\n",
            "new.csv: column 'city' holds 'Z' in 1 row, unseen in training; it may hold 'A', 'B', 'C'$",
        ),
        ("size,city\nlong,A\n", "new.csv: column 'size' holds 'long', and must hold numbers$"),
        ("size,city,prediction\n1,A,2\n", "rows: has a column 'prediction'"),
        ("size,city\ninf,A\n", "new.csv: feature 'size' is missing, or infinite"),
    ],
)
def test_rows_that_do_not_fit_are_said(predict, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        predict(text)
    assert not Path("out.csv").exists()


def test_predictions_replace_nothing_unasked(predict) -> None:
    Path("out.csv").write_text("mine")
    with pytest.raises(InputError, match=r"--out: out.csv is there already; --force replaces it"):
        predict("size,city\n1,A\n")


@pytest.fixture
def changed(found: SearchResult, folder: Path, tmp_path: Path) -> Callable[..., str]:
    """Return a function that gives the URL of a copy of the database in which something was changed."""

    def by(statement: str) -> str:
        shutil.copy(folder / "a.db", tmp_path / "changed.db")
        with closing(sqlite3.connect(tmp_path / "changed.db")) as connection, connection:
            connection.execute(statement)
        return f"sqlite:///{tmp_path}/changed.db"

    return by


@pytest.mark.parametrize("purpose", ["search", "confirm"])
def test_a_repeat_comes_out_again_to_the_last_bit(found: SearchResult, folder: Path, purpose: Any, capsys) -> None:
    url = f"sqlite:///{folder}/a.db"
    with storage.open(url) as results:
        number = int(results.repeats("towns", purpose)["repeat_id"].iloc[-1])
    load_keras().layers.Dense(1)  # from here on Keras numbers layers otherwise than when the sweep was run
    app(["replay", "towns", "--storage", url, "--repeat", str(number)], standalone_mode=False)
    first, second = capsys.readouterr().out.splitlines()
    assert (
        first.startswith("towns, ") and f"of the {'search' if purpose == 'search' else 'confirmation'}, seed" in first
    )
    assert second.startswith("The same to the last bit: epochs, train score, train loss, validation score")
    assert "weight norms (16 numbers), validation row scores (30 numbers)" in second
    assert ("test score" in second) == (purpose == "confirm")


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        (
            "UPDATE rs_repeats SET validation_score = 0.25 WHERE id = 1",
            "  validation score: 0.25 recorded, [0-9.]+ now, off by 0.[0-9]+",
        ),
        ("UPDATE rs_repeats SET status = 'diverged' WHERE id = 1", "  status: diverged recorded, ok now"),
        (
            "UPDATE rs_weight_norms SET l2_after = l2_after + 0.5 WHERE repeat_id = 1",
            "  weight norms: off by 0.5 at most, of 16 numbers",
        ),
        ("DELETE FROM rs_weight_norms WHERE repeat_id = 1 AND weight = 'bias'", "  weight norms: other numbers"),
        (
            "UPDATE rs_repeats SET curve = NULL WHERE id = 1",
            "  learning curve: other numbers, or more or fewer of them",
        ),
    ],
)
def test_how_far_off_another_one_is(changed, statement: str, line: str, capsys) -> None:
    arguments = ["replay", "towns", "--storage", changed(statement), "--repeat", "1"]
    assert app(arguments, standalone_mode=False) == 1
    printed = capsys.readouterr().out
    assert re.search(line, printed), printed
    assert "\nNot the same:\n" in printed and "something else has changed" in printed
    app([*arguments, "--format", "json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["same"] is False


def test_another_version_is_named(changed, capsys) -> None:
    statement = """UPDATE rs_sweeps SET versions = json_set(versions, '$.keras', '2.0', '$.cpu', 'sparc')"""
    app(["replay", "towns", "--storage", changed(statement), "--repeat", "1"], standalone_mode=False)
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"Not what it was: keras 2.0 then, [0-9.]+ now; cpu sparc then, .+ now", last)


def test_a_repeat_that_is_not_there(found: SearchResult, folder: Path) -> None:
    with pytest.raises(InputError, match=r"--repeat: 'towns' has no repeat 999: regsearch query .SELECT repeat_id, "):
        app(["replay", "towns", "--storage", f"sqlite:///{folder}/a.db", "--repeat", "999"], standalone_mode=False)


def test_nothing_finished(export, folder: Path) -> None:
    (folder / "new.toml").write_text(TOML.replace("towns", "empty", 1))
    create_sweep(folder / "new.toml", folder / "a.db").close()
    for options in ({}, {"rank": 1}):
        with pytest.raises(RegsearchError, match="no configuration of sweep 'empty' is finished yet"):
            load_result("empty", folder / "a.db", **options)
    with pytest.raises(InputError, match=r"trial: there is no trial 0; there are none yet"):
        load_result("empty", folder / "a.db", trial=0)
