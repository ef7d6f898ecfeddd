import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

import storage
from regsearch.errors import StorageURLError
from storage import database
from tests.postgres import PASSWORD, PostgresServer, free_port


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Engine]:
    engine = storage.connect(f"sqlite:///{tmp_path}/results.db", write=True)
    yield engine
    engine.dispose()


def pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def problem(url: str, *, write: bool = True) -> str:
    with pytest.raises(StorageURLError) as caught:
        storage.connect(url, write=write)
    assert caught.value.field == "--storage"
    message = str(caught.value)
    assert "\n" not in message
    assert PASSWORD not in message
    return message


def test_sqlite_is_run_for_several_processes(writer: Engine) -> None:
    assert pragma(writer, "journal_mode") == "wal"
    assert pragma(writer, "synchronous") == 1  # NORMAL
    assert pragma(writer, "foreign_keys") == 1
    assert pragma(writer, "busy_timeout") == 30_000


def test_a_write_transaction_holds_the_lock_from_its_beginning(writer: Engine, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "results.db", timeout=0)
    with writer.begin(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_readers_wait_for_no_writer_and_cannot_be_waited_for(writer: Engine, tmp_path: Path) -> None:
    reader = storage.connect(f"sqlite:///{tmp_path}/results.db", write=False)
    with writer.begin() as connection, reader.connect() as looking:
        connection.execute(text("CREATE TABLE t (x)"))
        assert looking.scalar(text("SELECT count(*) FROM sqlite_master")) == 0


def test_the_write_ahead_log_is_cut_short_once_a_long_reader_has_gone(writer: Engine, tmp_path: Path) -> None:
    def write(times: int) -> int:
        for _ in range(times):
            with writer.begin() as connection:
                connection.execute(text("INSERT INTO t VALUES (zeroblob(1000000))"))
        return (tmp_path / "results.db-wal").stat().st_size

    with writer.begin() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
    reader = storage.connect(f"sqlite:///{tmp_path}/results.db", write=False)
    assert write(20) < 8_000_000  # it begins again at its start after each thousand pages
    with reader.connect() as looking:
        looking.execute(text("SELECT count(*) FROM t"))
        assert write(40) > 40_000_000  # what somebody reads stays
    assert write(3) <= database.LONGEST_LOG


def test_another_engine_can_be_tuned_and_loses_its_old_connections(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/results.db")
    assert pragma(engine, "journal_mode") == "delete"
    storage.tune_sqlite(engine, immediate=True)
    assert pragma(engine, "journal_mode") == "wal"
    engine.dispose()


def test_sqrt_is_added_where_sqlite_lacks_it() -> None:
    class Bare(sqlite3.Connection):
        added = False

        def execute(self, sql: str, *rest: object) -> sqlite3.Cursor:  # type: ignore[override]
            if not self.added:
                raise sqlite3.OperationalError("no such function: sqrt")
            return super().execute(sql)

        def create_function(self, *what: object, **how: object) -> None:  # type: ignore[override]
            self.added = True
            super().create_function(*what, **how)  # type: ignore[arg-type]

    connection = sqlite3.connect(":memory:", factory=Bare)
    database._add_sqrt(connection)
    assert connection.execute("SELECT sqrt(9.0), sqrt(NULL)").fetchone() == (3.0, None)
    connection.close()


def test_reading_a_missing_database_says_what_makes_one_and_makes_none(tmp_path: Path) -> None:
    message = problem(f"sqlite:///{tmp_path}/results.db", write=False)
    assert message == (
        f"--storage: there is no database at {tmp_path}/results.db yet; `regsearch run` or `regsearch create` makes one"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [True, False])
def test_files_that_are_no_database_are_named_and_left_alone(tmp_path: Path, write: bool) -> None:
    (tmp_path / "notes.db").write_text("these are notes, not a database")
    message = problem(f"sqlite:///{tmp_path}/notes.db", write=write)
    assert "not an SQLite database" in message and "notes.db" in message
    assert (tmp_path / "notes.db").read_text() == "these are notes, not a database"
    assert "is a directory" in problem(f"sqlite:///{tmp_path}", write=write)
    assert f"the directory {tmp_path}/none does not exist" in problem(f"sqlite:///{tmp_path}/none/r.db", write=write)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.db"]


@pytest.mark.parametrize("write", [True, False])
def test_a_truncated_file_is_called_damaged(sqlite_template: Path, tmp_path: Path, write: bool) -> None:
    (tmp_path / "cut.db").write_bytes(sqlite_template.read_bytes()[:3000])
    assert "damaged or cut short" in problem(f"sqlite:///{tmp_path}/cut.db", write=write)


def test_what_is_not_writable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    assert f"the directory {tmp_path} is not writable" in problem(f"sqlite:///{tmp_path}/results.db")
    sqlite3.connect(tmp_path / "old.db").close()
    assert "old.db is not writable" in problem(f"sqlite:///{tmp_path}/old.db")
    assert [path.name for path in tmp_path.iterdir()] == ["old.db"]


def test_a_path_with_odd_characters_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "50% a #1 'x' \"y\".db"
    sqlite3.connect(path).execute("CREATE TABLE t (x)").connection.close()
    for write in (True, False):
        engine = storage.connect(f"sqlite:///{path}", write=write)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT name FROM sqlite_master")) == "t"
        engine.dispose()


def test_postgres_knows_who_is_connected(postgres_url: str) -> None:
    engine = storage.connect(postgres_url, write=True)
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW application_name")) == "regsearch"
    engine.dispose()
    engine = storage.connect(f"{postgres_url}?application_name=mine", write=True)
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW application_name")) == "mine"
    engine.dispose()


def test_postgres_problems_are_told_apart(postgres_server: PostgresServer) -> None:
    assert "refused the user name or the password" in problem(postgres_server.url(password="wr0ng"))
    assert "has no database of that name" in problem(postgres_server.url("nothing"))
    down = f"postgresql://u:{PASSWORD}@127.0.0.1:{free_port()}/d"
    assert "Postgres does not answer; is it running?" in problem(down)
    assert "host's name cannot be resolved" in problem(f"postgresql://u:{PASSWORD}@no-such-host.invalid/d")


def test_a_postgres_that_hangs_is_given_up() -> None:
    with socket.socket() as silent:  # takes connections and never says a word
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"postgresql://u:{PASSWORD}@127.0.0.1:{silent.getsockname()[1]}/d?connect_timeout=2"
        assert "Postgres did not answer in time" in problem(url)


def test_a_connection_lost_while_idle_is_replaced(postgres_server: PostgresServer, postgres_engine: Engine) -> None:
    postgres_server.stop(signal.SIGQUIT)
    with pytest.raises(OperationalError), postgres_engine.connect():
        pass
    postgres_server.start()
    with postgres_engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_looking_at_a_database_keeps_the_locks_that_this_process_holds(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    path.write_bytes(sqlite_template.read_bytes())
    held = sqlite3.connect(path)
    held.execute("PRAGMA journal_mode = DELETE")
    held.execute("BEGIN EXCLUSIVE")
    assert database.is_there(f"sqlite:///{path}")
    other = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN EXCLUSIVE')"
    done = subprocess.run([sys.executable, "-c", other, str(path)], capture_output=True, text=True)
    held.close()
    assert "database is locked" in done.stderr
