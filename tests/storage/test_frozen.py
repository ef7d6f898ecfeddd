"""A database of every schema there ever was, upgraded and then used; see frozen/make.py."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

import storage
from regsearch.errors import StorageURLError
from regsearch.spec import Configuration, Target
from storage import schema
from storage.configurations import Begun
from storage.liveness import Process
from tests.storage.builders import curve, norm, repeat
from tests.storage.frozen import make

L2 = Configuration.tied("l2", 1e-3, Target())


def versions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    return sorted(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())


@pytest.fixture(params=versions())
def frozen(request: pytest.FixtureRequest, database_url: str) -> str:
    """The URL of a database as the code of one schema left it, on each kind in turn, with Optuna's tables beside."""
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    dumped = (make.FOLDER / f"{request.param}.{kind}.sql").read_text()
    if kind == "sqlite":
        connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
        connection.executescript(dumped)
        connection.close()
    else:
        with psycopg.connect(database_url, autocommit=True) as connected:
            connected.execute(dumped.encode())
    return database_url


@pytest.fixture
def engine(frozen: str) -> Iterator[Engine]:
    engine = storage.connect(frozen, write=True)
    yield engine
    engine.dispose()


def test_it_is_read_as_it_was_written(engine: Engine, frozen: str) -> None:
    assert storage.schema_status(engine) in ("outdated", "current")
    storage.upgrade(engine)
    assert storage.schema_status(engine) == "current"
    with storage.open(frozen) as results:
        assert results.sweep(make.NAME).config == {"name": "moons", "seed": 7}
        assert results.sweeps()["created_at"].tolist() == [pd.Timestamp(make.AT, tz="UTC")]
        assert results.configurations(make.NAME) == {5: L2, 6: Configuration()}
        trials = results.trials(make.NAME)
        assert trials["number"].tolist() == [0, 1] and trials["state"].tolist() == ["complete", "diverged"]
        assert trials["lambda"].tolist()[0] == 1e-3 and trials["n"].tolist() == [2, 0]
        assert trials["mean"][0] == pytest.approx(0.85, abs=1e-12)
        assert trials["std"][0] == pytest.approx(0.05 * 2**0.5, abs=1e-12)
        assert results.repeats(make.NAME, "confirm")["test_score"].tolist() == [0.6]
        curves = results.curves(make.NAME)
        assert curves[curves["repeat"] == 1]["validation_score"].tolist() == [0.5, 0.25, 3.0]
        assert results.row_scores(5, purpose="search", subset="validation")["row"].tolist() == 2 * [30, 31, 40]
        assert results.weight_norms(make.NAME)["l1_after"].tolist() == [2.0]
        assert results.workers(make.NAME)["name"].tolist() == ["host:1"]
        assert results.comparisons(make.NAME)["difference"].tolist() == [0.1]
        for level, surface in results.surfaces(5).items():
            assert level == 0 and np.array_equal(surface.values, make.surface().values)


def test_it_is_written_to_as_a_new_one_is(engine: Engine, frozen: str) -> None:
    storage.upgrade(engine)
    records = storage.Records(engine)
    same = {"config": {"name": "moons", "seed": 7}, "config_hash": "hash", "versions": {}}
    sweep = records.register_sweep(name=make.NAME, **same)
    assert sweep == 3
    begun = records.begin_trial(sweep, 2, L2, key="a", stage="fine")
    assert begun == Begun(configuration_id=5, recorded=frozenset({0, 1}))
    new = [repeat(i, 0.7, curve=curve(), weight_norms=(norm(),)) for i in (1, 2)]
    assert records.add_repeats(5, "search", new, "w") == 1
    assert list(records.settle(5, "search").values()) == [0.9, 0.8, 0.7]
    decay = Configuration(regularizer="weight_decay", weight_decay=0.1)
    other = records.begin_trial(sweep, 3, decay, key="c", stage="x")
    assert records.add_repeat(other.configuration_id, "search", repeat(0), "w")
    records.leave(records.join(sweep, Process("host", "", "", 2, "")))
    with storage.open(frozen) as results:
        assert results.leaderboard(make.NAME)["n"].sum() == 4


def test_optunas_tables_are_left_alone(engine: Engine, frozen: str) -> None:
    trials = optuna.storages.RDBStorage(storage.resolve_url(frozen))
    study = optuna.create_study(storage=trials, study_name=make.NAME)
    study.tell(study.ask(), 0.5)
    before = _optunas(engine)
    storage.upgrade(engine)
    assert _optunas(engine) == before
    assert study.best_value == 0.5 and trials.get_current_version() == trials.get_head_version()
    trials.remove_session()
    trials.engine.dispose()


def test_one_from_the_future_is_refused_and_left_as_it_is(engine: Engine, frozen: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '0099'"))
    for act in (lambda: storage.upgrade(engine), lambda: storage.open(frozen)):
        with pytest.raises(StorageURLError, match="a newer regsearch made this database"):
            act()
    with engine.connect() as connection:
        assert connection.scalar(text(f"SELECT version_num FROM {schema.VERSION_TABLE}")) == "0099"


def test_every_schema_is_frozen_once() -> None:
    files = {path.name for path in Path(make.FOLDER).glob("*.sql")}
    assert files == {f"{version}.{kind}.sql" for version in versions() for kind in ("sqlite", "postgresql")}


def _optunas(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        tables = [name for name in inspect(engine).get_table_names() if not name.startswith("rs_")]
        return {name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))] for name in tables}
