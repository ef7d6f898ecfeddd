"""Which rows and columns of a table are wanted, and in which order, decided in the database."""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from sqlalchemy import ColumnElement, FromClause, Select, String, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from regsearch.errors import QueryError
from storage.filters import condition, known_column


class Wanted(TypedDict, total=False):
    """What can be asked of the methods of `Results` that return a table; None is as good as leaving it out.

    where: a condition on the columns, as in "regularizer = 'l2' AND mean - se > 0.9" (see storage.filters).
    sort: a column, or several with commas between; -COLUMN for the largest first. What is missing comes last.
    limit: rows to return at most.
    columns: which columns, in this order.
    """

    where: str | None
    sort: str | None
    limit: int | None
    columns: Sequence[str] | None


def narrowed(
    source: FromClause, *always: ColumnElement[bool], order: Sequence[ColumnElement[Any]], **wanted: Unpack[Wanted]
) -> Select[*tuple[Any, ...]]:
    """Return the query for some rows and columns of a source.

    Args:
        source: a table, a view or a subquery.
        always: conditions that hold in any case.
        order: what rows are ordered by, after what `sort` says.
        wanted: see `Wanted`.

    Raises:
        QueryError: a condition is none, a column is not there, or the limit is below 0.
    """
    where, columns, names = wanted.get("where"), wanted.get("columns"), source.c.keys()
    shown = names if columns is None else [known_column("columns", name, names) for name in columns]
    if not shown or len({*shown}) < len(shown):
        raise QueryError("columns", f"are {', '.join(shown) or 'none'}; give each once, and at least one")
    query = select(*(source.c[name] for name in shown)).where(*always)
    if where is not None:
        query = query.where(condition(where, {name: _bytewise(source.c[name]) for name in names}))
    return query.order_by(*_order(wanted.get("sort"), source), *order).limit(_limit(wanted.get("limit")))


def _order(sort: str | None, source: FromClause) -> list[ColumnElement[Any]]:
    found: list[ColumnElement[Any]] = []
    for word in sort.split(",") if sort is not None else ():
        column = _bytewise(source.c[known_column("sort", word.strip().removeprefix("-"), source.c.keys())])
        found.append((column.desc() if word.strip().startswith("-") else column.asc()).nulls_last())
    return found


def _limit(limit: int | None) -> int | None:
    if limit is not None and limit < 0:
        raise QueryError("limit", f"is {limit}; it may be 0 or more")
    return limit


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
