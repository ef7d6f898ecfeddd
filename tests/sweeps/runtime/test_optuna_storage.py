"""How a study's storage is opened, and what is said where it cannot be."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

import storage
from regsearch.errors import StorageError
from sweeps.runtime.optuna_storage import open_trials


def test_the_database_is_run_as_ours_is(database_url: str) -> None:
    opened = open_trials(storage.resolve_url(database_url))
    engine = opened._backend.engine
    names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys") if engine.name == "sqlite" else ()
    with engine.connect() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
        if engine.name == "postgresql":
            assert connection.exec_driver_sql("SHOW application_name").scalar() == "regsearch"
    assert pragmas in (["wal", 1, 30_000, 1], [])
    engine.dispose()


def test_a_full_disk_is_one_line_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = []

    def full(*_given: object, **_options: object) -> None:
        attempts.append(1)
        raise OperationalError("", None, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr("sweeps.runtime.patient_storage.RDBStorage.__init__", full)
    with pytest.raises(StorageError, match=r"^the database failed: the disk is full$"):
        open_trials(f"sqlite:///{tmp_path}/trials.db")
    assert len(attempts) == 1
