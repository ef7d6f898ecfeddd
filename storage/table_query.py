"""Which rows and columns of a table are wanted, and in which order, decided in the database."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypedDict, Unpack

from sqlalchemy import ColumnElement, Engine, FromClause, Select, String, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from regsearch.errors import QueryError, nearest
from storage.readonly import TIMEOUT_S, Rows, rows_of
from storage.transactions import reading

_NO_COLUMN = re.compile(r"""no such column: (\w+)|column "?(\w+)"? does not exist""")


class TableQuery(TypedDict, total=False):
    """What can be asked of the methods of `Results` that return a table; None is as good as leaving it out.

    where: a condition on the columns in SQL, as in "regularizer = 'l2' AND mean - se > 0.9"; what `Results.sql` lets
        through.
    sort: a column, or several with commas between; -COLUMN for the largest first. What is missing comes last.
    limit: rows to return at most.
    columns: which columns, in this order.
    """

    where: str | None
    sort: str | None
    limit: int | None
    columns: Sequence[str] | None


def fetch_table(
    engine: Engine,
    source: FromClause,
    *always: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]],
    **options: Unpack[TableQuery],
) -> tuple[Select[*tuple[Any, ...]], Rows]:
    """Return the query for some rows and columns of a source, and what it gives; `order` comes after `sort`.

    A QueryError says that the condition is none, or would do more than look, that a column is not there, or that the
    limit is below 0.
    """
    where, columns, names = options.get("where"), options.get("columns"), source.c.keys()
    shown = names if columns is None else [known_column("columns", name, names) for name in columns]
    if not shown or len({*shown}) < len(shown):
        raise QueryError("columns", f"are {', '.join(shown) or 'none'}; give each once, and at least one")
    query = select(*(source.c[name] for name in shown)).where(*always)
    if (limit := options.get("limit")) is not None and limit < 0:
        raise QueryError("limit", f"is {limit}; it may be 0 or more")
    query = query.order_by(*_order(options.get("sort"), source), *order).limit(limit)
    if where is not None:
        return query, _guarded(engine, query, where, names)
    with reading(engine) as connection:
        return query, list(map(tuple, connection.execute(query)))


def known_column(field: str, name: str, columns: Iterable[str]) -> str:
    """Return the name if there is such a column; a QueryError names the nearest and all of them."""
    names = list(columns)
    if name not in names:
        raise QueryError(field, f"there is no column {name!r}{nearest(name, names)}; columns are {', '.join(names)}")
    return name


def _guarded(engine: Engine, query: Select[*tuple[Any, ...]], where: str, names: Sequence[str]) -> Rows:
    """Return what a query gives under the user's condition, which may do no more than any statement of theirs."""
    whole = query.where(literal_column(f"({where}\n)"))  # a line of its own for what a comment would swallow
    dialect = type(engine.dialect)(paramstyle="named")  # type: ignore[call-arg]  # such that % stays %
    statement = str(whole.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    try:
        return rows_of(engine, statement, (), timeout_s=TIMEOUT_S, shown=where)[1]
    except QueryError as error:
        if found := _NO_COLUMN.search(error.problem):
            known_column("where", found[1] or found[2], names)
        raise QueryError("where", error.problem) from None


def _order(sort: str | None, source: FromClause) -> list[ColumnElement[Any]]:
    found: list[ColumnElement[Any]] = []
    for word in sort.split(",") if sort is not None else ():
        column = _bytewise(source.c[known_column("sort", word.strip().removeprefix("-"), source.c.keys())])
        found.append((column.desc() if word.strip().startswith("-") else column.asc()).nulls_last())
    return found


class _Bytewise(FunctionElement[str]):
    """A text as SQLite compares it, byte by byte; Postgres may go by a language's rules instead."""

    type = String()
    inherit_cache = True


@compiles(_Bytewise)
def _on_sqlite(element: _Bytewise, compiler: Any, **how: Any) -> str:
    return str(compiler.process(element.clauses, **how))


@compiles(_Bytewise, "postgresql")
def _on_postgres(element: _Bytewise, compiler: Any, **how: Any) -> str:
    return f'({compiler.process(element.clauses, **how)} COLLATE "C")'


def _bytewise(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return _Bytewise(column) if isinstance(column.type, String) else column
