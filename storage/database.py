"""URL -> engine: how SQLite and Postgres are run, and what is wrong, in the user's words, when they cannot be."""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from storage.explain import explain
from storage.urls import parse_url, refuse, safe_url

BUSY_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 10
LONGEST_LOG = 16 * 2**20  # bytes of write-ahead log that SQLite leaves when a long reader let it grow beyond
APPLICATION_NAME = "regsearch"

_NOTHING_YET = "there is no database at {} yet; `regsearch run` or `regsearch create` makes one"


def connect(url: str, *, write: bool) -> Engine:
    """Return an engine on the database, after one connection to prove that it is there.

    An engine is for one process: build another after a fork or a spawn.

    Args:
        url: a database URL as `resolve_url` takes it.
        write: False for an engine that neither makes a missing SQLite file nor holds up writers.

    Raises:
        StorageURLError: the database cannot be opened; nothing was written.
    """
    parsed = parse_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    engine = _sqlite(parsed, write) if sqlite else create_engine(parsed, **engine_options(url))
    try:
        with engine.connect() as connection:  # a truncated SQLite file shows only when its schema is read
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master" if sqlite else "SELECT 1")
    except DBAPIError as error:
        engine.dispose()
        refuse(f"{explain(error)}{_read_only_folder(parsed)} ({safe_url(url)})")
    return engine


def engine_options(url: str) -> dict[str, Any]:
    """Return how `create_engine` is to run a database, for our engines and Optuna's: what to wait for, and how long."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_TIMEOUT_S}}
    wanted = {"connect_timeout": CONNECT_TIMEOUT_S, "application_name": APPLICATION_NAME}
    options = {name: value for name, value in wanted.items() if name not in parsed.query}
    return {"pool_pre_ping": True, "connect_args": options}


def is_there(url: str) -> bool:
    """Return whether there is a database to read; refuse one that could not be opened or made. Writes nothing."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return True
    path = Path(str(parsed.database))
    _check_file(path, write=True)
    return path.exists() and path.stat().st_size > 0


def tune_sqlite(engine: Engine, *, immediate: bool) -> None:
    """Make an SQLite engine's connections fit for several processes; dispose of those it already has.

    Foreign keys are enforced and a locked database is waited for. Does nothing on Postgres.

    Args:
        engine: ours, or that of Optuna's RDBStorage.
        immediate: for writers: write-ahead log, and transactions that take the write lock when they begin, because one
            that takes it later fails at once where another has written since. Without it, readers wait for no writer.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # else the driver begins by itself, and never immediately
        _set_pragmas(connection, immediate)
        _add_sqrt(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    engine.dispose()


def _set_pragmas(connection: sqlite3.Connection, immediate: bool) -> None:
    connection.execute(f"PRAGMA busy_timeout = {int(1000 * BUSY_TIMEOUT_S)}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    if immediate:
        _use_write_ahead_log(connection)
        connection.execute(f"PRAGMA journal_size_limit = {LONGEST_LOG}")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite does not wait here for others who do the same, so this does."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _add_sqrt(connection: sqlite3.Connection) -> None:
    """Add what the views need where SQLite was built without its mathematical functions."""
    try:
        connection.execute("SELECT sqrt(4.0)").fetchone()
    except sqlite3.OperationalError:
        connection.create_function("sqrt", 1, lambda x: None if x is None else x**0.5, deterministic=True)


def _sqlite(url: URL, write: bool) -> Engine:
    path = Path(str(url.database))
    _check_file(path, write)
    options = {"timeout": BUSY_TIMEOUT_S}
    if write:
        engine = create_engine(url, connect_args=options)
    else:  # mode=rw is what does not make the file; no pool, so that a reader leaves nothing open
        query = {**url.query, "mode": "rw", "uri": "true"}
        address = url.set(database=f"file:{quote(str(path))}", query=query)
        engine = create_engine(address, poolclass=NullPool, connect_args=options)
    tune_sqlite(engine, immediate=write)
    return engine


def _check_file(path: Path, write: bool) -> None:
    # The file itself is SQLite's alone to open: closing any other handle on it gives up this process's locks, and then
    # another process may take the write-ahead log away under it (sqlite.org/howtocorrupt.html, section 2.2).
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:  # as of a name that is too long
        refuse(f"{path} cannot be opened: {error.strerror}")
    if path.is_dir():
        refuse(f"{path} is a directory; give a file in it, sqlite:///{path}/regsearch.db")
    if not path.parent.is_dir():
        refuse(f"the directory {path.parent} does not exist")
    if not write and (not path.exists() or path.stat().st_size == 0):
        refuse(_NOTHING_YET.format(path))
    if write and not os.access(path if path.exists() else path.parent, os.W_OK):
        refuse(f"{path if path.exists() else f'the directory {path.parent}'} is not writable")


def _read_only_folder(url: URL) -> str:
    sqlite = url.get_backend_name() == "sqlite"
    if not sqlite or os.access(Path(str(url.database)).parent, os.W_OK):
        return ""
    return ", as its folder is not writable, which its write-ahead log needs even to read; copy it to one that is"
