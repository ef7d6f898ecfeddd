import signal
import sqlite3

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

import storage
from regsearch.errors import StorageError
from storage.transactions import write_transaction
from tests.postgres import PostgresServer


class Flaky:
    """Work that meets an error so many times before it succeeds."""

    def __init__(self, error: DBAPIError, times: int) -> None:
        self.error, self.left, self.calls = error, times, 0

    def __call__(self, connection: Connection) -> str:
        self.calls += 1
        if self.left:
            self.left -= 1
            raise self.error
        return "done"


def sqlite_says(message: str) -> OperationalError:
    return OperationalError("", None, sqlite3.OperationalError(message))


def test_a_busy_database_is_tried_again(engine: Engine) -> None:
    work = Flaky(sqlite_says("database is locked"), times=2)
    assert write_transaction(engine, work, pauses_s=(0, 0)) == "done"
    assert work.calls == 3


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("", None, psycopg.errors.DeadlockDetected("deadlock detected")),
        OperationalError("", None, psycopg.errors.CannotConnectNow("the database system is starting up")),
        OperationalError("", None, psycopg.OperationalError("connection refused")),
        OperationalError("", None, psycopg.OperationalError("SSL error: EOF"), connection_invalidated=True),
    ],
    ids=lambda error: type(error.orig).__name__,
)
def test_what_passes_is_tried_again(engine: Engine, error: DBAPIError) -> None:
    assert write_transaction(engine, Flaky(error, times=1), pauses_s=(0,)) == "done"


def test_it_gives_up_in_one_line(engine: Engine) -> None:
    work = Flaky(sqlite_says("database is locked"), times=9)
    with pytest.raises(StorageError, match=r"^the database failed: the database was locked by another program"):
        write_transaction(engine, work, pauses_s=(0, 0))
    assert work.calls == 3


def test_what_will_not_pass_is_not_tried_again(engine: Engine) -> None:
    work = Flaky(sqlite_says("database or disk is full"), times=9)
    with pytest.raises(StorageError, match=r"^the database failed: the disk is full$"):
        write_transaction(engine, work, pauses_s=(0, 0))
    assert work.calls == 1


def test_a_failed_attempt_leaves_nothing(engine: Engine) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text("DELETE FROM rs_alembic_version"))
        raise sqlite_says("disk I/O error")

    with pytest.raises(StorageError):
        write_transaction(engine, work, pauses_s=())
    assert storage.schema_status(engine) == "current"


def test_a_restart_of_postgres_is_outlived(postgres_server: PostgresServer, postgres_engine: Engine) -> None:
    storage.upgrade(postgres_engine)
    postgres_server.stop(signal.SIGQUIT)
    starts = []

    class StartsAgain(tuple[float, ...]):
        """Pauses in which somebody starts the server."""

        def __iter__(self):  # type: ignore[no-untyped-def]
            for pause_s in (0.0, 0.0):
                if not starts:
                    starts.append(postgres_server.start())
                yield pause_s

    records = storage.Records(postgres_engine, pauses_s=StartsAgain())
    assert records.register_sweep(name="moons", config={}, config_hash="a", versions={}) == 1
    assert len(starts) == 1


def test_a_connection_cut_in_the_middle_is_replaced(postgres_engine: Engine) -> None:
    calls = []

    def work(connection: Connection) -> int:
        calls.append(1)
        if len(calls) == 1:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return int(connection.scalar(text("SELECT 1")) or 0)

    assert write_transaction(postgres_engine, work, pauses_s=(0,)) == 1
    assert len(calls) == 2
