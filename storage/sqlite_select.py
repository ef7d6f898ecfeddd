"""The process that runs one SELECT on an SQLite file; `storage.readonly_sqlite` starts it, by this file's path.

It takes one request on stdin and gives frames on stdout, both as marshal writes them: names of the columns and of all
columns that were read, then lists of rows, then an empty list; or, at any point, the error as a dict.

What bounds it holds also when whoever started it is gone: the system ends it at the deadline, in the middle of a call
too (SQLite itself looks at a clock between its steps alone), and gives it no more memory than its share.
"""

import marshal
import re
import resource
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

ROWS = 500  # in a frame
UNSAFE = re.compile(r"load_extension|sqlite_log|optimize|(fts|rtree)\w*")  # code, the log, and what virtual tables do
ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def main() -> None:
    """Answer the request on stdin."""
    request = marshal.load(sys.stdin.buffer)
    _limit(request["timeout_s"], request["memory_bytes"])
    try:
        for frame in _frames(request):
            marshal.dump(frame, sys.stdout.buffer)
    except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, MemoryError) as error:
        told = {"kind": type(error).__name__, "message": str(error), "code": getattr(error, "sqlite_errorname", "")}
        marshal.dump(told, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _limit(timeout_s: float, memory_bytes: int) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # which ends the process; whoever started it may have ignored it
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
    signal.setitimer(signal.ITIMER_REAL, max(timeout_s, 1e-3))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _frames(request: dict[str, Any]) -> Iterator[Any]:
    read: set[Any] = set()
    with closing(_restricted(request, read)) as connection:
        cursor = connection.execute(request["statement"], request["parameters"])
        if cursor.description is None:
            raise ValueError("no SELECT")
        yield [column[0] for column in cursor.description], sorted(name for name in read if isinstance(name, str))
        while rows := cursor.fetchmany(ROWS):
            yield rows
    yield []


def _restricted(request: dict[str, Any], read: set[Any]) -> sqlite3.Connection:
    def authorize(action: int, _one: Any, two: Any, *_where: Any) -> int:
        read.add(two)  # the column, of a READ
        unsafe = action == sqlite3.SQLITE_FUNCTION and UNSAFE.fullmatch(two)
        return sqlite3.SQLITE_OK if action in ALLOWED and not unsafe else sqlite3.SQLITE_DENY

    connection = sqlite3.connect(request["file"], uri=request["uri"], timeout=request["timeout_s"])
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA temp_store = MEMORY")  # what is sorted counts as memory, and fills no disk
    connection.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')")  # set up while that is still allowed
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, request["longest_value"])
    _add_sqrt(connection)
    connection.set_authorizer(authorize)
    return connection


def _add_sqrt(connection: sqlite3.Connection) -> None:
    """Add what the views need where SQLite was built without its mathematical functions, as storage.database does."""
    try:
        connection.execute("SELECT sqrt(4.0)").fetchone()
    except sqlite3.OperationalError:
        connection.create_function("sqrt", 1, lambda x: None if x is None else x**0.5, deterministic=True)


if __name__ == "__main__":
    main()
