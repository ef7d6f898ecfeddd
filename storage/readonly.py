"""Any SELECT, and nothing else: the same statement and parameters on SQLite and Postgres."""

import re
import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import pandas as pd
import psycopg
from sqlalchemy import Engine

from regsearch.errors import QueryError
from storage.explain import one_line
from storage.transactions import reading

TIMEOUT_S = 30.0
STEPS = 10_000  # of SQLite's virtual machine between two looks at the clock, well under a millisecond
LONGEST = 100_000_000  # bytes in one value that SQLite may make

_FORBIDDEN = ("not authorized", "authorization", "prohibited", "no select", "permission denied", "read-only")

Parameters = Sequence[Any] | Mapping[str, Any]

_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}

# Functions of Postgres that a read-only transaction lets through although they read files, run statements of their
# own, undo the restrictions, or end other people's work. Names written in escapes are refused for the same reason.
_REACHES_OUT = re.compile(
    r"\b(set_config|\w*_to_xml\w*|pg_read_\w+|pg_ls_\w+|pg_stat_file|pg_current_logfile|lo_\w+|dblink\w*|pg_sleep\w*"
    r"|pg_(terminate|cancel)_backend|pg_(try_)?advisory\w*|pg_notify|pg_reload_conf|pg_rotate_logfile|pg_promote"
    r"|pg_switch_wal|pg_create_\w+|pg_drop_\w+|pg_backup_\w+|pg_logical_\w+|pg_replication_\w+)\b|\bu&[\"']",
    re.IGNORECASE,
)
_READER = "pg_read_all_data"  # may read every table and nothing else
_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|::|(?P<mark>\?)|:(?P<name>[A-Za-z_]\w*)|%",
    re.DOTALL,
)


def run(
    engine: Engine, statement: str, parameters: Parameters, *, limit: int | None, timeout_s: float
) -> pd.DataFrame:
    """Return what one SELECT gives; see `Results.sql`.

    Raises:
        QueryError: it is wrong, takes too long, or would change something or reach outside the database.
    """
    if limit is not None and limit < 0:
        raise QueryError("limit", f"is {limit}; it may be 0 or more")
    if "\0" in statement:
        raise QueryError("query", "holds a null character")
    select = _sqlite if engine.dialect.name == "sqlite" else _postgres
    with reading(engine) as connection:
        try:
            driver = connection.connection.driver_connection
            names, rows = select(driver, statement, parameters, limit, timeout_s)
        finally:
            connection.invalidate()  # it carries the restrictions of this one statement: never hand it on
    return pd.DataFrame.from_records(rows, columns=names, coerce_float=True)


def _sqlite(
    connection: Any, statement: str, parameters: Parameters, limit: int | None, timeout_s: float
) -> tuple[list[str], list[Any]]:
    deadline = time.monotonic() + timeout_s
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    connection.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')")  # set up while that is still allowed
    connection.set_authorizer(_authorize)
    connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
    try:
        cursor = connection.execute(statement, parameters)
        rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit) if limit else []
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        _refuse(str(error), timeout_s)
    if cursor.description is None:
        _refuse("no SELECT", timeout_s)
    return [column[0] for column in cursor.description], rows


def _authorize(action: int, _one: Any, function: Any, *_where: Any) -> int:
    loads = action == sqlite3.SQLITE_FUNCTION and function == "load_extension"
    return sqlite3.SQLITE_OK if action in _ALLOWED and not loads else sqlite3.SQLITE_DENY


def _postgres(
    connection: Any, statement: str, parameters: Parameters, limit: int | None, timeout_s: float
) -> tuple[list[str], list[Any]]:
    if _REACHES_OUT.search(statement):
        _refuse("not authorized", timeout_s)
    try:
        _restrict(connection, timeout_s)
        with connection.cursor(name="rs_query") as cursor:  # DECLARE takes one statement, and only one that reads
            cursor.execute(*_translated(statement, parameters))
            rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit) if limit else []
            return [column.name for column in cursor.description or ()], rows
    except (psycopg.Error, ValueError) as error:
        _refuse(str(error), timeout_s)


def _restrict(connection: Any, timeout_s: float) -> None:
    """Begin a transaction that cannot write; one with a superuser's rights gives them up, as those reach files."""
    connection.execute("SET TRANSACTION READ ONLY")
    connection.execute(f"SET LOCAL statement_timeout = {max(1, int(1000 * timeout_s))}")
    member = "SELECT pg_has_role(oid, 'member') FROM pg_roles WHERE rolname = %s"
    if connection.execute(member, (_READER,)).fetchone() == (True,):
        connection.execute(f"SET LOCAL ROLE {_READER}")


def _translated(statement: str, parameters: Parameters) -> tuple[str, Parameters | None]:
    """Return the statement with psycopg's placeholders in place of `?` and `:name`, outside quotes and comments."""
    if not parameters:
        return statement, None

    def placeholder(token: re.Match[str]) -> str:
        if token["mark"]:
            return "%s"
        return f"%({token['name']})s" if token["name"] else token[0].replace("%", "%%")

    return _TOKEN.sub(placeholder, statement), parameters


def _refuse(said: str, timeout_s: float) -> NoReturn:
    low = said.lower()
    if "interrupted" in low or "statement timeout" in low:
        raise QueryError("query", f"took longer than {timeout_s:g} s")
    if "one statement" in low or "multiple commands" in low:
        raise QueryError("query", "holds more than one statement; give one SELECT")
    if any(word in low for word in _FORBIDDEN):
        problem = "only a SELECT is let through, and none that changes something or reaches outside the database"
        raise QueryError("query", problem)
    raise QueryError("query", one_line(said))
