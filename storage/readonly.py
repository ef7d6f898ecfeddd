"""Any SELECT, and nothing else: the same statement and parameters on SQLite and Postgres.

What a database calls read-only is not enough: SQLite's lets VACUUM INTO and ATTACH make files, Postgres' lets functions
read files, run other statements and start programs.
"""

import re
import sqlite3
import sys
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple, NoReturn

import pandas as pd
import psycopg
from sqlalchemy import Engine

from regsearch.errors import QueryError, StorageError
from storage import readonly_postgres, readonly_sqlite
from storage.explain import explain_message, one_line
from storage.frames import inferred_frame
from storage.transactions import reading

TIMEOUT_S = 30.0
LONGEST_STATEMENT = 20_000  # characters: looking them through takes the square of that
MAX_BYTES = 500_000_000  # of memory that an answer takes
FETCHED = 1000  # rows that Postgres makes at a time

GRACE_S = 1.0  # after which nobody waits for a Postgres that has not ended the statement itself

_OPTUNAS_TIMES = ("datetime_start", "datetime_complete")  # local times, in the notation of our UTC ones

_FORBIDDEN = ("not authorized", "authorization", "prohibited", "no select", "permission denied", "read-only")
_FAILURES = tuple(f"SQLITE_{name}" for name in ("BUSY", "CANTOPEN", "CORRUPT", "FULL", "IOERR", "NOTADB"))
_NAMED = re.compile(r"""(?:no such (?:column|table|function): |\bfunction |["'])([\w.]+)""")
_READS = re.compile(r"(?:\s|\(|--.*+|/\*(?:(?!\*/)[\s\S])*+\*/)*+(?:select|with|values|table)\b", re.IGNORECASE)

Parameters = Sequence[Any] | Mapping[str, Any]
Rows = list[tuple[Any, ...]]


class Answer(NamedTuple):
    """What a statement gives; `times` is whether all that looks like a time in UTC is one."""

    names: list[str]
    rows: Rows
    times: bool = True


def run_select(
    engine: Engine, statement: str, parameters: Parameters, *, limit: int | None, timeout_s: float
) -> pd.DataFrame:
    """Return what one SELECT gives; see `Results.sql`.

    Raises:
        QueryError: as `rows_of` does.
    """
    names, rows, times = rows_of(engine, statement, parameters, limit=limit, timeout_s=timeout_s)
    return inferred_frame(names, rows, times=times)


def rows_of(
    engine: Engine,
    statement: str,
    parameters: Parameters,
    *,
    limit: int | None = None,
    timeout_s: float,
    shown: str | None = None,
) -> Answer:
    """Return what one SELECT gives.

    Args:
        engine: the database.
        statement: one statement, with `?` or `:name` where a parameter goes.
        parameters: a sequence for `?`, a mapping for `:name`.
        limit: rows to return at most; None for all.
        timeout_s: how long it may take.
        shown: the part of the statement that the user wrote; None for all of it.

    Raises:
        QueryError: it is wrong, takes too long or too much memory, or would change something or reach outside the
            database.
        StorageError: the database failed.
    """
    if limit is not None and limit < 0:
        raise QueryError("limit", f"is {limit}; it may be 0 or more")
    if "\0" in statement:
        raise QueryError("query", "holds a null character")
    if len(statement) > LONGEST_STATEMENT:
        raise QueryError("query", f"has {len(statement):,} characters; it may have {LONGEST_STATEMENT:,}")
    select = _sqlite if engine.dialect.name == "sqlite" else _postgres
    try:
        return select(engine, statement, parameters, limit, timeout_s)
    except (sqlite3.Error, sqlite3.Warning, psycopg.Error, ValueError, OverflowError) as error:
        if _is_failure(error):
            raise StorageError(f"the database failed: {explain_message(str(error))}") from error
        hint = "" if _READS.match(statement) else "; only a SELECT is let through"
        _refuse(str(error), statement if shown is None else shown, timeout_s, hint)


def _sqlite(engine: Engine, statement: str, parameters: Parameters, limit: int | None, timeout_s: float) -> Answer:
    with readonly_sqlite.selecting(engine, statement, parameters, timeout_s) as found:
        return Answer(found.names, _kept(found.rows, limit), times=not {*_OPTUNAS_TIMES}.intersection(found.read))


def _postgres(engine: Engine, statement: str, parameters: Parameters, limit: int | None, timeout_s: float) -> Answer:
    deadline = time.monotonic() + timeout_s
    with reading(engine) as pooled:
        connection: Any = pooled.connection.driver_connection
        try:
            with readonly_postgres.ended_after(connection, timeout_s + GRACE_S):
                readonly_postgres.restrict(connection, statement, timeout_s)
                with connection.cursor(name="rs_query") as cursor:  # DECLARE takes one statement that reads
                    cursor.execute(*readonly_postgres.translated(statement, parameters))
                    names = [column.name for column in cursor.description or ()]
                    with closing(_fetched(connection, deadline)) as rows:  # else closing the cursor waits for ever
                        return Answer(names, _kept(rows, limit))
        finally:
            pooled.invalidate()  # it carries the restrictions of this one statement: never hand it on


def _fetched(connection: Any, deadline: float) -> Generator[tuple[Any, ...], None, None]:
    """Yield the rows of the declared cursor; the server gathers those of one FETCH, and this side holds one row."""
    while True:
        count = 0
        for row in connection.cursor().stream(f"FETCH FORWARD {FETCHED} FROM rs_query"):
            count += 1
            yield row
        if count < FETCHED:
            return
        if time.monotonic() > deadline:  # each FETCH has the whole time to itself
            raise ValueError("statement timeout")


def _kept(rows: Iterable[tuple[Any, ...]], limit: int | None) -> Rows:
    """Return rows up to the limit, as long as there is memory for them; takes one after another."""
    kept: Rows = []
    left = MAX_BYTES
    for row in rows if limit != 0 else ():
        kept.append(row)
        left -= sys.getsizeof(row) + sum(map(sys.getsizeof, row))
        if left < 0:
            raise QueryError("query", f"gives more than {MAX_BYTES // 10**6} MB; ask for less, or give --limit")
        if len(kept) == limit:
            break
    return kept


def _is_failure(error: Exception) -> bool:
    """Whether the database failed, through no fault of the query."""
    if isinstance(error, psycopg.OperationalError):
        return (error.sqlstate or "08").startswith(("08", "57P", "58"))  # the connection, a shutdown, the system
    return getattr(error, "sqlite_errorname", "").startswith(_FAILURES)


def _refuse(said: str, shown: str, timeout_s: float, hint: str) -> NoReturn:
    low = said.lower()
    if "interrupted" in low or "statement timeout" in low:
        raise QueryError("query", f"took longer than {timeout_s:g} s")
    if "one statement" in low or "multiple commands" in low:
        raise QueryError("query", "holds more than one statement; give one SELECT")
    if any(word in low for word in _FORBIDDEN):
        problem = "only a SELECT is let through, and none that changes something or reaches outside the database"
        raise QueryError("query", problem)
    raise QueryError("query", one_line(said) + _place(said, shown) + hint)


def _place(said: str, statement: str) -> str:
    """Return where the word that a message names stands, if it stands in one place."""
    named = _NAMED.search(said)
    places = [] if named is None else [*re.finditer(rf"(?<!\w){re.escape(named[1])}(?!\w)", statement)]
    if len(places) != 1:
        return ""
    before = statement[: places[0].start()].split("\n")
    return f" (line {len(before)}, character {len(before[-1]) + 1})"
