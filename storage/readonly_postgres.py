"""What keeps a SELECT on Postgres from writing, and from leaving the database.

1. A cursor is declared for it, which takes one statement, and only one that gives rows.
2. The transaction is read-only, and every statement in it ends at a timeout.
3. Every function that it names is one of Postgres' own that its catalog calls stable or immutable, or is `HARMLESS`.
   A read-only transaction lets functions through that read files, end other people's work, or run statements given as
   text, and so could undo 2 and 4. What an extension or a user added may do the like.
4. A superuser, whose rights reach files and the hashes of passwords, takes on the role `READER` for it, which may read
   the tables of this database and nothing else. The first query makes it.
5. Functions whose result is as long as a number says are refused: `GROWING`. Postgres has no limit to the memory of one
   statement, and no function ends in the middle at a timeout; so after the time this side hangs up and waits no longer.
"""

import os
import re
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.errors import DuplicateObject, InsufficientPrivilege, ReadOnlySqlTransaction, UniqueViolation

from regsearch.errors import QueryError

HARMLESS = ["random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7"]
HARMLESS += ["bernoulli", "system"]  # of TABLESAMPLE
HARMLESS += [f"pg_{what}_size" for what in ("relation", "total_relation", "table", "indexes", "database")]

GROWING = ["array_fill", "repeat", "lpad", "rpad", "format"]

READER = "regsearch_reader"  # not pg_read_all_data, which reads pg_authid too
_LOCK = 0x7265_6772  # of those who grant at once, else Postgres fails one of them
_TEMPORARY_BYTES = 10**9  # of files that one statement may make to sort and to join

_HARMFUL = """
SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
    OR EXISTS (SELECT FROM pg_catalog.pg_auth_members WHERE member = pg_roles.oid)
FROM pg_catalog.pg_roles WHERE rolname = %s"""
_GRANTS = f"""
SELECT format('GRANT USAGE ON SCHEMA %I TO {READER}', nspname) FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_' AND NOT has_schema_privilege('{READER}', oid, 'USAGE')
UNION ALL
SELECT format('GRANT SELECT ON %I.%I TO {READER}', nspname, relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE relkind IN ('r', 'p', 'v', 'm') AND nspname !~ '^pg_' AND nspname <> 'information_schema'
  AND NOT has_table_privilege('{READER}', c.oid, 'SELECT')"""

_BARE = r"[A-Za-z_\u0080-\U0010ffff][\w$]*"
_WORD = re.compile(_BARE)
# Found at every character, also inside of another match: a quote in a comment must not hide what follows. Quantifiers
# with a second + give nothing back, else a row of dashes would take for ever.
_COMMENT = r"--[^\r\n]*+|/\*(?:(?!\*/).)*+\*/"
_CALL = re.compile(rf'(?=(?:"((?:[^"]|"")++)"|(?<![\w$])({_BARE})"?)(?:\s|{_COMMENT})*+\()', re.DOTALL)
_NESTED_COMMENT = re.compile(r"/\*(?:(?!\*/).)*?/\*", re.DOTALL)  # which _COMMENT would take for its end
_ESCAPED_NAME = re.compile(r"\bu&\"", re.IGNORECASE)

# Words inside texts and comments are looked up as well: that refuses a query too many, and never one too few. A name
# that is too long is cut by name[] where Postgres cuts it.
_UNSAFE = """
WITH own AS (SELECT proname, provolatile FROM pg_catalog.pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace)
SELECT proname::text FROM own
WHERE provolatile = 'v' AND proname = ANY(%(words)s::name[]) AND proname <> ALL(%(harmless)s::name[])
UNION ALL
SELECT proname::text FROM pg_catalog.pg_proc
WHERE proname = ANY(%(called)s::name[])
  AND (proname = ANY(%(growing)s::name[]) OR proname NOT IN (SELECT proname FROM own))
ORDER BY proname LIMIT 1"""

_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|::|(?P<mark>\?)|:(?P<name>[A-Za-z_]\w*)|%",
    re.DOTALL,
)


def restrict(connection: Any, statement: str, timeout_s: float) -> None:
    """Begin a transaction that can do no harm with this statement.

    Args:
        connection: psycopg's, outside a transaction.
        statement: what will be declared as a cursor.
        timeout_s: how long each statement may take.

    Raises:
        QueryError: the statement calls what might write or reach outside the database.
    """
    if _ESCAPED_NAME.search(statement) or _NESTED_COMMENT.search(statement):
        raise QueryError("query", 'names in the notation U&"…" and comments in comments are not let through')
    superuser = connection.execute("SELECT current_setting('is_superuser')").fetchone() == ("on",)
    connection.rollback()
    if superuser:
        _make_reader(connection)
    connection.execute("SET TRANSACTION READ ONLY")
    connection.execute(f"SET LOCAL statement_timeout = {max(1, int(1000 * timeout_s))}")
    connection.execute("SET LOCAL max_parallel_workers_per_gather = 0")  # each would have the same memory again
    _refuse_unsafe(connection, statement)
    if superuser:
        connection.execute(f"SET LOCAL temp_file_limit = '{_TEMPORARY_BYTES // 1024}kB'")
        connection.execute(f"SET LOCAL ROLE {READER}")


@contextmanager
def ended_after(connection: Any, limit_s: float) -> Iterator[None]:
    """Hang up after so many seconds.

    Raises:
        ValueError: it did.
    """
    ended = threading.Event()
    own = socket.socket(fileno=os.dup(connection.fileno()))  # of this connection, whoever closes the other

    def hang_up() -> None:
        ended.set()
        with suppress(OSError):  # it ended just now
            own.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(limit_s, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    except psycopg.OperationalError:
        if ended.is_set():
            raise ValueError("statement timeout") from None
        raise
    finally:
        timer.cancel()
        own.close()


def translated(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> tuple[str, Any]:
    """Return the statement with psycopg's placeholders in place of `?` and `:name`, outside quotes and comments."""
    if not parameters:
        return statement, None

    def placeholder(token: re.Match[str]) -> str:
        if token["mark"]:
            return "%s"
        return f"%({token['name']})s" if token["name"] else token[0].replace("%", "%%")

    return _TOKEN.sub(placeholder, statement), parameters


def _refuse_unsafe(connection: Any, statement: str) -> None:
    words = {word.lower() for word in _WORD.findall(statement)}
    called = {quoted.replace('""', '"') for quoted, _ in _CALL.findall(statement)}
    called |= {name for _, bare in _CALL.findall(statement) for name in (bare, bare.lower())}
    names = {"words": list(words), "called": list(called), "harmless": HARMLESS, "growing": GROWING}
    if found := connection.execute(_UNSAFE, names).fetchone():
        if found[0] in GROWING:
            raise QueryError("query", f"{found[0]} is not let through: what it makes may take any memory")
        problem = "only a SELECT is let through, and none that changes something or reaches outside the database"
        raise QueryError("query", f"{problem}, as {found[0]} might")


def _make_reader(connection: Any) -> None:
    """Make the role and grant it what it may not read yet; outside the query's transaction, which may write nothing."""
    try:
        if connection.execute(_HARMFUL, (READER,)).fetchone() is None:
            with suppress(DuplicateObject, UniqueViolation):  # another query was faster
                _commit(connection, f"CREATE ROLE {READER} NOLOGIN NOINHERIT")
            connection.rollback()
        if connection.execute(_HARMFUL, (READER,)).fetchone() != (False,):
            raise QueryError(
                "query", f"the role {READER} may do more than read; take its rights or connect as no superuser"
            )
        if connection.execute(_GRANTS).fetchone():
            connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            _commit(connection, *(grant for (grant,) in connection.execute(_GRANTS).fetchall()))
    except (ReadOnlySqlTransaction, InsufficientPrivilege) as error:
        problem = (
            f"a superuser reads through the role {READER}, which cannot be made here ({error.diag.message_primary})"
        )
        raise QueryError("query", f"{problem}; connect as a role that is no superuser") from None
    finally:
        connection.rollback()


def _commit(connection: Any, *statements: str) -> None:
    for statement in statements:
        connection.execute(statement)
    connection.commit()
