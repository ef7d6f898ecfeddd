"""Short transactions: read, or write and try again where the database was busy or gone for a moment."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError

from regsearch.errors import StorageError
from storage.explain import explain

PAUSES_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)  # a restart of Postgres is over within the half minute

_BUSY = ("database is locked", "database table is locked", "database schema is locked")
_PASSING = {"40001", "40P01", "53300", "57P01", "57P02", "57P03"}  # serialization, deadlock, no room, down, starting

_BUGS = (IntegrityError, ProgrammingError, DataError)  # of ours: they keep their traceback

Result = TypeVar("Result")


@contextmanager
def reading(engine: Engine, *, one_moment: bool = False) -> Iterator[Connection]:
    """Give a connection to read with; a database that fails is a StorageError, in one line.

    With `one_moment` all statements see the database as it was at the first; SQLite's transactions always do.
    """
    try:
        with engine.connect() as connection:
            if one_moment and engine.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection
    except _BUGS:
        raise
    except DBAPIError as error:
        raise StorageError(f"the database failed: {explain(error)}") from error


def write_transaction(
    engine: Engine, work: Callable[[Connection], Result], pauses_s: Sequence[float] = PAUSES_S
) -> Result:
    """Run `work` in one transaction and return what it returns; wait a pause before each further attempt.

    It may run more than once, and once more after a commit whose answer was lost: let it insert with ON CONFLICT.

    Raises:
        StorageError: the database failed, or stayed busy or gone through all attempts; nothing was written.
    """

    def attempt() -> Result:
        with engine.begin() as connection:
            return work(connection)

    try:
        return again(attempt, pauses_s)
    except _BUGS:
        raise
    except DBAPIError as error:
        raise StorageError(f"the database failed: {explain(error)}") from error


def again(call: Callable[[], Result], pauses_s: Sequence[float] = PAUSES_S) -> Result:
    """Return what `call` returns; call once more after each pause while the database is busy or gone for a moment.

    That is told by SQLAlchemy's errors, and by others that were raised from them.
    """
    pauses = iter(pauses_s)
    while True:
        try:
            return call()
        except Exception as error:
            cause = error if isinstance(error, DBAPIError) else error.__cause__
            if not isinstance(cause, DBAPIError) or not passes(cause) or (pause_s := next(pauses, None)) is None:
                raise
        time.sleep(pause_s)


def passes(error: DBAPIError) -> bool:
    """Return whether the same transaction may succeed in a moment."""
    if isinstance(error, InterfaceError) or error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlstate", None)
    refused = isinstance(error, OperationalError) and code is None and "connection" in str(error.orig)
    return refused or code in _PASSING or any(word in str(error.orig) for word in _BUSY)
