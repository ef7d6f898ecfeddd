"""What keeps a SELECT on Postgres from writing, and from leaving the database.

1. A cursor is declared for it, which takes one statement, and only one that gives rows.
2. The transaction is read-only, and every statement in it ends at a timeout.
3. Every function that it names is one of Postgres' own that its catalog calls stable or immutable, or is `HARMLESS`.
   A read-only transaction lets functions through that read files, end other people's work, or run statements given as
   text, and so could undo 2 and 4. What an extension or a user added may do the like.
4. Whoever may take on the role pg_read_all_data does: a superuser's rights reach files.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from regsearch.errors import QueryError

HARMLESS = ["random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7"]
HARMLESS += ["bernoulli", "system"]  # of TABLESAMPLE
HARMLESS += [f"pg_{what}_size" for what in ("relation", "total_relation", "table", "indexes", "database")]

_READER = "pg_read_all_data"  # may read every table and nothing else

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
WHERE proname = ANY(%(called)s::name[]) AND proname NOT IN (SELECT proname FROM own)
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
    connection.execute("SET TRANSACTION READ ONLY")
    connection.execute(f"SET LOCAL statement_timeout = {max(1, int(1000 * timeout_s))}")
    _refuse_unsafe(connection, statement)
    member = "SELECT pg_has_role(oid, 'member') FROM pg_roles WHERE rolname = %s"
    if connection.execute(member, (_READER,)).fetchone() == (True,):
        connection.execute(f"SET LOCAL ROLE {_READER}")


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
    names = {"words": list(words), "called": list(called), "harmless": HARMLESS}
    if found := connection.execute(_UNSAFE, names).fetchone():
        problem = "only a SELECT is let through, and none that changes something or reaches outside the database"
        raise QueryError("query", f"{problem}, as {found[0]} might")
