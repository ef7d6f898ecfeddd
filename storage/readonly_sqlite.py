"""What keeps a SELECT on SQLite from writing, from leaving the database, and from going on for ever.

1. An authorizer lets through what reads, and no function that loads code or files.
2. It runs in a process of its own, `storage/sqlite_select.py`, that ends at the deadline and has so much memory and no
   more: one call of printf(), instr() or LIKE may take hours, and nothing within a process can end it.
"""

import marshal
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine

from regsearch.errors import QueryError

LONGEST_VALUE = 1_000_000  # bytes that SQLite may make or read
MEMORY_BYTES = 1_000_000_000  # of addresses, of which Python itself takes some fifty million
CLOSING_S = 1.0

_PROGRAM = Path(__file__).with_name("sqlite_select.py")


class Selected(NamedTuple):
    """What a SELECT gives: the names of its columns, those of all columns that it read, and its rows, once."""

    names: list[str]
    read: list[str]
    rows: Iterable[tuple[Any, ...]]


@contextmanager
def selecting(
    engine: Engine, statement: str, parameters: Sequence[Any] | Mapping[str, Any], timeout_s: float
) -> Iterator[Selected]:
    """Give what one SELECT gives; its rows come as they are asked for.

    Raises:
        sqlite3.Error, ValueError, OverflowError: what SQLite says of it; "interrupted" where it took too long.
        QueryError: it takes too much memory, or a parameter is none that SQLite takes.
    """
    (file, *_), options = engine.dialect.create_connect_args(engine.url)
    request = {
        "file": file,
        "uri": options.get("uri", False),
        "statement": statement,
        "parameters": _plain(parameters),
        "timeout_s": timeout_s,
        "memory_bytes": MEMORY_BYTES,
        "longest_value": LONGEST_VALUE,
    }
    command = [sys.executable, "-I", "-S", str(_PROGRAM)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
        try:
            process.stdin.write(marshal.dumps(request))
            process.stdin.close()
            names, read = _frame(process)
            yield Selected(names, read, chain.from_iterable(iter(lambda: _frame(process), [])))
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Let the process close the database, which tidies up beside it, unless it is busy."""
    assert process.stdout is not None
    process.stdout.close()
    try:
        process.wait(CLOSING_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _frame(process: "subprocess.Popen[bytes]") -> Any:
    """Return the next frame; raise the error that is told instead of it."""
    assert process.stdout is not None
    try:
        frame = marshal.load(process.stdout)
    except EOFError:
        code = process.wait()
        if code == -signal.SIGALRM:
            raise sqlite3.OperationalError("interrupted") from None
        raise QueryError("query", f"ended the process that ran it (exit code {code}); ask for less") from None
    if isinstance(frame, dict):
        _raise(**frame)
    return frame


def _raise(kind: str, message: str, code: str) -> None:
    if kind == "MemoryError":
        raise QueryError("query", f"takes more than {MEMORY_BYTES // 10**6} MB of memory; ask for less")
    error: Any = getattr(sqlite3, kind, ValueError)(message)
    error.sqlite_errorname = code
    raise error


def _plain(parameters: Sequence[Any] | Mapping[str, Any]) -> Any:
    if isinstance(parameters, Mapping):
        return {name: _plain_value(value) for name, value in parameters.items()}
    return [_plain_value(value) for value in parameters]


def _plain_value(value: Any) -> Any:
    """Return a value as one of the kinds that SQLite knows, also where it is a NumPy number."""
    kinds: tuple[Any, ...] = (int, float, str, bytes)
    for kind in kinds:
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, date):
        return str(value)  # as the driver writes it
    if value is not None and (item := getattr(value, "item", None)) is not None:
        return _plain_value(item())
    if value is not None:
        raise QueryError("query", f"takes no parameter of the type {type(value).__name__}")
    return None
