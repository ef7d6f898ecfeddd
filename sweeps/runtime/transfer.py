"""A whole sweep into another database, out of one, or under another name: our rows and Optuna's in one transaction.

Rows are moved as they are, by following foreign keys from the sweep and from the study, with new ids and the same
trial numbers. So nothing is lost that Optuna's own copy leaves out: heartbeats, the times of trials, and trials that
run; and whoever looks sees all of a sweep or nothing.

Each of these raises UnknownSweep where there is none of that name, StorageURLError where a database cannot be opened,
and StorageError where one failed; then nothing was changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Engine, Table, delete, exists, insert, select, update

import storage
from regsearch.errors import SweepConflict
from storage.database import connect
from storage.schema import upgrade
from storage.tables import Sweeps
from storage.transactions import reading, write_transaction
from sweeps.config.toml_file import parse_tables
from sweeps.runtime.optuna_storage import open_trials
from sweeps.runtime.optuna_tables import StudyModel

ROWS = 500  # in memory at once, with their learning curves

ROOTS: tuple[Any, ...] = (Sweeps.__table__.c.name, StudyModel.__table__.c.study_name)  # where each part begins

Ids = dict[Column[Any], dict[int, int]]  # of a primary key: new ids by the old ones


def copy_sweep(name: str, from_url: str, to_url: str) -> None:
    """Copy a sweep to a database, which is made if it is not there; there the search goes on as it would here.

    The copy is of one moment, also of a sweep that is being worked on. Configurations that were running then are free
    on the copy once their workers have been silent for a minute.

    Raises:
        SweepConflict: there is one already where it is to go; nothing was written there.
    """
    with storage.open(from_url) as there:
        there.sweep(name)  # before anything is made
    with _engine(from_url, write=False) as source, _engine(to_url, write=True) as target:
        with reading(target) as looking:
            _check_free(looking, name, "the database to copy to")
        upgrade(target)
        open_trials(storage.resolve_url(to_url))._backend.engine.dispose()  # makes Optuna's tables
        write_transaction(target, lambda into: _copy_all(source, into, name))


def delete_sweep(name: str, url: str) -> None:
    """Delete a sweep with all that was found out, and its study."""
    with storage.open(url) as there:
        there.sweep(name)
    with _engine(url, write=True) as engine:
        write_transaction(engine, lambda connection: _delete_all(connection, name))


def rename_sweep(old: str, new: str, url: str) -> None:
    """Give a sweep and its study another name; nothing else of them changes.

    None of its workers may be alive, since they look it up by its name.

    Raises:
        SweepFileError: the new one cannot be a sweep's name.
        SweepConflict: there is a sweep or a study of the new one; nothing was changed.
    """
    with storage.open(url) as there:
        sweep = there.sweep(old)
    parse_tables({"name": new, "data": {"source": "moons"}})  # says what a name may be
    config = {**sweep.config, "name": new}
    with _engine(url, write=True) as engine:
        write_transaction(engine, lambda connection: _rename(connection, sweep.id, old, config))


def _rename(connection: Connection, sweep_id: int, old: str, config: dict[str, Any]) -> None:
    new = config["name"]
    if connection.scalar(select(Sweeps.name).where(Sweeps.id == sweep_id)) == new:
        return  # by this transaction before, whose answer was lost
    _check_free(connection, new, "the database")
    connection.execute(update(Sweeps).where(Sweeps.id == sweep_id).values(name=new, config=config))
    if connection.dialect.has_table(connection, StudyModel.__tablename__):
        connection.execute(update(StudyModel).where(StudyModel.study_name == old).values(study_name=new))


def _copy_all(source: Engine, into: Connection, name: str) -> None:
    if source.name == "postgresql":  # where each statement would see a moment of its own
        source = source.execution_options(isolation_level="REPEATABLE READ")
    _check_free(into, name, "the database to copy to")  # again, now that nobody can come between
    ids: Ids = {}
    with reading(source) as connection:
        for table, condition in _tables(connection, name):
            rows = select(table).where(condition).order_by(*table.primary_key)
            found = connection.execution_options(yield_per=ROWS).execute(rows)
            for part in found.mappings().partitions():
                _insert(into, table, [dict(row) for row in part], ids)


def _check_free(connection: Connection, name: str, where: str) -> None:
    for root in _roots(connection):
        if connection.scalar(select(exists().where(root == name))):
            raise SweepConflict("name", f"{where} has a sweep {name!r} already; delete it there first")


def _insert(into: Connection, table: Table, rows: list[dict[str, Any]], ids: Ids) -> None:
    for column in table.columns:
        if column.foreign_keys:
            new = ids[_origin(column)]
            for row in rows:
                old = row[column.name]
                row[column.name] = None if old is None else new[old]
    if len(table.primary_key) > 1:  # of others' ids and names: nothing to be numbered anew
        into.execute(insert(table), rows)
        return
    (own,) = table.primary_key
    old = [row.pop(own.name) for row in rows]
    statement = insert(table).returning(own, sort_by_parameter_order=True)
    ids.setdefault(own, {}).update(zip(old, into.scalars(statement, rows), strict=True))


def _delete_all(connection: Connection, name: str) -> None:
    for table, condition in reversed(_tables(connection, name)):
        connection.execute(delete(table).where(condition))


def _roots(connection: Connection) -> list[Column[str]]:
    return [root for root in ROOTS if connection.dialect.has_table(connection, root.table.name)]


def _tables(connection: Connection, name: str) -> list[tuple[Table, ColumnElement[bool]]]:
    """Return the tables that may hold rows of a sweep, each after those it refers to, and which rows those are."""
    pairs = ((root, table) for root in _roots(connection) for table in root.table.metadata.sorted_tables)
    rows = [(table, of_sweep(table, root, name)) for root, table in pairs]
    return [(table, condition) for table, condition in rows if condition is not None]


def of_sweep(table: Table, root: Column[str], name: str) -> ColumnElement[bool] | None:
    """Return which rows of a table belong to a sweep, by what refers to its root; None where none ever does."""
    if table is root.table:
        return root == name
    for key in sorted(table.foreign_keys, key=lambda key: key.column.table is not root.table):  # others may be null
        if key.column.primary_key and (owner := of_sweep(key.column.table, root, name)) is not None:
            return key.parent.in_(select(key.column).where(owner))
    return None


def _origin(column: Column[Any]) -> Column[Any]:
    """Return the primary key that a column's values are of, through any number of foreign keys."""
    while column.foreign_keys:
        column = min(column.foreign_keys, key=lambda key: key.column.table.name).column
    return column


@contextmanager
def _engine(url: str, *, write: bool) -> Iterator[Engine]:
    engine = connect(storage.resolve_url(url), write=write)
    try:
        yield engine
    finally:
        engine.dispose()
