from collections.abc import Iterator
from typing import Any

import optuna
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

import storage
from regsearch.errors import StorageURLError
from storage import schema
from storage.columns import PREFIX, Base
from storage.views import leaderboard, results, results_by_level
from tests.storage.herd import together


@pytest.fixture
def fresh(database_url: str) -> Iterator[Engine]:
    engine = storage.connect(database_url, write=True)
    yield engine
    engine.dispose()


def set_version(engine: Engine, version: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '{version}'"))


def upgrade_to(engine: Engine, version: str) -> None:
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "storage:migrations")
        command.upgrade(config, version)


def shape(engine: Engine) -> dict[str, Any]:
    """All that a table is made of and that compare_metadata does not look at."""
    found = inspect(engine)
    return {
        table: {
            "checks": sorted((str(check["name"]), check["sqltext"]) for check in found.get_check_constraints(table)),
            "keys": sorted((str(key["name"]), key["column_names"]) for key in found.get_unique_constraints(table)),
            "foreign": sorted((str(key["name"]), str(key["options"])) for key in found.get_foreign_keys(table)),
            "primary": found.get_pk_constraint(table)["name"],
            "columns": [column["name"] for column in found.get_columns(table)],
        }
        for table in Base.metadata.tables
    }


def test_head_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


def test_a_database_is_empty_then_current(fresh: Engine) -> None:
    assert storage.schema_status(fresh) == "empty"
    storage.upgrade(fresh)
    assert storage.schema_status(fresh) == "current"
    storage.upgrade(fresh)
    assert storage.schema_status(fresh) == "current"


def test_checking_writes_nothing(fresh: Engine) -> None:
    storage.schema_status(fresh)
    assert inspect(fresh).get_table_names() == []


def test_models_and_migrations_agree(engine: Engine) -> None:
    options = {
        "version_table": schema.VERSION_TABLE,
        "compare_type": True,
        "include_name": lambda name, kind, _parents: kind != "table" or name.startswith(PREFIX),
    }
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []


def test_models_and_migrations_agree_on_constraints(fresh: Engine) -> None:
    Base.metadata.create_all(fresh)
    modelled = shape(fresh)
    Base.metadata.drop_all(fresh)
    storage.upgrade(fresh)
    assert shape(fresh) == modelled
    assert all(table["checks"] for name, table in modelled.items() if name != "rs_workers")


@pytest.mark.parametrize("view", [leaderboard, results, results_by_level])
def test_views_have_the_columns_that_the_read_path_expects(engine: Engine, view: Any) -> None:
    assert [column["name"] for column in inspect(engine).get_columns(view.name)] == view.c.keys()


def test_an_older_database_is_upgraded(fresh: Engine, database_url: str) -> None:
    upgrade_to(fresh, "0001")
    assert storage.schema_status(fresh) == "outdated"
    with pytest.raises(StorageURLError, match="regsearch db upgrade"):
        storage.open(database_url)
    storage.upgrade(fresh)
    assert storage.schema_status(fresh) == "current"


def test_an_upgrade_keeps_every_row_and_widens_what_may_be_there(fresh: Engine, database_url: str) -> None:
    upgrade_to(fresh, "0002")
    rows = [
        "INSERT INTO rs_sweeps (id, name, config, config_hash, created_at, versions) "
        "VALUES (1, 'old', '{}', 'h', '2026-01-01 00:00:00', '{}')",
        "INSERT INTO rs_configurations (id, sweep_id, key, regularizer, lambda_l1, lambda_l2, target, stage, params, "
        "state) VALUES (7, 1, 'k', 'l2', 0, 0.01, 'hidden kernel', 'coarse', "
        '\'{"regularizer": "l2", "lambda_l1": 0, "lambda_l2": 0.01, "target": null}\', \'open\')',
        "INSERT INTO rs_repeats (id, configuration_id, purpose, repeat, seed, status, train_score, validation_score, "
        "epochs, seconds, worker, finished_at) VALUES (3, 7, 'search', 0, 1, 'ok', 1, 0.5, 9, 0.1, 'w', "
        "'2026-01-01 00:00:00')",
    ]
    with fresh.begin() as connection:
        for row in rows:
            connection.execute(text(row.replace(":", r"\:")))
    storage.upgrade(fresh)
    with storage.open(database_url) as found:
        (old,) = found.repeats("old").to_dict("records")
    assert (old["configuration_id"], old["lambda"], old["weight_decay"], old["variant"]) == (7, 0.01, 0.0, "")
    assert (old["validation_score"], old["repeat_id"]) == (0.5, 3)

    insert = (
        "INSERT INTO rs_configurations (sweep_id, key, regularizer, lambda_l1, lambda_l2, target, stage, params, "
        "state, weight_decay, variant) VALUES (1, '{key}', '{kind}', 0, 0, {target}, 'coarse', '{{}}', 'open', "
        "{decay}, '')"
    )
    allowed = [("weight_decay", "NULL", 0.1), ("early_stopping", "NULL", 0), ("l1", "'hidden kernel'", 0)]
    refused = [("l3", "NULL", 0), ("none", "NULL", 0.1), ("weight_decay", "'hidden kernel'", 0), ("l1", "NULL", 0)]
    for i, (kind, target, decay) in enumerate(allowed):
        with fresh.begin() as connection:
            connection.execute(text(insert.format(key=i, kind=kind, target=target, decay=decay)))
    for kind, target, decay in refused:
        with pytest.raises(IntegrityError), fresh.begin() as connection:
            connection.execute(text(insert.format(key="x", kind=kind, target=target, decay=decay)))
    with fresh.connect() as connection:
        if fresh.dialect.name == "sqlite":
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"


def test_a_newer_database_is_refused_and_left_alone(engine: Engine, url: str) -> None:
    set_version(engine, "9999")
    assert storage.schema_status(engine) == "newer"
    for act in (lambda: storage.upgrade(engine), lambda: storage.open(url)):
        with pytest.raises(StorageURLError, match="a newer regsearch made this database"):
            act()
    assert storage.schema_status(engine) == "newer"


def test_a_database_without_sweeps_tables_says_what_makes_them(fresh: Engine, database_url: str) -> None:
    with pytest.raises(StorageURLError, match="holds no sweeps yet; `regsearch run` or `create` makes one"):
        storage.open(database_url)
    assert inspect(fresh).get_table_names() == []


def test_a_script_that_fails_leaves_nothing(fresh: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with fresh.begin() as connection:
        connection.execute(text("CREATE TABLE rs_comparisons (id INTEGER)"))  # in the way of the last table
    with pytest.raises(Exception, match="already exists"):
        storage.upgrade(fresh)
    assert inspect(fresh).get_table_names() == ["rs_comparisons"]


def test_many_processes_make_one_schema_and_one_sweep(database_url: str) -> None:
    answers = together(8, database_url)
    assert len(answers) == 8
    assert all(isinstance(answer, int) for answer in answers), answers
    assert len(set(answers)) == 1


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_optuna_and_we_live_in_one_database(fresh: Engine, database_url: str) -> None:
    there = optuna.storages.RDBStorage(storage.resolve_url(database_url))
    storage.tune_sqlite(there.engine, immediate=True)
    storage.upgrade(fresh)
    study = optuna.create_study(storage=there, study_name="moons")
    study.tell(study.ask(), 1.0)
    tables = set(inspect(fresh).get_table_names())
    assert {"alembic_version", "studies", schema.VERSION_TABLE, "rs_sweeps"} <= tables
    assert there.get_current_version() == there.get_head_version()
    optuna.delete_study(study_name="moons", storage=there)
    assert storage.schema_status(fresh) == "current"
    there.remove_session()
    there.engine.dispose()
