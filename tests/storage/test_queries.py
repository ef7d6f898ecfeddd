import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import storage
from regsearch.errors import StorageError, StorageURLError, UnknownSweep
from regsearch.results import PhaseResult, Scores, Surface
from regsearch.spec import Configuration, EarlyStopping, Schedule, Target
from tests.storage.builders import KEY, SERIES, curve, diverged, norm, repeat, rows

TRIALS = "number stage regularizer lambda lambda_l1 lambda_l2 target n mean std se train_mean state variant".split()


@pytest.fixture
def filled(records: storage.Records, sweep: int, configuration: int, results: storage.Results) -> storage.Results:
    """Two configurations of the sweep moons, and one of another sweep that must never show."""
    none = records.register_configuration(sweep, Configuration(), key="1" * 64, stage="coarse")
    other = records.register_sweep(name="other", config={}, config_hash="b", versions={})
    stray = records.register_configuration(other, Configuration(), key="1" * 64, stage="coarse")
    l2 = Configuration.tied("l2", 1e-3, Target())
    for number, (one, key) in enumerate(((Configuration(), "1" * 64), (l2, KEY), (Configuration(), "1" * 64))):
        records.begin_trial(sweep, number, one, key=key, stage="coarse")
    for one, score in ((configuration, 0.9), (none, 0.8), (stray, 0.1)):
        full = repeat(0, score, curve=curve(3), validation_rows=rows(1, 0, 1), weight_norms=(norm(),))
        records.add_repeat(one, "search", full, "w")
        records.add_repeat(one, "confirm", repeat(0, score, test_rows=rows(0, first=7), curve=curve(2)), "w")
    records.add_repeat(none, "search", diverged(1), "w")
    return results


def test_trials(filled: storage.Results) -> None:
    frame = filled.trials("moons")
    assert list(frame.columns) == TRIALS
    assert frame.number.tolist() == [0, 1]
    assert frame.regularizer.tolist() == ["none", "l2"]
    assert frame["mean"].tolist() == [0.8, 0.9]
    assert frame["lambda"].isna().tolist() == [True, False]
    assert str(frame.dtypes["number"]) == "Int64"
    assert str(frame.dtypes["lambda"]) == "float64"
    assert str(frame.dtypes["n"]) == "int64"


def test_a_configuration_without_a_trial_comes_last(filled: storage.Results, records: storage.Records) -> None:
    l1 = Configuration.tied("l1", 1e-3, Target())
    records.register_configuration(filled.sweep("moons").id, l1, key="3" * 64, stage="coarse")
    assert filled.trials("moons").number.isna().tolist() == [False, False, True]


def test_leaderboard_begins_with_the_best(filled: storage.Results, configuration: int) -> None:
    frame = filled.leaderboard("moons")
    assert frame.configuration_id.iloc[0] == configuration
    assert frame["mean"].tolist() == [0.9, 0.8]
    assert frame.diverged.tolist() == [0, 1]


def test_repeats_of_one_purpose_or_both(filled: storage.Results) -> None:
    assert len(filled.repeats("moons")) == 5
    assert filled.repeats("moons", "confirm").purpose.unique().tolist() == ["confirm"]
    frame = filled.repeats("moons", "search")
    assert frame.status.tolist() == ["ok", "ok", "diverged"]
    assert str(frame.finished_at.dtype) == "datetime64[us, UTC]"


def test_curves_are_long(filled: storage.Results, configuration: int) -> None:
    frame = filled.curves("moons", where=f"configuration_id = {configuration}")
    assert list(frame.columns) == ["configuration_id", "repeat", "epoch", *SERIES]
    assert frame.epoch.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(frame.validation_score, curve(3).validation_score)
    assert len(filled.curves("moons")) == 6
    assert len(filled.curves("moons", "confirm")) == 4
    assert len(filled.curves("moons", where="status = 'diverged'")) == 0


def test_weight_norms(filled: storage.Results, configuration: int) -> None:
    frame = filled.weight_norms("moons").query("configuration_id == @configuration")
    [row] = frame.to_dict("records")
    assert (row["layer"], row["l2_before"], row["l1_after"], row["l2_after"]) == ("hidden", 4.0, 2.0, 1.0)


def test_row_scores(filled: storage.Results, configuration: int) -> None:
    frame = filled.row_scores(configuration, purpose="search", subset="validation")
    assert frame.to_dict("list") == {"repeat": [0, 0, 0], "row": [30, 31, 32], "score": [1.0, 0.0, 1.0]}
    assert filled.row_scores(configuration, purpose="confirm", subset="test").row.tolist() == [7]
    assert filled.row_scores(configuration, purpose="search", subset="test").empty


def test_frames_without_rows_have_the_same_dtypes(filled: storage.Results, records: storage.Records) -> None:
    records.register_sweep(name="blank", config={}, config_hash="c", versions={})
    for ask in (filled.trials, filled.leaderboard, filled.repeats, filled.curves, filled.weight_norms):
        full, empty = ask("moons"), ask("blank")
        assert len(empty) == 0
        assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_sweeps(filled: storage.Results) -> None:
    frame = filled.sweeps()
    assert frame.name.tolist() == ["moons", "other"]
    assert frame.keras_version.tolist()[0] == "3.15"


def test_an_unknown_sweep_names_the_nearest(filled: storage.Results) -> None:
    for ask in (filled.sweep, filled.trials, filled.curves, filled.workers, filled.comparisons, filled.weight_norms):
        with pytest.raises(UnknownSweep, match=r"^name: no sweep 'mons' in the database \(did you mean 'moons'\?\)$"):
            ask("mons")
    with pytest.raises(UnknownSweep, match=r"no sweep 'xyz' in the database; there are moons, other$"):
        filled.trials("xyz")


def test_opening_and_reading_change_no_byte(sqlite_template: Path, tmp_path: Path) -> None:
    copy = tmp_path / "results.db"
    copy.write_bytes(sqlite_template.read_bytes())
    with storage.open(f"sqlite:///{copy}") as results:
        results.sweeps()
        results.sql("SELECT * FROM rs_leaderboard")
    assert copy.read_bytes() == sqlite_template.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["results.db"]


def test_a_database_that_vanishes_is_not_made_again(sqlite_template: Path, tmp_path: Path) -> None:
    copy = tmp_path / "results.db"
    copy.write_bytes(sqlite_template.read_bytes())
    with storage.open(f"sqlite:///{copy}") as results:
        copy.unlink()
        with pytest.raises(StorageError, match="the SQLite file cannot be opened"):
            results.sweeps()
    assert list(tmp_path.iterdir()) == []


def test_opening_nothing_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REGSEARCH_STORAGE", raising=False)
    with pytest.raises(StorageURLError, match=r"no database at regsearch\.db yet"):
        storage.open()
    assert list(tmp_path.iterdir()) == []


def scheduled(records: storage.Records, sweep: int) -> int:
    schedule = Schedule(name="rising", phases=((5, 0.0), (10, 1e-2)))
    configuration = replace(Configuration.tied("l2", 1e-2, Target()), schedule=schedule)
    return records.register_configuration(sweep, configuration, key="2" * 64, stage="coarse")


def level(number: int, *, score: float, surface: Surface | None = None, loss: float = 0.25) -> PhaseResult:
    return PhaseResult(
        phase=number,
        epochs=5 + 10 * number,
        coefficient=number / 100,
        train=Scores(score=1.0, loss=0.125),
        validation=Scores(score=score, loss=loss),
        weight_norms=(norm(after=float("inf")),),
        surface=surface,
    )


def test_levels_and_surfaces(records: storage.Records, sweep: int, results: storage.Results) -> None:
    number = scheduled(records, sweep)
    table = np.arange(6, dtype=np.float32).reshape(3, 2)
    surface = Surface(x1=np.float32([0, 1]), x2=np.float32([5, 6, 7]), values=table)
    phases = (level(0, score=0.75), level(1, score=0.875, surface=surface))
    assert records.add_repeat(number, "search", repeat(0, phases=phases), "w")
    assert not records.add_repeat(number, "search", repeat(0, phases=phases), "w")
    broken = (level(0, score=0.5), level(1, score=0.5, loss=float("nan")))
    records.add_repeat(number, "search", repeat(1, phases=broken), "w")

    found = results.phases("moons")
    assert found[["variant", "repeat", "level", "epochs", "strength", "validation_score"]].values.tolist() == [
        ["rising", 0, 0, 5, 0.0, 0.75],
        ["rising", 0, 1, 15, 0.01, 0.875],
        ["rising", 1, 0, 5, 0.0, 0.5],
    ]
    assert results.phases("moons", "confirm").empty
    (back,) = results.surfaces(number).values()
    np.testing.assert_array_equal(back.values, table)
    assert (back.x1.tolist(), back.x2.tolist(), list(results.surfaces(number))) == ([0, 1], [5, 6, 7], [1])
    (kept,) = results.sql("SELECT weight_norms FROM rs_levels WHERE level = 1")["weight_norms"]
    kept = json.loads(kept) if isinstance(kept, str) else kept
    assert kept[0]["layer"] == "hidden"
    assert (kept[0]["l1_before"], kept[0]["l1_after"]) == (8.0, None)
    assert results.trials("moons").variant.tolist() == ["rising"]


KINDS = {
    "none": (Configuration(), None, ""),
    "l1 l2 apart": (Configuration(regularizer="l1_l2", lambda_l1=1e-3, lambda_l2=1e-2, target=Target()), None, ""),
    "by depth": (replace(Configuration.tied("l1", 1e-3, Target()), ratio=0.1), 1e-3, "decreasing /10"),
    "each layer": (
        Configuration(regularizer="l2", lambda_l2=1e-2, target=Target(layers=("a", "b")), lambdas=(1e-3, 1e-2)),
        1e-2,
        "each 1e-3 1e-2",
    ),
    "weight decay": (Configuration.tied("weight_decay", 0.1, Target()), 0.1, ""),
    "early stopping": (
        Configuration(regularizer="early_stopping", early_stopping=EarlyStopping(patience=7)),
        None,
        "patience 7",
    ),
}


@pytest.mark.parametrize(("configuration", "value", "variant"), KINDS.values(), ids=KINDS)
def test_every_kind_of_configuration_is_stored_and_comes_back(
    records: storage.Records,
    sweep: int,
    results: storage.Results,
    configuration: Configuration,
    value: float | None,
    variant: str,
) -> None:
    number = records.register_configuration(sweep, configuration, key=KEY, stage="coarse")
    assert results.configurations("moons") == {number: configuration}
    (row,) = results.leaderboard("moons").to_dict("records")
    assert (row["regularizer"], row["variant"]) == (configuration.regularizer, variant)
    assert (None if pd.isna(row["lambda"]) else row["lambda"]) == value == configuration.lambda_
